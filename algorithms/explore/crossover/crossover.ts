/**
 * Crossover studies: at which density of weights each design beats itself and a rival with dense weights, for the network and for
 * each type of layer; what metadata costs, and how unevenly products fall on multipliers. The network's shapes are run with drawn
 * weights, of which a density is kept, under every distribution; the whole network is run at each density, so types of layers share
 * buffers and memory as they do in use. Densities between those asked are tried where a ratio crosses 1.
 */
import { isCalibrated } from "../../../hw-models/presets/calibration.js";
import { ConfigError, UnsupportedError } from "../../../sim/core/errors.js";
import { VERSION } from "../../../sim/core/version.js";
import { type Network, networkMacs, networkParameters } from "../../../sim/ir/network.js";
import {
  DISTRIBUTION_NAMES,
  DISTRIBUTIONS,
  type DistributionName,
} from "../../../sim/run/values/value-distribution.js";
import type { StudiedDesign } from "../compare-designs.js";
import { densitiesToTry } from "./crossing.js";
import {
  CROSSOVER_METRICS,
  CROSSOVER_SCHEMA_ID,
  type CrossoverMetric,
  type CrossoverStudy,
  type CrossoverStudyDesign,
  type SparsityPattern,
} from "./crossover-types.js";
import { requireDensities, requireMargin, requireResolution } from "./density-checks.js";
import { DENSE_WEIGHTS, type DensityPlan, planDensities } from "./density-plan.js";
import { DensityRuns, type DesignRun, type RunOptions, type RunWeights } from "./density-runs.js";
import { entriesOf, type SweptDesign, searchedCurves } from "./swept-design.js";

export const DEFAULT_DENSITIES: readonly number[] = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
export const DEFAULT_RESOLUTION = 0.01;

export interface CrossoverOptions extends RunOptions {
  /** The design that dense weights are run on to be beaten. */
  readonly rival: StudiedDesign;
  /** Above 0 and up to 1. N:M weights have the multiples of 1/m between the least and the greatest. @default 0.05, 0.1, 0.2, ... 1 */
  readonly densities?: readonly number[];
  /** Step to which crossings are narrowed down: 1 over a whole number. @default 0.01 */
  readonly resolution?: number;
  /** Part by which a cost must be below the dense one to be a win: what is less is taken for the same. @default 0 */
  readonly marginFraction?: number;
  /** Designs that take N:M alone have N:M in both. @default "unstructured" */
  readonly pattern?: SparsityPattern;
  /** What crossings are narrowed down for. @default both */
  readonly metrics?: readonly CrossoverMetric[];
  /** Encodings by design, in the place of what the design takes by itself. */
  readonly encodings?: Readonly<Record<string, string>>;
  /** One set of values alone. @default every distribution */
  readonly distribution?: DistributionName;
}

/**
 * Runs a study.
 * @throws as `simulate`; ConfigError for densities or a resolution out of range, or an encoding that no density can be given
 */
export async function studyCrossover(
  network: Network,
  designs: readonly StudiedDesign[],
  options: CrossoverOptions,
): Promise<CrossoverStudy> {
  const {
    rival,
    densities = DEFAULT_DENSITIES,
    resolution = DEFAULT_RESOLUTION,
    metrics = CROSSOVER_METRICS,
    ...rest
  } = options;
  const { pattern = "unstructured", encodings = {}, distribution, marginFraction: margin = 0, ...running } = rest;
  requireDensities(densities);
  requireMargin(margin);
  requireResolution(resolution);
  const distributions = distribution === undefined ? DISTRIBUTION_NAMES : [distribution];
  const plans = designs.map(({ name, design }) =>
    planDensities(design, pattern, Object.hasOwn(encodings, name) ? encodings[name] : undefined),
  );
  const runs = new DensityRuns(network, running);
  runs.plan(distributions.length * (1 + designs.length * (densities.length + 1)));
  const study: Sweep = { runs, densities, resolution, margin, metrics, distributions };
  const dense = await denseRuns(rival, DENSE_WEIGHTS, study);
  const swept: SweptDesign[] = [];
  for (const [index, studied] of designs.entries()) swept.push(await sweep(studied, plans[index]!, dense, study));
  return {
    schema: CROSSOVER_SCHEMA_ID,
    tool: { name: "picojoule", version: VERSION },
    seed: options.seed ?? "0",
    fidelity: options.fidelity ?? "cycle",
    network: { name: network.name, macs: networkMacs(network), parameters: networkParameters(network) },
    ...(options.layers !== undefined && { layers: options.layers }),
    metrics,
    rival: rival.name,
    resolution,
    marginFraction: margin,
    statistics: "synthetic",
    distributions: distributions.map((name) => ({ name, description: DISTRIBUTIONS[name].description })),
    designs: swept.map(describedDesign),
    entries: swept.flatMap(entriesOf),
  };
}

interface Sweep {
  readonly runs: DensityRuns;
  readonly densities: readonly number[];
  readonly resolution: number;
  readonly margin: number;
  readonly metrics: readonly CrossoverMetric[];
  readonly distributions: readonly DistributionName[];
}

async function denseRuns({ name, design }: StudiedDesign, weights: RunWeights, { runs, distributions }: Sweep) {
  const dense = new Map<DistributionName, DesignRun>();
  for (const distribution of distributions) {
    dense.set(distribution, await runs.run(name, design, weights, distribution));
  }
  return dense;
}

/** Runs a design at all densities, and between them where a ratio crosses 1. */
async function sweep(
  studied: StudiedDesign,
  plan: DensityPlan,
  rival: SweptDesign["rival"],
  study: Sweep,
): Promise<SweptDesign> {
  const { name, design } = studied;
  const { runs, distributions, metrics, resolution, margin } = study;
  const dense = await denseRuns(studied, plan.dense, study);
  const { group, densities, refused } = await takenDensities(studied, plan, study);
  const found: SweptDesign = { studied, plan, group, densities, refused, margin, rival, dense, runs: new Map() };
  const runAt = async (density: number, distribution: DistributionName): Promise<void> => {
    const weights = { encoding: plan.encodingAt(density, group), storage: plan.storage };
    found.runs.get(distribution)!.set(density, await runs.run(name, design, weights, distribution));
  };
  for (const distribution of distributions) {
    found.runs.set(distribution, new Map());
    for (const density of densities) await runAt(density, distribution);
    if (group !== undefined) continue;
    for (let wanted = wantedDensities(found, distribution, metrics, resolution); wanted.length > 0; ) {
      runs.plan(wanted.length);
      for (const density of wanted) await runAt(density, distribution);
      wanted = wantedDensities(found, distribution, metrics, resolution);
    }
  }
  return found;
}

function wantedDensities(
  swept: SweptDesign,
  distribution: DistributionName,
  metrics: readonly CrossoverMetric[],
  resolution: number,
): number[] {
  const curves = searchedCurves(swept, distribution, metrics);
  return [...new Set(curves.flatMap((points) => densitiesToTry(points, resolution, swept.margin)))].sort(
    (a, b) => a - b,
  );
}

/** Densities of a design: those asked, or the multiples of 1/m that it takes, with what it refuses. */
async function takenDensities(
  { name, design }: StudiedDesign,
  plan: DensityPlan,
  { runs, densities, distributions }: Sweep,
): Promise<Pick<SweptDesign, "densities" | "refused" | "group">> {
  const sorted = densities.toSorted((a, b) => a - b);
  if (plan.groups.length === 0) return { densities: sorted, refused: [], group: undefined };
  const [least, greatest] = [sorted[0]!, sorted.at(-1)!];
  let refusal: Error | undefined;
  for (const group of plan.groups) {
    const taken: number[] = [];
    const refused: { density: number; reason: string }[] = [];
    for (const density of multiplesOf(group, least, greatest)) {
      const weights = { encoding: plan.encodingAt(density, group), storage: plan.storage };
      const failure = await refusalOf(() => runs.run(name, design, weights, distributions[0]!));
      if (failure === undefined) taken.push(density);
      else refused.push({ density, reason: failure.message.split("\n")[0]! });
      refusal = failure ?? refusal;
    }
    if (taken.length > 0) return { densities: taken, refused, group };
  }
  throw refusal ?? noMultiple(plan.groups, least, greatest);
}

function multiplesOf(group: number, least: number, greatest: number): number[] {
  const all = Array.from({ length: group }, (_, index) => (index + 1) / group);
  return all.filter((density) => density >= least && density <= greatest);
}

function noMultiple(groups: readonly number[], least: number, greatest: number): ConfigError {
  return new ConfigError({
    where: "densities",
    got: `${least} to ${greatest}, between which no n of ${groups.join(" or ")} lies`,
    want: "a range with a whole number of values a group",
    fix: "widen the range, for example 0.25 to 1",
  });
}

/** The refusal of a run, if it is one of what was asked. @throws whatever else goes wrong */
async function refusalOf(run: () => Promise<unknown>): Promise<Error | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    if (error instanceof UnsupportedError || error instanceof ConfigError) return error;
    throw error;
  }
}

function describedDesign({ studied, plan, group, densities, refused, dense }: SweptDesign): CrossoverStudyDesign {
  const { name, design, calibration, notes = [] } = studied;
  const [first] = dense.values();
  return {
    name,
    ...first!.machine,
    clockHz: design.clockHz,
    pattern: plan.pattern,
    stored: group === undefined ? plan.stored : plan.stored.replace("<m>", String(group)),
    ...(group !== undefined && { group }),
    densities,
    refused,
    ...(calibration && { calibration: { ...calibration, isCalibrated: isCalibrated(calibration) } }),
    notes,
  };
}
