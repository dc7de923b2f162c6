/**
 * What every PE array offers. An array multiplies an ifmap matrix [rows, reduction] by a weight matrix
 * [reduction, columns] into an ofmap matrix [rows, columns]; how the layer became matrices is not its concern.
 *
 * Timing is closed-form (`timeTile`) and register-level (`runTile`, which also moves values); the two agree on every cycle
 * and count, and property tests hold them to it.
 */
import type { NmAxis } from "../../sim/ir/encodings/nm-groups.js";

/** One product: ofmap[rows, columns] = ifmap[rows, reduction] x weight[reduction, columns]. */
export interface GemmTile {
  /** N*P*Q of the tile. */
  readonly rows: number;
  /** K of the tile. */
  readonly columns: number;
  /** C*R*S of the tile. */
  readonly reduction: number;
}

/** Matrix axis along which the elements of one vector access lie. */
export type VectorAxis = "rows" | "columns" | "reduction";

/** Vector accesses of the array to one buffer: what bank conflicts are computed from. */
export interface OperandFeed {
  /** Vector accesses, at most one a cycle. */
  readonly beats: number;
  /** Elements of a full vector; ragged folds ask for fewer. */
  readonly vectorElements: number;
  readonly axis: VectorAxis;
}

/** Cycles and counts of one tile. */
export interface TileTiming {
  /** Folds: passes of the array over a piece of the stationary operand. */
  readonly folds: number;
  /**
   * Cycles from the stationary operand being in its buffer to the first streamed operand, when the load can run behind
   * other work (shadow registers, or nothing to load); 0 where the load is inside `steadyCycles`.
   */
  readonly preloadCycles: number;
  /** From the tile's first cycle to the first cycle in which the next tile may enter. */
  readonly steadyCycles: number;
  /** From there to the last output leaving the array; overlaps the next tile. */
  readonly drainCycles: number;
  /** Cycles of `steadyCycles` in which operands stream; the rest is fill and drain. */
  readonly computeCycles: number;
  readonly macOps: number;
  /** Elements read from and written to the buffers. */
  readonly ifmapReads: number;
  readonly weightReads: number;
  readonly ofmapWrites: number;
  /** Partial sums read back from the ofmap buffer to be added to. */
  readonly psumReads: number;
  readonly operandRegisterWrites: number;
  readonly psumRegisterWrites: number;
  readonly ifmapFeed: OperandFeed;
  readonly weightFeed: OperandFeed;
  readonly ofmapFeed: OperandFeed;
}

/** What the register-level run of one tile gives. */
export interface FunctionalRun {
  /** Ofmap, row-major [rows, columns], in the design's accumulator width. */
  readonly ofmap: Int32Array;
  /** Cycles from the first preload or operand to the last output, counted (not closed-form). */
  readonly cycles: number;
  readonly macOps: number;
  readonly ifmapReads: number;
  readonly weightReads: number;
  readonly ofmapWrites: number;
  readonly psumReads: number;
  readonly operandRegisterWrites: number;
  readonly psumRegisterWrites: number;
  /** Additions that left the accumulator's range. */
  readonly overflowEvents: number;
}

export interface PeArray {
  readonly rows: number;
  readonly cols: number;
  /** MACs the array can do in a cycle. */
  readonly peakMacsPerCycle: number;
  /** Encodings whose packed weights the array consumes as they are; others are decoded first. */
  readonly nativeEncodings: readonly string[];
  /**
   * Where groups of N:M may lie for an array that consumes them as they are.
   * @default ["filter"]
   */
  readonly nativeGroupAxes?: readonly NmAxis[];
  /** Closed form. */
  timeTile(tile: GemmTile): TileTiming;
  /**
   * Register-level run with values.
   * @param ifmap row-major [rows, reduction]
   * @param weight row-major [reduction, columns]
   */
  runTile(ifmap: Int8Array | Int16Array, weight: Int8Array | Int16Array, tile: GemmTile): FunctionalRun;
}
