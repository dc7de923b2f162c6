/** Steps of a tile on S2TA: each pass of blocks takes one for each activation that a block may have, but no more than its places. */
import type { BlockPass } from "../sta-dbb/block-passes.js";
import type { S2taParameters } from "./s2ta-parameters.js";

/** What the passes of a tile come to, for one row and one column. */
export interface StepSums {
  readonly passes: number;
  readonly steps: number;
  /** Activations, and the masks of compressed blocks in their width, that are read. */
  readonly activationReads: number;
  /** Weights that are read, in the places that they stand for. */
  readonly weights: number;
  readonly slots: number;
  /** Registers of an activation's width that the positions of activations take. */
  readonly positionRegisters: number;
}

/** Bits of a place in a block. */
export function placeBits({ blockValues }: S2taParameters): number {
  return Math.ceil(Math.log2(blockValues));
}

export function stepsOf({ from, to }: BlockPass, bound: number): number {
  return Math.min(bound, to - from);
}

/** What a row reads for a pass: the non-zeros with a bit for each place of the block, or all places as they are. */
export function activationReadsOf(parameters: S2taParameters, pass: BlockPass, bound: number): number {
  const isCompressed = bound < pass.to - pass.from;
  const { blockValues, activationBits } = parameters;
  return stepsOf(pass, bound) + (isCompressed ? Math.ceil(blockValues / activationBits) : 0);
}

export function activationPositionRegisters(parameters: S2taParameters, pass: BlockPass, bound: number): number {
  return Math.ceil((stepsOf(pass, bound) * placeBits(parameters)) / parameters.activationBits);
}

export function weightPositionRegisters(parameters: S2taParameters): number {
  return Math.ceil((parameters.weightsPerBlock * placeBits(parameters)) / parameters.weightBits);
}

export function sumSteps(parameters: S2taParameters, passes: readonly BlockPass[], bound: number): StepSums {
  const sums = { passes: passes.length, steps: 0, activationReads: 0, weights: 0, slots: 0, positionRegisters: 0 };
  for (const pass of passes) {
    sums.steps += stepsOf(pass, bound);
    sums.activationReads += activationReadsOf(parameters, pass, bound);
    sums.weights += pass.weightsTo - pass.weightsFrom;
    sums.slots += pass.slots;
    sums.positionRegisters += activationPositionRegisters(parameters, pass, bound);
  }
  return sums;
}
