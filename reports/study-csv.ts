/** A comparison of designs as CSV (RFC 4180): a row a network, design and set of values; units in the header. */
import { writeToString } from "fast-csv";
import type { Study } from "../algorithms/explore/compare-designs.js";
import { COMPONENTS } from "./columns.js";
import { safeText } from "./layer-csv.js";

export async function renderStudyCsv({ entries, designs }: Study): Promise<string> {
  const rows = entries.flatMap(({ network, design, runs }) => {
    const { areaUm2, calibration } = designs.find(({ name }) => name === design)!;
    return runs.map((run) => ({
      network: safeText(network),
      design: safeText(design),
      calibrated: calibration === undefined ? "" : String(calibration.isCalibrated),
      values: run.values,
      speedup_ratio: run.speedup,
      energy_ratio: run.energyRatio,
      dram_ratio: run.dramRatio,
      survives_all_sources: String(run.survivesAllSources),
      cycles: run.cycles,
      latency_seconds: run.latencySeconds,
      energy_pj: run.energyPj,
      energy_low_pj: run.energyLowPj,
      energy_high_pj: run.energyHighPj,
      dram_bytes: run.dramBytes,
      weight_bits: run.weightBits,
      area_um2: areaUm2,
      ...Object.fromEntries(COMPONENTS.map((name) => [`${name}_pj`, run.energyByComponentPj[name] ?? 0])),
    }));
  });
  return writeToString(rows, { headers: true, rowDelimiter: "\r\n", includeEndRowDelimiter: true });
}
