/** The report: plain data, the same for every view of it (format `picojoule/report@1`). */
import type { Design } from "../../hw-models/design.js";
import type {
  ActionCounts,
  DramPart,
  EnergyComponent,
  NotModelled,
  SourceEntry,
} from "../../hw-models/energy/energy-types.js";
import type { Bits, Bytes, Cycles, Fraction, Picojoules, Seconds, SquareMicrometres, Watts } from "../core/units.js";
import type { LoopBounds } from "../ir/layer.js";
import type { Mapping } from "../ir/mapping.js";
import type { DesignAccuracy } from "./evaluation/accuracy-on-design.js";
import type { FunctionalLayer, FunctionalTotals } from "./functional/functional-types.js";

export const REPORT_SCHEMA_ID = "picojoule/report@1";

/** Who waited: every cycle that a layer owns is exactly one of these. */
export const CYCLE_CAUSES = [
  "compute",
  "fillDrain",
  "waitWeights",
  "waitIfmap",
  "waitOfmap",
  "decode",
  "vector",
] as const;
export type CycleCause = (typeof CYCLE_CAUSES)[number];

/** Why it waited: these sum to the three `wait` causes. */
export const WAIT_REASONS = ["bandwidth", "rowConflict", "refresh", "latency", "bufferPort", "dependency"] as const;
export type WaitReason = (typeof WAIT_REASONS)[number];

/** Provenance of whatever depends on values. `none`: nothing in the layer's figures depends on values. */
export type StatisticsProvenance = "none" | "measured" | "imported" | "synthetic";

export interface EnergyRange {
  /** Nominal, from the table's first source. */
  readonly energyPj: Picojoules;
  /** Every action class at the lowest of its sources. */
  readonly energyLowPj: Picojoules;
  readonly energyHighPj: Picojoules;
}

export interface DramSummary {
  /** Bytes the layer needed. */
  readonly usefulBytes: Bytes;
  /** Bytes moved, whole bursts. */
  readonly burstBytes: Bytes;
  readonly readBytes: Bytes;
  readonly writeBytes: Bytes;
  /** Bursts that crossed the bus, and those of them that found their row open; 0 for a memory without rows. */
  readonly bursts: number;
  readonly rowHits: number;
}

export interface BufferSummary {
  /** Largest tile footprint, both halves of a double buffer. */
  readonly usedBytes: Bytes;
  readonly capacityBytes: Bytes;
  /** Word (element) accesses by the array, before packing in rows. */
  readonly arrayReads: number;
  readonly arrayWrites: number;
  /** Cycles lost to bank conflicts. */
  readonly conflictCycles: Cycles;
}

export interface LayerReport extends EnergyRange {
  readonly name: string;
  /** `conv`, `linear`, `matmul`, `conv-transpose`, or the vector function or movement. */
  readonly kind: string;
  /** Names of layers that run as part of this one (batch norm, activation, residual add). */
  readonly fused: readonly string[];
  readonly shape: Readonly<Partial<LoopBounds> & { H?: number; W?: number; elements?: number }>;
  /** Operand widths as run, e.g. `int8 x int8 -> int32`, with the file's own precision when it differs. */
  readonly precision: string;
  readonly encoding: string;
  readonly mapping: Mapping;
  readonly macs: number;
  readonly effectualMacs: number;
  readonly cycles: Cycles;
  readonly cyclesByCause: Readonly<Record<CycleCause, number>>;
  readonly waitReasons: Readonly<Record<WaitReason, number>>;
  /** DRAM transfer cycles done for this layer before it owned the clock. */
  readonly hiddenCycles: Cycles;
  readonly energyByComponentPj: Readonly<Record<EnergyComponent, number>>;
  /** Energy of DRAM by what it was spent on; sums to its component. */
  readonly dramEnergyPj: Readonly<Record<DramPart, number>>;
  /** Memory energy (buffers and DRAM) by tensor. */
  readonly energyByTensorPj: Readonly<Record<"weight" | "ifmap" | "ofmap", number>>;
  readonly actions: ActionCounts;
  readonly dram: DramSummary;
  readonly buffers: Readonly<Record<"ifmap" | "weight" | "ofmap", BufferSummary>>;
  readonly weightBits: Bits;
  readonly metadataBits: Bits;
  readonly utilizationFraction: Fraction;
  /** The largest cause of the layer's cycles. */
  readonly boundBy: CycleCause;
  readonly statistics: StatisticsProvenance;
  /** True when the layer's operator is unknown and was costed as data movement. */
  readonly assumed: boolean;
  /** What the layer's run with values did; absent unless asked for. */
  readonly functional?: FunctionalLayer;
}

export interface ReportTotals extends EnergyRange {
  readonly cycles: Cycles;
  readonly latencySeconds: Seconds;
  readonly averagePowerWatts: Watts;
  readonly macs: number;
  readonly effectualMacs: number;
  readonly utilizationFraction: Fraction;
  readonly dramBytes: Bytes;
  readonly dram: DramSummary;
  readonly weightBits: Bits;
  readonly metadataBits: Bits;
  readonly peakActivationBytes: Bytes;
  readonly peakSramBytes: Bytes;
  /** Stored size of every weight. */
  readonly weightBytes: Bytes;
  readonly areaUm2: SquareMicrometres;
  readonly cyclesByCause: Readonly<Record<CycleCause, number>>;
  readonly waitReasons: Readonly<Record<WaitReason, number>>;
  readonly energyByComponentPj: Readonly<Record<EnergyComponent, number>>;
  readonly dramEnergyPj: Readonly<Record<DramPart, number>>;
}

export interface OperatingPointReport extends EnergyRange {
  readonly name: string;
  readonly clockHz: number;
  readonly supplyVolts: number;
  readonly cycles: Cycles;
  readonly latencySeconds: Seconds;
  readonly averagePowerWatts: Watts;
}

export interface ClockReport {
  readonly baseTickHz: number;
  readonly domains: readonly {
    readonly name: string;
    readonly clockHz: number;
    readonly periodTicks: number;
    /** Error of the modelled period against the asked one, parts per million. */
    readonly errorPpm: number;
  }[];
}

/** Totals of the same run with values drawn from one distribution. */
export interface DistributionReport extends EnergyRange {
  readonly distribution: string;
  readonly cycles: Cycles;
  readonly latencySeconds: Seconds;
  readonly energyByComponentPj: Readonly<Record<EnergyComponent, Picojoules>>;
  readonly dramBytes: Bytes;
  readonly weightBits: Bits;
  readonly metadataBits: Bits;
}

export interface Report {
  readonly schema: typeof REPORT_SCHEMA_ID;
  readonly tool: { readonly name: string; readonly version: string };
  readonly seed: string;
  readonly network: {
    readonly name: string;
    readonly source: string;
    readonly macs: number;
    readonly parameters: number;
  };
  readonly design: Design;
  /** The array of the design in a few words. */
  readonly array: string;
  readonly encoding: string;
  readonly fidelity: "cycle" | "analytic";
  readonly clock: ClockReport;
  readonly totals: ReportTotals;
  readonly layers: readonly LayerReport[];
  /** The same run at each operating point of the design; empty unless asked for. */
  readonly operatingPoints: readonly OperatingPointReport[];
  /** Where values are drawn: the totals under each distribution, first the one that the rest of the report is of. */
  readonly distributions?: readonly DistributionReport[];
  /** The run with values over all matrix layers; absent unless asked for. */
  readonly functional?: FunctionalTotals;
  /** Accuracy of the model as the design computes it; absent unless asked for. */
  readonly accuracy?: DesignAccuracy;
  readonly sources: readonly SourceEntry[];
  readonly notModelled: readonly NotModelled[];
  /** What a reader should know: assumed operators, precisions cast, notes of the network. */
  readonly notes: readonly string[];
}
