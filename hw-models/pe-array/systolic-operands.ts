/** What the register-level arrays share: the operands as they are given, and the cycles that are worked off at a time. */

/** Cycles worked off at a time. */
export const BLOCK_CYCLES = 4;

export type Operands = Int8Array | Int16Array;

/** A matrix and how to step through it in the machine's own directions. */
export interface OperandView {
  readonly values: Operands;
  /** Stride along the reduction, which lies down the rows. */
  readonly perRow: number;
  /** Stride across the columns (stationary operand) or along the stream (streamed operand). */
  readonly perOther: number;
}
