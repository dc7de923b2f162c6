/** The result of a DRAM run as plain data, `picojoule/dram@1`. Derived figures are functions of the counts beside them. */

import type { Command } from "../../hw-models/dram/commands.js";
import type { ControllerParameters } from "../../hw-models/dram/controller-parameters.js";
import type { DramCurrents, DramOrganization, DramTimings } from "../../hw-models/dram/device.js";
import type { NotModelled } from "../../hw-models/energy/energy-types.js";
import type { Bytes, Cycles, Fraction, Picojoules, Seconds, Watts } from "../core/units.js";

export const DRAM_SCHEMA_ID = "picojoule/dram@1";

/** Energy of commands, and of a rank's states between them. */
export interface DramEnergyByPartPj {
  readonly activate: Picojoules;
  readonly read: Picojoules;
  readonly write: Picojoules;
  readonly refresh: Picojoules;
  readonly activeStandby: Picojoules;
  readonly prechargeStandby: Picojoules;
  readonly activePowerDown: Picojoules;
  readonly prechargePowerDown: Picojoules;
  readonly selfRefresh: Picojoules;
}

/** Cycles of all ranks by state; they sum to cycles x ranks x channels. */
export interface DramRankCycles {
  readonly activeStandby: Cycles;
  readonly prechargeStandby: Cycles;
  readonly activePowerDown: Cycles;
  readonly prechargePowerDown: Cycles;
  readonly selfRefresh: Cycles;
}

export interface DramChannelReport {
  readonly readCommands: number;
  readonly writeCommands: number;
  readonly activates: number;
  /** Bytes of its data bus over what it could have moved. */
  readonly busFraction: Fraction;
  readonly energyPj: Picojoules;
}

export interface DramReport {
  readonly schema: typeof DRAM_SCHEMA_ID;
  readonly tool: { readonly version: string };
  readonly seed: string;
  readonly trace: {
    readonly source: string;
    readonly requests: number;
    readonly reads: number;
    readonly writes: number;
  };
  readonly device: {
    readonly name: string;
    readonly standard: string;
    readonly source: string;
    readonly organization: DramOrganization;
    readonly timings: DramTimings;
    readonly currents: DramCurrents;
    readonly capacityBytes: Bytes;
    readonly peakBandwidthBytesPerSecond: number;
  };
  readonly mapping: string;
  readonly issueWidth: number;
  readonly controller: ControllerParameters;
  readonly totals: {
    readonly cycles: Cycles;
    readonly timeSeconds: Seconds;
    /** Cycle in which the last request was accepted. */
    readonly acceptCycle: Cycles;
    /** Cycle in which the last read was delivered; 0 without reads. */
    readonly lastReadCycle: Cycles;
    /** Bytes of all requests over the time: what the host saw. */
    readonly bandwidthBytesPerSecond: number;
    /** Bytes of all column commands: what the data buses moved. */
    readonly busBytes: Bytes;
    /** Bytes of the data buses over what they could have moved. */
    readonly busFraction: Fraction;
    readonly energyPj: Picojoules;
    /** Energy over the bits that the data buses moved; absent when they moved none. */
    readonly energyPerBitPj?: Picojoules;
    readonly averagePowerWatts: Watts;
  };
  /** Energy of moving a bit as sources give it for the technology, whole systems among them; absent where none does. */
  readonly publishedPerBit?: {
    readonly lowPj: Picojoules;
    readonly highPj: Picojoules;
    readonly sources: readonly string[];
  };
  /** From acceptance to the end of the data, over all reads; absent without reads. */
  readonly readLatency?: {
    readonly meanCycles: number;
    readonly p50Cycles: Cycles;
    readonly p90Cycles: Cycles;
    readonly p99Cycles: Cycles;
    readonly maxCycles: Cycles;
  };
  /** Requests that no column command was spent on. */
  readonly served: {
    /** Reads of a pending write's address, or of a pending read's. */
    readonly readsFromQueues: number;
    /** Writes to a pending write's address. */
    readonly writesMerged: number;
    /** Writes that stayed in the buffer. */
    readonly writesLeft: number;
  };
  /** Column commands by what they found; they sum to the column commands. */
  readonly rows: {
    /** The row was open and had served one before. */
    readonly hits: number;
    /** The first use of a row that was opened in a closed bank. */
    readonly misses: number;
    /** The first use of a row for which another had to be closed. */
    readonly conflicts: number;
  };
  readonly commands: Readonly<Partial<Record<Command, number>>>;
  /** Cycles in which two commands issued. */
  readonly dualCommandCycles: Cycles;
  readonly rankCycles: DramRankCycles;
  readonly energyByPartPj: DramEnergyByPartPj;
  /** What each channel did; they sum to the whole. */
  readonly channels: readonly DramChannelReport[];
  /** Parts that the energy leaves out, each with the reason. */
  readonly notModelled: readonly NotModelled[];
  readonly notes: readonly string[];
}
