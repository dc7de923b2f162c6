/** How a memory controller is built: queues and policies. Every choice is a parameter; the defaults are sane, not a peer's. */

export interface ControllerParameters {
  /** One command queue a bank, or one a rank. */
  readonly queueStructure: "per-bank" | "per-rank";
  /** Entries of a command queue. */
  readonly commandQueueEntries: number;
  /** Reads, and writes, that wait for a command queue; with `unifiedQueue` both together. */
  readonly transactionQueueEntries: number;
  /** One queue in order of arrival instead of a read queue and a write buffer. */
  readonly unifiedQueue: boolean;
  /** Keep rows open for further hits, or precharge with every column command. */
  readonly rowPolicy: "open" | "close";
  /** Column accesses after which an open row may be closed although later requests would hit it. */
  readonly rowHitCap: number;
  /** Writes that a drain leaves in the buffer, and below which an idle controller starts none. */
  readonly drainLowWater: number;
  /** A write that must wait for an older read of its address: serve reads meanwhile, or nothing (which may never end). */
  readonly writeAfterRead: "serve-reads" | "hold";
  /** Two commands a cycle, one of them a column command (HBM's two command buses). */
  readonly dualCommand: boolean;
  /** Put a rank to sleep that has been idle for this many cycles and was never used. */
  readonly selfRefreshAfterCycles?: number;
}

export const DEFAULT_CONTROLLER: ControllerParameters = {
  queueStructure: "per-bank",
  commandQueueEntries: 8,
  transactionQueueEntries: 32,
  unifiedQueue: false,
  rowPolicy: "open",
  rowHitCap: 4,
  drainLowWater: 8,
  writeAfterRead: "serve-reads",
  dualCommand: false,
};
