/** The result of a crossover study: plain data, the same for every view of it (format `picojoule/crossover@1`). */
import type { Calibration } from "../../../hw-models/presets/calibration.js";

export const CROSSOVER_SCHEMA_ID = "picojoule/crossover@1";

export const SPARSITY_PATTERNS = ["unstructured", "nm"] as const;
/** Which weights are kept: the largest of each filter, or the largest n of each m. */
export type SparsityPattern = (typeof SPARSITY_PATTERNS)[number];

export const CROSSOVER_METRICS = ["cycles", "energy"] as const;
export type CrossoverMetric = (typeof CROSSOVER_METRICS)[number];

/** Whom a sparse run is held against: the same design, or the rival, each with dense weights. */
export const OPPONENTS = ["itself", "rival"] as const;
export type Opponent = (typeof OPPONENTS)[number];

/**
 * `never`: no density tried wins. `always`: every one does. `below`: those up to a density. `above`: those from a density on.
 * `mixed`: more than one crossing.
 */
export type Verdict = "never" | "always" | "below" | "above" | "mixed";

export interface Crossing {
  readonly verdict: Verdict;
  /** Times that neighbouring points lie on two sides of 1. */
  readonly crossings: number;
  /** The largest density tried that wins; absent for `never`. */
  readonly largestDensity?: number;
  /** The next density tried above it; absent where there is none. */
  readonly losesAtDensity?: number;
  /** The densities around the first crossing from the sparse end. */
  readonly firstCrossing?: { readonly from: number; readonly to: number };
}

export interface CostRatios {
  /** Latency over the opponent's with dense weights: cycles, each at its own clock. */
  readonly latencyRatio: number;
  readonly energyRatio: number;
  /** The same with every action class at the lowest, and at the highest, of its sources on both sides. */
  readonly energyLowRatio: number;
  readonly energyHighRatio: number;
  /** As `energyRatio`, without what reading metadata from DRAM takes. */
  readonly energyWithoutMetadataRatio: number;
}

/** Costs of a layer type, or of the network, at one density. */
export interface CrossoverCosts {
  readonly cycles: number;
  readonly latencySeconds: number;
  readonly energyPj: number;
  readonly energyLowPj: number;
  readonly energyHighPj: number;
  readonly macs: number;
  /** Products that the array does; where it takes digits one after another, those of its stored weights. */
  readonly products: number;
  /** Cycles in which the array computes, and those of the same products dealt evenly to all multipliers, layer by layer. */
  readonly computeCycles: number;
  readonly balancedCycles: number;
  readonly valueBits: number;
  readonly metadataBits: number;
  readonly dramBytes: number;
  readonly dramMetadataBytes: number;
  readonly dramEnergyPj: number;
  /** DRAM read energy, in the part that metadata has of the bytes read. */
  readonly metadataEnergyPj: number;
}

export interface CrossoverPoint extends CrossoverCosts {
  readonly density: number;
  readonly encoding: string;
  /** Metadata over stored bits, over DRAM bytes, and its energy over all energy. */
  readonly metadataFraction: number;
  readonly metadataDramFraction: number;
  readonly metadataEnergyFraction: number;
  /** Cycles of computing over the balanced ones: 1 is all multipliers at work all the time. */
  readonly imbalanceRatio: number;
  readonly over: Readonly<Record<Opponent, CostRatios>>;
}

/** What is searched for: a metric, energy also with the extremes of its sources. */
export const MEASURES = ["latency", "energy", "energyLow", "energyHigh"] as const;
export type Measure = (typeof MEASURES)[number];

export interface FoundCrossing extends Crossing {
  readonly over: Opponent;
  readonly measure: Measure;
}

/** One set of values. */
export interface CrossoverValues {
  /** A distribution, or `any` where nothing depends on values. */
  readonly values: string;
  readonly dense: CrossoverCosts;
  readonly points: readonly CrossoverPoint[];
  readonly crossings: readonly FoundCrossing[];
}

export interface CrossoverEntry {
  readonly design: string;
  /** A type of layer, or `network`, which has all layers. */
  readonly scope: string;
  readonly layers: number;
  readonly runs: readonly CrossoverValues[];
}

export interface CrossoverStudyDesign {
  readonly name: string;
  readonly array: string;
  readonly clockHz: number;
  readonly peakMacsPerCycle: number;
  readonly areaUm2: number;
  readonly pattern: SparsityPattern;
  /** How weights are stored at a density, `<d>` or `<n>` in the place of what varies; `dense` where zeros are stored as any. */
  readonly stored: string;
  /** Group of N:M; absent for unstructured weights. */
  readonly group?: number;
  readonly densities: readonly number[];
  /** Densities that the design does not take, and why. */
  readonly refused: readonly { readonly density: number; readonly reason: string }[];
  readonly calibration?: Calibration & { readonly isCalibrated: boolean };
  readonly notes: readonly string[];
}

export interface CrossoverStudy {
  readonly schema: typeof CROSSOVER_SCHEMA_ID;
  readonly tool: { readonly name: string; readonly version: string };
  readonly seed: string;
  readonly fidelity: string;
  readonly network: { readonly name: string; readonly macs: number; readonly parameters: number };
  readonly layers?: readonly string[];
  readonly metrics: readonly CrossoverMetric[];
  readonly rival: string;
  /** Step to which a crossing of unstructured weights is narrowed down; N:M has its own, 1/m. */
  readonly resolution: number;
  /** Part by which a win must be below 1. */
  readonly marginFraction: number;
  /** `synthetic`: weights and activations are drawn. */
  readonly statistics: "synthetic";
  readonly distributions: readonly { readonly name: string; readonly description: string }[];
  readonly designs: readonly CrossoverStudyDesign[];
  /** Designs in order, scopes within each: the network first, then types as they come. */
  readonly entries: readonly CrossoverEntry[];
}
