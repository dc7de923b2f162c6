/**
 * The rows in which filters are stored, indexed and streamed. A row of a filter with a kernel is one row of the kernel of one
 * channel; filters without a kernel have rows of three neighbouring channels, the last one filled up. Where weights are stored as Ce
 * and B these are the rows of Ce, which may also be turned; else the same shape is put on the weights themselves.
 */
import { ModelError, UnsupportedError } from "../../../sim/core/errors.js";
import { ceilDiv } from "../../../sim/core/integers.js";
import type { SmartDealWeights } from "../../../sim/ir/encodings/smartdeal.js";
import { placeInMatrix, sizesOf } from "../../../sim/ir/encodings/smartdeal-layout.js";
import { roundSmartDealWeights } from "../../../sim/ir/encodings/smartdeal-rounding.js";
import type { LayerValues } from "../layer-values.js";

/** Channels of a row of a filter without a kernel. */
const ROW_CHANNELS = 3;

export interface WeightRows {
  /** Whether a row is a row of a kernel: its weights meet neighbouring columns of one ifmap row. */
  readonly areKernelRows: boolean;
  /** Rows of a filter. */
  readonly count: number;
  /** Places of a row. */
  readonly size: number;
  /** [count, size]: index into C*R*S of each place, or -1 for filling. */
  readonly places: Int32Array;
  /** Rows that share a basis, from the first row on; all of them where weights are not rebuilt. */
  readonly rowsPerBasis: number;
  /** [G*K, count]: coefficients (or weights) other than 0. */
  readonly nonZeros: Uint8Array;
  /** Ce and B, and the bits that a rebuilt weight loses on its way to the multiplier. */
  readonly rebuilt: { readonly weights: SmartDealWeights; readonly shift: number } | undefined;
}

/**
 * @throws UnsupportedError where rows of Ce are no rows of kernels
 * @throws ModelError where the stored form is of another layer or gives other weights
 */
export function weightRows(layer: LayerValues): WeightRows {
  const { R, S } = layer.bounds;
  return layer.smartdeal === undefined ? rawRows(layer, R * S > 1) : rebuiltRows(layer, layer.smartdeal, R * S > 1);
}

function rawRows({ bounds, weight }: LayerValues, areKernelRows: boolean): WeightRows {
  const { G, K, C, R, S } = bounds;
  const size = areKernelRows ? S : Math.min(ROW_CHANNELS, C);
  const count = areKernelRows ? C * R : ceilDiv(C, size);
  const length = C * R * S;
  const places = Int32Array.from({ length: count * size }, (_, place) => (place < length ? place : -1));
  const nonZeros = new Uint8Array(G * K * count);
  for (let filter = 0; filter < G * K; filter++) {
    for (let at = 0; at < length; at++) {
      if (weight[filter * length + at] !== 0) nonZeros[filter * count + Math.floor(at / size)]!++;
    }
  }
  return { areKernelRows, count, size, places, rowsPerBasis: count, nonZeros, rebuilt: undefined };
}

function rebuiltRows(layer: LayerValues, weights: SmartDealWeights, areKernelRows: boolean): WeightRows {
  const { C, R, S } = layer.bounds;
  const { shape, codes } = weights;
  requireSameLayer(layer, weights);
  const { size, sliceRows } = shape;
  const { filterRows } = sizesOf(shape);
  if (areKernelRows && (size !== S || shape.isTurned || filterRows < C * R)) {
    throw new UnsupportedError({
      where: `peArray, weights of ${layer.name}`,
      got: `rows of ${size} coefficients for kernels of ${R} x ${S}`,
      want: "a row of Ce for each row of a kernel",
      fix: "decompose the layer again with kernel rows as vectors, or leave it as it is",
    });
  }
  const places = new Int32Array(filterRows * size).fill(-1);
  for (let at = 0; at < C * R * S; at++) places[placeInMatrix(shape, at)] = at;
  const nonZeros = new Uint8Array(codes.length / size);
  for (let at = 0; at < codes.length; at++) if (codes[at] !== 0) nonZeros[Math.floor(at / size)]!++;
  const { codes: rounded, shift } = roundSmartDealWeights(weights, layer.weight instanceof Int8Array ? 8 : 16);
  const wrong = rounded.findIndex((code, at) => code !== layer.weight[at]);
  if (wrong !== -1) {
    const found = `Ce and B give ${rounded[wrong]} at ${wrong}, the weights say ${layer.weight[wrong]}`;
    throw new ModelError(`peArray (${layer.name})`, found);
  }
  const rebuilt = { weights, shift };
  return { areKernelRows, count: filterRows, size, places, rowsPerBasis: sliceRows, nonZeros, rebuilt };
}

function requireSameLayer({ name, bounds }: LayerValues, { shape }: SmartDealWeights): void {
  const { G, K, C, R, S } = bounds;
  const { filters, channels, kernelHeight, kernelWidth } = shape;
  if (filters === G * K && channels === C && kernelHeight === R && kernelWidth === S) return;
  const stored = [filters, channels, kernelHeight, kernelWidth].join(" x ");
  throw new ModelError(`peArray (${name})`, `Ce and B of ${stored} for weights of ${[G * K, C, R, S].join(" x ")}`);
}
