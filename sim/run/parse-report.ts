/** Checks that some text is a report of ours before anything is computed from it. */
import { ENERGY_COMPONENTS } from "../../hw-models/energy/energy-types.js";
import { ConfigError, quoteForMessage } from "../core/errors.js";
import { CYCLE_CAUSES, REPORT_SCHEMA_ID, type Report } from "./report-types.js";

const MAX_LAYERS = 1_000_000;
const MAX_SHOWN_FAULTS = 4;

/**
 * The report in a JSON text.
 * @param where name of the file, for messages
 * @throws ConfigError when it is not JSON, not a report, or lacks figures
 */
export function parseReport(text: string, where: string): Report {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw notAReport(where, `text that is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  const report = data as Partial<Report> | null;
  if (!isRecord(report) || report.schema !== REPORT_SCHEMA_ID) {
    throw notAReport(where, `schema ${quoteForMessage(isRecord(report) ? report.schema : report)}`);
  }
  const faults = findFaults(report);
  if (faults.length > 0) {
    const shown = faults.slice(0, MAX_SHOWN_FAULTS).join(", ");
    throw notAReport(where, `a report with missing or non-finite figures: ${shown}`);
  }
  return report as unknown as Report;
}

type Kind = "text" | "number" | "list";

/** What the views and comparisons read of every report, by path. */
const NEEDED: Readonly<Record<string, Kind>> = {
  "tool.version": "text",
  "network.name": "text",
  "network.macs": "number",
  "network.parameters": "number",
  "design.name": "text",
  encoding: "text",
  fidelity: "text",
  layers: "list",
};
const TOTALS = [
  "latencySeconds",
  "averagePowerWatts",
  "macs",
  "utilizationFraction",
  "dramBytes",
  "weightBytes",
  "areaUm2",
];
const FIGURES = ["cycles", "energyPj", "energyLowPj", "energyHighPj"];

/** Paths that a report must have and does not. */
function findFaults(report: Readonly<Record<string, unknown>>): string[] {
  const faults = Object.entries(NEEDED)
    .filter(([path, kind]) => !isOfKind(valueAt(report, path), kind))
    .map(([path]) => path);
  faults.push(...figureFaults(report.totals, "totals"));
  faults.push(
    ...TOTALS.filter((name) => !isOfKind(valueAt(report.totals, name), "number")).map((name) => `totals.${name}`),
  );
  const layers = Array.isArray(report.layers) ? (report.layers as readonly unknown[]) : [];
  if (layers.length > MAX_LAYERS) return [...faults, `${layers.length} layers, more than ${MAX_LAYERS}`];
  const names = new Set<unknown>();
  for (const [index, layer] of layers.entries()) {
    const name = valueAt(layer, "name");
    if (typeof name !== "string") faults.push(`layers[${index}].name`);
    if (names.has(name)) faults.push(`layers[${index}].name, which another layer has`);
    names.add(name);
    faults.push(...figureFaults(layer, `layers[${index}]`));
    if (faults.length > MAX_SHOWN_FAULTS) break;
  }
  return faults;
}

function figureFaults(item: unknown, path: string): string[] {
  const needed = [
    ...FIGURES,
    ...CYCLE_CAUSES.map((cause) => `cyclesByCause.${cause}`),
    ...ENERGY_COMPONENTS.map((component) => `energyByComponentPj.${component}`),
  ];
  return needed.filter((name) => !isOfKind(valueAt(item, name), "number")).map((name) => `${path}.${name}`);
}

function valueAt(item: unknown, path: string): unknown {
  let value = item;
  for (const key of path.split(".")) value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}

function isOfKind(value: unknown, kind: Kind): boolean {
  if (kind === "list") return Array.isArray(value);
  return kind === "text" ? typeof value === "string" : Number.isFinite(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function notAReport(where: string, got: string): ConfigError {
  return new ConfigError({
    where: quoteForMessage(where),
    got: quoteForMessage(got),
    want: `a report of format ${REPORT_SCHEMA_ID}`,
    fix: "make one with 'pj simulate ... --out DIR --formats json', or name a run as network@design",
  });
}
