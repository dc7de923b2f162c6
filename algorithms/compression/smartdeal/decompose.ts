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
import type { DecomposeOptions } from "./options.js";
import { RowPasses } from "./row-passes.js";
import { createRowPasses } from "./simd-row-passes.js";
import { SquareInverter } from "./square-inverse.js";

export interface Decomposition {
  /** Ce, row-major [rows, columns]: zeros and signed powers of two. */
  readonly coefficients: Float64Array;
  /** B, row-major [columns, columns]. */
  readonly basis: Float64Array;
  /** Times that C was fitted to a basis. */
  readonly passes: number;
  /** The threshold that was left over by decay. */
  readonly threshold: number;
}

/** How a decomposition came about, for comparisons. */
export interface DecompositionRecord {
  /** Frobenius norm of what Ce B lacks to A in each pass; it may rise. */
  errorHistory: number[];
  /** Coefficients other than 0 in each pass. */
  nonZeroHistory: number[];
}

/** A threshold that has decayed so often is given up: with a decay of 0.5 nothing is left of it. */
const MAX_RESTARTS = 1100;
const LARGEST_VALUE = 2 ** 128;
/** A row goes when its magnitudes sum to less than so many thresholds. */
const ROW_THRESHOLDS = 5;
/** Elimination loses so many roundings at most; singular values take over where it would lose more. */
const MOST_CONDITION = 1e4;
/**
 * Leverage of a row up to which elimination is used: the part of itself that comes back through B. A row of leverage 1 comes back
 * as it was, its coefficient may be the threshold to the last bit, and rounding decides; it is then that of the singular values,
 * as with the authors.
 */
const MOST_LEVERAGE = 0.99;

/** Decomposes matrices of up to `maxRows` rows and so many columns, in memory that is taken once. */
export class Decomposer {
  readonly #columns: number;
  readonly #maxRows: number;
  readonly #passes: RowPasses;
  readonly #inverter: SquareInverter;
  readonly #pseudoInverter: PseudoInverter;
  readonly #factors: Float64Array;
  readonly #basis: Float64Array;
  readonly #inverse: Float64Array;
  /** Ce and its pseudo-inverse. */
  readonly #tall: Float64Array;
  readonly #tallInverse: Float64Array;

  /** @param kernels "reference" takes the plain loops in the place of their twins on SIMD, which have the same bits */
  constructor(maxRows: number, columns: number, kernels: "simd" | "reference" = "simd") {
    this.#columns = columns;
    this.#maxRows = maxRows;
    this.#passes = kernels === "simd" ? createRowPasses(maxRows, columns) : new RowPasses(maxRows, columns);
    this.#inverter = new SquareInverter(columns);
    this.#pseudoInverter = new PseudoInverter(Math.max(maxRows, columns), columns);
    this.#factors = new Float64Array(columns);
    this.#basis = new Float64Array(columns * columns);
    this.#inverse = new Float64Array(columns * columns);
    this.#tall = new Float64Array(columns * maxRows);
    this.#tallInverse = new Float64Array(columns * maxRows);
  }

  /**
   * @param matrix A, row-major [rows, columns], finite and below 2^128, with at least as many rows as columns
   * @param coefficients where Ce goes @default an array of its own
   * @param record filled with what the passes gave; without it that is not worked out
   */
  decompose(
    matrix: Float64Array,
    options: DecomposeOptions,
    coefficients: Float64Array = new Float64Array(matrix.length),
    record?: DecompositionRecord,
  ): Decomposition {
    this.#requireMatrix(matrix);
    if (isZero(matrix)) {
      const basis = new Float64Array(this.#columns ** 2);
      return { coefficients: coefficients.fill(0), basis, passes: 0, threshold: options.threshold };
    }
    let { threshold } = options;
    for (let restarts = 1; ; restarts++) {
      const passes = this.#run(matrix, { ...options, threshold }, record);
      if (passes !== undefined) {
        this.#passes.copyCoefficients(coefficients);
        return { coefficients, basis: this.#basis.slice(), passes, threshold };
      }
      threshold = restarts < MAX_RESTARTS ? threshold * options.decay : 0;
    }
  }

  /** B = argmin |Ce B - A| for coefficients that are zeros and signed powers of two. */
  fitBasis(matrix: Float64Array, coefficients: Float64Array, cutoff: number): Float64Array {
    this.#requireMatrix(matrix);
    this.#passes.take(matrix, coefficients);
    this.#passes.quantize(this.#factors.fill(1), Number.POSITIVE_INFINITY);
    this.#fitBasis(matrix, cutoff);
    return this.#basis.slice();
  }

  #requireMatrix(matrix: Float64Array): void {
    const rows = matrix.length / this.#columns;
    if (Number.isInteger(rows) && rows >= this.#columns && rows <= this.#maxRows && isBelow(matrix, LARGEST_VALUE))
      return;
    throw new ModelError("smartdeal", `no ${rows} x ${this.#columns} matrix of numbers that can be decomposed`);
  }

  /** One run with a threshold that stays; gives its passes, or undefined when a column to be scaled was cleared by it. */
  #run(matrix: Float64Array, options: DecomposeOptions, record: DecompositionRecord | undefined): number | undefined {
    const { iterations, threshold, tolerance, clearsRows, cutoff } = options;
    if (record !== undefined) Object.assign(record, { errorHistory: [], nonZeroHistory: [] });
    this.#passes.take(matrix);
    for (let pass = 0; ; pass++) {
      if (!this.#quantize(matrix, options)) return undefined;
      const isRegular = this.#fitBasis(matrix, cutoff);
      const isLast = pass === iterations - 1 || (pass > 0 && Math.sqrt(this.#passes.change) <= tolerance);
      if (isLast) return pass;
      if (record !== undefined) this.#record(matrix, record);
      this.#invertBasis(cutoff, isRegular);
      this.#passes.project(this.#inverse, threshold, clearsRows ? threshold * ROW_THRESHOLDS : 0);
    }
  }

  #record(matrix: Float64Array, { errorHistory, nonZeroHistory }: DecompositionRecord): void {
    const coefficients = this.#passes.copyCoefficients(new Float64Array(matrix.length));
    errorHistory.push(distance(matrix, { coefficients, basis: this.#basis }));
    nonZeroHistory.push(countNonZeros(coefficients));
  }

  /**
   * Ce from C; false when a threshold must give way because it has left nothing of a column. One that is zero in A already is
   * no fault of the threshold and goes unscaled.
   */
  #quantize(matrix: Float64Array, { scalesColumns, threshold, greatest }: DecomposeOptions): boolean {
    const columns = this.#columns;
    this.#factors.fill(1);
    for (let column = 0; scalesColumns && column < columns; column++) {
      const factor = this.#passes.columnFactor(column);
      const isLost = factor === undefined && threshold > 0;
      if (isLost && matrix.some((value, at) => value !== 0 && at % columns === column)) return false;
      this.#factors[column] = factor ?? 1;
    }
    this.#passes.quantize(this.#factors, greatest);
    return true;
  }

  /**
   * B = Ce^+ A: by the normal equations, whose condition is the square of that of Ce, or by the singular values of Ce. Gives
   * whether elimination has served.
   */
  #fitBasis(matrix: Float64Array, cutoff: number): boolean {
    const { normal, cross } = this.#passes;
    const mostCondition = Math.min(MOST_CONDITION, 1 / cutoff ** 2);
    if (this.#inverter.invert(normal, mostCondition, this.#inverse) && this.#isShared()) {
      multiplyRows(this.#inverse, cross, this.#columns, this.#basis);
      return true;
    }
    const columns = this.#columns;
    const rows = matrix.length / columns;
    this.#pseudoInverter.invert(this.#passes.copyCoefficients(this.#tall), rows, cutoff, this.#tallInverse);
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let row = 0; row < rows; row++) sum += this.#tallInverse[i * rows + row]! * matrix[row * columns + j]!;
        this.#basis[i * columns + j] = sum;
      }
    }
    return false;
  }

  /** Whether no row alone decides on what it gets back; a bound of all leverages says so mostly, before they are worked out. */
  #isShared(): boolean {
    const bound = this.#passes.longestSquare * trace(this.#inverse, this.#columns);
    return bound <= MOST_LEVERAGE || this.#passes.greatestLeverage(this.#inverse) <= MOST_LEVERAGE;
  }

  /** B^+, with which C = A B^+. */
  #invertBasis(cutoff: number, isRegular: boolean): void {
    const mostCondition = Math.min(MOST_CONDITION, 1 / cutoff);
    if (isRegular && this.#inverter.invert(this.#basis, mostCondition, this.#inverse)) return;
    this.#pseudoInverter.invert(this.#basis, this.#columns, cutoff, this.#inverse);
  }
}

/** Of a matrix without negative eigenvalues: at least the greatest of them. */
function trace(matrix: Float64Array, side: number): number {
  let sum = 0;
  for (let i = 0; i < side; i++) sum += matrix[i * side + i]!;
  return sum;
}

function isZero(values: Float64Array): boolean {
  for (let at = 0; at < values.length; at++) if (values[at] !== 0) return false;
  return true;
}

function isBelow(values: Float64Array, limit: number): boolean {
  for (let at = 0; at < values.length; at++) if (!(Math.abs(values[at]!) < limit)) return false;
  return true;
}

/** Frobenius norm of what Ce B lacks to A. */
export function distance(
  matrix: Float64Array,
  { coefficients, basis }: Pick<Decomposition, "coefficients" | "basis">,
): number {
  const columns = Math.sqrt(basis.length);
  let sum = 0;
  for (let from = 0; from < matrix.length; from += columns) {
    for (let j = 0; j < columns; j++) {
      let lack = matrix[from + j]!;
      for (let i = 0; i < columns; i++) lack -= coefficients[from + i]! * basis[i * columns + j]!;
      sum += lack * lack;
    }
  }
  return Math.sqrt(sum);
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
