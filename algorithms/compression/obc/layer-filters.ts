/**
 * A layer as OBC works on it: its filters (columns of the weight matrix) one by one, each with the H of its group of channels. Few
 * inputs are worked on at once. Many are cut in blocks of columns, from the first on: a filter's weights of a block are done as if
 * those after it could still move, which then take over what the block's errors did, once for all,
 *
 *     w[b..] += V[a..b, b..]^T U[a..b, a..b]^T (q - w)[a..b]
 *
 * Source: Frantar and Alistarh, 'Optimal Brain Compression', NeurIPS 2022; blocks: 'SparseGPT', ICML 2023, section 3.3.
 */
import type { InputStatistics } from "../layer-inputs.js";
import type { WeightMatrix } from "../weight-matrix.js";
import { type BlockInverse, type Hessian, hessianOfProducts, inverseOf } from "./hessian.js";

/** Inputs that are always worked on at once, and inputs of a block where they are not. */
const WHOLE_SIZE = 600;
const BLOCK_SIZE = 256;
/** Products of a whole layer, filters * inputs^3, that are still done at once: within some ten seconds. */
const MAX_WORK = 2 ** 38;

export interface LayerFilters {
  readonly reduction: number;
  /** Weights by filter; of inputs that were never seen 0. */
  readonly filters: readonly Float64Array[];
  readonly hessians: readonly Hessian[];
  /** Inputs of a block of columns; all of them where the layer is worked on at once. */
  readonly blockSize: number;
}

/** Inputs of a block of columns: whole units of `unit` inputs. */
export function blockSizeFor(reduction: number, columns: number, unit: number): number {
  if (reduction <= WHOLE_SIZE || columns * reduction ** 3 <= MAX_WORK) return reduction;
  return Math.max(1, Math.floor(BLOCK_SIZE / unit)) * unit;
}

/** What a layer read, with the outer products. */
export interface SeenInputs extends Pick<InputStatistics, "groups"> {
  readonly products: Float64Array;
}

/**
 * A layer from its weights and what it read.
 * @param unit neighbours that belong together
 */
export function layerFilters(
  { reduction, columns, values }: WeightMatrix,
  { groups, products }: SeenInputs,
  { damping, unit = 1 }: { readonly damping: number; readonly unit?: number },
): LayerFilters {
  const hessians = Array.from({ length: groups }, (_, group) => {
    const ofGroup = products.subarray(group * reduction ** 2, (group + 1) * reduction ** 2);
    return hessianOfProducts(ofGroup, reduction, damping);
  });
  const filters = filtersOf({ reduction, columns, values });
  for (const [column, weights] of filters.entries()) {
    const { dead } = hessians[Math.floor((column * groups) / columns)]!;
    for (let row = 0; row < reduction; row++) if (dead[row] === 1) weights[row] = 0;
  }
  return { reduction, filters, hessians, blockSize: blockSizeFor(reduction, columns, unit) };
}

/** Columns of a weight matrix, one after the other. */
export function filtersOf({ reduction, columns, values }: Pick<WeightMatrix, "reduction" | "columns" | "values">) {
  return Array.from({ length: columns }, (_, column) =>
    Float64Array.from({ length: reduction }, (_, row) => values[row * columns + column]!),
  );
}

/** The H of a filter. */
export function hessianFor({ filters, hessians }: LayerFilters, filter: number): Hessian {
  return hessians[Math.floor((filter * hessians.length) / filters.length)]!;
}

/** A block of columns of all filters. */
export interface ColumnBlock {
  readonly from: number;
  readonly to: number;
  /** Of a filter, without the columns before. */
  readonly inverseFor: (filter: number) => BlockInverse;
}

/** The blocks of columns in order. */
export function* columnBlocks(layer: LayerFilters): Generator<ColumnBlock> {
  const { reduction, blockSize, hessians, filters } = layer;
  for (let from = 0; from < reduction; from += blockSize) {
    const to = Math.min(reduction, from + blockSize);
    const inverses = hessians.map((hessian) => inverseOf(hessian, from, to));
    yield { from, to, inverseFor: (filter) => inverses[Math.floor((filter * inverses.length) / filters.length)]! };
  }
}

/** Writes what became of a filter's weights of a block, and lets those after it make up for it. */
export function carryOver(
  weights: Float64Array,
  { size, factor, inverseFactor }: Hessian,
  { from, to }: Pick<ColumnBlock, "from" | "to">,
  became: ArrayLike<number>,
): void {
  for (let k = to - 1; k >= from && to < size; k--) {
    let sum = 0;
    for (let i = from; i <= k; i++) sum += factor[i * size + k]! * (became[i - from]! - weights[i]!);
    for (let j = to; j < size; j++) weights[j]! += inverseFactor[k * size + j]! * sum;
  }
  for (let i = from; i < to; i++) weights[i] = became[i - from]!;
}
