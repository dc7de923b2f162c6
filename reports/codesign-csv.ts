/** Compressions of a model on designs as CSV (RFC 4180): a row a pair; units in the header. */
import { writeToString } from "fast-csv";
import type { Codesign } from "../algorithms/explore/codesign.js";
import { safeText } from "./layer-csv.js";

export async function renderCodesignCsv({ entries }: Codesign): Promise<string> {
  const rows = entries.map(({ encoding, design, figures, refusal = "", isOnFront }) => ({
    weights: safeText(encoding),
    design: safeText(design),
    on_front: String(isOnFront),
    accuracy_fraction: figures?.accuracyFraction ?? "",
    cycles: figures?.cycles ?? "",
    latency_seconds: figures?.latencySeconds ?? "",
    energy_pj: figures?.energyPj ?? "",
    energy_low_pj: figures?.energyLowPj ?? "",
    energy_high_pj: figures?.energyHighPj ?? "",
    dram_bytes: figures?.dramBytes ?? "",
    weight_bytes: figures?.weightBytes ?? "",
    metadata_bytes: figures?.metadataBytes ?? "",
    area_um2: figures?.areaUm2 ?? "",
    utilization_fraction: figures?.utilizationFraction ?? "",
    sums_bit_exact: figures?.sumsBitExact ?? "",
    refusal: safeText(refusal.replace(/\s+/g, " ")),
  }));
  return writeToString(rows, { headers: true, rowDelimiter: "\r\n", includeEndRowDelimiter: true });
}
