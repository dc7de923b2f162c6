/** A device whose energies are easy to work out: one device a rank, 1 V, 1 ns, so that 1 mA for a cycle is 1 pJ. */
import {
  type CommandPowerParameters,
  parsePowerParameters,
} from "../../../../../hw-models/dram/power/power-parameters.js";
import type { PowerStandard } from "../../../../../hw-models/dram/power/standard-rules.js";

/** Currents that are all different, in mA. */
export const RAIL = {
  name: "VDD",
  volts: 1,
  IDD0: 60,
  IDD2N: 30,
  IDD3N: 46,
  IDD4R: 146,
  IDD4W: 126,
  IDD2P: 10,
  IDD3P: 20,
  IDD5AB: 206,
  IDD6: 5,
  IDD5C: 106,
  IDD5PB: 80,
  IDD6DS: 2,
  precharging: 50,
};

const TIMINGS = {
  tCKps: 1000,
  nRCD: 12,
  nRP: 10,
  nRAS: 25,
  nRDAtoPRE: 6,
  nWRAtoPRE: 30,
  nRFCab: 50,
  nRFCsb: 40,
  nRFCpb: 20,
  nRFCdb: 25,
  nREFI: 400,
  burstClocks: 4,
};

export function smallDevice(
  standard: PowerStandard,
  changes: { readonly [Key in keyof CommandPowerParameters]?: unknown } = {},
): CommandPowerParameters {
  return parsePowerParameters({
    standard,
    organization: { ranks: 1, bankGroups: 4, banksPerGroup: 4, devicesPerRank: 1 },
    timings: TIMINGS,
    sharedStandbyFraction: 0.5,
    rails: [RAIL],
    ...changes,
  });
}
