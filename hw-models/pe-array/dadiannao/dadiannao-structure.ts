/** What DaDianNao is made of and which tiles suit it. */
import type { ArrayInventory } from "../layer-values.js";
import type { TilingHints } from "../pe-array-kind.js";
import type { DaDianNaoParameters } from "./dadiannao-parameters.js";

export function describeDaDianNao({ tiles, filtersPerTile, lanes }: DaDianNaoParameters): string {
  return `${tiles} tile${tiles === 1 ? "" : "s"} x ${filtersPerTile} filters x ${lanes} lanes, bit-parallel`;
}

/** One window, filters for all tiles, and a whole brick; sums of any length stay in the tiles. */
export function daDianNaoHints({ tiles, filtersPerTile, lanes }: DaDianNaoParameters): TilingHints {
  const filters = tiles * filtersPerTile;
  return {
    reductionInArray: Number.POSITIVE_INFINITY,
    busyExtents: { outputs: 1, K: filters, reduction: lanes },
    stepK: filters,
  };
}

/** Each filter has its multipliers, an adder tree and an accumulator; the brick is latched once and the weights beside it. */
export function daDianNaoInventory(parameters: DaDianNaoParameters, accumulatorBits: number): ArrayInventory {
  const { tiles, filtersPerTile, lanes, activationBits, weightBits } = parameters;
  const filters = tiles * filtersPerTile;
  const tree = { count: filters * (lanes - 1), bits: activationBits + weightBits + Math.ceil(Math.log2(lanes)) };
  return {
    multipliers: [{ count: filters * lanes, bits: Math.sqrt(activationBits * weightBits) }],
    adders: [...(lanes > 1 ? [tree] : []), { count: filters, bits: accumulatorBits }],
    shifters: [],
    multiplexerBits: 0,
    registerBits: lanes * activationBits + filters * (lanes * weightBits + accumulatorBits),
    memories: [],
  };
}
