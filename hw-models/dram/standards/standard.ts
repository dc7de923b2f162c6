/**
 * A DRAM standard as a table: levels, commands, and timing constraints as preceding, following, scope and latency. From it
 * and the numbers of a device come the rules that the controller keeps. In the manner of Ramulator 2.1.
 */
import { ConfigError } from "../../../sim/core/errors.js";
import type { Command } from "../commands.js";
import type { DramOrganization, DramTimings, RuleScope, TimingRule } from "../device.js";
import { type Latency, latencyCycles, latencyText, withoutBankGroups } from "./latency.js";

export type Level = "channel" | "rank" | "bank group" | "bank" | "row" | "column";

/** Each of `following` comes no earlier than `latency` after each of `preceding`. */
export interface TimingConstraint {
  readonly preceding: readonly Command[];
  readonly following: readonly Command[];
  readonly scope: RuleScope;
  readonly latency: Latency;
}

/** At most so many activates of a rank within a timing. */
export interface ActivateWindow {
  readonly activates: number;
  readonly timing: "nFAW" | "n32AW";
}

export interface DramStandard {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  /** From the widest to the narrowest. */
  readonly levels: readonly Level[];
  readonly commands: readonly Command[];
  /** Beats of a data pin in one cycle of the memory clock. */
  readonly beatsPerClock: number;
  readonly constraints: readonly TimingConstraint[];
  readonly activateWindows: readonly ActivateWindow[];
}

/** Timings without which a command cannot be used. */
const NEEDS: Readonly<Partial<Record<Command, readonly ("nXP" | "nCKE" | "nRFCpb")[]>>> = {
  PDE: ["nXP", "nCKE"],
  PDX: ["nXP", "nCKE"],
  REFpb: ["nRFCpb"],
};

/** Whether a device gives the timings that a command needs. */
function canUse(command: Command, timings: DramTimings): boolean {
  return (NEEDS[command] ?? []).every((name) => timings[name] !== undefined);
}

/** A constraint as it holds for a device. */
export interface EvaluatedConstraint {
  readonly preceding: readonly Command[];
  readonly following: readonly Command[];
  readonly scope: RuleScope;
  readonly formula: string;
  readonly cycles: number;
}

/**
 * The constraints of a standard with a device's numbers. One on a timing that the device does not give is left out, and so
 * are one that asks for no distance, and commands that the standard does not have or the device's timings do not cover.
 * @throws ConfigError when the standard has one nRCD and the device two
 */
export function evaluateConstraints(
  standard: DramStandard,
  organization: DramOrganization,
  timings: DramTimings,
): EvaluatedConstraint[] {
  if (namesOneRcd(standard) && timings.nRCDRD !== timings.nRCDWR) {
    throw new ConfigError({
      where: `${standard.name} timings`,
      got: `nRCDRD ${timings.nRCDRD} and nRCDWR ${timings.nRCDWR}`,
      want: "one nRCD for reads and writes",
      fix: "give both the same value",
    });
  }
  const usable = (command: Command): boolean => standard.commands.includes(command) && canUse(command, timings);
  return standard.constraints.flatMap((constraint) => {
    const latency = organization.bankGroups === 1 ? withoutBankGroups(constraint.latency) : constraint.latency;
    const cycles = latencyCycles(latency, timings);
    const preceding = constraint.preceding.filter(usable);
    const following = constraint.following.filter(usable);
    if (cycles === undefined || cycles <= 0 || preceding.length === 0 || following.length === 0) return [];
    return [{ preceding, following, scope: constraint.scope, formula: latencyText(latency), cycles }];
  });
}

/** The rules of a device of a standard: its constraints command by command. @throws ConfigError as the above */
export function rulesOf(standard: DramStandard, organization: DramOrganization, timings: DramTimings): TimingRule[] {
  return evaluateConstraints(standard, organization, timings).flatMap(({ preceding, following, ...rest }) =>
    preceding.flatMap((before) => following.map((after) => ({ preceding: before, following: after, ...rest }))),
  );
}

function namesOneRcd({ constraints }: DramStandard): boolean {
  return constraints.some(({ latency }) => latency.terms.includes("nRCD"));
}
