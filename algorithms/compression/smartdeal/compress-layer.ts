/**
 * A layer from real weights to SmartDeal's container: rows pruned for groups of filters if asked, every slice decomposed, the
 * coefficients brought into their window and the bases to 8 bits, and what that cost.
 */
import { effectiveWeights, type SmartDealWeights, smartDealBits } from "../../../sim/ir/encodings/smartdeal.js";
import type { SmartDealBits } from "../../../sim/ir/encodings/smartdeal-layout.js";
import { countNonZeros } from "./decompose.js";
import { decomposeLayer } from "./decompose-layer.js";
import type { FilterShape } from "./filter-matrix.js";
import { decomposeOptions } from "./options.js";
import { pruneRows, type RowRule } from "./prune-rows.js";
import { storeLayer } from "./store-layer.js";

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
  const { rowRule, keptChannels } = options;
  const chosen = decomposeOptions(options.decompose);
  const pruned = rowRule === undefined ? weights : pruneRows(weights, filter, rowRule);
  const layer = decomposeLayer(pruned, filter, chosen, keptChannels);
  const { weights: stored, coefficientsLowered, coefficientsCleared } = storeLayer(layer, chosen.cutoff);
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
      mostPasses: layer.slices.reduce((most, { errorHistory }) => Math.max(most, errorHistory.length), 0),
    },
  };
}

function relativeError(weights: Float64Array, stored: SmartDealWeights): number {
  const { filters } = stored.shape;
  const filterWeights = weights.length / filters;
  const unit = stored.basisScale * 2 ** stored.basePower;
  const effective = effectiveWeights(stored);
  let [signal, noise] = [0, 0];
  for (let at = 0; at < weights.length; at++) {
    const weight = effective[(at % filterWeights) * filters + Math.floor(at / filterWeights)]! * unit;
    signal += weights[at]! ** 2;
    noise += (weights[at]! - weight) ** 2;
  }
  return signal === 0 ? 0 : Math.sqrt(noise / signal);
}
