/**
 * The inverse of a small square matrix by elimination, where that is as good as one from singular values: for matrices far from
 * singular. Others are left to least-squares.ts.
 * Source: Golub and Van Loan, 'Matrix Computations', 4th edition, sections 3.4 (pivoting) and 2.6.2 (condition).
 */

/** Norms of up to so much, and down to 1 over it, leave all squares and products of this file in the range of numbers. */
const GREATEST = 2 ** 400;

export class SquareInverter {
  readonly #side: number;
  /** The matrix, turned into the unit matrix. */
  readonly #rest: Float64Array;

  constructor(side: number) {
    this.#side = side;
    this.#rest = new Float64Array(side * side);
  }

  /**
   * Writes the inverse M^-1 of a row-major matrix M, unless its condition |M| |M^-1| is above `mostCondition`: Frobenius norms,
   * whose product is never less than the ratio of the greatest singular value to the least. Gives whether it has.
   */
  invert(matrix: Float64Array, mostCondition: number, inverse: Float64Array): boolean {
    const side = this.#side;
    const norm = frobenius(matrix, side);
    if (!(norm >= 1 / GREATEST && norm <= GREATEST)) return false;
    this.#rest.set(matrix);
    inverse.fill(0);
    for (let i = 0; i < side; i++) inverse[i * side + i] = 1;
    for (let column = 0; column < side; column++) {
      this.#exchange(column, inverse);
      const pivot = this.#rest[column * side + column]!;
      if (pivot === 0) return false;
      this.#eliminate(column, pivot, inverse);
    }
    return norm * frobenius(inverse, side) <= mostCondition;
  }

  /** Brings the greatest value of a column, from its diagonal down, onto the diagonal. */
  #exchange(column: number, inverse: Float64Array): void {
    const side = this.#side;
    const rest = this.#rest;
    let greatest = column;
    for (let row = column + 1; row < side; row++) {
      if (Math.abs(rest[row * side + column]!) > Math.abs(rest[greatest * side + column]!)) greatest = row;
    }
    if (greatest === column) return;
    for (let j = 0; j < side; j++) {
      exchange(rest, column * side + j, greatest * side + j);
      exchange(inverse, column * side + j, greatest * side + j);
    }
  }

  #eliminate(column: number, pivot: number, inverse: Float64Array): void {
    const side = this.#side;
    const rest = this.#rest;
    const from = column * side;
    for (let j = 0; j < side; j++) {
      rest[from + j]! /= pivot;
      inverse[from + j]! /= pivot;
    }
    for (let row = 0; row < side; row++) {
      const factor = rest[row * side + column]!;
      if (row === column || factor === 0) continue;
      for (let j = 0; j < side; j++) {
        rest[row * side + j]! -= factor * rest[from + j]!;
        inverse[row * side + j]! -= factor * inverse[from + j]!;
      }
    }
  }
}

function frobenius(matrix: Float64Array, side: number): number {
  let sum = 0;
  for (let at = 0; at < side * side; at++) sum += matrix[at]! * matrix[at]!;
  return Math.sqrt(sum);
}

function exchange(values: Float64Array, first: number, second: number): void {
  const value = values[first]!;
  values[first] = values[second]!;
  values[second] = value;
}
