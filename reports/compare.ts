/** Several reports side by side: totals, components, and the layers that explain the differences. The first is the base. */
import type { LayerReport, Report } from "../sim/run/report-types.js";
import { CAUSES, COMPONENTS } from "./columns.js";

/** One figure of each report, and its ratio to the first. */
export interface ComparedFigure {
  readonly name: string;
  readonly unit: string;
  readonly values: readonly (number | undefined)[];
  /** Value over the base's; undefined where either is missing or the base is zero. */
  readonly ratios: readonly (number | undefined)[];
}

export interface ComparedLayer {
  readonly name: string;
  readonly cycles: ComparedFigure;
  readonly energyPj: ComparedFigure;
}

/** What makes a report differ from the base. A layer that one of them lacks counts as nothing there. */
export interface Explanation {
  readonly name: string;
  readonly deltaCycles: number;
  readonly deltaEnergyPj: number;
  /** Layers by how much of the difference in cycles they make, largest first, then by energy. They sum to the difference. */
  readonly layers: readonly {
    readonly layer: string;
    readonly deltaCycles: number;
    readonly deltaEnergyPj: number;
  }[];
}

/** Whether a report takes less energy than the base, by nominal figures and by the ranges of all sources. */
export interface EnergyRanking {
  readonly name: string;
  readonly lessThanBase: boolean;
  /** True when the ranges do not overlap: the ranking survives every choice of source. */
  readonly survivesAllSources: boolean;
}

export interface Comparison {
  readonly schema: "picojoule/comparison@1";
  readonly reports: readonly {
    readonly name: string;
    readonly network: string;
    readonly design: string;
    readonly encoding: string;
    readonly fidelity: string;
  }[];
  readonly totals: readonly ComparedFigure[];
  readonly cyclesByCause: readonly ComparedFigure[];
  readonly energyByComponentPj: readonly ComparedFigure[];
  /** Layers matched by name, in the order of the reports. */
  readonly layers: readonly ComparedLayer[];
  /** One for each report but the base. */
  readonly explains: readonly Explanation[];
  readonly energyRanking: readonly EnergyRanking[];
  /** Why the figures may not be comparable. */
  readonly caveats: readonly string[];
}

export interface NamedReport {
  readonly name: string;
  readonly report: Report;
}

const TOTALS = [
  ["cycles", "cycles"],
  ["latencySeconds", "s"],
  ["energyPj", "pJ"],
  ["averagePowerWatts", "W"],
  ["macs", "MACs"],
  ["utilizationFraction", "fraction"],
  ["dramBytes", "bytes"],
  ["weightBytes", "bytes"],
  ["areaUm2", "um2"],
] as const satisfies readonly (readonly [keyof Report["totals"], string])[];

function figure(name: string, unit: string, values: readonly (number | undefined)[]): ComparedFigure {
  const base = values[0];
  const ratios = values.map((value) =>
    value === undefined || base === undefined || base === 0 ? undefined : value / base,
  );
  return { name, unit, values, ratios };
}

/** Layers of all reports by name, those of the first in its order, then what the others have more. */
function compareLayers(reports: readonly Report[]): ComparedLayer[] {
  const byName = reports.map((report) => new Map(report.layers.map((layer) => [layer.name, layer] as const)));
  const names = new Set(byName.flatMap((layers) => [...layers.keys()]));
  return [...names].map((name) => {
    const values = (pick: (layer: LayerReport) => number): (number | undefined)[] =>
      byName.map((layers) => {
        const layer = layers.get(name);
        return layer === undefined ? undefined : pick(layer);
      });
    return {
      name,
      cycles: figure(
        "cycles",
        "cycles",
        values(({ cycles }) => cycles),
      ),
      energyPj: figure(
        "energyPj",
        "pJ",
        values(({ energyPj }) => energyPj),
      ),
    };
  });
}

/** How the layers make up the difference between one report and the base. */
function explain({ name, report }: NamedReport, index: number, base: Report, layers: readonly ComparedLayer[]) {
  const delta = ({ values }: ComparedFigure): number => (values[index] ?? 0) - (values[0] ?? 0);
  return {
    name,
    deltaCycles: report.totals.cycles - base.totals.cycles,
    deltaEnergyPj: report.totals.energyPj - base.totals.energyPj,
    layers: layers
      .map((layer) => ({
        layer: layer.name,
        deltaCycles: delta(layer.cycles),
        deltaEnergyPj: delta(layer.energyPj),
      }))
      .toSorted(
        (a, b) =>
          Math.abs(b.deltaCycles) - Math.abs(a.deltaCycles) || Math.abs(b.deltaEnergyPj) - Math.abs(a.deltaEnergyPj),
      ),
  };
}

function rank({ name, report }: NamedReport, base: Report): EnergyRanking {
  const apart =
    report.totals.energyHighPj < base.totals.energyLowPj || report.totals.energyLowPj > base.totals.energyHighPj;
  return { name, lessThanBase: report.totals.energyPj < base.totals.energyPj, survivesAllSources: apart };
}

/** What besides the designs is not the same. */
function findCaveats(reports: readonly Report[]): string[] {
  const differs = (pick: (report: Report) => string | number): boolean => new Set(reports.map(pick)).size > 1;
  const caveats: string[] = [];
  if (differs(({ network }) => network.name)) caveats.push("the networks differ");
  else if (differs(({ totals }) => totals.macs)) {
    caveats.push("the work differs (MACs are not equal): another batch, shape or choice of layers");
  }
  if (differs(({ fidelity }) => fidelity)) caveats.push("the fidelities differ: analytic figures have fewer stalls");
  if (differs(({ tool }) => tool.version)) caveats.push("the reports were made by different versions of picojoule");
  return caveats;
}

/** Compares reports. @param reports one or more, with a name each; the first is the base */
export function compareReports(reports: readonly NamedReport[]): Comparison {
  const all = reports.map(({ report }) => report);
  const base = all[0]!;
  const layers = compareLayers(all);
  const others = reports.slice(1);
  const values = (pick: (totals: Report["totals"]) => number) => all.map(({ totals }) => pick(totals));
  return {
    schema: "picojoule/comparison@1",
    reports: reports.map(({ name, report }) => ({
      name,
      network: report.network.name,
      design: report.design.name,
      encoding: report.encoding,
      fidelity: report.fidelity,
    })),
    totals: TOTALS.map(([name, unit]) =>
      figure(
        name,
        unit,
        values((totals) => totals[name]),
      ),
    ),
    cyclesByCause: CAUSES.map((cause) =>
      figure(
        cause,
        "cycles",
        values((totals) => totals.cyclesByCause[cause]),
      ),
    ),
    energyByComponentPj: COMPONENTS.map((name) =>
      figure(
        name,
        "pJ",
        values((totals) => totals.energyByComponentPj[name]),
      ),
    ),
    layers,
    explains: others.map((named, index) => explain(named, index + 1, base, layers)),
    energyRanking: others.map((named) => rank(named, base)),
    caveats: findCaveats(all),
  };
}
