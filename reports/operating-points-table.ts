/** The same run at each operating point: latency, energy, power. */
import { formatQuantity } from "../sim/core/units.js";
import type { OperatingPointReport, Report } from "../sim/run/report-types.js";
import { grouped, joules } from "./figures.js";
import { PLAIN, type RenderOptions } from "./paint.js";
import { type Column, pageWidth, renderColumns } from "./text-table.js";

const NAME_WIDTH = 16;

/** Columns in the order in which they are dropped last; the name takes what is left. */
const FIGURES: readonly Column<OperatingPointReport>[] = [
  { title: "latency", width: 8, align: "right", cell: (point) => formatQuantity(point.latencySeconds, "s") },
  { title: "energy", width: 8, align: "right", cell: (point) => joules(point.energyPj) },
  { title: "power", width: 8, align: "right", cell: (point) => formatQuantity(point.averagePowerWatts, "W") },
  { title: "clock", width: 9, align: "right", cell: (point) => formatQuantity(point.clockHz, "Hz") },
  { title: "supply", width: 7, align: "right", cell: (point) => formatQuantity(point.supplyVolts, "V") },
  { title: "cycles", width: 12, align: "right", cell: (point) => grouped(point.cycles, 12) },
  {
    title: "energy range",
    width: 18,
    align: "right",
    cell: (point) => `${joules(point.energyLowPj)} .. ${joules(point.energyHighPj)}`,
  },
];

export function renderOperatingPoints(report: Report, options: RenderOptions): string {
  const columns: Column<OperatingPointReport>[] = [
    { title: "point", width: NAME_WIDTH, align: "left", cell: (point) => point.name },
  ];
  let free = pageWidth(options.width) - NAME_WIDTH;
  for (const column of FIGURES) {
    if (column.width + 1 > free) break;
    free -= column.width + 1;
    columns.push(column);
  }
  return `${renderColumns(columns, report.operatingPoints, options.paint ?? PLAIN)}\n`;
}
