/** A crossover study as CSV (RFC 4180): a row a design, type of layer, set of values and density; units in the header. */
import { writeToString } from "fast-csv";
import type { CrossoverStudy, FoundCrossing } from "../algorithms/explore/crossover/crossover-types.js";
import { safeText } from "./layer-csv.js";

export async function renderCrossoverCsv({ entries, rival }: CrossoverStudy): Promise<string> {
  const rows = entries.flatMap(({ design, scope, layers, runs }) =>
    runs.flatMap(({ values, points, crossings }) =>
      points.map(({ over, ...point }) => ({
        design: safeText(design),
        rival: safeText(rival),
        layer_type: safeText(scope),
        layers,
        values,
        density: point.density,
        encoding: safeText(point.encoding),
        cycles: point.cycles,
        latency_seconds: point.latencySeconds,
        energy_pj: point.energyPj,
        energy_low_pj: point.energyLowPj,
        energy_high_pj: point.energyHighPj,
        latency_over_itself_ratio: over.itself.latencyRatio,
        latency_over_rival_ratio: over.rival.latencyRatio,
        energy_over_itself_ratio: over.itself.energyRatio,
        energy_over_rival_ratio: over.rival.energyRatio,
        energy_without_metadata_over_itself_ratio: over.itself.energyWithoutMetadataRatio,
        energy_without_metadata_over_rival_ratio: over.rival.energyWithoutMetadataRatio,
        macs: point.macs,
        products: point.products,
        compute_cycles: point.computeCycles,
        balanced_cycles: point.balancedCycles,
        imbalance_ratio: point.imbalanceRatio,
        value_bits: point.valueBits,
        metadata_bits: point.metadataBits,
        metadata_fraction: point.metadataFraction,
        dram_bytes: point.dramBytes,
        dram_metadata_bytes: point.dramMetadataBytes,
        metadata_dram_fraction: point.metadataDramFraction,
        dram_energy_pj: point.dramEnergyPj,
        metadata_energy_pj: point.metadataEnergyPj,
        metadata_energy_fraction: point.metadataEnergyFraction,
        ...Object.fromEntries(crossings.flatMap(crossingCells)),
      })),
    ),
  );
  return writeToString(rows, { headers: true, rowDelimiter: "\r\n", includeEndRowDelimiter: true });
}

/** The same in all rows of a curve. */
function crossingCells({ over, measure, verdict, largestDensity }: FoundCrossing): [string, string | number][] {
  const name = `${measure.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_over_${over}`;
  return [
    [`${name}_verdict`, verdict],
    [`${name}_wins_up_to_density`, largestDensity ?? ""],
  ];
}
