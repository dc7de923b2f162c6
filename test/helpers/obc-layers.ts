/** Layers for OBC's tests: correlated inputs, and least squares by plain elimination, which knows nothing of inverses that shrink. */
import type { InputStatistics } from "../../algorithms/compression/layer-inputs.js";
import type { WeightMatrix } from "../../algorithms/compression/weight-matrix.js";
import { Random } from "../../sim/core/rng.js";

/** E[x x^T] of inputs that share a few causes: [size, size]. */
export function correlatedProducts(size: number, seed: string, samples = 3 * size): Float64Array {
  const random = new Random(seed);
  const causes = Math.ceil(size / 3);
  const mixing = Array.from({ length: size * causes }, () => random.between(-1, 1));
  const products = new Float64Array(size * size);
  const input = new Float64Array(size);
  for (let sample = 0; sample < samples; sample++) {
    const cause = Array.from({ length: causes }, () => random.between(-1, 1));
    for (let i = 0; i < size; i++) {
      input[i] = 0.3 * random.between(-1, 1);
      for (let k = 0; k < causes; k++) input[i]! += mixing[i * causes + k]! * cause[k]!;
    }
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) products[i * size + j]! += (input[i]! * input[j]!) / samples;
  }
  return products;
}

/** Weights from -1 to 1. */
export function evenWeights(reduction: number, columns: number, seed: string): WeightMatrix {
  const random = new Random(seed);
  const values = Float32Array.from({ length: reduction * columns }, () => random.between(-1, 1));
  return { reduction, columns, values, leastScales: new Float64Array(columns) };
}

/** What a layer of one group read. */
export function inputsOf(products: Float64Array, reduction: number): InputStatistics {
  const none = new Float64Array(reduction);
  return { groups: 1, reduction, means: none, products, productMeans: none };
}

/** e^T H e / 2, by the sum over all pairs. */
export function quadraticLoss(matrix: Float64Array, errors: ArrayLike<number>): number {
  let loss = 0;
  const size = errors.length;
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) loss += (errors[i]! * matrix[i * size + j]! * errors[j]!) / 2;
  return loss;
}

/** The weights nearest in loss to `weights` of which some have given values: the rest solved for by least squares. */
export function refit(
  matrix: Float64Array,
  weights: ArrayLike<number>,
  fixed: ReadonlyMap<number, number>,
): Float64Array {
  const size = weights.length;
  const free = Array.from({ length: size }, (_, i) => i).filter((i) => !fixed.has(i));
  const rows = free.map((i) => {
    let right = 0;
    for (const [j, value] of fixed) right += matrix[i * size + j]! * (weights[j]! - value);
    return [...free.map((j) => matrix[i * size + j]!), right];
  });
  const changes = solve(rows);
  const result = Float64Array.from(weights);
  for (const [place, i] of free.entries()) result[i]! += changes[place]!;
  for (const [i, value] of fixed) result[i] = value;
  return result;
}

/** Solves equations, each a row of coefficients and a right side, by elimination with row exchanges. */
function solve(rows: number[][]): number[] {
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column; row < size; row++) {
      if (Math.abs(rows[row]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = row;
    }
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    for (let row = 0; row < size; row++) {
      const factor = rows[row]![column]! / rows[column]![column]!;
      if (row === column || factor === 0) continue;
      for (let at = column; at <= size; at++) rows[row]![at]! -= factor * rows[column]![at]!;
    }
  }
  return rows.map((row, at) => row[size]! / row[at]!);
}

/** The loss of a row whose weights at some indices are 0 and whose others are fitted. */
export function lossOfZeros(matrix: Float64Array, weights: ArrayLike<number>, zeros: readonly number[]): number {
  const fitted = refit(matrix, weights, new Map(zeros.map((index) => [index, 0])));
  return quadraticLoss(
    matrix,
    fitted.map((value, at) => value - weights[at]!),
  );
}

/** Codes of 2:4 in 8 bits by magnitude, the largest weight of a column at 127: plain loops. */
export function magnitudeOf({ reduction, columns, values }: WeightMatrix): Int32Array {
  const codes = new Int32Array(values.length);
  for (let column = 0; column < columns; column++) {
    const weights = Array.from({ length: reduction }, (_, row) => values[row * columns + column]!);
    const scale = Math.fround(Math.max(...weights.map(Math.abs)) / 127);
    for (const [row, weight] of weights.entries()) {
      const group = weights.slice(row - (row % 4), row - (row % 4) + 4).map(Math.abs);
      const larger = group.filter((other) => other > Math.abs(weight)).length;
      codes[row * columns + column] = larger < 2 ? Math.round(weight / scale) : 0;
    }
  }
  return codes;
}
