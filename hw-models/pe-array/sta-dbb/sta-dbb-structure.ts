/** What a systolic tensor array is made of and which tiles suit it. */
import type { ArrayInventory } from "../layer-values.js";
import type { TilingHints } from "../pe-array-kind.js";
import type { StaDbbParameters } from "./sta-dbb-parameters.js";
import { positionBits } from "./sta-dbb-timing.js";

/** The papers' way of writing sizes: A x B x C_M x N, with the multipliers of a dot product where they are fewer than B. */
export function describeStaDbb(parameters: StaDbbParameters): string {
  const { tpeRows, tpeCols, rowsPerTpe, columnsPerTpe, blockValues, multipliersPerDot } = parameters;
  const bound = multipliersPerDot < blockValues ? `, ${multipliersPerDot}:${blockValues}` : "";
  return `${rowsPerTpe}x${blockValues}x${columnsPerTpe}_${tpeRows}x${tpeCols}${bound}`;
}

/** A whole fold, and a stream as long as its fill and drain; sums of any length stay in the tensor PEs. */
export function staDbbHints(parameters: StaDbbParameters): TilingHints {
  const { tpeRows, tpeCols, rowsPerTpe, columnsPerTpe, blockValues } = parameters;
  return {
    reductionInArray: Number.POSITIVE_INFINITY,
    busyExtents: {
      outputs: tpeRows * rowsPerTpe,
      K: tpeCols * columnsPerTpe,
      reduction: (tpeRows + tpeCols) * blockValues,
    },
    stepK: tpeCols * columnsPerTpe,
  };
}

/**
 * A tensor PE shares the registers of an activation between its columns and those of a weight between its rows; a dot product has
 * one adder tree and one psum, and its multipliers a multiplexer over the block each.
 */
export function staDbbInventory(parameters: StaDbbParameters, accumulatorBits: number): ArrayInventory {
  const { tpeRows, tpeCols, rowsPerTpe, columnsPerTpe, blockValues, multipliersPerDot } = parameters;
  const { activationBits, weightBits } = parameters;
  const tpes = tpeRows * tpeCols;
  const dots = tpes * rowsPerTpe * columnsPerTpe;
  const multipliers = dots * multipliersPerDot;
  const isPicking = multipliersPerDot < blockValues;
  const treeBits = activationBits + weightBits + Math.ceil(Math.log2(multipliersPerDot));
  const perTpe =
    rowsPerTpe * blockValues * activationBits +
    columnsPerTpe * multipliersPerDot * (weightBits + positionBits(parameters)) +
    rowsPerTpe * columnsPerTpe * accumulatorBits;
  return {
    multipliers: [{ count: multipliers, bits: Math.sqrt(activationBits * weightBits) }],
    adders: [
      ...(multipliersPerDot > 1 ? [{ count: dots * (multipliersPerDot - 1), bits: treeBits }] : []),
      { count: dots, bits: accumulatorBits },
    ],
    shifters: [],
    multiplexerBits: isPicking ? (blockValues - 1) * multipliers * activationBits : 0,
    registerBits: tpes * perTpe,
    memories: [],
  };
}
