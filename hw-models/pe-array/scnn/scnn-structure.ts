/** What SCNN is made of and which tiles suit it. Activations and weights come from the buffers of the design. */
import type { ArrayInventory } from "../layer-values.js";
import type { TilingHints } from "../pe-array-kind.js";
import type { ScnnParameters } from "./scnn-parameters.js";

export function describeScnn({ peRows, peCols, activationVector, weightVector }: ScnnParameters): string {
  return `${peRows}x${peCols} PEs x ${activationVector}x${weightVector} Cartesian products`;
}

/** A full vector of activations for every PE and of weights for a group; sums of any length stay in the accumulators. */
export function scnnHints({ peRows, peCols, activationVector, outputChannelGroup }: ScnnParameters): TilingHints {
  return {
    reductionInArray: Number.POSITIVE_INFINITY,
    busyExtents: { outputs: peRows * peCols * activationVector, K: outputChannelGroup, reduction: 1 },
    stepK: outputChannelGroup,
  };
}

/**
 * A PE has its multipliers with both operands in registers, an adder of coordinates for each product and each operand, the
 * crossbar with the queues behind it, a bank of sums (twice, as one leaves while the other fills) with an adder each, and the
 * weight FIFO.
 */
export function scnnInventory(parameters: ScnnParameters, accumulatorBits: number): ArrayInventory {
  const { activationVector, weightVector, accumulatorBanks, bankEntries, queueEntries } = parameters;
  const { indexBits, weightFifoVectors, activationBits, weightBits } = parameters;
  const pes = parameters.peRows * parameters.peCols;
  const multipliers = activationVector * weightVector;
  const productBits = activationBits + weightBits;
  const sumBits = Math.ceil(Math.log2(accumulatorBanks * bankEntries));
  const entryBits = Math.ceil(Math.log2(Math.max(2, bankEntries)));
  const operandBits = activationVector * (activationBits + indexBits) + weightVector * (weightBits + indexBits);
  const fifoWidthBits = weightVector * (weightBits + indexBits);
  return {
    multipliers: [{ count: pes * multipliers, bits: Math.sqrt(activationBits * weightBits) }],
    adders: [
      { count: pes * (multipliers + activationVector + weightVector), bits: sumBits },
      { count: pes * accumulatorBanks, bits: accumulatorBits },
    ],
    shifters: [],
    multiplexerBits: pes * (multipliers - 1) * accumulatorBanks * (productBits + entryBits),
    registerBits: pes * (operandBits + (multipliers + accumulatorBanks * queueEntries) * (productBits + entryBits)),
    memories: [
      {
        banks: 2 * pes * accumulatorBanks,
        capacityBytes: (bankEntries * accumulatorBits) / 8,
        widthBits: accumulatorBits,
      },
      { banks: pes, capacityBytes: (weightFifoVectors * fifoWidthBits) / 8, widthBits: fifoWidthBits },
    ],
  };
}
