/**
 * The report as CSV (RFC 4180): a row a layer, units in the header, an empty cell where a layer has no such figure. Names that
 * a spreadsheet would run as formulas start with an apostrophe.
 */
import { writeToString } from "fast-csv";
import { formatMapping } from "../sim/ir/mapping.js";
import type { LayerReport, Report } from "../sim/run/report-types.js";
import { ACTION_NAMES, BUFFERS, CAUSES, COMPONENTS, DRAM_PARTS, REASONS, SHAPE, TENSORS } from "./columns.js";

type Row = Record<string, string | number>;

/** A cell that spreadsheets show as text. */
export function safeText(text: string): string {
  return /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
}

/** `waitIfmap` as `wait_ifmap`. */
function header(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function rowOf(layer: LayerReport): Row {
  const row: Row = {
    layer: safeText(layer.name),
    kind: safeText(layer.kind),
    fused: safeText(layer.fused.join(" + ")),
    encoding: safeText(layer.encoding),
    precision: safeText(layer.precision),
    mapping: safeText(formatMapping(layer.mapping)),
    statistics: layer.statistics,
    assumed: String(layer.assumed),
    bound_by: layer.boundBy,
  };
  for (const name of SHAPE) row[`shape_${name}`] = layer.shape[name] ?? "";
  Object.assign(row, {
    macs: layer.macs,
    effectual_macs: layer.effectualMacs,
    utilization_fraction: layer.utilizationFraction,
    cycles: layer.cycles,
    hidden_cycles: layer.hiddenCycles,
    energy_pj: layer.energyPj,
    energy_low_pj: layer.energyLowPj,
    energy_high_pj: layer.energyHighPj,
    dram_useful_bytes: layer.dram.usefulBytes,
    dram_burst_bytes: layer.dram.burstBytes,
    dram_read_bytes: layer.dram.readBytes,
    dram_write_bytes: layer.dram.writeBytes,
    dram_bursts_count: layer.dram.bursts,
    dram_row_hits_count: layer.dram.rowHits,
    weight_bits: layer.weightBits,
    metadata_bits: layer.metadataBits,
  });
  for (const cause of CAUSES) row[`${header(cause)}_cycles`] = layer.cyclesByCause[cause];
  for (const reason of REASONS) row[`wait_reason_${header(reason)}_cycles`] = layer.waitReasons[reason];
  for (const component of COMPONENTS) row[`${header(component)}_pj`] = layer.energyByComponentPj[component];
  for (const part of DRAM_PARTS) row[`dram_${header(part)}_pj`] = layer.dramEnergyPj[part];
  for (const tensor of TENSORS) row[`${tensor}_memory_pj`] = layer.energyByTensorPj[tensor];
  for (const buffer of BUFFERS) {
    row[`${buffer}_buffer_used_bytes`] = layer.buffers[buffer].usedBytes;
    row[`${buffer}_buffer_conflict_cycles`] = layer.buffers[buffer].conflictCycles;
  }
  for (const action of ACTION_NAMES) row[actionHeader(action)] = layer.actions[action];
  return row;
}

/** Actions are counts, but for bytes and cycles, which say so already. */
function actionHeader(action: string): string {
  return /(Bytes|Cycles)$/.test(action) ? header(action) : `${header(action)}_count`;
}

/** The layers as CSV, lines ended as RFC 4180 has them. */
export async function renderLayerCsv(report: Report): Promise<string> {
  return writeToString(report.layers.map(rowOf), {
    headers: true,
    rowDelimiter: "\r\n",
    includeEndRowDelimiter: true,
  });
}
