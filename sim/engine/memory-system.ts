/**
 * The interface between whoever fetches tiles and whatever stands for off-chip memory. Requests carry their tensor as
 * requester; time is the caller's clock, in whole cycles, and never goes backwards.
 */

import type { BlockAccess } from "./block-access.js";

/** Tensors that ask for memory. */
export const REQUESTERS = ["weight", "metadata", "ifmap", "psumRead", "psumWrite", "ofmap"] as const;
export type Requester = (typeof REQUESTERS)[number];

/** Cycles of a wait, by reason. */
export interface WaitBreakdown {
  bandwidth: number;
  rowConflict: number;
  refresh: number;
  latency: number;
}

export interface MemorySystem {
  /**
   * Queues a transfer.
   * @param access bytes to move, at least one; copied
   * @param cycle now; not before that of an earlier call
   * @returns a ticket for the questions below
   */
  submit(requester: Requester, access: BlockAccess, isWrite: boolean, cycle: number): number;
  /**
   * The next cycle after `cycle` in which a transfer completes, if that is before `until`; else Infinity. Nothing from
   * `until` on is looked at, since requests may still come then.
   */
  nextCompletion(cycle: number, until: number): number;
  /** First cycle in which the data of a ticket may be used, or Infinity when that is not known yet. */
  completedAt(ticket: number): number;
  /** Adds the reasons of waiting for a ticket between two cycles to `into`; the parts sum to `toCycle - fromCycle`. */
  explainWait(ticket: number, fromCycle: number, toCycle: number, into: WaitBreakdown): void;
  /** First cycle in which data of a ticket moves, and the cycle after the last. */
  transferStart(ticket: number): number;
  transferEnd(ticket: number): number;
  /** Bytes moved so far, or handed to whoever moves them, whole bursts, by requester. */
  burstBytes(requester: Requester): number;
  /**
   * What the memory did from the last call (or the beginning) up to a cycle.
   * @param isLast nothing more will be asked for: whatever is under way counts too
   */
  takeActivity(cycle: number, isLast: boolean): MemoryActivity;
}

/** What a memory did in some stretch of time, beyond moving bytes. */
export interface MemoryActivity {
  /** Rows opened, by the tensor that needed them. */
  readonly activates: Readonly<Record<"weight" | "ifmap" | "ofmap", number>>;
  /** Bursts that moved over the bus, and those of them that found their row open. */
  readonly readBursts: number;
  readonly writeBursts: number;
  readonly rowHits: number;
  /** Refreshes of a rank, and of a single bank. */
  readonly refreshes: number;
  readonly bankRefreshes: number;
  /** Cycles of the memory clock that ranks were in a state, summed over ranks and channels. */
  readonly activeStandbyCycles: number;
  readonly prechargeStandbyCycles: number;
  readonly activePowerDownCycles: number;
  readonly prechargePowerDownCycles: number;
  readonly selfRefreshCycles: number;
}

/** A memory without rows does nothing beyond moving bytes. */
export const NO_ACTIVITY: MemoryActivity = {
  activates: { weight: 0, ifmap: 0, ofmap: 0 },
  readBursts: 0,
  writeBursts: 0,
  rowHits: 0,
  refreshes: 0,
  bankRefreshes: 0,
  activeStandbyCycles: 0,
  prechargeStandbyCycles: 0,
  activePowerDownCycles: 0,
  prechargePowerDownCycles: 0,
  selfRefreshCycles: 0,
};
