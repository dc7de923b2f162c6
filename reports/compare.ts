/** Several reports side by side: totals, components, and the layers that explain the difference. The first is the base. */
import type { Report } from "../sim/run/report-types.js";
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
    readonly fidelity: string;
  }[];
  readonly totals: readonly ComparedFigure[];
  readonly cyclesByCause: readonly ComparedFigure[];
  readonly energyByComponentPj: readonly ComparedFigure[];
  readonly layers: readonly ComparedLayer[];
  /** Layers by how much of the difference in cycles between the last report and the base they make, largest first. */
  readonly explains: readonly {
    readonly layer: string;
    readonly deltaCycles: number;
    readonly deltaEnergyPj: number;
  }[];
  readonly energyRanking: readonly EnergyRanking[];
}

function figure(name: string, unit: string, values: readonly (number | undefined)[]): ComparedFigure {
  const base = values[0];
  const ratios = values.map((value) =>
    value === undefined || base === undefined || base === 0 ? undefined : value / base,
  );
  return { name, unit, values, ratios };
}

/** Compares reports. @param reports two or more, with a name each */
export function compareReports(reports: readonly { readonly name: string; readonly report: Report }[]): Comparison {
  const all = reports.map(({ report }) => report);
  const total = (name: keyof Report["totals"], unit: string): ComparedFigure =>
    figure(
      name,
      unit,
      all.map((report) => report.totals[name] as number),
    );
  const layerNames = [...new Set(all.flatMap((report) => report.layers.map((layer) => layer.name)))];
  const layers = layerNames.map((name): ComparedLayer => {
    const found = all.map((report) => report.layers.find((layer) => layer.name === name));
    return {
      name,
      cycles: figure(
        "cycles",
        "cycles",
        found.map((layer) => layer?.cycles),
      ),
      energyPj: figure(
        "energyPj",
        "pJ",
        found.map((layer) => layer?.energyPj),
      ),
    };
  });
  const last = all.length - 1;
  const explains = layers
    .map((layer) => ({
      layer: layer.name,
      deltaCycles: (layer.cycles.values[last] ?? 0) - (layer.cycles.values[0] ?? 0),
      deltaEnergyPj: (layer.energyPj.values[last] ?? 0) - (layer.energyPj.values[0] ?? 0),
    }))
    .toSorted((a, b) => Math.abs(b.deltaCycles) - Math.abs(a.deltaCycles));
  return {
    schema: "picojoule/comparison@1",
    reports: reports.map(({ name, report }) => ({
      name,
      network: report.network.name,
      design: report.design.name,
      fidelity: report.fidelity,
    })),
    totals: [
      total("cycles", "cycles"),
      total("latencySeconds", "s"),
      total("energyPj", "pJ"),
      total("averagePowerWatts", "W"),
      total("utilizationFraction", "fraction"),
      total("dramBytes", "bytes"),
      total("areaUm2", "um2"),
    ],
    cyclesByCause: CAUSES.map((cause) =>
      figure(
        cause,
        "cycles",
        all.map((report) => report.totals.cyclesByCause[cause]),
      ),
    ),
    energyByComponentPj: COMPONENTS.map((name) =>
      figure(
        name,
        "pJ",
        all.map((report) => report.totals.energyByComponentPj[name]),
      ),
    ),
    layers,
    explains,
    energyRanking: reports.slice(1).map(({ name, report }) => ranking(name, report, all[0]!)),
  };
}

function ranking(name: string, report: Report, base: Report): EnergyRanking {
  const apart =
    report.totals.energyHighPj < base.totals.energyLowPj || report.totals.energyLowPj > base.totals.energyHighPj;
  return { name, lessThanBase: report.totals.energyPj < base.totals.energyPj, survivesAllSources: apart };
}
