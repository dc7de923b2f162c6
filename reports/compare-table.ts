/** A comparison as text: totals, causes and components with ratios to the first report, then the layers that differ most. */
import { formatQuantity } from "../sim/core/units.js";
import type { ComparedFigure, Comparison } from "./compare.js";
import { joules } from "./layer-table.js";
import { type Column, grouped, renderColumns, renderPairs } from "./text-table.js";

const SHOWN_LAYERS = 10;

function valueText(value: number | undefined, unit: string): string {
  if (value === undefined) return "missing";
  if (unit === "cycles") return grouped(value);
  if (unit === "pJ") return joules(value);
  if (unit === "bytes") return formatQuantity(value, "B");
  if (unit === "um2") return `${(value / 1e6).toPrecision(3)} mm2`;
  return unit === "fraction" ? value.toFixed(3) : formatQuantity(value, unit);
}

function ratioText(ratio: number | undefined): string {
  return ratio === undefined ? "-" : `${ratio.toPrecision(3)}x`;
}

function figureColumns(title: string, comparison: Comparison, width: number): Column<ComparedFigure>[] {
  const count = comparison.reports.length;
  const nameWidth = Math.max(14, Math.min(28, width - count * 20));
  const valueWidth = Math.max(8, Math.min(14, Math.floor((width - nameWidth) / count) - 10));
  const columns: Column<ComparedFigure>[] = [{ title, width: nameWidth, align: "left", cell: (figure) => figure.name }];
  for (let index = 0; index < count; index++) {
    columns.push({
      title: `[${index + 1}]`,
      width: valueWidth,
      align: "right",
      cell: (figure) => valueText(figure.values[index], figure.unit),
    });
    if (index > 0)
      columns.push({ title: "ratio", width: 7, align: "right", cell: (figure) => ratioText(figure.ratios[index]) });
  }
  return columns;
}

function hasValue(figure: ComparedFigure): boolean {
  return figure.values.some((value) => value !== undefined && value !== 0);
}

export function renderComparison(comparison: Comparison, width: number): string {
  const legend = comparison.reports.map(
    (report, index) =>
      [`[${index + 1}]`, `${report.name}: ${report.network} on ${report.design}, ${report.fidelity}`] as const,
  );
  const table = (title: string, figures: readonly ComparedFigure[]): string =>
    renderColumns(figureColumns(title, comparison, width), figures.filter(hasValue));
  const explaining = comparison.explains.filter(({ deltaCycles }) => deltaCycles !== 0).slice(0, SHOWN_LAYERS);
  const layers = explaining.map(({ layer }) => comparison.layers.find((candidate) => candidate.name === layer)!);
  const sections = [
    renderPairs(legend, width),
    table("total", comparison.totals),
    table("cycles by cause", comparison.cyclesByCause),
    table("energy by component", comparison.energyByComponentPj),
  ];
  if (layers.length > 0) {
    sections.push(
      table(
        "cycles, most changed",
        layers.map((layer) => ({ ...layer.cycles, name: layer.name })),
      ),
    );
    sections.push(
      table(
        "their energy",
        layers.map((layer) => ({ ...layer.energyPj, name: layer.name })),
      ),
    );
  }
  const verdicts = comparison.energyRanking.map(({ name, lessThanBase, survivesAllSources }, index) => {
    const relation = `[${index + 2}] takes ${lessThanBase ? "less" : "no less"} energy than [1]`;
    const standing = survivesAllSources ? "whatever the energy source" : "by the nominal sources; the ranges overlap";
    return [name, `${relation}, ${standing}`] as const;
  });
  sections.push(renderPairs(verdicts, width));
  return `${sections.join("\n\n")}\n`;
}
