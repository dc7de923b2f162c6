/** What Bit Fusion is made of and which tiles suit it. The buffers of its edges are the buffers of the design. */
import type { ArrayInventory } from "../layer-values.js";
import type { TilingHints } from "../pe-array-kind.js";
import type { BitFusionParameters } from "./bit-fusion-parameters.js";
import { FusionUnit } from "./fusion-unit.js";

/** Digits of 2 bits with a sign. */
const BRICK_BITS = 3;
/** Bits of the operands that a unit holds of each side: 16 digits of 2 bits, or 2 operands of 8 where one needs fewer. */
const UNIT_OPERAND_BITS = 32;

export function describeBitFusion({ rows, cols }: BitFusionParameters): string {
  return `${rows}x${cols} fusion units of ${FusionUnit.BRICKS} bricks`;
}

/** Any number of outputs keeps it busy; the narrowest operands take most of the reduction. */
export function bitFusionHints({ rows, cols }: BitFusionParameters): TilingHints {
  return {
    reductionInArray: Number.POSITIVE_INFINITY,
    busyExtents: { outputs: 1, K: cols, reduction: rows * FusionUnit.BRICKS },
    stepK: cols,
  };
}

/**
 * Bricks are put together four at a time, twice: four groups with three adders of 8 bits, then three of 16, each addend but the
 * first shifted by a choice of two. A unit adds to the psum that passes; below each column is an accumulator.
 */
export function bitFusionInventory({ rows, cols }: BitFusionParameters, accumulatorBits: number): ArrayInventory {
  const units = rows * cols;
  return {
    multipliers: [{ count: units * FusionUnit.BRICKS, bits: BRICK_BITS }],
    adders: [
      { count: units * 12, bits: 8 },
      { count: units * 3, bits: 16 },
      { count: units + cols, bits: accumulatorBits },
    ],
    shifters: [],
    multiplexerBits: units * (12 * 8 + 3 * 16),
    registerBits: units * (2 * UNIT_OPERAND_BITS + accumulatorBits) + cols * accumulatorBits,
    memories: [],
  };
}
