/**
 * Parameter table of the command power model: what a rank is made of, the timings that decide how long a command draws
 * current, and the currents of one device on each supply. Left out: temperature, partial-array self refresh.
 * Source: JEDEC IDD definitions; the set of figures that DRAMPower 6 uses.
 */
import { z } from "zod";
import { ConfigError, quoteForMessage } from "../../../sim/core/errors.js";
import { choice, count, real } from "../../../sim/core/params.js";
import { interfaceTable } from "./interface-parameters.js";
import { POWER_STANDARDS, STANDARD_RULES } from "./standard-rules.js";

const MAX_CYCLES = 2 ** 31;
const JEDEC_TIMING = "JEDEC timing of the device";
const JEDEC_CURRENT = "JEDEC IDD definition (IPP on VPP), datasheet of the device";

const cycles = (description: string, minimum = 0) =>
  count(minimum, MAX_CYCLES, { unit: "cycles", description, source: JEDEC_TIMING });
const current = (description: string) =>
  real(0, 1e6, { unit: "mA", description, source: JEDEC_CURRENT }, true).optional();
const needed = (description: string) => current(description).unwrap();

const organizationTable = z.strictObject({
  ranks: count(1, 64, { description: "Ranks of the channel", source: "module" }),
  bankGroups: count(1, 64, { description: "Bank groups of a rank", source: "device" }),
  banksPerGroup: count(1, 64, { description: "Banks of a group", source: "device" }),
  devicesPerRank: count(1, 256, { description: "Devices of a rank, all alike", source: "module" }),
});

const timingsTable = z.strictObject({
  tCKps: real(0, 1e9, { unit: "ps", description: "Period of the memory clock", source: JEDEC_TIMING }),
  nRCD: cycles("Activate to the column command that may come last"),
  nRP: cycles("Precharge of one bank"),
  nRAS: cycles("Activate to precharge", 1),
  nRDAtoPRE: cycles("Read with auto-precharge to its precharge"),
  nWRAtoPRE: cycles("Write with auto-precharge to its precharge"),
  nRFCab: cycles("Refresh of all banks"),
  nRFCsb: cycles("Refresh of one bank of every group").optional(),
  nRFCpb: cycles("Refresh of one bank", 1).optional(),
  nRFCdb: cycles("Refresh of a pair of banks", 1).optional(),
  nREFI: cycles("Interval between refreshes of all banks").optional(),
  burstClocks: real(
    0,
    1e6,
    {
      unit: "cycles",
      description: "Time for which a column command draws its current; a fraction where the data clock is faster",
      source: JEDEC_TIMING,
    },
    true,
  ),
});

const railTable = z.strictObject({
  name: z.string().min(1).meta({ description: "Name of the supply, such as VDD or VPP", source: "device" }),
  volts: real(0, 100, { unit: "V", description: "Voltage of the supply", source: "device" }, true),
  IDD0: needed("Activate and precharge of one bank, in turn"),
  IDD2N: needed("All banks closed"),
  IDD3N: needed("Banks open: all of them (DDR), or one (LPDDR)"),
  IDD4R: needed("Reads without a gap"),
  IDD4W: needed("Writes without a gap"),
  IDD2P: needed("Power-down, all banks closed"),
  IDD3P: needed("Power-down, a bank open"),
  IDD5AB: needed("Refresh of all banks, one after the other"),
  IDD6: needed("Self refresh"),
  IDD5C: current("Refresh of one bank of every group, one after the other"),
  IDD5PB: current("Refresh of one bank (LPDDR6: of a pair) every eighth of nREFI"),
  IDD6DS: current("Deep sleep"),
  precharging: current("While a bank is precharged; IDD0 without"),
});
export type PowerRail = z.infer<typeof railTable>;

export const commandPowerTable = z
  .strictObject({
    standard: choice(POWER_STANDARDS, { description: "Standard whose rules hold", source: "device" }),
    organization: organizationTable,
    timings: timingsTable,
    sharedStandbyFraction: real(
      0,
      1,
      {
        description: "Share of IDD3N - IDD2N that the first open bank causes (rho); the rest grows with the open banks",
        source: "bank-wise power model of DRAMPower; 1 where it is not known",
      },
      true,
    ).default(1),
    rails: z.array(railTable).min(1).max(8).meta({ description: "Supplies of a device", source: "device" }),
    interface: interfaceTable.optional(),
  })
  .superRefine(({ standard, timings, rails }, context) => {
    const { neededTimings, neededCurrents } = STANDARD_RULES[standard];
    const ask = (path: (string | number)[]): void =>
      context.addIssue({ code: "custom", path, message: `a number, which ${standard} needs` });
    for (const name of neededTimings) if (timings[name] === undefined) ask(["timings", name]);
    for (const [index, rail] of rails.entries()) {
      for (const name of neededCurrents) if (rail[name] === undefined) ask(["rails", index, name]);
    }
  });
export type CommandPowerParameters = z.infer<typeof commandPowerTable>;

/**
 * Checks parameters from outside and fills in defaults.
 * @param where path of the data in messages
 * @throws ConfigError naming every value that is missing or wrong
 */
export function parsePowerParameters(data: unknown, where = "dram.power"): CommandPowerParameters {
  const result = commandPowerTable.safeParse(data);
  if (result.success) return result.data;
  throw new ConfigError(
    result.error.issues.map(({ path, message }) => ({
      where: [where, ...path].map(String).join("."),
      got: quoteForMessage(valueAt(data, path) ?? "nothing"),
      want: message,
      fix: "correct the value; 'commandPowerTable' says what each one means",
    })),
  );
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value = data;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return typeof value === "number" ? String(value) : value;
}
