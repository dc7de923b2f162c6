/**
 * How the weights of an operation are stored: bits and stored values, by the encoding's own formula where values are not known,
 * as really packed where they are.
 */
import type { LayerValues } from "../../hw-models/pe-array/layer-values.js";
import type { StoredBits } from "../ir/encodings/encoding.js";
import { createEncoding } from "../ir/encodings/index.js";
import { type SmartDealWeights, smartDealBits } from "../ir/encodings/smartdeal.js";
import { SCALE_BITS } from "../ir/encodings/smartdeal-layout.js";
import type { MatrixOperation } from "../ir/operation.js";

export interface StoredWeights {
  /** Name of the encoding. */
  readonly name: string;
  readonly bits: StoredBits;
  /** Values that are stored: without the zeros that the encoding leaves out. */
  readonly storedValues: number;
}

const SMARTDEAL = "smartdeal";

/** @param container Ce and B, where the encoding is SmartDeal's @throws ConfigError when the encoding does not fit the weights */
export function storedWeightsOf(
  operation: MatrixOperation,
  values: LayerValues | undefined,
  container: SmartDealWeights | undefined,
): StoredWeights {
  const { weightEncoding } = operation;
  const { name } = weightEncoding;
  if (name === SMARTDEAL && container !== undefined) {
    const hasScales = weightEncoding.parameters.scales === "channel";
    return storedSmartDeal(container, hasScales ? SCALE_BITS * container.shape.filters : 0);
  }
  const encoding = createEncoding(weightEncoding);
  const { G, K, C, R, S } = operation.bounds;
  const shape = {
    reduction: C * R * S,
    columns: G * K,
    valueBits: Math.max(operation.weight.bitsPerElement, container && values ? widthOf(values.weight) : 0),
    kernelSize: R * S,
  };
  // Packing checks the structure of weights that come from a file; those that were drawn were given it.
  const isDrawn = values?.stored?.isDrawn === true;
  const isKnown = name === "dense" || (encoding.isFixedSize && isDrawn);
  if (values === undefined || !operation.weightIsStatic || isKnown) {
    return { name, bits: encoding.storedBits(shape), storedValues: encoding.work(shape).storedValues };
  }
  const measured = isDrawn ? encoding.measure?.(values.weight, shape) : undefined;
  const { bits, work } = measured ?? encoding.pack(columnsOf(values.weight, shape.reduction), shape);
  return { name, bits, storedValues: work.storedValues };
}

/** Coefficients and bases are values; the index, the channels that are kept, the header and scales are metadata. */
function storedSmartDeal(weights: SmartDealWeights, scaleBits: number): StoredWeights {
  const bits = smartDealBits(weights);
  const valueBits = bits.basisBits + bits.coefficientBits;
  let nonZeros = 0;
  for (const code of weights.codes) if (code !== 0) nonZeros++;
  return {
    name: SMARTDEAL,
    bits: { valueBits, metadataBits: bits.totalBits - valueBits + scaleBits },
    storedValues: nonZeros,
  };
}

/** Bits of the widest code: rebuilt weights may be wider than those of the file. */
function widthOf(weight: LayerValues["weight"]): number {
  if (weight instanceof Int8Array) return 8;
  let most = 0;
  for (const code of weight) most = Math.max(most, code < 0 ? -code - 1 : code);
  return 1 + Math.ceil(Math.log2(most + 1));
}

/** [columns, reduction] turned to [reduction, columns]. */
function columnsOf(weight: ArrayLike<number>, reduction: number): Int32Array {
  const columns = weight.length / reduction;
  const turned = new Int32Array(weight.length);
  for (let column = 0, at = 0; column < columns; column++) {
    for (let row = 0; row < reduction; row++, at++) turned[row * columns + column] = weight[at]!;
  }
  return turned;
}
