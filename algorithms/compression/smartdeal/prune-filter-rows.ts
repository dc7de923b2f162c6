/**
 * Rows of single filters that go before the decomposition: over all filters of a layer, the part of the rows that gives its outputs
 * the least energy on the samples, w^2 times the energy of the input that a weight meets, summed over a row.
 * Source: derived; the index of the container has a bit for each row of each filter, so that any of them may go.
 */
import { placeInMatrix, type SmartDealShape } from "../../../sim/ir/encodings/smartdeal-layout.js";
import type { InputStatistics } from "../layer-inputs.js";

/** What rows are measured by beside their weights. */
export interface RowMeasure {
  /** What each filter's weights are to be multiplied by. */
  readonly factors: Float64Array;
  /** What the layer read; without outer products every input counts alike. */
  readonly inputs: InputStatistics | undefined;
}

/**
 * Zeroes rows of weights [filters, channels, kernelHeight, kernelWidth] in place. Of equal rows the first go first.
 * @param fraction of all rows, rounded down
 */
export function pruneFilterRows(
  weights: Float64Array,
  shape: SmartDealShape,
  fraction: number,
  { factors, inputs }: RowMeasure,
): void {
  const filterWeights = weights.length / shape.filters;
  const rowOf = Int32Array.from({ length: filterWeights }, (_, weight) =>
    Math.floor(placeInMatrix(shape, weight) / shape.size),
  );
  const rows = rowOf.reduce((most, row) => Math.max(most, row + 1), 0);
  const energies = new Float64Array(shape.filters * rows);
  for (let at = 0; at < weights.length; at++) {
    const [filter, weight] = [Math.floor(at / filterWeights), at % filterWeights];
    energies[filter * rows + rowOf[weight]!]! +=
      (weights[at]! * factors[filter]!) ** 2 * inputEnergy(inputs, filter / shape.filters, weight);
  }
  const rising = Array.from(energies, (_, row) => row).sort((a, b) => energies[a]! - energies[b]! || a - b);
  const goes = new Uint8Array(energies.length);
  for (const row of rising.slice(0, Math.floor(fraction * energies.length))) goes[row] = 1;
  for (let at = 0; at < weights.length; at++) {
    if (goes[Math.floor(at / filterWeights) * rows + rowOf[at % filterWeights]!] === 1) weights[at] = 0;
  }
}

/** Mean square of the input that a weight meets, of a filter at a part of all filters. */
function inputEnergy(inputs: InputStatistics | undefined, part: number, weight: number): number {
  if (inputs?.products === undefined) return 1;
  const group = Math.floor(part * inputs.groups);
  return inputs.products[(group * inputs.reduction + weight) * inputs.reduction + weight]!;
}
