/** How a memory controller is built: queues and policies. Every choice is a parameter; the defaults are sane, not a peer's. */

export interface ControllerParameters {
  /** Which legal command issues: queues in turn and the oldest of a queue, or the oldest of the channel. */
  readonly scheduler: "round-robin" | "oldest-first";
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
  /** Writes that an idle controller leaves in the buffer. */
  readonly drainLowWater: number;
  /** A write that must wait for an older read of its address: serve reads meanwhile, or nothing (which may never end). */
  readonly writeAfterRead: "serve-reads" | "hold";
  /** Two commands a cycle, one of them a column command (HBM's two command buses). */
  readonly dualCommand: boolean;
  /** All banks of a rank at once, one bank at a time, or never (for a device that refreshes by other means). */
  readonly refresh: "all-bank" | "per-bank" | "none";
  /** Refreshes in one nREFI: 2 above 85 degrees Celsius on most devices. */
  readonly refreshRate: number;
  /** Ranks that may sleep: any idle one, or only one that never had a command. */
  readonly sleepOf: "idle-ranks" | "untouched-ranks";
  /** Power a rank down that has been idle for this many cycles; never without. */
  readonly powerDownAfterCycles?: number;
  /** Put a rank into self refresh that has been idle for this many cycles; never without. */
  readonly selfRefreshAfterCycles?: number;
}

export const DEFAULT_CONTROLLER: ControllerParameters = {
  scheduler: "round-robin",
  queueStructure: "per-bank",
  commandQueueEntries: 8,
  transactionQueueEntries: 32,
  unifiedQueue: false,
  rowPolicy: "open",
  rowHitCap: 4,
  drainLowWater: 0,
  writeAfterRead: "serve-reads",
  dualCommand: false,
  refresh: "all-bank",
  refreshRate: 1,
  sleepOf: "idle-ranks",
};
