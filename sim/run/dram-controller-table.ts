/**
 * Parameter table of the DRAM controller: what a user may set of it, with bounds and meaning. One habit of a peer (holding a
 * write until an older read is served, which may never end) is left to the reference adapter.
 */
import { z } from "zod";
import { type ControllerParameters, DEFAULT_CONTROLLER } from "../../hw-models/dram/controller-parameters.js";
import type { DramDevice } from "../../hw-models/dram/device.js";
import { ConfigError, type Issue, quoteForMessage } from "../core/errors.js";
import { nearestSpelling } from "../core/nearest-spelling.js";
import { choice, count, flag } from "../core/params.js";
import { describeParameters, type ParameterField } from "../ir/import/describe-parameters.js";
import { describeAccepted } from "../ir/import/schema-walk.js";

const CONTROLLER = "controller of DRAMsim3, its habits as parameters";
const MAX_CYCLES = 2 ** 40;

const dramControllerTable = z.strictObject({
  scheduler: choice(["round-robin", "oldest-first"], {
    description: "Which legal command issues: command queues in turn, or the oldest of the channel",
    source: "DRAMsim3; FR-FCFS of Rixner et al., ISCA 2000",
  }).default(DEFAULT_CONTROLLER.scheduler),
  queueStructure: choice(["per-bank", "per-rank"], {
    description: "One command queue a bank, or one a rank",
    source: CONTROLLER,
  }).default(DEFAULT_CONTROLLER.queueStructure),
  commandQueueEntries: count(1, 1024, {
    description: "Entries of a command queue",
    source: CONTROLLER,
  }).default(DEFAULT_CONTROLLER.commandQueueEntries),
  transactionQueueEntries: count(1, 4096, {
    description: "Reads, and writes, that wait for a command queue; with a unified queue both together",
    source: CONTROLLER,
  }).default(DEFAULT_CONTROLLER.transactionQueueEntries),
  unifiedQueue: flag({
    description: "One queue in order of arrival instead of a read queue and a write buffer",
    source: CONTROLLER,
  }).default(DEFAULT_CONTROLLER.unifiedQueue),
  rowPolicy: choice(["open", "close"], {
    description: "Keep rows open for further hits, or precharge with every column command",
    source: CONTROLLER,
  }).default(DEFAULT_CONTROLLER.rowPolicy),
  rowHitCap: count(1, 2 ** 20, {
    description: "Column accesses after which an open row may be closed although later requests would hit it",
    source: CONTROLLER,
  }).default(DEFAULT_CONTROLLER.rowHitCap),
  drainLowWater: count(0, 4095, {
    description: "Writes that an idle controller leaves in the buffer",
    source: CONTROLLER,
  }).default(DEFAULT_CONTROLLER.drainLowWater),
  dualCommand: flag({
    description: "Two commands a cycle, one of them a column command",
    source: "JESD235: row and column command buses",
  }).default(DEFAULT_CONTROLLER.dualCommand),
  refresh: choice(["all-bank", "per-bank", "none"], {
    description: "All banks of a rank at once, one bank at a time, or never",
    source: "JESD79-4D; JESD209-4D",
  }).default(DEFAULT_CONTROLLER.refresh),
  refreshRate: count(1, 8, {
    description: "Refreshes in one nREFI: 2 above 85 degrees Celsius on most devices",
    source: "JESD79-4D: tREFI is 3.9 us above 85 C",
  }).default(DEFAULT_CONTROLLER.refreshRate),
  sleepOf: choice(["idle-ranks", "untouched-ranks"], {
    description: "Ranks that may sleep: any idle one, or only one that never had a command",
    source: CONTROLLER,
  }).default(DEFAULT_CONTROLLER.sleepOf),
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

/** What may be set of the controller, with the defaults that a device has. */
export function describeController(needs: Partial<ControllerParameters> = {}): ParameterField[] {
  return describeParameters(dramControllerTable).map((field) => {
    const needed = needs[field.name as keyof ControllerParameters];
    return { ...field, byDefault: needed ?? field.byDefault ?? "never" };
  });
}

/** What may be set of a controller, each as a value or as the text of one. */
export type ControllerSettings = Readonly<Record<string, unknown>>;

/** A text from a command line as the value that it means. */
function valueOfText(value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (value === "true" || value === "false") return value === "true";
  return /^-?\d+(\.\d+)?(e\d+)?$/i.test(value) ? Number(value) : value;
}

/**
 * The controller for a device: defaults, what the device needs, and the settings above both.
 * @throws ConfigError naming every setting that is unknown, out of bounds, or that the device cannot follow
 */
export function resolveController(
  device: DramDevice,
  needs: Partial<ControllerParameters>,
  settings: ControllerSettings,
): ControllerParameters {
  const given = Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, valueOfText(value)]));
  const parsed = dramControllerTable.safeParse({ ...needs, ...given });
  if (!parsed.success) {
    // One complaint a parameter, however many bounds it breaks.
    const issues = parsed.error.issues.flatMap((issue) => explain(issue, given));
    throw new ConfigError(
      issues.filter(({ where }, index) => issues.findIndex((first) => first.where === where) === index),
    );
  }
  // Absent fields are absent, not undefined.
  const chosen = Object.fromEntries(Object.entries(parsed.data).filter(([, value]) => value !== undefined));
  const controller: ControllerParameters = { ...DEFAULT_CONTROLLER, ...chosen };
  const issues = contradictions(device, controller);
  if (issues.length > 0) throw new ConfigError(issues);
  return controller;
}

function explain(issue: z.core.$ZodIssue, given: ControllerSettings): Issue[] {
  const names = Object.keys(dramControllerTable.shape);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const nearest = nearestSpelling(key, names);
      return {
        where: `controller.${quoteForMessage(key)}`,
        got: "a parameter that the controller does not have",
        want: `one of ${names.join(", ")}`,
        fix: nearest === undefined ? "leave it out" : `did you mean '${nearest}'?`,
      };
    });
  }
  const name = issue.path.map(String).join(".");
  return [
    {
      where: `controller.${name}`,
      got: quoteForMessage(given[name]),
      want: describeAccepted(dramControllerTable.shape[name as keyof typeof dramControllerTable.shape]),
      fix: "leave it out, or choose a value of these; 'pj show device' says what it does",
    },
  ];
}

/** Settings that are fine alone and cannot be together, or not on this device. */
function contradictions(device: DramDevice, controller: ControllerParameters): Issue[] {
  const { timings, currents, name } = device;
  const issues: Issue[] = [];
  const lacks = (setting: string, missing: readonly string[]): void => {
    if (missing.length === 0) return;
    issues.push({
      where: `controller.${setting}`,
      got: `${quoteForMessage(name)}, of which no source gives ${missing.join(", ")}`,
      want: "a device whose timings and currents are known",
      fix: `leave ${setting} out, or choose another of 'pj list devices'`,
    });
  };
  const unknown = (record: object, names: readonly string[]): string[] => names.filter((each) => !(each in record));
  if (controller.powerDownAfterCycles !== undefined) {
    lacks("powerDownAfterCycles", [...unknown(timings, ["nXP", "nCKE"]), ...unknown(currents, ["IDD2P", "IDD3P"])]);
  }
  if (controller.refresh === "per-bank") lacks("refresh", unknown(timings, ["nRFCpb"]));
  if (controller.drainLowWater >= controller.transactionQueueEntries) {
    issues.push({
      where: "controller.drainLowWater",
      got: String(controller.drainLowWater),
      want: `less than transactionQueueEntries (${controller.transactionQueueEntries})`,
      fix: "leave fewer writes in the buffer, or give it more entries",
    });
  }
  return issues;
}
