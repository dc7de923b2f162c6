/**
 * Products of 8-bit matrices with zero points: sums of (a - a_zero)(b - b_zero) in int32 that wraps, or in an accumulator of
 * limited width, bare or brought back to 8 bits. Scales and zero points of A may differ by row, of B by column. Every sum
 * takes its products in the order of k. Source: ONNX MatMulInteger-10, QLinearMatMul-10/21; com.microsoft QGemm.
 */
import { addInt32, multiplyAddInt32 } from "../../sim/core/fixed-point.js";
import type { NumberTensor, NumberValues } from "../../sim/ir/tensor-data.js";
import { type Accumulator, type FoldedSums, foldedSums, largestDistance } from "./accumulator.js";
import { forEachProduct, type MatrixView, type ProductExtents } from "./matmul.js";
import { type RequantizeMode, requantizeSum, type Scaling, scalingOf } from "./requantization.js";

/** One number for a whole matrix, or one for each of its rows or columns, perhaps other ones for each matrix of a batch. */
export interface LineNumbers {
  readonly values: ArrayLike<number>;
  /** Numbers of one matrix: 1, or as many as it has lines. */
  readonly perMatrix: number;
}

/** The number of line `line` of the matrix that starts at `offset` of a tensor whose matrices have `matrixElements`. */
export function numberOf({ values, perMatrix }: LineNumbers, matrix: number, line: number): number {
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
  /** The register that sums are held in. @default int32, which wraps uncounted */
  readonly accumulator?: Accumulator | undefined;
}

/**
 * A way to the sums of a product: gives each row `m` of each matrix with its place in the output and which matrices it comes
 * from; the sums are reused.
 */
export type ProductSums = (
  shape: readonly number[],
  operands: IntegerProduct,
  take: (sums: Int32Array, at: number, m: number, firstMatrix: number, secondMatrix: number) => void,
) => void;

/** output [...batch, M, N], int32: the bare sums. */
export function matmulInteger(
  output: NumberTensor,
  operands: IntegerProduct,
  forEachSums: ProductSums = rowSums,
): void {
  forEachSums(output.shape, operands, (sums, at, m) => {
    for (let n = 0; n < sums.length; n++) sums[n] = finished(operands, sums[n]!, undefined, m, n);
    output.values.set(sums, at);
  });
}

/** A sum with its bias. */
function finished(
  { accumulator }: IntegerProduct,
  sum: number,
  biasOf: ProductRequantization["biasOf"],
  m: number,
  n: number,
): number {
  const bias = biasOf === undefined ? 0 : biasOf(m, n);
  if (accumulator === undefined) return addInt32(sum, bias);
  return accumulator.finish(accumulator.addBias(sum, bias));
}

export interface ProductRequantization {
  readonly mode: RequantizeMode;
  readonly firstScales: LineNumbers;
  readonly secondScales: LineNumbers;
  readonly outputScale: number;
  readonly outputZero: number;
  readonly limits: readonly [low: number, high: number];
  /** Rounds the product of scales to float32 in the integer forms as well. @default false */
  readonly productIsFloat?: boolean;
  /** Int32 number added to the sum at row m, column n. */
  readonly biasOf?: ((m: number, n: number) => number) | undefined;
}

/** output [...batch, M, N], 8 bits: sums times a_scale * b_scale / y_scale as `mode` says, rounded and saturated. */
export function qlinearMatmul(
  output: NumberTensor,
  operands: IntegerProduct,
  requantization: ProductRequantization,
  forEachSums: ProductSums = rowSums,
): void {
  const y: NumberValues = output.values;
  const { outputZero, limits, biasOf } = requantization;
  const scalingFor = rowScalings(requantization, output.shape.at(-1)!);
  forEachSums(output.shape, operands, (sums, at, m, firstMatrix, secondMatrix) => {
    const toCodes = { scaling: scalingFor(firstMatrix, m, secondMatrix), outputZero, limits };
    for (let n = 0; n < sums.length; n++) {
      y[at + n] = requantizeSum(toCodes, finished(operands, sums[n]!, biasOf, m, n), n);
    }
  });
}

/** Scalings of rows by column; one made before is used again while the scales stay the same. */
export function rowScalings(
  { mode, firstScales, secondScales, outputScale, productIsFloat }: ProductRequantization,
  columns: number,
): (firstMatrix: number, m: number, secondMatrix: number) => Scaling {
  let [rowScale, matrix]: [number | undefined, number | undefined] = [undefined, undefined];
  let scaling: Scaling | undefined;
  return (firstMatrix, m, secondMatrix) => {
    const own = numberOf(firstScales, firstMatrix, m);
    const start = secondScales.values.length > secondScales.perMatrix ? secondMatrix * secondScales.perMatrix : 0;
    if (scaling !== undefined && own === rowScale && start === matrix) return scaling;
    const count = secondScales.perMatrix === 1 ? 1 : columns;
    const columnScales = Array.from({ length: count }, (_, n) => secondScales.values[start + n]!);
    scaling = scalingOf(mode, own, columnScales, outputScale, productIsFloat);
    [rowScale, matrix] = [own, start];
    return scaling;
  };
}

/** output [...batch, M, N], float32: sums times f32(a_scale * b_scale), rounded once. */
export function scaledMatmul(
  output: NumberTensor,
  operands: IntegerProduct,
  { firstScales, secondScales, biasOf }: Pick<ProductRequantization, "firstScales" | "secondScales" | "biasOf">,
  forEachSums: ProductSums = rowSums,
): void {
  forEachSums(output.shape, operands, (sums, at, m, firstMatrix, secondMatrix) => {
    const rowScale = numberOf(firstScales, firstMatrix, m);
    for (let n = 0; n < sums.length; n++) {
      const sum = finished(operands, sums[n]!, biasOf, m, n);
      const scale = Math.fround(rowScale * numberOf(secondScales, secondMatrix, n));
      output.values[at + n] = Math.fround(sum) * scale;
    }
  });
}

/** The sums of each row by the plain loops. */
export const rowSums: ProductSums = (shape, operands, take) => {
  const { first, second } = operands;
  const sums = new Int32Array(second.shape.at(-1)!);
  const register = limitingRegister(operands);
  const folded = foldedSums(register, sums, first.shape.at(-1)!);
  forEachProduct(shape, first.shape, second.shape, (extents, outputAt, a, b) => {
    const { rows, reduction, columns } = extents;
    const firstMatrix = a.offset / Math.max(1, rows * reduction);
    const secondMatrix = b.offset / Math.max(1, reduction * columns);
    for (let m = 0; m < rows; m++) {
      sumRow(sums, operands, extents, m, a, b, firstMatrix, secondMatrix, register, folded);
      take(sums, outputAt + m * columns, m, firstMatrix, secondMatrix);
    }
  });
};

/** The accumulator, when some sum of the operands' largest products might not fit it. */
export function limitingRegister(operands: IntegerProduct): Accumulator | undefined {
  const { accumulator, first, second, firstZeros, secondZeros } = operands;
  if (accumulator === undefined) return undefined;
  const reach = [largestDistance(first.values, firstZeros.values), largestDistance(second.values, secondZeros.values)];
  return accumulator.holdsAll(first.shape.at(-1)!, reach[0]!, reach[1]!) ? undefined : accumulator;
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
  register: Accumulator | undefined,
  folded: FoldedSums | undefined,
): void {
  const [x, w] = [first.values, second.values];
  const rowZero = numberOf(firstZeros, firstMatrix, m);
  sums.fill(0);
  folded?.restart();
  for (let k = 0; k < reduction; k++) {
    const factor = x[a.offset + m * a.rowStride + k]! - rowZero;
    const rowAt = b.offset + k * b.rowStride;
    for (let n = 0; n < columns; n++) {
      const code = w[rowAt + n]! - numberOf(secondZeros, secondMatrix, n);
      sums[n] =
        register === undefined ? multiplyAddInt32(sums[n]!, factor, code) : register.addProduct(sums[n]!, factor, code);
    }
    folded?.productDone();
  }
}
