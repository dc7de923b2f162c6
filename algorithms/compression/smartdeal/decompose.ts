/**
 * The decomposition of SmartDeal: a tall matrix A [rows, n] becomes Ce B, with Ce [rows, n] of zeros and signed powers of two and
 * a small basis B [n, n]. Two least squares alternate, with the quantizer and a threshold between them:
 *
 *     C = A
 *     for at most iterations - 1 passes
 *       Ce = quantized C                          stop when it is that of the pass before
 *       B  = argmin |Ce B - A|
 *       C  = argmin |C B - A|                     then rows and values under the threshold become 0
 *     Ce = quantized C,  B = argmin |Ce B - A|
 *
 * Source: SmartDeal (VITA-Group/SmartDeal, 8e1de77), core decomposition; Zhao et al., 'SmartExchange', ISCA 2020, section III.
 */
import { ModelError } from "../../../sim/core/errors.js";
import { PseudoInverter } from "./least-squares.js";
import { columnFactor, quantizeToPowers } from "./nearest-power.js";
import type { DecomposeOptions } from "./options.js";

export interface Decomposition {
  /** Ce, row-major [rows, columns]: zeros and signed powers of two. */
  readonly coefficients: Float64Array;
  /** B, row-major [columns, columns]. */
  readonly basis: Float64Array;
  /** Frobenius norm of what Ce B lacks to A. */
  readonly error: number;
  /** That norm in each pass; it may rise. */
  readonly errorHistory: readonly number[];
  /** Coefficients other than 0 in each pass. */
  readonly nonZeroHistory: readonly number[];
  /** The threshold that was left over by decay. */
  readonly threshold: number;
}

/** A threshold that has decayed so often is given up: with a decay of 0.5 nothing is left of it. */
const MAX_RESTARTS = 1100;
const LARGEST_VALUE = 2 ** 128;

/** Decomposes matrices of up to `maxRows` rows and so many columns, in memory that is taken once. */
export class Decomposer {
  readonly #columns: number;
  readonly #inverter: PseudoInverter;
  /** C, row-major. */
  readonly #free: Float64Array;
  /** Ce of this pass and of the one before. */
  #coefficients: Float64Array;
  #previous: Float64Array;
  readonly #factors: Float64Array;
  readonly #basis: Float64Array;
  readonly #tallInverse: Float64Array;
  readonly #basisInverse: Float64Array;

  constructor(maxRows: number, columns: number) {
    this.#columns = columns;
    this.#inverter = new PseudoInverter(Math.max(maxRows, columns), columns);
    this.#free = new Float64Array(maxRows * columns);
    this.#coefficients = new Float64Array(maxRows * columns);
    this.#previous = new Float64Array(maxRows * columns);
    this.#factors = new Float64Array(columns);
    this.#basis = new Float64Array(columns * columns);
    this.#tallInverse = new Float64Array(columns * maxRows);
    this.#basisInverse = new Float64Array(columns * columns);
  }

  /** @param matrix A, row-major [rows, columns], finite and below 2^128, with at least as many rows as columns */
  decompose(matrix: Float64Array, options: DecomposeOptions): Decomposition {
    const columns = this.#columns;
    const rows = matrix.length / columns;
    if (
      rows < columns ||
      matrix.length > this.#free.length ||
      !matrix.every((value) => Math.abs(value) < LARGEST_VALUE)
    ) {
      throw new ModelError("smartdeal", `no ${rows} x ${columns} matrix of numbers that can be decomposed`);
    }
    if (matrix.every((value) => value === 0)) return zeroDecomposition(matrix, columns, options);
    let { threshold } = options;
    for (let restarts = 1; ; restarts++) {
      const histories = this.#run(matrix, { ...options, threshold });
      if (histories !== undefined) {
        const coefficients = this.#coefficients.slice(0, matrix.length);
        return { coefficients, basis: this.#basis.slice(), error: this.#distance(matrix), ...histories, threshold };
      }
      threshold = restarts < MAX_RESTARTS ? threshold * options.decay : 0;
    }
  }

  /** One run with a threshold that stays; undefined when a column to be scaled was cleared by it. */
  #run(matrix: Float64Array, options: DecomposeOptions): Histories | undefined {
    const histories = { errorHistory: [] as number[], nonZeroHistory: [] as number[] };
    this.#free.set(matrix);
    for (let pass = 0; pass < options.iterations - 1; pass++) {
      [this.#coefficients, this.#previous] = [this.#previous, this.#coefficients];
      if (!this.#quantize(matrix, options)) return undefined;
      if (pass > 0 && this.#change(matrix.length) <= options.tolerance) break;
      this.#fitBasis(matrix, options.cutoff);
      histories.errorHistory.push(this.#distance(matrix));
      histories.nonZeroHistory.push(countNonZeros(this.#coefficients, matrix.length));
      this.#fitCoefficients(matrix, options.cutoff);
      this.#clear(matrix.length, options);
    }
    if (!this.#quantize(matrix, options)) return undefined;
    this.#fitBasis(matrix, options.cutoff);
    return histories;
  }

  /**
   * Ce from C; false when a threshold must give way because it has left nothing of a column. One that is zero in A already is
   * no fault of the threshold and goes unscaled.
   */
  #quantize(matrix: Float64Array, { scalesColumns, threshold, greatest }: DecomposeOptions): boolean {
    const columns = this.#columns;
    const rows = matrix.length / columns;
    this.#factors.fill(1);
    for (let column = 0; scalesColumns && column < columns; column++) {
      const factor = columnFactor(this.#free, rows, columns, column);
      const isLost = factor === undefined && threshold > 0;
      if (isLost && columnFactor(matrix, rows, columns, column) !== undefined) return false;
      this.#factors[column] = factor ?? 1;
    }
    quantizeToPowers(this.#free, this.#factors, greatest, this.#coefficients.subarray(0, matrix.length));
    return true;
  }

  /** B = Ce^+ A. */
  #fitBasis(matrix: Float64Array, cutoff: number): void {
    const columns = this.#columns;
    const rows = matrix.length / columns;
    this.#inverter.invert(this.#coefficients, rows, cutoff, this.#tallInverse);
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let row = 0; row < rows; row++) sum += this.#tallInverse[i * rows + row]! * matrix[row * columns + j]!;
        this.#basis[i * columns + j] = sum;
      }
    }
  }

  /** C = A B^+. */
  #fitCoefficients(matrix: Float64Array, cutoff: number): void {
    this.#inverter.invert(this.#basis, this.#columns, cutoff, this.#basisInverse);
    multiplyRows(matrix, this.#basisInverse, this.#columns, this.#free);
  }

  /** Zeroes what is under the threshold: rows first, then single values. */
  #clear(length: number, { clearsRows, threshold }: DecomposeOptions): void {
    const free = this.#free;
    const columns = this.#columns;
    for (let from = 0; clearsRows && from < length; from += columns) {
      let sum = 0;
      for (let at = from; at < from + columns; at++) sum += Math.abs(free[at]!);
      if (sum < threshold * 5) free.fill(0, from, from + columns);
    }
    for (let at = 0; at < length; at++) if (Math.abs(free[at]!) < threshold) free[at] = 0;
  }

  #change(length: number): number {
    let sum = 0;
    for (let at = 0; at < length; at++) sum += (this.#coefficients[at]! - this.#previous[at]!) ** 2;
    return Math.sqrt(sum);
  }

  /** |A - Ce B|. */
  #distance(matrix: Float64Array): number {
    const columns = this.#columns;
    let sum = 0;
    for (let from = 0; from < matrix.length; from += columns) {
      for (let j = 0; j < columns; j++) {
        let lack = matrix[from + j]!;
        for (let i = 0; i < columns; i++) lack -= this.#coefficients[from + i]! * this.#basis[i * columns + j]!;
        sum += lack * lack;
      }
    }
    return Math.sqrt(sum);
  }
}

type Histories = Pick<Decomposition, "errorHistory" | "nonZeroHistory">;

function zeroDecomposition(matrix: Float64Array, columns: number, { threshold }: DecomposeOptions): Decomposition {
  const basis = new Float64Array(columns * columns);
  const coefficients = new Float64Array(matrix.length);
  return { coefficients, basis, error: 0, errorHistory: [], nonZeroHistory: [], threshold };
}

/** product [rows, n] = matrix [rows, n] times square [n, n], row-major. */
export function multiplyRows(matrix: Float64Array, square: Float64Array, columns: number, product: Float64Array): void {
  for (let from = 0; from < matrix.length; from += columns) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let i = 0; i < columns; i++) sum += matrix[from + i]! * square[i * columns + j]!;
      product[from + j] = sum;
    }
  }
}

export function countNonZeros(values: Float64Array | Uint8Array, length = values.length): number {
  let nonZeros = 0;
  for (let at = 0; at < length; at++) if (values[at] !== 0) nonZeros++;
  return nonZeros;
}
