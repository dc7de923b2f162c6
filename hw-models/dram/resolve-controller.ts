/**
 * The controller for a device: the table's defaults, what the device needs, and what a user or a design sets above both,
 * checked together. Settings may be texts of a command line.
 */
import type { z } from "zod";
import { ConfigError, type Issue, quoteForMessage } from "../../sim/core/errors.js";
import { nearestSpelling } from "../../sim/core/nearest-spelling.js";
import { describeAccepted } from "../../sim/ir/import/schema-walk.js";
import {
  type ControllerChoices,
  type ControllerParameters,
  DEFAULT_CONTROLLER,
  dramControllerTable,
} from "./controller-parameters.js";
import { banksOf, type DramDevice } from "./device.js";

/** What may be set of a controller, each as a value or as the text of one. */
export type ControllerSettings = Readonly<Record<string, unknown>>;

/** A text from a command line as the value that it means. */
function valueOfText(value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (value === "true" || value === "false") return value === "true";
  return /^-?\d+(\.\d+)?(e\d+)?$/i.test(value) ? Number(value) : value;
}

/**
 * The controller of a device.
 * @param needs what the device has that others have not; @param settings above the needs and the defaults
 * @throws ConfigError naming every setting that is unknown, out of bounds, or that the device cannot follow
 */
export function resolveController(
  device: DramDevice,
  needs: Partial<ControllerChoices>,
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
  issues.push(...endlessRefresh(device, controller));
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

/** Refreshes that are due faster than the device does them would leave no time for anything else. */
function endlessRefresh(
  { timings, organization }: DramDevice,
  { refresh, refreshRate }: ControllerParameters,
): Issue[] {
  if (refresh === "none") return [];
  const { nREFI, nRFC, nRFCpb = 0 } = timings;
  const banksPerRank = banksOf(organization) / organization.ranks;
  // Refreshes of the banks of a rank follow each other by nRFCpb.
  const busyCycles = refresh === "all-bank" ? nRFC : banksPerRank * nRFCpb;
  const intervalCycles = nREFI / refreshRate;
  if (intervalCycles > busyCycles) return [];
  return [
    {
      where: "controller.refreshRate",
      got: `${refreshRate}: a rank would be refreshed for ${busyCycles} of every ${intervalCycles} cycles`,
      want: "refreshes that leave time for requests",
      fix: "choose a lower refreshRate, or the other way to refresh",
    },
  ];
}
