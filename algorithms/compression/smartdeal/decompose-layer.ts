/**
 * The decomposition of a whole layer: every slice of every filter on its own. Rows are cleared as rows only where the kernel is
 * 3x3, as the authors do; channels that are not kept are zero before.
 * Source: SmartDeal (VITA-Group/SmartDeal, 8e1de77), decomposition of layers.
 */
import { ConfigError, NetworkError } from "../../../sim/core/errors.js";
import { placeInMatrix, type SmartDealShape } from "../../../sim/ir/encodings/smartdeal-layout.js";
import { Decomposer, type Decomposition, multiplyRows } from "./decompose.js";
import { countFilters, type FilterShape, filterMatrix } from "./filter-matrix.js";
import type { DecomposeOptions } from "./options.js";

/** A layer as the matrices that are decomposed. */
export interface LayerMatrices {
  readonly shape: SmartDealShape;
  /** 1 for each channel that is kept. */
  readonly keptChannels: Uint8Array;
  /** [filters, slices] of row-major [sliceRows, size] */
  readonly matrices: Float64Array;
}

export interface LayerDecomposition extends LayerMatrices {
  /** [filters, slices] */
  readonly slices: readonly Decomposition[];
}

const LARGEST_WEIGHT = 2 ** 64;
const ROW_KERNEL = 3;
/** The place of a weight whose channel is not kept. */
export const NO_PLACE = -1;

/**
 * Decomposes weights [filters, channels, kernelHeight, kernelWidth].
 * @param given 1 for each channel that is kept @default all
 * @throws NetworkError for weights that are no finite numbers or no whole filters, ConfigError for channels that are not those of
 * the layer, UnsupportedError for a kernel that has no rows to decompose
 */
export function decomposeLayer(
  weights: Float64Array,
  filter: FilterShape,
  options: DecomposeOptions,
  given?: Uint8Array,
): LayerDecomposition {
  const layer = layerMatrices(weights, filter, given);
  return { ...layer, slices: decomposeSlices(layer, options) };
}

/** The matrices of weights, checked. @throws what `decomposeLayer` throws */
export function layerMatrices(weights: Float64Array, filter: FilterShape, given?: Uint8Array): LayerMatrices {
  const { channels, kernelHeight, kernelWidth } = filter;
  const filterWeights = channels * kernelHeight * kernelWidth;
  const filters = countFilters(weights, filter);
  const keptChannels = given ?? new Uint8Array(channels).fill(1);
  requireChannels(keptChannels, channels);
  requireNumbers(weights);
  const shape = { filters, channels, kernelHeight, kernelWidth, ...filterMatrix(filter) };
  const sliceLength = shape.sliceRows * shape.size;
  const matrices = new Float64Array(filters * shape.slices * sliceLength);
  const places = placesOfWeights(shape, keptChannels);
  for (let one = 0; one < filters; one++) {
    const first = one * shape.slices * sliceLength;
    for (let weight = 0; weight < filterWeights; weight++) {
      const place = places[weight]!;
      if (place !== NO_PLACE) matrices[first + place] = weights[one * filterWeights + weight]!;
    }
  }
  return { shape, keptChannels, matrices };
}

/** Every slice of a layer, or of some of its filters; the coefficients of all are views of one buffer, which holds nothing else. */
export function decomposeSlices(
  { shape, matrices }: Pick<LayerMatrices, "shape" | "matrices">,
  options: DecomposeOptions,
): Decomposition[] {
  const { filters, slices, sliceRows, size, kernelHeight } = shape;
  const sliceLength = sliceRows * size;
  const decomposer = new Decomposer(sliceRows, size);
  const sliceOptions = { ...options, clearsRows: options.clearsRows && kernelHeight === ROW_KERNEL };
  const coefficients = new Float64Array(matrices.length);
  return Array.from({ length: filters * slices }, (_, slice) => {
    const [from, to] = [slice * sliceLength, (slice + 1) * sliceLength];
    return decomposer.decompose(matrices.subarray(from, to), sliceOptions, coefficients.subarray(from, to));
  });
}

function requireChannels(keptChannels: Uint8Array, channels: number): void {
  if (keptChannels.length === channels && keptChannels.every((kept) => kept <= 1)) return;
  throw new ConfigError({
    where: "smartdeal, channels that are kept",
    got: `${keptChannels.length} values of up to ${keptChannels.reduce((most, kept) => Math.max(most, kept), 0)}`,
    want: `0 or 1 for each of ${channels} channels`,
    fix: "give a value a channel, or leave them out to keep all",
  });
}

function requireNumbers(weights: Float64Array): void {
  let index = 0;
  while (index < weights.length && Math.abs(weights[index]!) <= LARGEST_WEIGHT) index++;
  if (index === weights.length) return;
  throw new NetworkError({
    where: `smartdeal, weight ${index}`,
    got: String(weights[index]),
    want: "a finite number of at most 2^64",
    fix: "check the layer's weights: training may have diverged",
  });
}

/** Where the weights of a filter, in the order [channel, row, column], stand in its row-major matrix. */
export function placesOfWeights(shape: SmartDealShape, keptChannels: Uint8Array): Int32Array {
  const kernel = shape.kernelHeight * shape.kernelWidth;
  return Int32Array.from({ length: shape.channels * kernel }, (_, weight) =>
    keptChannels[Math.floor(weight / kernel)] === 1 ? placeInMatrix(shape, weight) : NO_PLACE,
  );
}

/** The weights that a decomposition stands for, [filters, channels, kernelHeight, kernelWidth]; 0 in channels that are not kept. */
export function rebuildLayer({ shape, keptChannels, slices }: LayerDecomposition): Float64Array {
  const { filters, size, sliceRows, channels, kernelHeight, kernelWidth } = shape;
  const filterWeights = channels * kernelHeight * kernelWidth;
  const sliceLength = sliceRows * size;
  const products = new Float64Array(slices.length * sliceLength);
  for (const [index, { coefficients, basis }] of slices.entries()) {
    multiplyRows(coefficients, basis, size, products.subarray(index * sliceLength, (index + 1) * sliceLength));
  }
  const weights = new Float64Array(filters * filterWeights);
  const places = placesOfWeights(shape, keptChannels);
  for (let weight = 0; weight < filterWeights; weight++) {
    const place = places[weight]!;
    if (place === NO_PLACE) continue;
    for (let one = 0; one < filters; one++) {
      weights[one * filterWeights + weight] = products[one * shape.slices * sliceLength + place]!;
    }
  }
  return weights;
}
