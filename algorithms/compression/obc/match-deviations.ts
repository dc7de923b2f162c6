/**
 * The scale of each output channel so that its outputs vary on the samples as those of the given weights do: what an estimate of
 * batch norm's deviations after compression does, for networks that have it folded in their weights. With C the covariance of what a
 * layer reads,
 *
 *     scale *= sqrt(w^T C w / q^T C q)
 *
 * Means are left to the bias (bias-correction.ts). Channels of no variance keep their scale.
 * Source: Frantar and Alistarh, 'Optimal Brain Compression', NeurIPS 2022, section 6 (statistics corrections).
 */
import { centredStatistics, type InputStatistics } from "../layer-inputs.js";
import { type CompressedMatrix, scaleOfColumn, type WeightMatrix } from "../weight-matrix.js";

/** The compressed matrix, of one scale each column, with other scales. */
export function matchDeviations(
  { reduction, columns, values, leastScales }: WeightMatrix,
  compressed: CompressedMatrix,
  inputs: InputStatistics,
): CompressedMatrix {
  const { groups, products } = centredStatistics(inputs);
  if (products === undefined) return compressed;
  const scales = compressed.scales.map((scale, column) => {
    const group = Math.floor((column * groups) / columns);
    const covariance = products.subarray(group * reduction ** 2, (group + 1) * reduction ** 2);
    const given = Float64Array.from({ length: reduction }, (_, row) => values[row * columns + column]!);
    const made = given.map((_, row) => compressed.codes[row * columns + column]! * scaleOfColumn(compressed, column));
    const [wanted, got] = [varianceOf(covariance, given), varianceOf(covariance, made)];
    if (!(wanted > 0 && got > 0)) return scale;
    return Math.max(scale * Math.sqrt(wanted / got), leastScales[column]!);
  });
  return { ...compressed, scales };
}

/** v^T C v. */
function varianceOf(covariance: Float64Array, vector: Float64Array): number {
  let variance = 0;
  for (const [i, value] of vector.entries()) {
    if (value === 0) continue;
    let sum = 0;
    for (let j = 0; j < vector.length; j++) sum += covariance[i * vector.length + j]! * vector[j]!;
    variance += value * sum;
  }
  return variance;
}
