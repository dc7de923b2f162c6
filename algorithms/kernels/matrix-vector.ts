/** Product of a matrix and a vector inside larger arrays, added to what is there; double precision. */

export interface VectorView {
  readonly values: ArrayLike<number>;
  readonly offset: number;
}

/** sums[sumsAt + r] += sum over c of matrix[matrixAt + r * columns + c] * vector[c] */
export function addMatrixVector(
  sums: Float64Array,
  sumsAt: number,
  matrix: ArrayLike<number>,
  matrixAt: number,
  [rows, columns]: readonly [rows: number, columns: number],
  vector: VectorView,
): void {
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    const start = matrixAt + row * columns;
    for (let column = 0; column < columns; column++) {
      sum += matrix[start + column]! * vector.values[vector.offset + column]!;
    }
    sums[sumsAt + row]! += sum;
  }
}
