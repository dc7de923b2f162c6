/**
 * Closed-form cycles and counts of a tile on the array of shift-and-add units. A block of inputs takes as many cycles as its
 * weights' terms need, all neurons together:
 *
 *     cycles = G * positions * ceil(K / outputs) * ceil(reduction / inputs) * ceil(terms / termsPerCycle)
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import { NO_VALUED_COUNTS, type TileBox, type ValuedTiming } from "../layer-values.js";
import type { ShiftAddParameters } from "./shift-add-parameters.js";

/** Cycles from a shift to the sum that it is part of being written: add, write. */
const STAGES_AFTER_SHIFTING = 2;

/**
 * @param terms of each weight
 * @param powers terms of the tile's weights for which a unit shifts and adds, over all groups
 */
export function timeShiftAdds(
  { outputs, inputs, termsPerCycle }: ShiftAddParameters,
  { extent }: TileBox,
  terms: number,
  powers: number,
): ValuedTiming {
  const { G, N, K, C, P, Q, R, S } = extent;
  const positions = N * P * Q;
  const reduction = C * R * S;
  const folds = G * positions * ceilDiv(K, outputs);
  const blocks = folds * ceilDiv(reduction, inputs);
  const cycles = blocks * ceilDiv(terms, termsPerCycle);
  const products = G * positions * K * reduction;
  const ifmapReads = folds * reduction;
  return {
    folds,
    preloadCycles: 0,
    steadyCycles: cycles,
    drainCycles: STAGES_AFTER_SHIFTING,
    computeCycles: cycles,
    macOps: 0,
    ifmapReads,
    weightReads: products,
    ofmapWrites: G * positions * K,
    psumReads: 0,
    operandRegisterWrites: ifmapReads + products,
    psumRegisterWrites: G * positions * K * ceilDiv(reduction, inputs) * ceilDiv(terms, termsPerCycle),
    ifmapFeed: { beats: blocks, vectorElements: Math.min(inputs, reduction), axis: "reduction" },
    weightFeed: {
      beats: blocks,
      vectorElements: Math.min(outputs, K) * Math.min(inputs, reduction),
      axis: "reduction",
    },
    ofmapFeed: { beats: folds, vectorElements: Math.min(outputs, K), axis: "columns" },
    ...NO_VALUED_COUNTS,
    coveredMacs: products,
    shiftAddOps: positions * powers,
  };
}
