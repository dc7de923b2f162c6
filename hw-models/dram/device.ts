/**
 * A DRAM device as data: how it is organised, its timings in clock cycles (JEDEC names with `n`), the distances between
 * commands as rules, and its currents. A standard says which rules hold; a device gives the numbers. What no source gives is
 * absent, never zero.
 */
import type { Command } from "./commands.js";

export interface DramOrganization {
  readonly channels: number;
  readonly ranks: number;
  /** Bank groups of a rank. */
  readonly bankGroups: number;
  readonly banksPerGroup: number;
  /** Rows of a bank. */
  readonly rows: number;
  /** Bursts of a row: columns over burst length. */
  readonly burstsPerRow: number;
  /** Bytes that one column command moves over the bus of a channel. */
  readonly requestBytes: number;
  readonly devicesPerRank: number;
}

/** Timings in cycles of the memory clock. */
export interface DramTimings {
  readonly tCKps: number;
  /** Cycles of the data bus that one burst takes. */
  readonly nBL: number;
  readonly nAL: number;
  readonly nCL: number;
  readonly nCWL: number;
  readonly nRCDRD: number;
  readonly nRCDWR: number;
  readonly nRP: number;
  readonly nRAS: number;
  readonly nRFC: number;
  readonly nREFI: number;
  readonly nRRDS: number;
  readonly nRRDL: number;
  readonly nWTRS: number;
  readonly nWTRL: number;
  readonly nFAW: number;
  /** Window of 32 activates, where the standard has one. */
  readonly n32AW?: number;
  readonly nWR: number;
  readonly nRTP: number;
  readonly nCCDS: number;
  readonly nCCDL: number;
  /** Turnaround between ranks on the data bus. */
  readonly nRTRS: number;
  /** Between precharges of different banks, where the standard has it. */
  readonly nPPD?: number;
  readonly nCKESR: number;
  readonly nXS: number;
  /** Shortest stay in power-down. */
  readonly nCKE?: number;
  /** From the exit of power-down to any command. */
  readonly nXP?: number;
  /** Refresh of one bank. */
  readonly nRFCpb?: number;
}

/** Supply and currents that energy is computed from: volts and milliamperes of one device. */
export interface DramCurrents {
  readonly VDD: number;
  readonly IDD0: number;
  readonly IDD2N: number;
  readonly IDD3N: number;
  readonly IDD4R: number;
  readonly IDD4W: number;
  readonly IDD5AB: number;
  readonly IDD6: number;
  /** Power-down with all banks closed, and with a bank open. */
  readonly IDD2P?: number;
  readonly IDD3P?: number;
  /** Refresh of one bank. */
  readonly IDD5PB?: number;
}

/** Banks for which a rule holds, seen from the bank that got the preceding command. */
export type RuleScope = "bank" | "same-group" | "other-groups" | "other-ranks" | "rank";

/** `following` may come no earlier than `cycles` after `preceding`. */
export interface TimingRule {
  readonly preceding: Command;
  readonly following: Command;
  readonly scope: RuleScope;
  readonly cycles: number;
  /** Where the cycles come from, in JEDEC names: `nWL + nBL + nWTRL`. */
  readonly formula: string;
}

export interface DramDevice {
  readonly name: string;
  readonly standard: string;
  readonly source: string;
  readonly organization: DramOrganization;
  readonly timings: DramTimings;
  readonly currents: DramCurrents;
  readonly rules: readonly TimingRule[];
}

/** Banks of a channel. */
export function banksOf({ ranks, bankGroups, banksPerGroup }: DramOrganization): number {
  return ranks * bankGroups * banksPerGroup;
}

/** Bytes that all channels hold. */
export function capacityBytes(organization: DramOrganization): number {
  const { channels, rows, burstsPerRow, requestBytes } = organization;
  return channels * banksOf(organization) * rows * burstsPerRow * requestBytes;
}

/** Bytes a second that the data buses of all channels can move, without a gap between bursts. */
export function peakBandwidthBytesPerSecond({ organization, timings }: DramDevice): number {
  const burstSeconds = timings.nBL * timings.tCKps * 1e-12;
  return (organization.channels * organization.requestBytes) / burstSeconds;
}
