/** The bits that a compressed matrix takes: of its encoding as packed, or of its container with the scales beside it. */
import type { StoredBits } from "../../sim/ir/encodings/encoding.js";
import { createEncoding } from "../../sim/ir/encodings/index.js";
import { smartDealBits } from "../../sim/ir/encodings/smartdeal.js";
import { CODE_BITS } from "../../sim/ir/encodings/smartdeal-layout.js";
import type { CompressedMatrix, WeightMatrix } from "./weight-matrix.js";

/** Width of the operands that codes become once they are unpacked. */
const OPERAND_BITS = 8;
const SCALE_BITS = 32;

export interface StoredMatrix extends StoredBits {
  /** Values that are stored: without the zeros that the encoding leaves out. */
  readonly storedValues: number;
}

/** @throws ConfigError when the encoding cannot hold the codes */
export function storedBitsOf(
  { reduction, columns, filter }: Pick<WeightMatrix, "reduction" | "columns" | "filter">,
  { codes, scales, encoding: choice, smartdeal }: CompressedMatrix,
): StoredMatrix {
  if (smartdeal !== undefined) {
    // One scale is in the header; one for each channel stands beside the container.
    const bits = smartDealBits(smartdeal.weights);
    const scaleBits = scales.length === 1 ? 0 : SCALE_BITS * columns;
    return {
      valueBits: bits.basisBits + bits.coefficientBits,
      metadataBits: bits.indexBits + bits.channelBits + bits.headerBits + scaleBits,
      storedValues: smartdeal.weights.bases.length + bits.coefficientBits / CODE_BITS,
    };
  }
  const kernelSize = filter === undefined ? 1 : filter.kernelHeight * filter.kernelWidth;
  const shape = { reduction, columns, valueBits: OPERAND_BITS, kernelSize };
  const encoding = createEncoding(choice);
  encoding.pack(codes, shape);
  return { ...encoding.storedBits(shape), storedValues: encoding.work(shape).storedValues };
}
