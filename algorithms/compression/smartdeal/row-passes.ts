/**
 * What the decomposition does with every row, over a matrix A, its free coefficients C and its quantized ones Ce, each held column
 * after column. Sums over rows are two: one of the even rows and one of the odd ones, added at the end, so that the twin with two
 * lanes (simd-row-passes.ts) has the same bits.
 */
import { nearestPower, nearMantissa } from "./nearest-power.js";

/** The product of so many mantissas of up to the root of two stays far within the range of numbers. */
const MANTISSAS_AT_ONCE = 1024;

export class RowPasses {
  readonly columns: number;
  /** Rows of the matrix that was taken last. */
  rows = 0;
  /** Rows of a column in memory, an even number: one more row of zeros where the matrix has an odd number. */
  protected stride = 0;
  protected matrix: Float64Array;
  protected free: Float64Array;
  protected quantized: Float64Array;
  /** Ce^T Ce, row-major [columns, columns]. */
  normal: Float64Array;
  /** Ce^T A, row-major [columns, columns]. */
  cross: Float64Array;
  /** Squared distance of Ce from the one before. */
  change = 0;
  /** Greatest squared length of a row of Ce. */
  longestSquare = 0;

  constructor(maxRows: number, columns: number) {
    this.columns = columns;
    const length = columns * evenRows(maxRows);
    this.matrix = new Float64Array(length);
    this.free = new Float64Array(length);
    this.quantized = new Float64Array(length);
    this.normal = new Float64Array(columns * columns);
    this.cross = new Float64Array(columns * columns);
  }

  /** Takes over A, row-major, and something to be quantized in the place of C. @param free row-major like A @default A itself */
  take(matrix: Float64Array, free: Float64Array = matrix): void {
    const columns = this.columns;
    this.rows = matrix.length / columns;
    this.stride = evenRows(this.rows);
    turn(matrix, columns, this.stride, this.matrix);
    turn(free, columns, this.stride, this.free);
  }

  /** C = A inverse, without rows of a sum of magnitudes under `rowThreshold` and values of one under `threshold`. */
  project(inverse: Float64Array, threshold: number, rowThreshold: number): void {
    const { columns, stride, matrix, free } = this;
    for (let row = 0; row < stride; row++) {
      let magnitudes = 0;
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let i = 0; i < columns; i++) sum += matrix[i * stride + row]! * inverse[i * columns + j]!;
        magnitudes += Math.abs(sum);
        free[j * stride + row] = Math.abs(sum) < threshold ? 0 : sum;
      }
      if (magnitudes < rowThreshold) for (let j = 0; j < columns; j++) free[j * stride + row] = 0;
    }
  }

  /**
   * What the logarithms of a column of C, of its non-zeros, lack on average to whole numbers, as a factor; undefined when all are
   * zero. A logarithm lacks that of its mantissa, once this lies between the roots of a half and of two.
   */
  columnFactor(column: number): number | undefined {
    let [logarithm, count] = [0, 0];
    for (let row = 0; row < this.stride; row += MANTISSAS_AT_ONCE) {
      const some = this.multiplyMantissas(column * this.stride + row, Math.min(MANTISSAS_AT_ONCE, this.stride - row));
      logarithm += Math.log2(some.product);
      count += some.count;
    }
    return count === 0 ? undefined : 2 ** (-logarithm / count);
  }

  protected multiplyMantissas(from: number, rows: number): { readonly product: number; readonly count: number } {
    let [even, odd, count] = [1, 1, 0];
    for (let row = from; row < from + rows; row++) {
      const value = this.free[row]!;
      if (value === 0) continue;
      if ((row - from) % 2 === 0) even *= nearMantissa(value);
      else odd *= nearMantissa(value);
      count++;
    }
    return { product: even * odd, count };
  }

  /** Ce from C, column j multiplied by `factors[j]` first; the sums are those of the new Ce. */
  quantize(factors: Float64Array, greatest: number): void {
    const { columns, stride, matrix, free, quantized, normal, cross } = this;
    let [even, odd, longest] = [0, 0, 0];
    for (let row = 0; row < stride; row++) {
      let [square, length] = [0, 0];
      for (let j = 0, at = row; j < columns; j++, at += stride) {
        const value = free[at]!;
        const power = Math.min(greatest, nearestPower(Math.abs(value) * factors[j]!));
        const found = value < 0 ? -power : power;
        square += (found - quantized[at]!) ** 2;
        quantized[at] = found;
        length += found * found;
      }
      longest = Math.max(longest, length);
      if (row % 2 === 0) even += square;
      else odd += square;
    }
    this.change = even + odd;
    this.longestSquare = longest;
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < columns; j++) {
        normal[i * columns + j] = j < i ? normal[j * columns + i]! : dot(quantized, i, quantized, j, stride);
        cross[i * columns + j] = dot(quantized, i, matrix, j, stride);
      }
    }
  }

  /** Greatest leverage q inverse q^T of a row q of Ce. @param inverse of Ce^T Ce */
  greatestLeverage(inverse: Float64Array): number {
    const { columns, stride, quantized } = this;
    let greatest = 0;
    for (let row = 0; row < stride; row++) {
      let leverage = 0;
      for (let i = 0; i < columns; i++) {
        let sum = 0;
        for (let j = 0; j < columns; j++) sum += inverse[i * columns + j]! * quantized[j * stride + row]!;
        leverage += quantized[i * stride + row]! * sum;
      }
      greatest = Math.max(greatest, leverage);
    }
    return greatest;
  }

  /** Copies Ce, row-major. */
  copyCoefficients(coefficients: Float64Array): Float64Array {
    const { rows, columns, stride, quantized } = this;
    for (let j = 0; j < columns; j++) {
      for (let row = 0, at = j; row < rows; row++, at += columns) coefficients[at] = quantized[j * stride + row]!;
    }
    return coefficients;
  }
}

export function evenRows(rows: number): number {
  return rows + (rows % 2);
}

function turn(matrix: Float64Array, columns: number, stride: number, turned: Float64Array): void {
  const rows = matrix.length / columns;
  for (let j = 0; j < columns; j++) {
    for (let row = 0, at = j; row < rows; row++, at += columns) turned[j * stride + row] = matrix[at]!;
    if (rows < stride) turned[j * stride + rows] = 0;
  }
}

/** Product of column i of one matrix and column j of another, of an even number of rows. */
function dot(first: Float64Array, i: number, second: Float64Array, j: number, rows: number): number {
  let [even, odd] = [0, 0];
  for (let a = i * rows, b = j * rows; a < (i + 1) * rows; a += 2, b += 2) {
    even += first[a]! * second[b]!;
    odd += first[a + 1]! * second[b + 1]!;
  }
  return even + odd;
}
