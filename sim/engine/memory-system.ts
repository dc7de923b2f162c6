/**
 * The interface between whoever fetches tiles and whatever stands for off-chip memory. Requests carry their tensor as
 * requester; time is the caller's clock, in whole cycles, and never goes backwards.
 */

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
   * @param address first byte
   * @param bytes useful bytes, at least 1
   * @param cycle now; not before that of an earlier call
   * @returns a ticket for the questions below, valid until `retireBefore` passes it
   */
  submit(requester: Requester, address: number, bytes: number, isWrite: boolean, cycle: number): number;
  /** The next cycle after `cycle` in which a transfer completes; Infinity when none is under way. */
  nextCompletionAfter(cycle: number): number;
  /** First cycle in which the data of a ticket may be used, or Infinity when that is not known yet. */
  completedAt(ticket: number): number;
  /** Adds the reasons of waiting for a ticket between two cycles to `into`; the parts sum to `toCycle - fromCycle`. */
  explainWait(ticket: number, fromCycle: number, toCycle: number, into: WaitBreakdown): void;
  /** First cycle in which data of a ticket moves, and the cycle after the last. */
  transferStart(ticket: number): number;
  transferEnd(ticket: number): number;
  /** Bytes moved so far, whole bursts, by requester. */
  burstBytes(requester: Requester): number;
}
