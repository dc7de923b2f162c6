/**
 * Closed-form cycles and counts of a tile on Bit Fusion. With `p` products a unit and operands of `a` and `w` parts of 8 bits:
 *
 *     cycles = G * positions * ceil(K / cols) * lines * ceil(length / (rows * p)) * a * w
 *
 * which is the cycles of the authors' simulator, and behind it the rows and columns through which the last sum goes.
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import { NO_VALUED_COUNTS, type TileBox, type ValuedTiming } from "../layer-values.js";
import type { BitFusionParameters } from "./bit-fusion-parameters.js";
import { type FusionMode, partsOf } from "./fusion-mode.js";
import { ReductionBlocks } from "./reduction-blocks.js";

export function timeFusion(parameters: BitFusionParameters, mode: FusionMode, tile: TileBox): ValuedTiming {
  const { rows, cols } = parameters;
  const { G, N, K, C, P, Q, R, S } = tile.extent;
  const blocks = new ReductionBlocks(parameters, tile, mode.products);
  const parts = partsOf(mode);
  const positions = G * N * P * Q;
  const folds = positions * ceilDiv(K, cols);
  const steps = folds * blocks.count;
  const products = positions * K * C * R * S;
  const places = Math.min(rows * mode.products, blocks.length);
  // A psum in each unit that works, and one below the column.
  const sums = positions * K * parts * (blocks.unitsInUse + blocks.count);
  return {
    folds,
    preloadCycles: 0,
    steadyCycles: steps * parts,
    drainCycles: rows + cols - 1,
    computeCycles: steps * parts,
    macOps: 0,
    ifmapReads: folds * C * R * S,
    weightReads: products,
    ofmapWrites: positions * K,
    psumReads: 0,
    // Every column latches the activations that pass, every unit its weights.
    operandRegisterWrites: 2 * parts * products,
    psumRegisterWrites: sums,
    ifmapFeed: { beats: steps, vectorElements: places, axis: "reduction" },
    weightFeed: { beats: steps, vectorElements: Math.min(cols, K) * places, axis: "reduction" },
    ofmapFeed: { beats: folds, vectorElements: Math.min(cols, K), axis: "columns" },
    ...NO_VALUED_COUNTS,
    coveredMacs: products,
    brickOps: products * mode.activationDigits * mode.weightDigits,
    treeSums: sums,
  };
}
