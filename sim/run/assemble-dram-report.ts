/**
 * Counters of a DRAM run -> its report: bandwidth, latencies, rows, energy by event and by state of the ranks, beside what is
 * published for the technology.
 */
import type { ControllerParameters } from "../../hw-models/dram/controller-parameters.js";
import { capacityBytes, type DramDevice, peakBandwidthBytesPerSecond } from "../../hw-models/dram/device.js";
import { dramEnergy } from "../../hw-models/dram/dram-energy.js";
import { type DramStatistics, readLatencyPercentile } from "../../hw-models/dram/dram-statistics.js";
import type { DramRun } from "../../hw-models/dram/dram-system.js";
import { DRAM_KINDS } from "../../hw-models/dram/pipe-parameters.js";
import { dramByteOpinions } from "../../hw-models/energy/memory-energies.js";
import { ModelError } from "../core/errors.js";
import { VERSION } from "../core/version.js";
import type { DramCommandObserver } from "./dram-command-observer.js";
import { DRAM_SCHEMA_ID, type DramEnergyByPartPj, type DramRankCycles, type DramReport } from "./dram-report-types.js";

const SECONDS_PER_PS = 1e-12;
const JOULES_PER_PJ = 1e-12;
const BITS_PER_BYTE = 8;

export interface DramRunParts {
  readonly device: DramDevice;
  readonly mapping: string;
  readonly controller: ControllerParameters;
  readonly issueWidth: number;
  readonly seed: string;
  readonly traceSource: string;
  readonly run: DramRun;
  readonly observers: readonly DramCommandObserver[];
}

export function assembleDramReport(parts: DramRunParts): DramReport {
  const { device, run } = parts;
  const { statistics: counts, requests, cycles } = run;
  const { name, standard, source, organization, timings, currents } = device;
  const peak = peakBandwidthBytesPerSecond(device);
  const columnCommands = counts.readCommands + counts.writeCommands;
  const busBytes = columnCommands * organization.requestBytes;
  const timeSeconds = cycles * timings.tCKps * SECONDS_PER_PS;
  const energyByPartPj = energyParts(device, counts);
  const energyPj = Object.values(energyByPartPj).reduce((sum: number, part: number) => sum + part, 0);
  checkConservation(parts);
  return {
    schema: DRAM_SCHEMA_ID,
    tool: { version: VERSION },
    seed: parts.seed,
    trace: { source: parts.traceSource, requests, reads: counts.readsDone, writes: counts.writesDone },
    device: {
      name,
      standard,
      source,
      organization,
      timings,
      currents,
      capacityBytes: capacityBytes(organization),
      peakBandwidthBytesPerSecond: peak,
    },
    mapping: parts.mapping,
    issueWidth: parts.issueWidth,
    controller: parts.controller,
    totals: {
      cycles,
      timeSeconds,
      acceptCycle: run.acceptCycle,
      lastReadCycle: counts.lastReadCycle,
      bandwidthBytesPerSecond: (requests * organization.requestBytes) / timeSeconds,
      busBytes,
      busFraction: busBytes / (peak * timeSeconds),
      energyPj,
      ...(busBytes === 0 ? {} : { energyPerBitPj: energyPj / (busBytes * BITS_PER_BYTE) }),
      averagePowerWatts: (energyPj * JOULES_PER_PJ) / timeSeconds,
    },
    ...publishedFigures(standard),
    ...(counts.readsDone === 0 ? {} : { readLatency: readLatency(counts) }),
    served: {
      readsFromQueues: counts.readsDone - counts.readCommands,
      writesMerged: counts.writesDone - counts.writeCommands - run.writesLeft,
      writesLeft: run.writesLeft,
    },
    rows: rowsOf(parts),
    commands: commandsOf(counts, parts.controller),
    dualCommandCycles: counts.dualCommandCycles,
    rankCycles: rankCyclesOf(counts),
    energyByPartPj,
    channels: run.channels.map((channel) => channelReport(device, channel, cycles)),
    notModelled: [INTERFACE],
    notes: notesOf(parts),
  };
}

function channelReport(device: DramDevice, counts: DramStatistics, cycles: number): DramReport["channels"][number] {
  const { readCommands, writeCommands, activates } = counts;
  return {
    readCommands,
    writeCommands,
    activates,
    busFraction: ((readCommands + writeCommands) * device.timings.nBL) / cycles,
    energyPj: Object.values(energyParts(device, counts)).reduce((sum: number, part: number) => sum + part, 0),
  };
}

const INTERFACE = {
  what: "DRAM interface and termination",
  reason:
    "no source gives the driver and termination of these parts, so energy is that of the devices' cores; " +
    "'pj validate drampower' covers the formulas of the interface",
} as const;

/** What sources say of moving a bit; nothing for a technology that none of them names. */
function publishedFigures(standard: string): Pick<DramReport, "publishedPerBit"> {
  const technology = DRAM_KINDS.find((kind) => kind === standard);
  if (technology === undefined) return {};
  const opinions = dramByteOpinions(technology);
  const perBit = opinions.map(({ energyPj }) => energyPj / BITS_PER_BYTE);
  const sources = opinions.map(({ source }) => source);
  return { publishedPerBit: { lowPj: Math.min(...perBit), highPj: Math.max(...perBit), sources } };
}

function readLatency(counts: DramStatistics) {
  return {
    meanCycles: counts.readLatencyCyclesSum / counts.readsDone,
    p50Cycles: readLatencyPercentile(counts, 0.5),
    p90Cycles: readLatencyPercentile(counts, 0.9),
    p99Cycles: readLatencyPercentile(counts, 0.99),
    maxCycles: counts.readLatencyCyclesMax,
  };
}

function rowsOf({ run, observers }: DramRunParts): DramReport["rows"] {
  const { readCommands, writeCommands } = run.statistics;
  const misses = observers.reduce((sum, observer) => sum + observer.misses, 0);
  const conflicts = observers.reduce((sum, observer) => sum + observer.conflicts, 0);
  return { hits: readCommands + writeCommands - misses - conflicts, misses, conflicts };
}

/** Commands that issued at all, by their JEDEC names. */
function commandsOf(counts: DramStatistics, { rowPolicy }: ControllerParameters): DramReport["commands"] {
  const isClosePage = rowPolicy === "close";
  const all: DramReport["commands"] = {
    ACT: counts.activates,
    PRE: counts.precharges,
    [isClosePage ? "RDA" : "RD"]: counts.readCommands,
    [isClosePage ? "WRA" : "WR"]: counts.writeCommands,
    REF: counts.refreshes,
    REFpb: counts.bankRefreshes,
    PDE: counts.powerDownEntries,
    PDX: counts.powerDownExits,
    SRE: counts.selfRefreshEntries,
    SRX: counts.selfRefreshExits,
  };
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0));
}

function rankCyclesOf(counts: DramStatistics): DramRankCycles {
  return {
    activeStandby: counts.rankActiveCycles,
    prechargeStandby: counts.rankIdleCycles,
    activePowerDown: counts.rankActivePowerDownCycles,
    prechargePowerDown: counts.rankPrechargePowerDownCycles,
    selfRefresh: counts.rankSelfRefreshCycles,
  };
}

function energyParts(device: DramDevice, counts: DramStatistics): DramEnergyByPartPj {
  const energy = dramEnergy(device, counts);
  return {
    activate: energy.activatePj,
    read: energy.readPj,
    write: energy.writePj,
    refresh: energy.refreshPj,
    activeStandby: energy.activeStandbyPj,
    prechargeStandby: energy.prechargeStandbyPj,
    activePowerDown: energy.activePowerDownPj,
    prechargePowerDown: energy.prechargePowerDownPj,
    selfRefresh: energy.selfRefreshPj,
  };
}

function notesOf({ device, run }: DramRunParts): string[] {
  if (run.statistics.bankRefreshes === 0 || device.currents.IDD5PB !== undefined) return [];
  return ["no source gives IDD5PB: a refresh of one bank is costed as its share of a refresh of all"];
}

/** What went in came out, and every rank was in one state at any time. @throws ModelError when not */
function checkConservation({ device, run }: DramRunParts): void {
  const { statistics: counts, requests, cycles, writesLeft } = run;
  const { channels, ranks } = device.organization;
  const rankCycles = Object.values(rankCyclesOf(counts)).reduce((sum: number, part: number) => sum + part, 0);
  if (counts.readsDone + counts.writesDone !== requests) {
    throw new ModelError("dram", `${requests} requests went in, ${counts.readsDone + counts.writesDone} came out`);
  }
  if (rankCycles !== cycles * channels * ranks) {
    throw new ModelError("dram", `states of the ranks sum to ${rankCycles} cycles, not ${cycles * channels * ranks}`);
  }
  if (counts.writeCommands + writesLeft > counts.writesDone || counts.readCommands > counts.readsDone) {
    throw new ModelError("dram", "more column commands than requests");
  }
}
