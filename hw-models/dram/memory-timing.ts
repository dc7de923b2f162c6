/** What closed forms know of a memory: lower bounds of what it takes, on the core's clock. */
import type { MemoryActivity } from "../../sim/engine/memory-system.js";

/** Bytes of a stretch of time, by what they were moved for. */
export interface MovedTotals {
  readonly weightReadBytes: number;
  readonly ifmapReadBytes: number;
  readonly ofmapReadBytes: number;
  readonly ofmapWriteBytes: number;
}

export interface MemoryTiming {
  /** Cycles from a request on an idle memory to the last byte usable, at least. */
  firstUseCycles(bytes: number): number;
  /** The same for bytes of which some may wait to be written and be forwarded from there. */
  readBackCycles(bytes: number): number;
  /** Cycles from a write on an idle memory to its completion, at least. */
  writeCycles(bytes: number): number;
  /** Cycles that the bus is busy with some bytes, at least. */
  busyCycles(bytes: number): number;
  /** Bytes of writes that may be complete and still not have crossed the bus. */
  readonly postedBytes: number;
  /** What the memory does meanwhile, estimated. */
  activityOf(moved: MovedTotals, cycles: number): MemoryActivity;
}
