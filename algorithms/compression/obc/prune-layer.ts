/**
 * ExactOBS on a layer. N:M: each filter by itself. A part of all weights: each filter is pruned to nothing once, to see what every
 * step costs; of the steps of all filters the cheapest go, the first of equal ones, and each filter is pruned again to the number of
 * steps that it gave. Memory for the states in between, filters times inputs squared, is so never needed. In blocks of columns each
 * block gives the same part.
 * Source: Frantar and Alistarh, 'Optimal Brain Compression', NeurIPS 2022, algorithm 2.
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import { type ColumnBlock, carryOver, columnBlocks, hessianFor, type LayerFilters } from "./layer-filters.js";
import { type GroupShape, groupsAlong, pruneRow, pruneRowBlocks, pruneRowToGroups } from "./prune-row.js";
import { RowState } from "./row-state.js";

export interface PrunedLayer {
  /** Weights by filter. */
  readonly filters: readonly Float64Array[];
  /** 1 for each weight that stays, by filter. */
  readonly kept: readonly Uint8Array[];
  /** Of the layer's outputs, the sum of e^T H e / 2 over its filters. */
  readonly loss: number;
}

/** A layer under work: filters that change, block after block. */
class LayerUnderWork {
  readonly filters: readonly Float64Array[];
  readonly kept: readonly Uint8Array[];
  loss = 0;
  readonly #layer: LayerFilters;

  constructor(layer: LayerFilters) {
    this.#layer = layer;
    this.filters = layer.filters.map((weights) => weights.slice());
    this.kept = layer.filters.map(() => new Uint8Array(layer.reduction));
  }

  /** Takes a row over as it is now. */
  take(filter: number, block: ColumnBlock, row: RowState): void {
    for (let place = 0; place < row.count; place++) this.kept[filter]![block.from + row.left[place]!] = 1;
    carryOver(this.filters[filter]!, hessianFor(this.#layer, filter), block, row.weights);
    this.loss += row.loss;
  }
}

/** Prunes to at most N weights in each group of M. */
export function pruneToGroups(layer: LayerFilters, shape: GroupShape): PrunedLayer {
  const work = new LayerUnderWork(layer);
  for (const block of columnBlocks(layer)) {
    const groups = groupsAlong(block.to - block.from, shape);
    const steps = groups.zeros.reduce((sum, zeros) => sum + zeros, 0);
    const row = new RowState(block.to - block.from, Math.max(1, steps));
    for (const [filter, weights] of work.filters.entries()) {
      row.start(block.inverseFor(filter), weights.subarray(block.from, block.to));
      pruneRowToGroups(row, groups);
      work.take(filter, block, row);
    }
  }
  return work;
}

/** Prunes a part of all weights, in whole blocks of `block` neighbours, to each of some fractions. @param fractions 0 to 1 */
export function pruneToSparsities(layer: LayerFilters, fractions: readonly number[], block = 1): PrunedLayer[] {
  // Blocks of columns after the first depend on what went before: each fraction is then a run of its own.
  if (layer.blockSize < layer.reduction && fractions.length > 1) {
    return fractions.flatMap((fraction) => pruneToSparsities(layer, [fraction], block));
  }
  const works = fractions.map(() => new LayerUnderWork(layer));
  for (const columns of columnBlocks(layer)) pruneColumns(layer, works, columns, fractions, block);
  return works;
}

function pruneColumns(
  { filters: { length: count } }: LayerFilters,
  works: readonly LayerUnderWork[],
  columns: ColumnBlock,
  fractions: readonly number[],
  block: number,
): void {
  const size = columns.to - columns.from;
  const steps = ceilDiv(size, block);
  const row = new RowState(size);
  const given = works[0]!.filters.map((weights) => weights.slice(columns.from, columns.to));
  const start = (filter: number): void => row.start(columns.inverseFor(filter), given[filter]!);
  const losses = new Float64Array(count * steps);
  for (let filter = 0; filter < count; filter++) {
    start(filter);
    const trace = block === 1 ? pruneRow(row, steps) : pruneRowBlocks(row, columns.inverseFor(filter), block, steps);
    losses.set(trace.losses, filter * steps);
  }
  const counts = countsOfCheapest(losses, steps, fractions);
  for (let filter = 0; filter < count; filter++) {
    start(filter);
    const takeAt = (step: number): void => {
      for (const [level, work] of works.entries()) {
        if (counts[level]![filter] === step) work.take(filter, columns, row);
      }
    };
    const most = counts.reduce((greatest, ofFilters) => Math.max(greatest, ofFilters[filter]!), 0);
    takeAt(0);
    if (block === 1) pruneRow(row, most, takeAt);
    else pruneRowBlocks(row, columns.inverseFor(filter), block, most, takeAt);
  }
}

/**
 * For each fraction how many steps each filter gives, when the cheapest of all steps go: of equal ones those of the first filter,
 * the first step first.
 * @param losses of [filters, steps]
 */
export function countsOfCheapest(losses: Float64Array, steps: number, fractions: readonly number[]): Int32Array[] {
  const rising = Uint32Array.from(losses, (_, at) => at).sort((a, b) => losses[a]! - losses[b]! || a - b);
  return fractions.map((fraction) => {
    const counts = new Int32Array(losses.length / Math.max(1, steps));
    for (const at of rising.subarray(0, Math.ceil(fraction * losses.length))) counts[Math.floor(at / steps)]!++;
    return counts;
  });
}
