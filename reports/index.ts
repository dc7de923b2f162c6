/** Registry of reports that `--formats` chooses from. */
import type { Report } from "../sim/run/report-types.js";
import { renderLayerCsv } from "./layer-csv.js";
import { renderLayerTable } from "./layer-table.js";
import { renderOperatingPoints } from "./operating-points-table.js";
import type { RenderOptions } from "./paint.js";
import { renderJson } from "./report-json.js";

export interface ReportFormat {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  readonly extension: string;
  render(report: Report, options: RenderOptions): Promise<string>;
}

export const REPORTS = {
  table: {
    name: "table",
    description: "Per-layer table and totals for the terminal",
    source: "picojoule",
    extension: "txt",
    render: async (report, options) => {
      const table = renderLayerTable(report, options);
      return report.operatingPoints.length === 0 ? table : `${table}\n${renderOperatingPoints(report, options)}`;
    },
  },
  csv: {
    name: "csv",
    description: "A row a layer, every cause, reason, component and action, units in the header",
    source: "RFC 4180",
    extension: "csv",
    render: (report) => renderLayerCsv(report),
  },
  json: {
    name: "json",
    description: "The whole report, format picojoule/report@1",
    source: "picojoule",
    extension: "json",
    render: async (report) => renderJson(report),
  },
} as const satisfies Readonly<Record<string, ReportFormat>>;
