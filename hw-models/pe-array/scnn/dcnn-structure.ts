/** What DCNN is made of and which tiles suit it. */
import type { ArrayInventory } from "../layer-values.js";
import type { TilingHints } from "../pe-array-kind.js";
import type { DcnnParameters } from "./dcnn-parameters.js";
import type { PlanMachine } from "./tile-plan.js";

export function describeDcnn({ peRows, peCols, lanes }: DcnnParameters): string {
  return `${peRows}x${peCols} PEs x dot products of ${lanes}`;
}

/** What plans must know: weights are sent as they are used, whatever their number. */
export function dcnnMachine({ peRows, peCols, accumulators, outputChannelGroup }: DcnnParameters): PlanMachine {
  return {
    peRows,
    peCols,
    outputChannelGroup,
    keptWeights: Number.POSITIVE_INFINITY,
    fits: (channels, rows, columns) => channels * rows * columns <= accumulators,
  };
}

/** A pixel for every PE, a whole dot product; sums of any length stay in the accumulators. */
export function dcnnHints({ peRows, peCols, lanes, outputChannelGroup }: DcnnParameters): TilingHints {
  return {
    reductionInArray: Number.POSITIVE_INFINITY,
    busyExtents: { outputs: peRows * peCols, K: outputChannelGroup, reduction: lanes },
    stepK: outputChannelGroup,
  };
}

/** A PE has its operands in registers, an adder tree with an accumulator, and its sums twice, as one set leaves. */
export function dcnnInventory(parameters: DcnnParameters, accumulatorBits: number): ArrayInventory {
  const { peRows, peCols, lanes, accumulators, activationBits, weightBits } = parameters;
  const pes = peRows * peCols;
  const tree = { count: pes * (lanes - 1), bits: activationBits + weightBits + Math.ceil(Math.log2(lanes)) };
  return {
    multipliers: [{ count: pes * lanes, bits: Math.sqrt(activationBits * weightBits) }],
    adders: [...(lanes > 1 ? [tree] : []), { count: pes, bits: accumulatorBits }],
    shifters: [],
    multiplexerBits: 0,
    registerBits: pes * lanes * (activationBits + weightBits),
    memories: [{ banks: 2 * pes, capacityBytes: (accumulators * accumulatorBits) / 8, widthBits: accumulatorBits }],
  };
}
