/** Checks that some text is a report of ours before anything is computed from it. */
import { ConfigError, quoteForMessage } from "../core/errors.js";
import { CYCLE_CAUSES, REPORT_SCHEMA_ID, type Report } from "./report-types.js";

const MAX_LAYERS = 1_000_000;

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
  if (typeof report !== "object" || report === null || report.schema !== REPORT_SCHEMA_ID) {
    throw notAReport(where, `schema ${quoteForMessage(report?.schema)}`);
  }
  const { totals, layers, network, design } = report;
  if (
    !Array.isArray(layers) ||
    layers.length > MAX_LAYERS ||
    !isRecord(totals) ||
    !isRecord(network) ||
    !isRecord(design)
  ) {
    throw notAReport(where, "a report without network, design, totals or layers");
  }
  const figures = [totals, ...layers].every(
    (item) =>
      isRecord(item) &&
      [item.cycles, item.energyPj, item.energyLowPj, item.energyHighPj].every(Number.isFinite) &&
      isRecord(item.cyclesByCause) &&
      CYCLE_CAUSES.every((cause) => Number.isFinite((item.cyclesByCause as Record<string, unknown>)[cause])) &&
      isRecord(item.energyByComponentPj),
  );
  if (!figures) throw notAReport(where, "a report with missing or non-finite figures");
  return report as Report;
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
