/** The report as CSV (RFC 4180): a row a layer, units in the header, names that a spreadsheet would run as formulas quoted. */
import { writeToString } from "fast-csv";
import { formatMapping } from "../sim/ir/mapping.js";
import type { LayerReport, Report } from "../sim/run/report-types.js";
import { ACTION_NAMES, CAUSES, COMPONENTS, REASONS } from "./columns.js";

/** A cell that spreadsheets show as text: one that would start a formula gets a leading apostrophe. */
function safeText(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function rowOf(layer: LayerReport): Record<string, string | number> {
  const row: Record<string, string | number> = {
    layer: safeText(layer.name),
    kind: layer.kind,
    fused: safeText(layer.fused.join(" + ")),
    encoding: layer.encoding,
    precision: layer.precision,
    mapping: formatMapping(layer.mapping),
    macs: layer.macs,
    effectual_macs: layer.effectualMacs,
    cycles: layer.cycles,
    hidden_cycles: layer.hiddenCycles,
    utilization_fraction: layer.utilizationFraction,
    bound_by: layer.boundBy,
    energy_pj: layer.energyPj,
    energy_low_pj: layer.energyLowPj,
    energy_high_pj: layer.energyHighPj,
    dram_useful_bytes: layer.dram.usefulBytes,
    dram_burst_bytes: layer.dram.burstBytes,
    weight_bits: layer.weightBits,
    metadata_bits: layer.metadataBits,
    statistics: layer.statistics,
  };
  for (const cause of CAUSES) row[`${cause}_cycles`] = layer.cyclesByCause[cause];
  for (const reason of REASONS) row[`wait_${reason}_cycles`] = layer.waitReasons[reason];
  for (const component of COMPONENTS) row[`${component}_pj`] = layer.energyByComponentPj[component];
  for (const action of ACTION_NAMES) row[`${action}_count`] = layer.actions[action];
  return row;
}

export async function renderLayerCsv(report: Report): Promise<string> {
  return writeToString(report.layers.map(rowOf), { headers: true, includeEndRowDelimiter: true });
}
