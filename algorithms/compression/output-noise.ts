/** What errors of a layer's weights do to its outputs, from what it read on samples. */
import type { InputStatistics } from "./layer-inputs.js";
import { type CompressedMatrix, scaleOfColumn, type WeightMatrix } from "./weight-matrix.js";

/** What compressed weights lack to the given ones, row-major [reduction, columns]. */
export function weightErrors({ values, columns }: WeightMatrix, compressed: CompressedMatrix): Float64Array {
  return Float64Array.from(
    values,
    (value, at) => value - (compressed.codes[at]! - compressed.zero) * scaleOfColumn(compressed, at % columns),
  );
}

/** Squared error of a layer's outputs over their energy; of its weights where no outer products were gathered. */
export function outputNoise(
  { values, columns, reduction }: WeightMatrix,
  errors: Float64Array,
  inputs: InputStatistics | undefined,
): number {
  const { products, groups = 1 } = inputs ?? {};
  const inGroup = columns / groups;
  const vector = new Float64Array(reduction);
  const energyOfColumn = (numbers: Float32Array | Float64Array, column: number): number => {
    for (let row = 0; row < reduction; row++) vector[row] = numbers[row * columns + column]!;
    return energyOf(vector, products, Math.floor(column / inGroup) * reduction ** 2);
  };
  let [signal, noise] = [0, 0];
  for (let column = 0; column < columns; column++) {
    signal += energyOfColumn(values, column);
    noise += energyOfColumn(errors, column);
  }
  return signal > 0 ? noise / signal : 0;
}

/** v^T H v, with H the matrix of products from an index on, or the unit matrix. */
function energyOf(vector: Float64Array, products: Float64Array | undefined, first: number): number {
  const size = vector.length;
  let energy = 0;
  for (let row = 0; row < size; row++) {
    const value = vector[row]!;
    if (value === 0) continue;
    if (products === undefined) {
      energy += value * value;
      continue;
    }
    // H is symmetric: its lower triangle twice, the diagonal once.
    let sum = 0;
    const from = first + row * size;
    for (let other = 0; other < row; other++) sum += products[from + other]! * vector[other]!;
    energy += value * (2 * sum + products[from + row]! * value);
  }
  return energy;
}
