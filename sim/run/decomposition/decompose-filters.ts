/**
 * A layer decomposed in parts: its filters are cut into contiguous ranges, which are decomposed wherever and whenever there is
 * room, and what they gave is joined in the order of the filters. No slice knows of another, so the cut does not show.
 */
import type { Decomposition } from "../../../algorithms/compression/smartdeal/decompose.js";
import type { LayerMatrices } from "../../../algorithms/compression/smartdeal/decompose-layer.js";

/** The matrices of a layer, or of some of its filters. */
export type FilterMatrices = Pick<LayerMatrices, "shape" | "matrices">;

/** Decomposes every slice of some filters, whose buffer it may keep. It is given the next ones when it is done. */
export type FilterDecomposer = (filters: FilterMatrices) => Promise<Decomposition[]>;

/** Filters `from` to `to` of a layer. */
export interface FilterRange {
  readonly from: number;
  readonly to: number;
}

/** Cuts filters into so many ranges, as equal as they get; into fewer when there are fewer filters. */
export function cutFilters(filters: number, ranges: number): FilterRange[] {
  const count = Math.min(filters, ranges);
  const start = (range: number): number => Math.floor((range * filters) / count);
  return Array.from({ length: count }, (_, range) => ({ from: start(range), to: start(range + 1) }));
}

/** The slices of a layer in order. @param decomposers take one range after the other, each as it gets to it */
export async function decomposeFilters(
  layer: FilterMatrices,
  ranges: readonly FilterRange[],
  decomposers: readonly FilterDecomposer[],
): Promise<Decomposition[]> {
  const parts: Decomposition[][] = ranges.map(() => []);
  const left = ranges.entries();
  const takeAll = async (decompose: FilterDecomposer): Promise<void> => {
    for (const [index, range] of left) parts[index] = await decompose(filtersOf(layer, range));
  };
  await Promise.all(decomposers.map(takeAll));
  return parts.flat();
}

function filtersOf({ shape, matrices }: FilterMatrices, { from, to }: FilterRange): FilterMatrices {
  const size = matrices.length / shape.filters;
  return { shape: { ...shape, filters: to - from }, matrices: matrices.slice(from * size, to * size) };
}
