/**
 * A layer from real weights to SmartDeal's container: rows pruned for groups of filters if asked, every slice decomposed, the
 * coefficients brought into their window and the bases to 8 bits, and what that cost.
 */
import { type SmartDealWeights, smartDealBits } from "../../../sim/ir/encodings/smartdeal.js";
import { type SmartDealBits, sizesOf } from "../../../sim/ir/encodings/smartdeal-layout.js";
import { countNonZeros } from "./decompose.js";
import {
  decomposeSlices,
  type LayerDecomposition,
  type LayerMatrices,
  layerMatrices,
  NO_PLACE,
  placesOfWeights,
} from "./decompose-layer.js";
import type { FilterShape } from "./filter-matrix.js";
import { type DecomposeOptions, decomposeOptions } from "./options.js";
import { pruneRows, type RowRule } from "./prune-rows.js";
import { powersOfCodes, rebuildSlice, storeLayer } from "./store-layer.js";

/** Stands for what `compressLayer` makes of weights and options: raised with every change after which that is something else. */
export const SMARTDEAL_VERSION = 1;

export interface CompressLayerOptions {
  /** Fields of the decomposition's parameter table. @default the table's own */
  readonly decompose?: Readonly<Record<string, number | boolean>>;
  /** Rows that go in groups of 32 filters; for convolutions alone. @default none */
  readonly rowRule?: RowRule;
  /** 1 for each channel that is kept. @default all */
  readonly keptChannels?: Uint8Array;
}

export interface CompressedLayerStatistics {
  /** Bits of the weights as float32 over those of the container. */
  readonly compressionRatio: number;
  /** Norm of what the stored weights lack to the given ones over the norm of those; 0 for weights of nothing. */
  readonly relativeError: number;
  /** Part of the coefficients that are zero. */
  readonly coefficientSparsityFraction: number;
  /** Coefficients above the window, now its greatest power. */
  readonly coefficientsLowered: number;
  /** Coefficients below the window, now zero. */
  readonly coefficientsCleared: number;
  /** Passes of the slice that took the most. */
  readonly mostPasses: number;
}

export interface SmartDealLayer {
  readonly weights: SmartDealWeights;
  readonly bits: SmartDealBits;
  readonly statistics: CompressedLayerStatistics;
}

/**
 * Compresses weights [filters, channels, kernelHeight, kernelWidth].
 * @throws ConfigError for wrong options, NetworkError for weights that are no finite numbers, UnsupportedError for a kernel that
 * has no rows to decompose
 */
export function compressLayer(
  weights: Float64Array,
  filter: FilterShape,
  options: CompressLayerOptions = {},
): SmartDealLayer {
  const { layer, chosen } = prepareLayer(weights, filter, options);
  return finishLayer(weights, { ...layer, slices: decomposeSlices(layer, chosen) }, chosen);
}

/** What `compressLayer` decomposes, and how. @throws what that throws */
export function prepareLayer(
  weights: Float64Array,
  filter: FilterShape,
  { decompose, rowRule, keptChannels }: CompressLayerOptions,
): { readonly layer: LayerMatrices; readonly chosen: DecomposeOptions } {
  const chosen = decomposeOptions(decompose);
  const pruned = rowRule === undefined ? weights : pruneRows(weights, filter, rowRule);
  return { layer: layerMatrices(pruned, filter, keptChannels), chosen };
}

/** What `compressLayer` makes of a layer that has been decomposed, wherever that was. @param weights before rows were pruned */
export function finishLayer(
  weights: Float64Array,
  layer: LayerDecomposition,
  { cutoff }: Pick<DecomposeOptions, "cutoff">,
): SmartDealLayer {
  const { weights: stored, coefficientsLowered, coefficientsCleared } = storeLayer(layer, cutoff);
  const bits = smartDealBits(stored);
  const zeros = stored.codes.length - countNonZeros(stored.codes);
  return {
    weights: stored,
    bits,
    statistics: {
      compressionRatio: (32 * weights.length) / bits.totalBits,
      relativeError: relativeError(weights, stored),
      coefficientSparsityFraction: zeros / stored.codes.length,
      coefficientsLowered,
      coefficientsCleared,
      mostPasses: layer.slices.reduce((most, { passes }) => Math.max(most, passes), 0),
    },
  };
}

function relativeError(
  weights: Float64Array,
  { shape, basePower, basisScale, keptChannels, codes, bases }: SmartDealWeights,
): number {
  const { filters, size, sliceRows, slices } = shape;
  const { filterCodes, filterWeights } = sizesOf(shape);
  const sliceLength = sliceRows * size;
  const unit = basisScale * 2 ** basePower;
  const powers = powersOfCodes(1);
  const places = placesOfWeights(shape, keptChannels);
  const rebuilt = new Float64Array(filterCodes);
  let [signal, noise] = [0, 0];
  for (let filter = 0; filter < filters; filter++) {
    for (let slice = 0; slice < slices; slice++) {
      const products = rebuilt.subarray(slice * sliceLength, (slice + 1) * sliceLength);
      rebuildSlice(shape, codes, bases, filter * slices + slice, powers, products);
    }
    for (let weight = 0; weight < filterWeights; weight++) {
      const given = weights[filter * filterWeights + weight]!;
      const place = places[weight]!;
      signal += given * given;
      const lack = given - (place === NO_PLACE ? 0 : rebuilt[place]! * unit);
      noise += lack * lack;
    }
  }
  return signal === 0 ? 0 : Math.sqrt(noise / signal);
}
