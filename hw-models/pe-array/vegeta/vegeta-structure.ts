/** What VEGETA's engine is made of and which tiles suit it. The core around it and its tile registers are left out. */
import type { ArrayInventory } from "../layer-values.js";
import type { TilingHints } from "../pe-array-kind.js";
import { BLOCK, BLOCK_STAGES } from "../weight-blocks.js";
import { lanesOf, leastFoldCycles, type VegetaParameters } from "./vegeta-parameters.js";

export function describeVegeta({ rows, peColumns, lanesPerPe }: VegetaParameters): string {
  return `${rows} x ${peColumns} PEs of ${lanesPerPe} lanes, row-wise N:4`;
}

/** Sums stay in the accumulators. A fold takes as many positions as weights take to load. */
export function vegetaHints(parameters: VegetaParameters): TilingHints {
  return {
    reductionInArray: Number.POSITIVE_INFINITY,
    busyExtents: { outputs: leastFoldCycles(parameters), K: lanesOf(parameters), reduction: parameters.rows * BLOCK },
    stepK: lanesOf(parameters),
  };
}

/**
 * A lane has a weight with its position, twice, for loading behind the work, a four-way multiplexer and a psum; a PE a block of
 * activations. Under each lane are the adders that join up to four psums of an output, and that add it to its accumulator.
 */
export function vegetaInventory(parameters: VegetaParameters, accumulatorBits: number): ArrayInventory {
  const { rows, peColumns, activationBits, weightBits, accumulatorChannels, accumulatorPositions } = parameters;
  const lanes = lanesOf(parameters);
  const multipliers = rows * lanes;
  const weightAndPosition = weightBits + BLOCK_STAGES;
  const bankBits = Math.ceil(accumulatorChannels / lanes) * accumulatorPositions * accumulatorBits;
  return {
    multipliers: [{ count: multipliers, bits: Math.sqrt(activationBits * weightBits) }],
    adders: [
      { count: multipliers, bits: accumulatorBits },
      { count: (lanes * (BLOCK - 1)) / BLOCK + lanes, bits: accumulatorBits },
    ],
    shifters: [],
    multiplexerBits: multipliers * (BLOCK - 1) * activationBits,
    registerBits: multipliers * (2 * weightAndPosition + accumulatorBits) + rows * peColumns * BLOCK * activationBits,
    memories: [{ banks: lanes, capacityBytes: Math.ceil(bankBits / 8), widthBits: accumulatorBits }],
  };
}
