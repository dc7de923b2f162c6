/** What Cambricon-X is made of and which tiles suit it. NBin, NBout and the synapse buffers are the buffers of the design. */
import type { ArrayInventory } from "../layer-values.js";
import type { TilingHints } from "../pe-array-kind.js";
import type { CambriconXParameters } from "./cambricon-x-parameters.js";

export function describeCambriconX({ pes, multipliersPerPe, windowNeurons }: CambriconXParameters): string {
  return `${pes} PEs x ${multipliersPerPe} multipliers, picking from ${windowNeurons} neurons`;
}

/** Any number of outputs keeps it busy, as long as windows are full; sums of any length stay in the PEs. */
export function cambriconXHints({ pes, windowNeurons }: CambriconXParameters): TilingHints {
  return {
    reductionInArray: Number.POSITIVE_INFINITY,
    busyExtents: { outputs: 1, K: pes, reduction: windowNeurons },
    stepK: pes,
  };
}

/**
 * An indexing module adds up the steps, one adder a pick, and has for each pick a multiplexer over the window. A PE holds its
 * operands and products, an adder tree with the psum, and the sum that leaves. The window is held once.
 */
export function cambriconXInventory(parameters: CambriconXParameters, accumulatorBits: number): ArrayInventory {
  const { pes, multipliersPerPe, windowNeurons, activationBits, weightBits } = parameters;
  const multipliers = pes * multipliersPerPe;
  const productBits = activationBits + weightBits;
  const placeBits = Math.ceil(Math.log2(windowNeurons)) + 1;
  const treeAdder = { count: pes * (multipliersPerPe - 1), bits: productBits + Math.ceil(Math.log2(multipliersPerPe)) };
  return {
    multipliers: [{ count: multipliers, bits: Math.sqrt(activationBits * weightBits) }],
    adders: [
      { count: multipliers, bits: placeBits },
      ...(multipliersPerPe > 1 ? [treeAdder] : []),
      { count: pes, bits: accumulatorBits },
    ],
    shifters: [],
    multiplexerBits: (windowNeurons - 1) * multipliers * activationBits,
    registerBits:
      windowNeurons * activationBits + multipliers * 2 * productBits + pes * (placeBits + 2 * accumulatorBits),
    memories: [],
  };
}
