/** A comparison as text: totals, causes and components with ratios to the first report, then the layers that differ most. */
import { formatQuantity } from "../sim/core/units.js";
import type { ComparedFigure, ComparedLayer, Comparison } from "./compare.js";
import { bytes, grouped, joules, ratio, squareMillimetres } from "./figures.js";
import { type Paint, PLAIN } from "./paint.js";
import { type Column, pageWidth, renderColumns, renderPairs } from "./text-table.js";

const SHOWN_LAYERS = 10;
const RATIO_WIDTH = 7;
const LEAST_VALUE_WIDTH = 8;
const MOST_VALUE_WIDTH = 14;
const LEAST_NAME_WIDTH = 14;
const MOST_NAME_WIDTH = 32;

function valueText(value: number | undefined, unit: string, cells: number): string {
  if (value === undefined) return "missing";
  if (unit === "cycles") return grouped(value, cells);
  if (unit === "pJ") return joules(value);
  if (unit === "bytes") return bytes(value);
  if (unit === "um2") return squareMillimetres(value);
  if (unit === "fraction") return value.toFixed(3);
  return formatQuantity(value, unit === "MACs" ? "" : unit);
}

/** How many reports fit beside each other on a page. */
function reportsPerTable(width: number): number {
  return (
    1 +
    Math.max(1, Math.floor((width - LEAST_NAME_WIDTH - LEAST_VALUE_WIDTH - 1) / (LEAST_VALUE_WIDTH + RATIO_WIDTH + 2)))
  );
}

/** The base and some of the others: a value each, and for the others the ratio to the base. */
function figureColumns(title: string, shown: readonly number[], width: number): Column<ComparedFigure>[] {
  const fixed = (shown.length - 1) * (RATIO_WIDTH + 1);
  const forValues = width - fixed - LEAST_NAME_WIDTH - shown.length;
  const valueWidth = Math.max(LEAST_VALUE_WIDTH, Math.min(MOST_VALUE_WIDTH, Math.floor(forValues / shown.length)));
  const nameWidth = Math.min(MOST_NAME_WIDTH, width - fixed - shown.length * (valueWidth + 1));
  const columns: Column<ComparedFigure>[] = [
    { title, width: nameWidth, align: "left", cell: (figure) => figure.name, wrap: true },
  ];
  for (const index of shown) {
    columns.push({
      title: `[${index + 1}]`,
      width: valueWidth,
      align: "right",
      cell: (figure) => valueText(figure.values[index], figure.unit, valueWidth),
    });
    if (index > 0) {
      const cell = (figure: ComparedFigure): string => ratio(figure.ratios[index]);
      columns.push({ title: "ratio", width: RATIO_WIDTH, align: "right", cell });
    }
  }
  return columns;
}

function hasValue(figure: ComparedFigure): boolean {
  return figure.values.some((value) => value !== undefined && value !== 0);
}

/** Layers that differ in any of the reports, by the largest share of its base's cycles or energy that the difference is. */
function changedLayers(comparison: Comparison): ComparedLayer[] {
  const total = (name: string): number => comparison.totals.find((figure) => figure.name === name)?.values[0] || 1;
  const [cycles, energyPj] = [total("cycles"), total("energyPj")];
  const largest = new Map<string, number>();
  for (const { layers } of comparison.explains) {
    for (const { layer, deltaCycles, deltaEnergyPj } of layers) {
      const share = Math.max(Math.abs(deltaCycles) / cycles, Math.abs(deltaEnergyPj) / energyPj);
      largest.set(layer, Math.max(largest.get(layer) ?? 0, share));
    }
  }
  const shareOf = ({ name }: ComparedLayer): number => largest.get(name) ?? 0;
  return comparison.layers.filter((layer) => shareOf(layer) > 0).toSorted((a, b) => shareOf(b) - shareOf(a));
}

/** How much of each difference the shown layers make up. */
function shownShares(comparison: Comparison, shown: readonly ComparedLayer[]): (readonly [string, string])[] {
  const names = new Set(shown.map(({ name }) => name));
  return comparison.explains.map(({ deltaCycles, layers }, index) => {
    const label = `[${index + 2}]`;
    if (deltaCycles === 0) return [label, "as many cycles as [1]"];
    const part = layers.reduce((sum, layer) => sum + (names.has(layer.layer) ? layer.deltaCycles : 0), 0);
    const total = `${grouped(Math.abs(deltaCycles))} cycles ${deltaCycles > 0 ? "more" : "fewer"} than [1]`;
    return [label, `${total}; the layers above make ${((100 * part) / deltaCycles).toFixed(0)}% of that`];
  });
}

function verdicts(comparison: Comparison): (readonly [string, string])[] {
  return comparison.energyRanking.map(({ lessThanBase, survivesAllSources }, index) => {
    const relation = `takes ${lessThanBase ? "less" : "no less"} energy than [1]`;
    const standing = survivesAllSources ? "whatever the energy source" : "by the nominal sources; the ranges overlap";
    return [`[${index + 2}]`, `${relation}, ${standing}`] as const;
  });
}

/** The comparison as text, no line wider than the page; reports that do not fit beside each other get tables of their own. */
export function renderComparison(comparison: Comparison, pageColumns: number, paint: Paint = PLAIN): string {
  const width = pageWidth(pageColumns);
  const others = comparison.reports.map((_, index) => index).slice(1);
  const perTable = reportsPerTable(width) - 1;
  const table = (title: string, figures: readonly ComparedFigure[]): string => {
    const rows = figures.filter(hasValue);
    const parts: string[] = [];
    for (let at = 0; at < others.length; at += perTable) {
      parts.push(renderColumns(figureColumns(title, [0, ...others.slice(at, at + perTable)], width), rows, paint));
    }
    return rows.length === 0 ? "" : parts.join("\n\n");
  };
  const named = (pick: (layer: ComparedLayer) => ComparedFigure, layers: readonly ComparedLayer[]) =>
    layers.map((layer) => ({ ...pick(layer), name: layer.name }));
  const legend = comparison.reports.map(
    ({ name, network, design, encoding, fidelity }, index) =>
      [`[${index + 1}]`, `${name}: ${network} on ${design}, ${encoding} weights, ${fidelity}`] as const,
  );
  const changed = changedLayers(comparison);
  const shown = changed.slice(0, SHOWN_LAYERS);
  const rest = changed.length - shown.length;
  const sections = [
    renderPairs(legend, width, paint.title),
    renderPairs(
      comparison.caveats.map((caveat) => ["caution", caveat] as const),
      width,
      paint.warning,
    ),
    table("total", comparison.totals),
    table("cycles by cause", comparison.cyclesByCause),
    table("energy by component", comparison.energyByComponentPj),
    table(
      "cycles by layer",
      named((layer) => layer.cycles, shown),
    ),
    rest > 0 ? `... and ${rest} more layers that differ less (--json has all)` : "",
    renderPairs(shownShares(comparison, shown), width, paint.title),
    table(
      "energy by layer",
      named((layer) => layer.energyPj, shown),
    ),
    renderPairs(verdicts(comparison), width, paint.title),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}
