/**
 * What errors of one filter's weights cost a layer: H = 2 E[x x^T] over the samples, so that an error e of the weights costs e^T H e / 2,
 * the mean squared error of the output. An input that was never seen (H_ii = 0) gets H_ii = 1 and loses its weight. To the diagonal a
 * part of its mean is added if asked; where H is still singular, the unit matrix is, until it is not.
 *
 *     H = U U^T,  V = U^-1,  U and V upper triangular
 *
 * For every a, the inverse of H without its first a rows and columns is V_a^T V_a, with V_a the rows and columns of V from a on.
 * Source: Frantar and Alistarh, 'Optimal Brain Compression', NeurIPS 2022 (its published code); V as in 'GPTQ', ICLR 2023.
 */
import { ModelError } from "../../../sim/core/errors.js";

/** Row-major [size, size] matrices of one layer, or of one group of its channels. */
export interface Hessian {
  readonly size: number;
  readonly values: Float64Array;
  /** 1 for each input that was never other than 0. */
  readonly dead: Uint8Array;
  /** U, upper triangular. */
  readonly factor: Float64Array;
  /** V, upper triangular. */
  readonly inverseFactor: Float64Array;
}

/** Times that the unit matrix is added before H is given up: then it is no matrix of products. */
const MAX_ADDITIONS = 64;

/**
 * From H itself.
 * @param damping part of the mean of the diagonal that is added to the diagonal
 * @throws ModelError for a matrix that is not finite or has negative directions of size
 */
export function hessianOf(matrix: Float64Array, size: number, damping: number): Hessian {
  const values = matrix.slice();
  const dead = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    if (values[i * size + i] !== 0) continue;
    dead[i] = 1;
    values[i * size + i] = 1;
  }
  let trace = 0;
  for (let i = 0; i < size; i++) trace += values[i * size + i]!;
  for (let i = 0; i < size; i++) values[i * size + i]! += (damping * trace) / Math.max(1, size);
  const factor = new Float64Array(size * size);
  for (let addition = 0; !factorize(values, size, factor); addition++) {
    if (addition === MAX_ADDITIONS) throw new ModelError("obc hessian", "a matrix of products that is not one");
    for (let i = 0; i < size; i++) values[i * size + i]! += 1;
  }
  return { size, values, dead, factor, inverseFactor: invertUpper(factor, size) };
}

/** From the means of outer products of what a layer reads, E[x x^T]. */
export function hessianOfProducts(products: Float64Array, size: number, damping: number): Hessian {
  return hessianOf(
    products.map((product) => 2 * product),
    size,
    damping,
  );
}

/** The inverse of H between two indices, without the rows and columns before them. */
export interface BlockInverse {
  readonly size: number;
  /** Row-major [size, size]. */
  readonly values: Float64Array;
  /** 1 / H_ii: what H^-1_ii comes to when all others are gone, and never less. */
  readonly leastDiagonal: Float64Array;
}

export function inverseOf({ size, values, inverseFactor }: Hessian, from = 0, to = size): BlockInverse {
  const side = to - from;
  const inverse = new Float64Array(side * side);
  for (let k = from; k < to; k++) {
    const row = inverseFactor.subarray(k * size + from, k * size + to);
    for (let i = k - from; i < side; i++) {
      const factor = row[i]!;
      for (let j = i; j < side; j++) inverse[i * side + j]! += factor * row[j]!;
    }
  }
  for (let i = 0; i < side; i++) for (let j = 0; j < i; j++) inverse[i * side + j] = inverse[j * side + i]!;
  const leastDiagonal = Float64Array.from({ length: side }, (_, i) => 1 / values[(from + i) * size + from + i]!);
  return { size: side, values: inverse, leastDiagonal };
}

/** e^T H e / 2. */
export function lossOf({ size, values }: Pick<Hessian, "size" | "values">, errors: ArrayLike<number>): number {
  let loss = 0;
  for (let i = 0; i < size; i++) {
    if (errors[i] === 0) continue;
    let sum = 0;
    for (let j = 0; j < size; j++) sum += values[i * size + j]! * errors[j]!;
    loss += (errors[i]! * sum) / 2;
  }
  return loss;
}

/** Writes U of H = U U^T; false when H is not positive definite. */
function factorize(values: Float64Array, size: number, factor: Float64Array): boolean {
  factor.fill(0);
  for (let j = size - 1; j >= 0; j--) {
    const right = factor.subarray(j * size, (j + 1) * size);
    for (let i = j; i >= 0; i--) {
      const row = i * size;
      let rest = values[row + j]!;
      for (let k = j + 1; k < size; k++) rest -= factor[row + k]! * right[k]!;
      if (i < j) factor[row + j] = rest / right[j]!;
      else if (rest > 0 && Number.isFinite(rest)) factor[row + j] = Math.sqrt(rest);
      else return false;
    }
  }
  return true;
}

function invertUpper(factor: Float64Array, size: number): Float64Array {
  const inverse = new Float64Array(size * size);
  for (let i = size - 1; i >= 0; i--) {
    const row = inverse.subarray(i * size, (i + 1) * size);
    row[i] = 1;
    for (let k = i + 1; k < size; k++) {
      const weight = factor[i * size + k]!;
      if (weight === 0) continue;
      for (let j = k; j < size; j++) row[j]! -= weight * inverse[k * size + j]!;
    }
    const diagonal = factor[i * size + i]!;
    for (let j = i; j < size; j++) row[j]! /= diagonal;
  }
  return inverse;
}
