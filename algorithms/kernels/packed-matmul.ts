/**
 * Products of 8-bit activations with a weight matrix in its packed form: sums of (a - a_zero) * w in int32 that wraps, the bits of
 * `matmulInteger` on the unpacked matrix. Plain loops walk the bytes as they are stored; their twins on SIMD decode them first, so
 * that weights are prepared once for many products.
 */
import type { Encoding, PackedMatrix } from "../../sim/ir/encodings/encoding.js";
import { QuantizedEncoding } from "../../sim/ir/encodings/quantized.js";
import type { KernelKind } from "./kernel-set.js";
import { MAX_DECODED_WEIGHTS } from "./packed-decode.js";
import { type Activations, checkActivations } from "./packed-operands.js";
import { multiplyPacked } from "./packed-plain.js";
import { areByteZeros } from "./simd-integer.js";
import { layOutPacked, type PowerProducts } from "./simd-packed.js";

export interface PreparedWeights {
  /** The sums of each row and column, row-major [rows, columns]. */
  multiply(activations: Activations): Int32Array;
}

export interface PackedKernelOptions {
  /** @default "reference" */
  readonly kernels?: KernelKind;
  /**
   * How kernels on SIMD multiply with powers of two. Either gives the same bits.
   * @default "shifted"
   */
  readonly powers?: PowerProducts;
}

/**
 * Checks packed weights, and lays them out for products.
 * @throws NetworkError when the packed bytes are none that the encoding writes
 */
export function preparePacked(
  packed: PackedMatrix,
  encoding: Encoding,
  { kernels = "reference", powers = "shifted" }: PackedKernelOptions = {},
): PreparedWeights {
  encoding.check(packed);
  const base = encoding instanceof QuantizedEncoding ? encoding.base : encoding;
  const plain = (activations: Activations) => multiplyPacked(activations, packed, base);
  const { reduction, columns } = packed.shape;
  const weights = reduction * columns;
  if (kernels === "reference" || weights === 0 || weights > MAX_DECODED_WEIGHTS) return { multiply: plain };
  const multiplyLaidOut = layOutPacked(packed, base, powers);
  return {
    multiply: (activations) => {
      checkActivations(activations, packed.shape);
      const { rows, zero } = activations;
      const isServed = rows > 0 && Number.isInteger(zero) && areByteZeros([zero]);
      return (isServed ? multiplyLaidOut({ ...activations, reduction }) : undefined) ?? plain(activations);
    },
  };
}

/**
 * The sums of each row and column, row-major [rows, columns].
 * @throws NetworkError when the packed bytes are none that the encoding writes
 */
export function packedMatmul(
  activations: Activations,
  packed: PackedMatrix,
  encoding: Encoding,
  options: PackedKernelOptions = {},
): Int32Array {
  return preparePacked(packed, encoding, options).multiply(activations);
}
