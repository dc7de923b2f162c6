/** A DRAM device in words: every number with unit, meaning and source, and its rules as the rows of its standard. */
import type { DramCurrents, DramOrganization, DramTimings } from "./device.js";
import { DRAM_STANDARDS } from "./index.js";
import { type DramPreset, sourceOf } from "./preset.js";
import {
  type ActivateWindow,
  type DramStandard,
  type EvaluatedConstraint,
  evaluateConstraints,
} from "./standards/standard.js";

/** A number of a device. */
export interface DramDeviceField {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly meaning: string;
  readonly source: string;
}

export interface DramDeviceDescription {
  readonly organization: readonly DramDeviceField[];
  readonly timings: readonly DramDeviceField[];
  readonly currents: readonly DramDeviceField[];
  /** Without those towards groups and ranks that the device does not have. */
  readonly rules: readonly EvaluatedConstraint[];
  readonly activateWindows: readonly (ActivateWindow & { readonly cycles: number })[];
  readonly standard: Pick<DramStandard, "name" | "description" | "source" | "levels">;
}

type Meaning = readonly [unit: string, meaning: string];

const ORGANIZATION: Readonly<Record<keyof DramOrganization, Meaning>> = {
  channels: ["", "independent channels, each with a controller"],
  ranks: ["", "ranks of a channel, one at a time on its bus"],
  bankGroups: ["", "bank groups of a rank"],
  banksPerGroup: ["", "banks of a bank group"],
  rows: ["", "rows of a bank"],
  burstsPerRow: ["", "bursts of a row: columns over burst length"],
  requestBytes: ["bytes", "moved by one column command"],
  devicesPerRank: ["", "devices side by side on the bus"],
};

const TIMINGS: Readonly<Record<keyof DramTimings, Meaning>> = {
  tCKps: ["ps", "period of the memory clock"],
  nBL: ["cycles", "data bus time of a burst"],
  nAL: ["cycles", "additive latency of column commands"],
  nCL: ["cycles", "column read to first data"],
  nCWL: ["cycles", "column write to first data"],
  nRCDRD: ["cycles", "activate to read"],
  nRCDWR: ["cycles", "activate to write"],
  nRP: ["cycles", "precharge to activate"],
  nRAS: ["cycles", "activate to precharge"],
  nRFC: ["cycles", "refresh of all banks to the next command"],
  nREFI: ["cycles", "average interval of refreshes of a rank"],
  nRRDS: ["cycles", "activate to activate, other bank group"],
  nRRDL: ["cycles", "activate to activate, same bank group"],
  nWTRS: ["cycles", "end of write data to read, other bank group"],
  nWTRL: ["cycles", "end of write data to read, same bank group"],
  nFAW: ["cycles", "window of four activates of a rank"],
  n32AW: ["cycles", "window of 32 activates of a rank"],
  nWR: ["cycles", "end of write data to precharge"],
  nRTP: ["cycles", "read to precharge"],
  nCCDS: ["cycles", "column to column, other bank group"],
  nCCDL: ["cycles", "column to column, same bank group"],
  nRTRS: ["cycles", "data bus handover between ranks and directions"],
  nPPD: ["cycles", "precharge to precharge of another bank"],
  nCKESR: ["cycles", "shortest self refresh"],
  nXS: ["cycles", "self refresh exit to the next command"],
  nCKE: ["cycles", "shortest power-down"],
  nXP: ["cycles", "power-down exit to the next command"],
  nRFCpb: ["cycles", "refresh of one bank to its next command"],
};

const CURRENTS: Readonly<Record<keyof DramCurrents, Meaning>> = {
  VDD: ["V", "core supply"],
  IDD0: ["mA", "activate and precharge of one bank, over and over"],
  IDD2N: ["mA", "standby, all banks closed"],
  IDD3N: ["mA", "standby, a bank open"],
  IDD4R: ["mA", "reading bursts without a gap"],
  IDD4W: ["mA", "writing bursts without a gap"],
  IDD5AB: ["mA", "refresh of all banks"],
  IDD6: ["mA", "self refresh"],
  IDD2P: ["mA", "power-down, all banks closed"],
  IDD3P: ["mA", "power-down, a bank open"],
  IDD5PB: ["mA", "refresh of one bank"],
};

function fieldsOf<Name extends string>(
  device: DramPreset,
  part: "organization" | "timings" | "currents",
  meanings: Readonly<Record<Name, Meaning>>,
): DramDeviceField[] {
  const values = device[part] as unknown as Readonly<Record<string, number | undefined>>;
  return (Object.entries(meanings) as [Name, Meaning][]).flatMap(([name, [unit, meaning]]) => {
    const value = values[name];
    return value === undefined ? [] : [{ name, value, unit, meaning, source: sourceOf(device, `${part}.${name}`) }];
  });
}

/** Everything there is to say of a device. */
export function describeDramDevice(device: DramPreset): DramDeviceDescription {
  const standard = DRAM_STANDARDS[device.standard]!;
  const { name, description, source, levels, activateWindows } = standard;
  const { ranks, bankGroups } = device.organization;
  const isReachable = ({ scope }: EvaluatedConstraint): boolean =>
    (scope !== "other-ranks" || ranks > 1) && (scope !== "other-groups" || bankGroups > 1);
  return {
    organization: fieldsOf(device, "organization", ORGANIZATION),
    timings: fieldsOf(device, "timings", TIMINGS),
    currents: fieldsOf(device, "currents", CURRENTS),
    rules: evaluateConstraints(standard, device.organization, device.timings).filter(isReachable),
    activateWindows: activateWindows.flatMap((window) => {
      const cycles = device.timings[window.timing];
      return cycles === undefined ? [] : [{ ...window, cycles }];
    }),
    standard: { name, description, source, levels },
  };
}
