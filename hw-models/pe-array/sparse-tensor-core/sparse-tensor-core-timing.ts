/**
 * Closed-form cycles and counts of a tile on sparse tensor cores. All cores take a step a cycle, whatever the values:
 *
 *     cycles = groups * ceil(channels / step's) * ceil(positions / step's) * steps of the reduction
 *
 * A step covers 2 * pairs dense weights of a filter, or `pairs` groups of 2:4, which are twice as many. Activations are read for
 * all weights that a step covers, kept or not; sums leave once.
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import { NO_VALUED_COUNTS, type TileBox, type ValuedTiming } from "../layer-values.js";
import { BLOCK_STAGES, type TileBlocks } from "../weight-blocks.js";
import { depthOf, type SparseTensorCoreParameters, stepOf } from "./sparse-tensor-core-parameters.js";

/** Cycles from latching a step's fragments to writing its sums: multiply, add, write. */
const STAGES_AFTER_LATCHING = 3;

/** What a tile's cores go through for one filter. */
interface FilterSteps {
  readonly steps: number;
  /** Weights that are multiplied, read and covered. */
  readonly multiplied: number;
  readonly read: number;
  readonly covered: number;
}

/** @param blocks groups of 2:4; undefined for dense weights */
function stepsOf(
  parameters: SparseTensorCoreParameters,
  { extent }: TileBox,
  blocks: TileBlocks | undefined,
): FilterSteps {
  if (blocks === undefined) {
    const reduction = extent.C * extent.R * extent.S;
    return {
      steps: ceilDiv(reduction, depthOf(parameters)),
      multiplied: reduction,
      read: reduction,
      covered: reduction,
    };
  }
  return {
    steps: ceilDiv(blocks.count, parameters.pairs),
    multiplied: blocks.stored(2),
    read: blocks.weights,
    covered: blocks.covered,
  };
}

export function timeOnTensorCores(
  parameters: SparseTensorCoreParameters,
  tile: TileBox,
  blocks: TileBlocks | undefined,
): ValuedTiming {
  const { rows, columns, activationBits } = parameters;
  const { G, N, K, P, Q } = tile.extent;
  const step = stepOf(parameters);
  const { steps, multiplied, read, covered } = stepsOf(parameters, tile, blocks);
  const positions = N * P * Q;
  const channelBlocks = ceilDiv(K, step.channels);
  const positionBlocks = ceilDiv(positions, step.positions);
  const folds = G * channelBlocks * positionBlocks;
  const cycles = folds * steps;
  const macOps = G * K * positions * multiplied;
  const ifmapReads = G * channelBlocks * positions * covered;
  const weightLatches = G * K * multiplied * ceilDiv(positions, columns);
  return {
    folds,
    preloadCycles: 0,
    steadyCycles: cycles,
    drainCycles: STAGES_AFTER_LATCHING,
    computeCycles: cycles,
    macOps,
    ifmapReads,
    weightReads: G * K * read * positionBlocks,
    ofmapWrites: G * K * positions,
    psumReads: 0,
    // Cores that share an operand hold it each on its own.
    operandRegisterWrites: weightLatches + G * positions * covered * ceilDiv(K, rows),
    psumRegisterWrites: G * K * positions * steps,
    ifmapFeed: {
      beats: cycles,
      vectorElements: Math.min(step.positions, positions) * ceilDiv(covered, steps),
      axis: "reduction",
    },
    weightFeed: { beats: cycles, vectorElements: Math.min(step.channels, K) * ceilDiv(read, steps), axis: "reduction" },
    ofmapFeed: { beats: G * channelBlocks * positions, vectorElements: Math.min(step.channels, K), axis: "columns" },
    ...NO_VALUED_COUNTS,
    coveredMacs: G * K * positions * covered,
    indexEntries: blocks === undefined ? 0 : weightLatches,
    selectedBits: blocks === undefined ? 0 : macOps * activationBits * BLOCK_STAGES,
  };
}
