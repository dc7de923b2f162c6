/**
 * Parameter sets beside the DRAM energy table, checked and turned into parameters of our model. They are never taken from a
 * preset of ours that has the same name.
 */
import { readFile, stat } from "node:fs/promises";
import {
  type CommandPowerParameters,
  type PowerRail,
  parsePowerParameters,
} from "../../../hw-models/dram/power/power-parameters.js";
import { type Issue, quoteForMessage, TraceError, UserError } from "../../core/errors.js";
import { interfaceOf, type PeerWriteClock, peerWriteClock } from "./drampower-interface.js";
import { type DrampowerSet, drampowerSetTable, PEER_RAILS } from "./drampower-schema.js";
import { timingsOf } from "./drampower-timings.js";

const MAX_SETS_BYTES = 64 * 1024 * 1024;
const MAX_ISSUES = 20;
const MA_PER_A = 1e3;

export interface ReferenceSet {
  readonly parameters: CommandPowerParameters;
  readonly writeClock?: PeerWriteClock;
}

/** Sets of a side file by name, each checked. @throws TraceError naming every field that is missing or wrong */
export async function readDrampowerSets(path: string): Promise<ReadonlyMap<string, ReferenceSet>> {
  const sets = new Map<string, ReferenceSet>();
  const issues: Issue[] = [];
  for (const [name, data] of Object.entries(await readSets(path))) {
    const entry = drampowerSetTable.safeParse(data);
    if (entry.success) {
      sets.set(name, referenceSet(entry.data, `${quoteForMessage(path)} ${quoteForMessage(name)}`));
      continue;
    }
    for (const { path: keys, message } of entry.error.issues) {
      const where = `${quoteForMessage(path)} ${quoteForMessage([name, ...keys].map(String).join("."))}`;
      issues.push({
        where,
        got: message,
        want: "the parameter of the set, in A, V, s or cycles",
        fix: "mend the file",
      });
    }
  }
  if (issues.length > 0) throw new TraceError(issues.slice(0, MAX_ISSUES));
  return sets;
}

async function readSets(path: string): Promise<Readonly<Record<string, unknown>>> {
  const fail = (got: string): TraceError =>
    new TraceError({
      where: quoteForMessage(path),
      got,
      want: "a JSON object of parameter sets by name",
      fix: "put the table's side file beside it",
    });
  let text: string;
  try {
    const status = await stat(path);
    if (!status.isFile()) throw fail("not a plain file");
    if (status.size > MAX_SETS_BYTES) throw fail(`a file of ${status.size} bytes, more than ${MAX_SETS_BYTES}`);
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof TraceError) throw error;
    throw fail(`a file that cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
  let data: unknown;
  try {
    data = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw fail(quoteForMessage(error instanceof Error ? error.message : String(error)));
  }
  if (typeof data !== "object" || data === null || Array.isArray(data)) throw fail(quoteForMessage(data));
  return data as Readonly<Record<string, unknown>>;
}

function referenceSet(set: DrampowerSet, where: string): ReferenceSet {
  const { nbrOfRanks, nbrOfBankGroups, nbrOfBanks, nbrOfDevices } = set.memarchitecturespec;
  const data = {
    standard: set.protocol,
    organization: {
      ranks: nbrOfRanks,
      bankGroups: nbrOfBankGroups,
      banksPerGroup: nbrOfBanks / nbrOfBankGroups,
      devicesPerRank: nbrOfDevices,
    },
    timings: timingsOf(set),
    sharedStandbyFraction: set.bankwisespec?.factRho,
    rails: railsOf(set),
    interface: set.protocol === "LPDDR6" ? undefined : interfaceOf(set),
  };
  try {
    const parameters = parsePowerParameters(data, where);
    return set.protocol === "LPDDR5" ? { parameters, writeClock: peerWriteClock(set) } : { parameters };
  } catch (error) {
    // Out of the model's range: the file's fault, as everything else that is wrong with it.
    throw error instanceof UserError ? new TraceError(error.issues) : error;
  }
}

/** The peer's names of the currents that are not the same in all protocols. */
function currentNames(set: DrampowerSet): {
  IDD5AB: string;
  IDD6: string;
  IDD5C?: string;
  IDD5PB?: string;
  IDD6DS?: string;
} {
  switch (set.protocol) {
    case "DDR4":
      return { IDD5AB: { 1: "5B", 2: "5F2", 4: "5F4" }[set.memarchitecturespec.RefMode], IDD6: "6n" };
    case "DDR5":
      return { IDD5AB: { 1: "5b", 2: "5f" }[set.memarchitecturespec.RefMode], IDD6: "6n", IDD5C: "5c" };
    case "LPDDR4":
      return { IDD5AB: "5", IDD6: "6", IDD5PB: "5pb" };
    case "LPDDR5":
      return { IDD5AB: "5", IDD6: "6", IDD5PB: "5pb", IDD6DS: "6ds" };
    case "LPDDR6":
      return { IDD5AB: "5", IDD6: "6", IDD5PB: "5pdb", IDD6DS: "6ds" };
  }
}

const COMMON_CURRENTS = { IDD0: "0", IDD2N: "2n", IDD3N: "3n", IDD4R: "4r", IDD4W: "4w", IDD2P: "2p", IDD3P: "3p" };

function railsOf(set: DrampowerSet): PowerRail[] {
  const names = { ...COMMON_CURRENTS, ...currentNames(set) };
  const power = set.mempowerspec as Readonly<Record<string, number | undefined>>;
  return PEER_RAILS[set.protocol].map(({ voltage, prefix, suffix }) => {
    const currents = Object.entries(names).map(([name, own]) => [name, power[`${prefix}${own}${suffix}`]! * MA_PER_A]);
    const precharging = power[`iBeta_${voltage}`];
    return {
      name: voltage,
      volts: power[voltage]!,
      ...(Object.fromEntries(currents) as Omit<PowerRail, "name" | "volts" | "precharging">),
      ...(precharging === undefined ? {} : { precharging: precharging * MA_PER_A }),
    };
  });
}
