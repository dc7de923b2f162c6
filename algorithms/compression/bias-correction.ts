/**
 * What rounding the weights adds to the mean of a layer's outputs on samples is taken from its bias: with the error e = q - w of
 * a column and the mean E[x] of what it reads, E[q x] - E[w x] = e E[x].
 * Source: Nagel et al., 'Data-Free Quantization Through Weight Equalization and Bias Correction', ICCV 2019;
 * E[x] is measured on samples, at every place of a window, so that zeros of the padding count.
 */
import type { InputStatistics } from "./layer-inputs.js";
import { type CompressedMatrix, scaleOfColumn, type WeightMatrix } from "./weight-matrix.js";

/** What is to be added to the bias of each column. */
export function biasCorrections(
  { reduction, columns, values }: WeightMatrix,
  compressed: CompressedMatrix,
  { groups, means }: InputStatistics,
): Float64Array {
  const inGroup = columns / groups;
  return Float64Array.from({ length: columns }, (_, column) => {
    const scale = scaleOfColumn(compressed, column);
    const first = Math.floor(column / inGroup) * reduction;
    let shift = 0;
    for (let row = 0; row < reduction; row++) {
      const at = row * columns + column;
      shift += (values[at]! - (compressed.codes[at]! - compressed.zero) * scale) * means[first + row]!;
    }
    return shift;
  });
}
