/**
 * OBC on the weights of a layer: pruned or not, put on grids with compensation or to the nearest code, and how that is stored.
 * Where the samples gave no outer products of what the layer reads it is pruned by magnitude and rounded to the nearest.
 */
import type { EncodingChoice } from "../../../sim/ir/encodings/encoding.js";
import type { InputStatistics } from "../layer-inputs.js";
import type { CompressedMatrix, Granularity, WeightMatrix } from "../weight-matrix.js";
import { codeOn } from "./grid.js";
import { type GridOptions, gridsOf, type LayerGrids } from "./grids.js";
import { filtersOf, type LayerFilters, layerFilters } from "./layer-filters.js";
import { matchDeviations } from "./match-deviations.js";
import { pruneGroupsBySize, prunePartBySize } from "./prune-by-size.js";
import { type PrunedLayer, pruneToGroups, pruneToSparsities } from "./prune-layer.js";
import { quantizeFilters } from "./quantize-layer.js";

/** Which weights go: those past N of each group of M, or a part of all, in blocks of neighbours. */
export type Pruning =
  | { readonly kind: "groups"; readonly n: number; readonly m: number; readonly axis: "filter" | "channels" }
  | { readonly kind: "part"; readonly sparsity: number; readonly block: number };

export interface QuantizeOptions extends Pick<GridOptions, "bits" | "scale"> {
  readonly granularity: Granularity;
  /** Each weight to its nearest code, or with compensation by OBQ. */
  readonly rounding: "nearest" | "obq";
}

export interface ObcOptions extends QuantizeOptions {
  readonly pruning: Pruning | undefined;
  readonly damping: number;
  /** Whether scales are matched to the deviations of the given outputs. @default false */
  readonly deviations?: boolean;
}

/** Compresses a layer. @param inputs what it read on the samples */
export function compressByObc(matrix: WeightMatrix, options: ObcOptions, inputs?: InputStatistics): CompressedMatrix {
  const { pruning, damping, deviations = false } = options;
  const { products, groups = 1 } = inputs ?? {};
  if (products === undefined) return withoutInputs(matrix, options);
  const unit = pruning?.kind === "groups" ? pruning.m * kernelSizeOf(matrix, pruning) : (pruning?.block ?? 1);
  const layer = layerFilters(matrix, { groups, products }, { damping, unit });
  const made = quantizePruned(matrix, layer, pruning && { pruning, ...pruneLayer(matrix, layer, pruning) }, options);
  const compressed = layer.blockSize < layer.reduction ? { ...made, inputsAtOnce: layer.blockSize } : made;
  return deviations && inputs !== undefined ? matchDeviations(matrix, compressed, inputs) : compressed;
}

/** Places between neighbours of a group. */
function kernelSizeOf({ filter }: WeightMatrix, { axis }: Extract<Pruning, { kind: "groups" }>): number {
  return axis === "channels" && filter !== undefined ? filter.kernelHeight * filter.kernelWidth : 1;
}

function pruneLayer(matrix: WeightMatrix, layer: LayerFilters, pruning: Pruning): PrunedLayer {
  if (pruning.kind === "groups") return pruneToGroups(layer, { ...pruning, kernelSize: kernelSizeOf(matrix, pruning) });
  return pruneToSparsities(layer, [pruning.sparsity], pruning.block)[0]!;
}

function withoutInputs(matrix: WeightMatrix, { pruning, ...options }: ObcOptions): CompressedMatrix {
  const filters = filtersOf(matrix);
  const pruned =
    pruning?.kind === "groups"
      ? pruneGroupsBySize(filters, { ...pruning, kernelSize: kernelSizeOf(matrix, pruning) })
      : pruning && prunePartBySize(filters, pruning.sparsity, pruning.block);
  const quantizing = { ...options, rounding: "nearest" } as const;
  const made = quantizePruned(matrix, { filters }, pruning && pruned && { pruning, ...pruned }, quantizing);
  return { ...made, inputsAtOnce: 0 };
}

/** A layer with how it was pruned. */
export interface PrunedBy extends PrunedLayer {
  readonly pruning: Pruning;
}

/** Codes of a layer from its weights, or from what pruning left of them. @param layer as a whole where OBQ rounds */
export function quantizePruned(
  { reduction, columns, leastScales }: Pick<WeightMatrix, "reduction" | "columns" | "leastScales">,
  layer: Pick<LayerFilters, "filters"> | LayerFilters,
  pruned: PrunedBy | undefined,
  { bits, granularity, scale, rounding }: QuantizeOptions,
): CompressedMatrix {
  const filters = pruned?.filters ?? layer.filters;
  const grids = gridsOf(filters, { bits, granularity, scale, leastScales });
  const ofFilters =
    rounding === "obq" && "hessians" in layer
      ? quantizeFilters({ ...layer, filters }, grids.grids, pruned?.kept).codes
      : nearestCodes(filters, grids);
  const codes = new Int32Array(reduction * columns);
  for (const [column, own] of ofFilters.entries()) {
    for (let row = 0; row < reduction; row++) codes[row * columns + column] = own[row]!;
  }
  const encoding = encodingOf(pruned?.pruning, codes, { valueBits: bits, scales: granularity });
  return { codes, scales: grids.scales, zero: 0, codeBits: bits, encoding };
}

function nearestCodes(filters: readonly Float64Array[], { grids }: LayerGrids): Int32Array[] {
  return filters.map((weights, filter) => Int32Array.from(weights, (weight) => codeOn(grids[filter]!, weight)));
}

/** Groups as they are, single weights and blocks by a bitmap: its density is that of the codes. */
function encodingOf(
  pruning: Pruning | undefined,
  codes: Int32Array,
  stored: EncodingChoice["parameters"],
): EncodingChoice {
  if (pruning === undefined) return { name: "dense", parameters: stored };
  if (pruning.kind === "groups") {
    const { n, m, axis } = pruning;
    return { name: "nm", parameters: { n, m, ...(axis === "channels" && { axis }), ...stored } };
  }
  const nonZeros = codes.reduce((sum, code) => sum + (code === 0 ? 0 : 1), 0);
  return { name: "bitmap", parameters: { density: nonZeros / Math.max(1, codes.length), ...stored } };
}
