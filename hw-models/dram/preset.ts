/**
 * A DRAM part as users name it: a device with what they want to know of it, how to drive it, and the source of each number.
 * Derived figures are computed from the organisation, so that they cannot disagree with it.
 */
import type { ControllerChoices } from "./controller-parameters.js";
import {
  capacityBytes,
  type DramCurrents,
  type DramDevice,
  type DramOrganization,
  type DramTimings,
  peakBandwidthBytesPerSecond,
} from "./device.js";
import { type DramStandard, rulesOf } from "./standards/standard.js";

export interface DramPreset extends DramDevice {
  readonly description: string;
  readonly capacityBytes: number;
  readonly peakBandwidthBytesPerSecond: number;
  /** Beats a second of each data pin. */
  readonly transfersPerSecond: number;
  readonly burstLength: number;
  readonly deviceWidthBits: number;
  /** Data pins of a channel. */
  readonly busWidthBits: number;
  /** Address mapping when the user gives none; see the address map. */
  readonly mapping: string;
  /** What the controller of this memory has that others have not. */
  readonly controller: Partial<ControllerChoices>;
  /** Sources of single numbers by path (`timings.nREFI`), where they differ from the preset's own. */
  readonly fieldSources: Readonly<Record<string, string>>;
  /** Where the numbers are known to depart from the standard or from real parts. */
  readonly caveats: readonly string[];
}

/** A preset as its standard's file writes it. */
export interface PresetInput {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  readonly organization: Omit<DramOrganization, "requestBytes" | "burstsPerRow" | "devicesPerRank">;
  /** Columns of a row, in units of the bus. */
  readonly columns: number;
  readonly burstLength: number;
  readonly deviceWidthBits: number;
  readonly busWidthBits: number;
  readonly timings: Omit<DramTimings, "nBL">;
  readonly currents: DramCurrents;
  readonly mapping: string;
  readonly controller?: Partial<ControllerChoices>;
  readonly fieldSources?: Readonly<Record<string, string>>;
  readonly caveats?: readonly string[];
}

const BITS_PER_BYTE = 8;

/** A preset of a standard, its rules and derived figures put in. */
export function makePreset(standard: DramStandard, input: PresetInput): DramPreset {
  const { columns, controller = {}, fieldSources = {}, caveats = [], ...given } = input;
  const { burstLength, busWidthBits, deviceWidthBits } = given;
  const organization: DramOrganization = {
    ...given.organization,
    burstsPerRow: columns / burstLength,
    requestBytes: (busWidthBits * burstLength) / BITS_PER_BYTE,
    devicesPerRank: busWidthBits / deviceWidthBits,
  };
  const timings: DramTimings = { ...given.timings, nBL: burstLength / standard.beatsPerClock };
  const device: DramDevice = {
    name: given.name,
    standard: standard.name,
    source: given.source,
    organization,
    timings,
    currents: given.currents,
    rules: rulesOf(standard, organization, timings),
  };
  return {
    ...given,
    ...device,
    controller,
    fieldSources,
    caveats,
    capacityBytes: capacityBytes(organization),
    peakBandwidthBytesPerSecond: peakBandwidthBytesPerSecond(device),
    transfersPerSecond: burstLength / (timings.nBL * timings.tCKps * 1e-12),
  };
}

/** Where a number of a preset comes from. */
export function sourceOf(preset: DramPreset, path: string): string {
  return preset.fieldSources[path] ?? preset.source;
}

/** Where the numbers of presets come from, but for those that name another source. */
export const DRAMSIM3 =
  "DRAMsim3, commit 29817593: the configuration file of the part's name, as the simulator resolves it";

/** Figures that the resolved configuration does not show, from the file itself at an earlier commit. */
export function dramsim3File(commit: string): string {
  return `DRAMsim3, commit ${commit}: the configuration file of the part's name`;
}
