/**
 * Products of 8-bit matrices with zero points: int32 sums of (a - a_zero)(b - b_zero) that wrap, bare or brought back to
 * 8 bits by a float32 multiplier. Scales and zero points of A may differ by row, of B by column.
 * Source: ONNX MatMulInteger-10, QLinearMatMul-10/21; com.microsoft QGemm.
 */
import { addInt32, multiplyAddInt32, requantize } from "../../sim/core/fixed-point.js";
import type { NumberTensor, NumberValues } from "../../sim/ir/tensor-data.js";
import { forEachProduct, type MatrixView, type ProductExtents } from "./matmul.js";

/** One number for a whole matrix, or one for each of its rows or columns, perhaps other ones for each matrix of a batch. */
export interface LineNumbers {
  readonly values: ArrayLike<number>;
  /** Numbers of one matrix: 1, or as many as it has lines. */
  readonly perMatrix: number;
}

/** The number of line `line` of the matrix that starts at `offset` of a tensor whose matrices have `matrixElements`. */
function numberOf({ values, perMatrix }: LineNumbers, matrix: number, line: number): number {
  const start = values.length > perMatrix ? matrix * perMatrix : 0;
  return values[start + (perMatrix === 1 ? 0 : line)]!;
}

export interface IntegerProduct {
  /** [..., M, K] */
  readonly first: NumberTensor;
  /** [..., K, N] */
  readonly second: NumberTensor;
  /** Of the rows of `first`. */
  readonly firstZeros: LineNumbers;
  /** Of the columns of `second`. */
  readonly secondZeros: LineNumbers;
}

/** output [...batch, M, N], int32: the bare sums. */
export function matmulInteger(output: NumberTensor, operands: IntegerProduct): void {
  forEachSumRow(output.shape, operands, (sums, at) => output.values.set(sums, at));
}

export interface ProductRequantization {
  readonly firstScales: LineNumbers;
  readonly secondScales: LineNumbers;
  readonly outputScale: number;
  readonly outputZero: number;
  readonly limits: readonly [low: number, high: number];
  /** Int32 number added to the sum at row m, column n. */
  readonly biasOf?: ((m: number, n: number) => number) | undefined;
}

/** output [...batch, M, N], 8 bits: sums times f32(f32(a_scale * b_scale) / y_scale), rounded and saturated. */
export function qlinearMatmul(
  output: NumberTensor,
  operands: IntegerProduct,
  { firstScales, secondScales, outputScale, outputZero, limits: [low, high], biasOf }: ProductRequantization,
): void {
  const y: NumberValues = output.values;
  forEachSumRow(output.shape, operands, (sums, at, m, firstMatrix, secondMatrix) => {
    const rowScale = numberOf(firstScales, firstMatrix, m);
    for (let n = 0; n < sums.length; n++) {
      const scale = Math.fround(rowScale * numberOf(secondScales, secondMatrix, n));
      const sum = biasOf === undefined ? sums[n]! : addInt32(sums[n]!, biasOf(m, n));
      y[at + n] = requantize(sum, Math.fround(scale / outputScale), outputZero, low, high);
    }
  });
}

/** output [...batch, M, N], float32: sums times f32(a_scale * b_scale), rounded once. */
export function scaledMatmul(
  output: NumberTensor,
  operands: IntegerProduct,
  { firstScales, secondScales, biasOf }: Pick<ProductRequantization, "firstScales" | "secondScales" | "biasOf">,
): void {
  forEachSumRow(output.shape, operands, (sums, at, m, firstMatrix, secondMatrix) => {
    const rowScale = numberOf(firstScales, firstMatrix, m);
    for (let n = 0; n < sums.length; n++) {
      const sum = biasOf === undefined ? sums[n]! : addInt32(sums[n]!, biasOf(m, n));
      const scale = Math.fround(rowScale * numberOf(secondScales, secondMatrix, n));
      output.values[at + n] = Math.fround(sum) * scale;
    }
  });
}

/** Gives the sums of each row of each matrix, with their place in the output and which matrices they come from. */
function forEachSumRow(
  shape: readonly number[],
  operands: IntegerProduct,
  take: (sums: Int32Array, at: number, m: number, firstMatrix: number, secondMatrix: number) => void,
): void {
  const { first, second } = operands;
  const sums = new Int32Array(second.shape.at(-1)!);
  forEachProduct(shape, first.shape, second.shape, (extents, outputAt, a, b) => {
    const { rows, reduction, columns } = extents;
    const firstMatrix = a.offset / Math.max(1, rows * reduction);
    const secondMatrix = b.offset / Math.max(1, reduction * columns);
    for (let m = 0; m < rows; m++) {
      sumRow(sums, operands, extents, m, a, b, firstMatrix, secondMatrix);
      take(sums, outputAt + m * columns, m, firstMatrix, secondMatrix);
    }
  });
}

function sumRow(
  sums: Int32Array,
  { first, second, firstZeros, secondZeros }: IntegerProduct,
  { reduction, columns }: ProductExtents,
  m: number,
  a: MatrixView,
  b: MatrixView,
  firstMatrix: number,
  secondMatrix: number,
): void {
  const [x, w] = [first.values, second.values];
  const rowZero = numberOf(firstZeros, firstMatrix, m);
  sums.fill(0);
  for (let k = 0; k < reduction; k++) {
    const factor = x[a.offset + m * a.rowStride + k]! - rowZero;
    const rowAt = b.offset + k * b.rowStride;
    for (let n = 0; n < columns; n++) {
      const code = w[rowAt + n]! - numberOf(secondZeros, secondMatrix, n);
      sums[n] = multiplyAddInt32(sums[n]!, factor, code);
    }
  }
}
