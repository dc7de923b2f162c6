/**
 * Closed-form cycles and counts of a tile on VEGETA. Filters of a strip, sorted by what they keep, fill the lanes without gaps, since
 * lanes are a multiple of four: a stretch of `rows` blocks takes ceil(sum of N / lanes) folds. A fold takes a cycle for each position
 * of a chunk, and no fewer than the engine is high or wide (`leastFoldCycles`):
 *
 *     cycles = groups * strips * chunks * stretches * folds * max(positions of the chunk, least)
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import { NO_VALUED_COUNTS, type TileBox, type ValuedTiming } from "../layer-values.js";
import { BLOCK_STAGES, type TileBlocks } from "../weight-blocks.js";
import { KEPT_VALUES, type RowCover } from "./row-covers.js";
import { lanesOf, leastFoldCycles, type VegetaParameters } from "./vegeta-parameters.js";

/** What all strips and stretches of a tile's filters take for one chunk of positions. */
export interface FilterCost {
  readonly folds: number;
  /** Lanes of folds, and PE columns that they reach, added up. */
  readonly lanes: number;
  readonly peColumns: number;
  /** Filters of stretches, added up, and folds of those that end a reduction. */
  readonly filters: number;
  readonly lastFolds: number;
  /** Weights that lanes hold, and those of them with a position. */
  readonly held: number;
  readonly placed: number;
  /** Weights of the stored form that are read. */
  readonly read: number;
  /** Activations of a position that are read, fold by fold, and hops of them from PE to PE. */
  readonly activations: number;
  readonly activationHops: number;
}

export function costOfFilters(
  parameters: VegetaParameters,
  cover: RowCover,
  channelsPerGroup: number,
  { from, extent }: TileBox,
): FilterCost {
  const sum: Record<keyof FilterCost, number> = {
    ...{ folds: 0, lanes: 0, peColumns: 0, filters: 0, lastFolds: 0 },
    ...{ held: 0, placed: 0, read: 0, activations: 0, activationHops: 0 },
  };
  const blocks = cover.blocks.of({ from, extent });
  for (let group = from.G; group < from.G + extent.G; group++) {
    for (let k = from.K; k < from.K + extent.K; k += parameters.accumulatorChannels) {
      const filters = Math.min(parameters.accumulatorChannels, from.K + extent.K - k);
      const first = group * channelsPerGroup + k;
      for (let block = 0; block < blocks.count; block += parameters.rows) {
        const end = Math.min(block + parameters.rows, blocks.count);
        addStretch(sum, parameters, blocks, block, end, histogramOf(cover, blocks, block, end, first, filters));
      }
    }
  }
  return sum;
}

/** Filters that keep 4, 2 and 1 of a block. */
function histogramOf(
  cover: RowCover,
  blocks: TileBlocks,
  from: number,
  to: number,
  first: number,
  filters: number,
): number[] {
  const histogram = KEPT_VALUES.map(() => 0);
  for (let filter = first; filter < first + filters; filter++) {
    histogram[KEPT_VALUES.indexOf(cover.keptOf(filter, blocks, from, to))]!++;
  }
  return histogram;
}

function addStretch(
  sum: Record<keyof FilterCost, number>,
  parameters: VegetaParameters,
  blocks: TileBlocks,
  from: number,
  to: number,
  histogram: readonly number[],
): void {
  const { peColumns, lanesPerPe } = parameters;
  let [lanes, filters] = [0, 0];
  for (const [at, kept] of KEPT_VALUES.entries()) {
    const held = histogram[at]! * blocks.stored(kept, from, to);
    lanes += histogram[at]! * kept;
    filters += histogram[at]!;
    sum.held += held;
    if (kept < 4) sum.placed += held;
  }
  const folds = ceilDiv(lanes, lanesOf(parameters));
  const columns = (folds - 1) * peColumns + ceilDiv(lanes - (folds - 1) * lanesOf(parameters), lanesPerPe);
  const covered = blocks.coveredIn(from, to);
  sum.folds += folds;
  sum.lanes += lanes;
  sum.peColumns += columns;
  sum.filters += filters;
  sum.read += filters * blocks.stored(4, from, to);
  sum.activations += folds * covered;
  sum.activationHops += columns * covered;
  if (to === blocks.count) sum.lastFolds += folds;
}

export function timeOnVegeta(parameters: VegetaParameters, tile: TileBox, cost: FilterCost): ValuedTiming {
  const { rows, peColumns, accumulatorPositions, activationBits } = parameters;
  const { G, N, K, C, P, Q, R, S } = tile.extent;
  const positions = N * P * Q;
  const chunks = ceilDiv(positions, accumulatorPositions);
  const lastPositions = positions - (chunks - 1) * accumulatorPositions;
  const chunkCycles = (chunk: number): number => cost.folds * Math.max(chunk, leastFoldCycles(parameters));
  // Nothing waits for the last fold of all.
  const tail = Math.max(lastPositions, leastFoldCycles(parameters)) - lastPositions;
  const steadyCycles = (chunks - 1) * chunkCycles(accumulatorPositions) + chunkCycles(lastPositions) - tail;
  const macOps = positions * cost.held;
  return {
    folds: chunks * cost.folds,
    preloadCycles: rows,
    steadyCycles,
    drainCycles: rows + peColumns,
    computeCycles: positions * cost.folds,
    macOps,
    ifmapReads: positions * cost.activations,
    weightReads: chunks * cost.read,
    ofmapWrites: positions * G * K,
    psumReads: 0,
    // A weight is latched behind the working one, and then in its place.
    operandRegisterWrites: 2 * chunks * cost.held + positions * cost.activationHops,
    psumRegisterWrites: positions * (cost.lanes * rows + cost.filters),
    ifmapFeed: {
      beats: positions * cost.folds,
      vectorElements: ceilDiv(cost.activations, cost.folds),
      axis: "reduction",
    },
    weightFeed: {
      beats: chunks * cost.folds * rows,
      vectorElements: ceilDiv(cost.read, cost.folds * rows),
      axis: "reduction",
    },
    ofmapFeed: { beats: positions * cost.lastFolds, vectorElements: ceilDiv(G * K, cost.lastFolds), axis: "columns" },
    ...NO_VALUED_COUNTS,
    coveredMacs: positions * G * K * C * R * S,
    indexEntries: chunks * cost.placed,
    selectedBits: macOps * activationBits * BLOCK_STAGES,
  };
}
