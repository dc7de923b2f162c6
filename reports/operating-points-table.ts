/** The same run at each operating point: latency, energy, power. */
import { formatQuantity } from "../sim/core/units.js";
import type { OperatingPointReport, Report } from "../sim/run/report-types.js";
import { joules } from "./layer-table.js";
import { type Column, grouped, renderColumns } from "./text-table.js";

export function renderOperatingPoints(report: Report): string {
  const columns: Column<OperatingPointReport>[] = [
    { title: "operating point", width: 16, align: "left", cell: (point) => point.name },
    { title: "clock", width: 9, align: "right", cell: (point) => formatQuantity(point.clockHz, "Hz") },
    { title: "supply", width: 7, align: "right", cell: (point) => formatQuantity(point.supplyVolts, "V") },
    { title: "cycles", width: 12, align: "right", cell: (point) => grouped(point.cycles) },
    { title: "latency", width: 8, align: "right", cell: (point) => formatQuantity(point.latencySeconds, "s") },
    { title: "energy", width: 8, align: "right", cell: (point) => joules(point.energyPj) },
    { title: "power", width: 8, align: "right", cell: (point) => formatQuantity(point.averagePowerWatts, "W") },
  ];
  return `${renderColumns(columns, report.operatingPoints)}\n`;
}
