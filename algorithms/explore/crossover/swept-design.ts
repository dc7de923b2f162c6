/** A design that has been run at some densities: its curves, and the entries that they make in the result. */
import type { DistributionName } from "../../../sim/run/values/value-distribution.js";
import type { StudiedDesign } from "../compare-designs.js";
import { type CurvePoint, crossingOf } from "./crossing.js";
import {
  type CostRatios,
  type CrossoverCosts,
  type CrossoverEntry,
  type CrossoverMetric,
  type CrossoverPoint,
  type CrossoverValues,
  type FoundCrossing,
  MEASURES,
  type Measure,
  OPPONENTS,
  type Opponent,
} from "./crossover-types.js";
import type { DensityPlan } from "./density-plan.js";
import type { DesignRun } from "./density-runs.js";

type ByDistribution<Value> = ReadonlyMap<DistributionName, Value>;

export interface SweptDesign {
  readonly studied: StudiedDesign;
  readonly plan: DensityPlan;
  /** Of N:M. */
  readonly group: number | undefined;
  /** Densities that were asked for and are taken. */
  readonly densities: readonly number[];
  readonly refused: readonly { readonly density: number; readonly reason: string }[];
  /** Part by which a win must be below 1. */
  readonly margin: number;
  /** Dense weights on the rival, and on the design. */
  readonly rival: ByDistribution<DesignRun>;
  readonly dense: ByDistribution<DesignRun>;
  /** By density: those asked for, and those between them. */
  readonly runs: Map<DistributionName, Map<number, DesignRun>>;
}

const MEASURES_OF: Readonly<Record<CrossoverMetric, Measure>> = { cycles: "latency", energy: "energy" };
/** Values of runs that are the same whatever they are. */
const NO_VALUES = "any";

/** The curves whose crossings are to be narrowed down. */
export function searchedCurves(
  swept: SweptDesign,
  distribution: DistributionName,
  metrics: readonly CrossoverMetric[],
): CurvePoint[][] {
  const scopes = [...swept.dense.get(distribution)!.scopes.keys()];
  return scopes.flatMap((scope) =>
    OPPONENTS.flatMap((over) =>
      metrics.map((metric) => curveOf(swept, distribution, scope, over, MEASURES_OF[metric])),
    ),
  );
}

function curveOf(
  swept: SweptDesign,
  distribution: DistributionName,
  scope: string,
  over: Opponent,
  measure: Measure,
): CurvePoint[] {
  const opponent = opponentOf(swept, distribution, scope, over);
  return [...swept.runs.get(distribution)!].map(([density, { scopes }]) => ({
    density,
    ratio: ratiosOver(scopes.get(scope)!.costs, opponent)[`${measure}Ratio`],
  }));
}

function opponentOf(swept: SweptDesign, distribution: DistributionName, scope: string, over: Opponent): CrossoverCosts {
  const { scopes } = (over === "itself" ? swept.dense : swept.rival).get(distribution)!;
  return scopes.get(scope)!.costs;
}

/** Costs over an opponent's: below 1 is a win. */
export function ratiosOver(costs: CrossoverCosts, opponent: CrossoverCosts): CostRatios {
  return {
    latencyRatio: costs.latencySeconds / opponent.latencySeconds,
    energyRatio: costs.energyPj / opponent.energyPj,
    energyLowRatio: costs.energyLowPj / opponent.energyLowPj,
    energyHighRatio: costs.energyHighPj / opponent.energyHighPj,
    energyWithoutMetadataRatio: (costs.energyPj - costs.metadataEnergyPj) / opponent.energyPj,
  };
}

/** The network's entry and one for each type of layer. */
export function entriesOf(swept: SweptDesign): CrossoverEntry[] {
  const [first] = swept.dense.values();
  return [...first!.scopes].map(([scope, { layers }]) => ({
    design: swept.studied.name,
    scope,
    layers,
    runs: runsOf(swept, scope),
  }));
}

/** One run a distribution; one alone where no value matters, on the design or on the rival. */
function runsOf(swept: SweptDesign, scope: string): CrossoverValues[] {
  const dependsOnValues = [...swept.runs].some(([distribution, runs]) =>
    [...runs.values(), swept.rival.get(distribution)!].some((run) => run.dependsOnValues),
  );
  const distributions = [...swept.runs.keys()].slice(0, dependsOnValues ? undefined : 1);
  return distributions.map((distribution) => ({
    values: dependsOnValues ? distribution : NO_VALUES,
    dense: swept.dense.get(distribution)!.scopes.get(scope)!.costs,
    points: swept.densities.map((density) => pointOf(swept, distribution, scope, density)),
    crossings: OPPONENTS.flatMap((over) =>
      MEASURES.map((measure): FoundCrossing => {
        return { over, measure, ...crossingOf(curveOf(swept, distribution, scope, over, measure), swept.margin) };
      }),
    ),
  }));
}

function pointOf(swept: SweptDesign, distribution: DistributionName, scope: string, density: number): CrossoverPoint {
  const { costs } = swept.runs.get(distribution)!.get(density)!.scopes.get(scope)!;
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
  const over = (opponent: Opponent): CostRatios => ratiosOver(costs, opponentOf(swept, distribution, scope, opponent));
  return {
    density,
    encoding: swept.plan.encodingAt(density, swept.group),
    ...costs,
    metadataFraction: share(costs.metadataBits, costs.valueBits + costs.metadataBits),
    metadataDramFraction: share(costs.dramMetadataBytes, costs.dramBytes),
    metadataEnergyFraction: share(costs.metadataEnergyPj, costs.energyPj),
    imbalanceRatio: costs.balancedCycles === 0 ? 1 : costs.computeCycles / costs.balancedCycles,
    over: { itself: over("itself"), rival: over("rival") },
  };
}
