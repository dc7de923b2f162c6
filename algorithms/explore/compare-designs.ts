/**
 * Networks on several designs, each given the same weights and activations and storing weights in its own form: what is faster, what
 * takes less energy, what moves less, and whether that survives other energy tables and other values. Ratios are to the first
 * design. Where values are drawn, every distribution is run.
 */
import type { Design } from "../../hw-models/design.js";
import { type Calibration, isCalibrated } from "../../hw-models/presets/calibration.js";
import { VERSION } from "../../sim/core/version.js";
import type { Program } from "../../sim/ir/import/onnx-program.js";
import { type Network, networkMacs, networkParameters } from "../../sim/ir/network.js";
import { MemoryStore } from "../../sim/run/cache/memory-store.js";
import type { NamedTensors } from "../../sim/run/inference/input-checks.js";
import type { DistributionReport, Report } from "../../sim/run/report-types.js";
import type { SimulateOptions } from "../../sim/run/run-network.js";
import { simulate } from "../../sim/run/simulate.js";

export const STUDY_SCHEMA_ID = "picojoule/study@1";

/** A network of the comparison, with its values where it has them. */
export interface StudiedNetwork {
  readonly network: Network;
  readonly program?: Program;
  readonly inputs?: NamedTensors;
  /** True for a network whose weights are those of the encoding already. @default false */
  readonly isEncoded?: boolean;
}

/** A design of the comparison. */
export interface StudiedDesign {
  readonly name: string;
  readonly design: Design;
  /** What its model reproduces of its own paper. */
  readonly calibration?: Calibration | undefined;
  /** What to say beside its figures, such as what was published. */
  readonly notes?: readonly string[] | undefined;
}

/** One design on one network with one set of values. */
export interface StudyRun {
  /** A distribution, `measured`, or `any` where nothing depends on values. */
  readonly values: string;
  readonly cycles: number;
  readonly latencySeconds: number;
  readonly energyPj: number;
  readonly energyLowPj: number;
  readonly energyHighPj: number;
  readonly energyByComponentPj: Readonly<Record<string, number>>;
  readonly dramBytes: number;
  readonly weightBits: number;
  /** The base's time, energy and traffic over this design's: above 1 is better than the base. */
  readonly speedup: number;
  readonly energyRatio: number;
  readonly dramRatio: number;
  /** True when the ranges of energy over all sources do not overlap the base's. */
  readonly survivesAllSources: boolean;
}

export interface StudyEntry {
  readonly network: string;
  readonly design: string;
  readonly runs: readonly StudyRun[];
}

export interface Study {
  readonly schema: typeof STUDY_SCHEMA_ID;
  readonly tool: { readonly name: string; readonly version: string };
  readonly seed: string;
  readonly fidelity: string;
  readonly encoding: string;
  readonly designs: readonly {
    readonly name: string;
    readonly array: string;
    readonly areaUm2: number;
    readonly calibration?: Calibration & { readonly isCalibrated: boolean };
    readonly notes: readonly string[];
  }[];
  readonly networks: readonly { readonly name: string; readonly macs: number; readonly parameters: number }[];
  /** Networks in order, designs within each. */
  readonly entries: readonly StudyEntry[];
}

export type StudyOptions = Pick<SimulateOptions, "fidelity" | "encoding" | "seed" | "signal" | "onProgress" | "values">;

/**
 * Runs every network on every design.
 * @throws as `simulate`
 */
export async function compareDesigns(
  networks: readonly StudiedNetwork[],
  designs: readonly StudiedDesign[],
  options: StudyOptions = {},
): Promise<Study> {
  const entries: StudyEntry[] = [];
  const store = options.values?.store ?? new MemoryStore();
  const described = new Map<string, { array: string; areaUm2: number }>();
  for (const { network, program, inputs, isEncoded = false } of networks) {
    let base: readonly DistributionReport[] | undefined;
    for (const { name, design } of designs) {
      const values = { ...options.values, store, ...(program && { program }), ...(inputs && { inputs }) };
      const { encoding, ...rest } = options;
      const report = await simulate(network, design, {
        ...rest,
        ...(encoding !== undefined && !isEncoded && { encoding }),
        storage: "native",
        values,
      });
      described.set(name, { array: report.array, areaUm2: report.totals.areaUm2 });
      const totals = totalsOf(report, options.values?.distribution);
      base ??= totals;
      entries.push({
        network: network.name,
        design: name,
        runs: totals.map((run, index) => compared(run, base!, index)),
      });
    }
  }
  return {
    schema: STUDY_SCHEMA_ID,
    tool: { name: "picojoule", version: VERSION },
    seed: options.seed ?? "0",
    fidelity: options.fidelity ?? "cycle",
    encoding: options.encoding ?? "dense",
    designs: designs.map(({ name, calibration, notes = [] }) => ({
      name,
      ...described.get(name)!,
      notes,
      ...(calibration && { calibration: { ...calibration, isCalibrated: isCalibrated(calibration) } }),
    })),
    networks: networks.map(({ network }) => ({
      name: network.name,
      macs: networkMacs(network),
      parameters: networkParameters(network),
    })),
    entries,
  };
}

/** Totals under each distribution that was run; of a run that does not depend on values, or had real ones, its own. */
function totalsOf(
  { totals, layers, distributions }: Report,
  distribution: string | undefined,
): readonly DistributionReport[] {
  if (distributions !== undefined) return distributions;
  const own = layers.every(({ statistics }) => statistics === "none") ? NO_VALUES : OWN_VALUES;
  return [{ ...totals, distribution: distribution ?? own }];
}

const OWN_VALUES = "measured";
/** Of a run that is the same whatever the values. */
const NO_VALUES = "any";

/** A run beside the base's with the same values; a base that does not depend on them has one run for all. */
function compared(run: DistributionReport, base: readonly DistributionReport[], index: number): StudyRun {
  const other = base[index] ?? base[0]!;
  const isApart = run.energyHighPj < other.energyLowPj || run.energyLowPj > other.energyHighPj;
  return {
    values: run.distribution,
    cycles: run.cycles,
    latencySeconds: run.latencySeconds,
    energyPj: run.energyPj,
    energyLowPj: run.energyLowPj,
    energyHighPj: run.energyHighPj,
    energyByComponentPj: run.energyByComponentPj,
    dramBytes: run.dramBytes,
    weightBits: run.weightBits + run.metadataBits,
    speedup: other.latencySeconds / run.latencySeconds,
    energyRatio: other.energyPj / run.energyPj,
    dramRatio: other.dramBytes / run.dramBytes,
    survivesAllSources: isApart,
  };
}
