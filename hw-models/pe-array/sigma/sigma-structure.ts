/** What the SIGMA-like array is made of and which tiles suit it. */
import type { ArrayInventory } from "../layer-values.js";
import type { TilingHints } from "../pe-array-kind.js";
import type { SigmaParameters } from "./sigma-parameters.js";

export function describeSigma({ multipliers, readPorts, stationary }: SigmaParameters): string {
  return `${multipliers} multipliers, ${readPorts} ports, non-zero ${stationary} stay`;
}

/** Rounds must be full, and stream longer than they load; psums of rows that are folded pass the ofmap buffer by themselves. */
export function sigmaHints({ multipliers, reductionBlock, loadWords, stationary }: SigmaParameters): TilingHints {
  const reduction = Math.min(multipliers, reductionBlock ?? multipliers);
  const rows = Math.ceil(multipliers / reduction);
  const vectors = Math.ceil(multipliers / loadWords);
  return {
    reductionInArray: Number.POSITIVE_INFINITY,
    busyExtents:
      stationary === "weights" ? { outputs: vectors, K: rows, reduction } : { outputs: rows, K: vectors, reduction },
    stepK: 1,
  };
}

/**
 * A multiplier holds its stationary operand, the word it takes and its product; an adder between neighbours holds a sum. The
 * distribution is a Benes network over the ports, 2 * log2(ports) - 1 stages of exchanges of two multiplexers, and a wire to all
 * multipliers of a port. Bitmaps lie in the buffers.
 */
export function sigmaInventory(parameters: SigmaParameters, accumulatorBits: number): ArrayInventory {
  const { multipliers, readPorts, activationBits, weightBits } = parameters;
  const wordBits = Math.max(activationBits, weightBits);
  const productBits = activationBits + weightBits;
  const adders = multipliers - 1;
  const stages = readPorts > 1 ? 2 * Math.ceil(Math.log2(readPorts)) - 1 : 0;
  return {
    multipliers: [{ count: multipliers, bits: Math.sqrt(activationBits * weightBits) }],
    adders: [{ count: adders, bits: accumulatorBits }],
    shifters: [],
    multiplexerBits: readPorts * stages * wordBits,
    registerBits: multipliers * (2 * wordBits + productBits) + adders * accumulatorBits,
    memories: [],
  };
}
