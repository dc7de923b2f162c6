/** What S2TA is made of and which tiles suit it. */
import type { ArrayInventory } from "../layer-values.js";
import type { TilingHints } from "../pe-array-kind.js";
import { placeBits } from "./activation-steps.js";
import type { S2taParameters } from "./s2ta-parameters.js";

/** The paper's way of writing sizes, A x B x C_M x N with the weights of a block as B, and both bounds. */
export function describeS2ta(parameters: S2taParameters): string {
  const { tpeRows, tpeCols, rowsPerTpe, columnsPerTpe, blockValues, weightsPerBlock, activationBound } = parameters;
  const sizes = `${rowsPerTpe}x${weightsPerBlock}x${columnsPerTpe}_${tpeRows}x${tpeCols}`;
  const activations = activationBound === "measured" ? "measured" : `${activationBound}:${blockValues}`;
  return `${sizes}, weights ${weightsPerBlock}:${blockValues}, activations ${activations}`;
}

/** A whole fold, and a stream as long as its fill and drain; sums of any length stay in the tensor PEs. */
export function s2taHints(parameters: S2taParameters): TilingHints {
  const { tpeRows, tpeCols, rowsPerTpe, columnsPerTpe } = parameters;
  return {
    reductionInArray: Number.POSITIVE_INFINITY,
    busyExtents: { outputs: tpeRows * rowsPerTpe, K: tpeCols * columnsPerTpe, reduction: tpeRows + tpeCols },
    stepK: tpeCols * columnsPerTpe,
  };
}

/**
 * A tensor PE holds an activation with its position for each row, and a block's weights with theirs for each column; a multiplier
 * compares the activation's position with those of the weights, and has a multiplexer over them. Left out: the comparators that
 * prune activations behind the array, which a bound that loses nothing does not use.
 */
export function s2taInventory(parameters: S2taParameters, accumulatorBits: number): ArrayInventory {
  const { tpeRows, tpeCols, rowsPerTpe, columnsPerTpe, weightsPerBlock, activationBits, weightBits } = parameters;
  const tpes = tpeRows * tpeCols;
  const multipliers = tpes * rowsPerTpe * columnsPerTpe;
  const place = placeBits(parameters);
  const perTpe =
    rowsPerTpe * (activationBits + place) +
    columnsPerTpe * weightsPerBlock * (weightBits + place) +
    rowsPerTpe * columnsPerTpe * accumulatorBits;
  return {
    multipliers: [{ count: multipliers, bits: Math.sqrt(activationBits * weightBits) }],
    adders: [
      { count: multipliers, bits: accumulatorBits },
      ...(place > 0 ? [{ count: multipliers * weightsPerBlock, bits: place }] : []),
    ],
    shifters: [],
    multiplexerBits: (weightsPerBlock - 1) * multipliers * weightBits,
    registerBits: tpes * perTpe,
    memories: [],
  };
}
