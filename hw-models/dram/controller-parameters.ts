/**
 * Parameter table of the DRAM controller: queues and policies, with bounds and meaning. The defaults are sane, not a peer's.
 * One habit of a peer (holding a write until an older read is served, which may never end) is no choice of a user's: the
 * reference adapter alone sets it.
 */
import { z } from "zod";
import { choice, count, flag } from "../../sim/core/params.js";

const CONTROLLER = "controller of DRAMsim3, its habits as parameters";
const MAX_CYCLES = 2 ** 40;

export const dramControllerTable = z.strictObject({
  scheduler: choice(["round-robin", "oldest-first"], {
    description: "Which legal command issues: command queues in turn, or the oldest of the channel",
    source: "DRAMsim3; FR-FCFS of Rixner et al., ISCA 2000",
  }).default("round-robin"),
  queueStructure: choice(["per-bank", "per-rank"], {
    description: "One command queue a bank, or one a rank",
    source: CONTROLLER,
  }).default("per-bank"),
  commandQueueEntries: count(1, 1024, {
    description: "Entries of a command queue",
    source: CONTROLLER,
  }).default(8),
  transactionQueueEntries: count(1, 4096, {
    description: "Reads, and writes, that wait for a command queue; with a unified queue both together",
    source: CONTROLLER,
  }).default(32),
  unifiedQueue: flag({
    description: "One queue in order of arrival instead of a read queue and a write buffer",
    source: CONTROLLER,
  }).default(false),
  rowPolicy: choice(["open", "close"], {
    description: "Keep rows open for further hits, or precharge with every column command",
    source: CONTROLLER,
  }).default("open"),
  rowHitCap: count(1, 2 ** 20, {
    description: "Column accesses after which an open row may be closed although later requests would hit it",
    source: CONTROLLER,
  }).default(4),
  drainLowWater: count(0, 4095, {
    description: "Writes that an idle controller leaves in the buffer",
    source: CONTROLLER,
  }).default(0),
  dualCommand: flag({
    description: "Two commands a cycle, one of them a column command",
    source: "JESD235: row and column command buses",
  }).default(false),
  refresh: choice(["all-bank", "per-bank", "none"], {
    description:
      "All banks of a rank at once, one bank at a time, or never (for a device that refreshes by other means)",
    source: "JESD79-4D; JESD209-4D",
  }).default("all-bank"),
  refreshRate: count(1, 8, {
    description: "Refreshes in one nREFI: 2 above 85 degrees Celsius on most devices",
    source: "JESD79-4D: tREFI is 3.9 us above 85 C",
  }).default(1),
  sleepOf: choice(["idle-ranks", "untouched-ranks"], {
    description: "Ranks that may sleep: any idle one, or only one that never had a command",
    source: CONTROLLER,
  }).default("idle-ranks"),
  powerDownAfterCycles: count(1, MAX_CYCLES, {
    unit: "cycles",
    description: "Power a rank down that has been idle for so long",
    source: "design choice",
  }).optional(),
  selfRefreshAfterCycles: count(1, MAX_CYCLES, {
    unit: "cycles",
    description: "Put a rank into self refresh that has been idle for so long",
    source: "design choice",
  }).optional(),
});

/** What a user, a device or a design may choose. */
export type ControllerChoices = Readonly<z.infer<typeof dramControllerTable>>;

export interface ControllerParameters extends ControllerChoices {
  /** A write that must wait for an older read of its address: serve reads meanwhile, or nothing. */
  readonly writeAfterRead: "serve-reads" | "hold";
}

export const DEFAULT_CONTROLLER: ControllerParameters = {
  ...dramControllerTable.parse({}),
  writeAfterRead: "serve-reads",
};
