/**
 * Minimum-norm least squares by the pseudo-inverse of a small matrix, from its singular values: one-sided Jacobi rotations turn
 * the columns orthogonal, their lengths are the singular values, and those within a cut-off of the largest count as zero. The
 * columns of what is inverted may depend on one another.
 * Source: Golub and Van Loan, 'Matrix Computations', 4th edition, sections 5.5.2 (pseudo-inverse) and 8.6.3 (one-sided Jacobi).
 */
import { ModelError } from "../../../sim/core/errors.js";

const MAX_SWEEPS = 60;
/** Cosine of two columns that count as orthogonal: the rounding of one product. */
const ORTHOGONAL = 2 ** -52;
/** After a sweep that met no larger cosine the next would meet only rounding, since convergence is quadratic. */
const NEARLY_ORTHOGONAL = 2 ** -40;
/** Beside a column so many times longer, a column is what rounding has left, and has no direction. */
const NEGLIGIBLE = 2 ** -46;

/** Room for the pseudo-inverses of matrices with up to `maxRows` rows, used again for each of them. */
export class PseudoInverter {
  readonly #columns: number;
  /** Column after column: the matrix, turned. */
  readonly #turned: Float64Array;
  /** Column after column: the product of all rotations. */
  readonly #rotation: Float64Array;
  /** Squared lengths of the turned columns. */
  readonly #squares: Float64Array;

  constructor(maxRows: number, columns: number) {
    this.#columns = columns;
    this.#turned = new Float64Array(maxRows * columns);
    this.#rotation = new Float64Array(columns * columns);
    this.#squares = new Float64Array(columns);
  }

  /**
   * Writes the pseudo-inverse [columns, rows] of a row-major matrix [rows, columns].
   * @param cutoff singular values of at most so much times the largest are taken for zero
   */
  invert(matrix: Float64Array, rows: number, cutoff: number, inverse: Float64Array): void {
    const columns = this.#columns;
    const factor = this.#load(matrix, rows);
    this.#orthogonalize(rows);
    let largest = 0;
    for (let j = 0; j < columns; j++) largest = Math.max(largest, Math.sqrt(this.#squares[j]!));
    inverse.fill(0, 0, columns * rows);
    // matrix = turned * rotation^T with orthogonal columns in turned, hence inverse = rotation * diag(1 / square) * turned^T.
    for (let j = 0; j < columns; j++) {
      const length = Math.sqrt(this.#squares[j]!);
      if (length <= cutoff * largest) continue;
      for (let i = 0; i < columns; i++) {
        const weight = (this.#rotation[j * columns + i]! / length) * (factor / length);
        for (let row = 0; row < rows; row++) inverse[i * rows + row]! += weight * this.#turned[j * rows + row]!;
      }
    }
  }

  /** Takes over a matrix divided by a power of two near its largest value, so that no square leaves the range; gives 1 over it. */
  #load(matrix: Float64Array, rows: number): number {
    const columns = this.#columns;
    let largest = 0;
    for (let at = 0; at < rows * columns; at++) largest = Math.max(largest, Math.abs(matrix[at]!));
    const factor = largest === 0 ? 1 : 2 ** -Math.floor(Math.log2(largest));
    this.#rotation.fill(0);
    for (let j = 0; j < columns; j++) {
      let square = 0;
      for (let row = 0; row < rows; row++) {
        const value = matrix[row * columns + j]! * factor;
        this.#turned[j * rows + row] = value;
        square += value * value;
      }
      this.#squares[j] = square;
      this.#rotation[j * columns + j] = 1;
    }
    return factor;
  }

  #orthogonalize(rows: number): void {
    for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
      let greatest = 0;
      for (let i = 0; i < this.#columns - 1; i++) {
        for (let j = i + 1; j < this.#columns; j++) greatest = Math.max(greatest, this.#turnPair(i, j, rows));
      }
      if (greatest <= NEARLY_ORTHOGONAL) return;
    }
    throw new ModelError("least squares", `columns not orthogonal after ${MAX_SWEEPS} sweeps`);
  }

  /** Rotates two columns so that they are orthogonal. Gives the cosine they had, or 0 when one is nothing beside the other. */
  #turnPair(i: number, j: number, rows: number): number {
    const turned = this.#turned;
    const from = i * rows;
    const to = j * rows;
    const squareI = this.#squares[i]!;
    const squareJ = this.#squares[j]!;
    if (Math.min(squareI, squareJ) <= NEGLIGIBLE ** 2 * Math.max(squareI, squareJ)) return 0;
    let product = 0;
    for (let row = 0; row < rows; row++) product += turned[from + row]! * turned[to + row]!;
    const columnCosine = Math.abs(product) / Math.sqrt(squareI * squareJ);
    if (columnCosine <= ORTHOGONAL) return columnCosine;
    const slope = (squareJ - squareI) / (2 * product);
    const tangent = (slope < 0 ? -1 : 1) / (Math.abs(slope) + Math.sqrt(1 + slope * slope));
    const cosine = 1 / Math.sqrt(1 + tangent * tangent);
    const sine = cosine * tangent;
    this.#squares[i] = rotate(turned, from, to, rows, cosine, sine);
    let square = 0;
    for (let row = 0; row < rows; row++) square += turned[to + row]! * turned[to + row]!;
    this.#squares[j] = square;
    rotate(this.#rotation, i * this.#columns, j * this.#columns, this.#columns, cosine, sine);
    return columnCosine;
  }
}

/** Rotates two columns of a column-major matrix by an angle; gives the squared length of the first. */
function rotate(values: Float64Array, from: number, to: number, length: number, cosine: number, sine: number): number {
  let square = 0;
  for (let at = 0; at < length; at++) {
    const first = values[from + at]!;
    const second = values[to + at]!;
    const turned = cosine * first - sine * second;
    values[from + at] = turned;
    values[to + at] = sine * first + cosine * second;
    square += turned * turned;
  }
  return square;
}
