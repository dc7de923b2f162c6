/**
 * Products of matrices, batched with broadcasting. Floating point: every product and every sum is rounded to float32 (to
 * float64 when the elements are float64), in the order of k, never fused. Integers wrap modulo 2^bits.
 * Source: ONNX MatMul-13, Gemm-13 (numpy.matmul), which leave the order open.
 *
 *     for batch, m, n
 *       for k
 *         C[m, n] += A[m, k] * B[k, n]
 */
import { multiplyAddInt32 } from "../../sim/core/fixed-point.js";
import { isFloat, type Precision } from "../../sim/ir/tensor.js";
import { isLong, type TensorData } from "../../sim/ir/tensor-data.js";
import { broadcastStrides, forEachRow } from "./broadcast.js";

/** A matrix inside a tensor: where it starts and how far apart rows and columns are. */
export interface MatrixView {
  readonly offset: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

export interface ProductExtents {
  readonly rows: number;
  readonly reduction: number;
  readonly columns: number;
}

/** A way to multiply two matrices: the elements of the output from `at` are written. */
export type MultiplyMatrices = (
  output: TensorData,
  at: number,
  first: TensorData,
  a: MatrixView,
  second: TensorData,
  b: MatrixView,
  extents: ProductExtents,
) => void;

/**
 * output [...batch, M, N] = first [..., M, K] x second [..., K, N]; all of at least two axes, batches broadcast, one type.
 */
export function matmul(
  output: TensorData,
  first: TensorData,
  second: TensorData,
  multiply: MultiplyMatrices = multiplyMatrices,
): void {
  forEachProduct(output.shape, first.shape, second.shape, (extents, at, a, b) => {
    multiply(output, at, first, a, second, b, extents);
  });
}

/** Calls `visit` for each matrix of the batch. */
export function forEachProduct(
  output: readonly number[],
  first: readonly number[],
  second: readonly number[],
  visit: (extents: ProductExtents, outputAt: number, a: MatrixView, b: MatrixView) => void,
): void {
  const batch = output.slice(0, -2);
  const extents = { rows: first.at(-2)!, reduction: first.at(-1)!, columns: second.at(-1)! };
  const { rows, reduction, columns } = extents;
  const strides = [first, second].map((shape) => broadcastStrides(shape.slice(0, -2), batch));
  const [stepA, stepB] = [strides[0]!.at(-1) ?? 0, strides[1]!.at(-1) ?? 0];
  forEachRow(batch, strides, (length, offset, [startA, startB]) => {
    for (let index = 0; index < length; index++) {
      visit(
        extents,
        (offset + index) * rows * columns,
        { offset: (startA! + index * stepA) * rows * reduction, rowStride: reduction, columnStride: 1 },
        { offset: (startB! + index * stepB) * reduction * columns, rowStride: columns, columnStride: 1 },
      );
    }
  });
}

/** One product of matrices of the same element type, by the plain loops. */
export const multiplyMatrices: MultiplyMatrices = (output, at, first, a, second, b, { rows, reduction, columns }) => {
  const [y, x, w] = [output.values, first.values, second.values];
  if (isLong(y) && isLong(x) && isLong(w)) {
    for (let m = 0; m < rows; m++) {
      for (let n = 0; n < columns; n++) {
        let sum = 0n;
        for (let k = 0; k < reduction; k++) {
          sum +=
            x[a.offset + m * a.rowStride + k * a.columnStride]! * w[b.offset + k * b.rowStride + n * b.columnStride]!;
        }
        y[at + m * columns + n] = sum;
      }
    }
    return;
  }
  if (isLong(y) || isLong(x) || isLong(w)) return;
  const sums = sumsOf(output.precision, columns);
  for (let m = 0; m < rows; m++) {
    sums.fill(0);
    for (let k = 0; k < reduction; k++) {
      const factor = x[a.offset + m * a.rowStride + k * a.columnStride]!;
      const rowAt = b.offset + k * b.rowStride;
      if (sums instanceof Float32Array) {
        for (let n = 0; n < columns; n++) sums[n]! += Math.fround(factor * w[rowAt + n * b.columnStride]!);
      } else if (sums instanceof Float64Array) {
        for (let n = 0; n < columns; n++) sums[n]! += factor * w[rowAt + n * b.columnStride]!;
      } else {
        for (let n = 0; n < columns; n++) {
          sums[n] = multiplyAddInt32(sums[n]!, factor, w[rowAt + n * b.columnStride]!);
        }
      }
    }
    y.set(sums, at + m * columns);
  }
};

function sumsOf(precision: Precision, columns: number): Float32Array | Float64Array | Int32Array {
  if (!isFloat(precision)) return new Int32Array(columns);
  return precision === "fp64" ? new Float64Array(columns) : new Float32Array(columns);
}

export interface GemmOptions {
  readonly alpha: number;
  readonly beta: number;
  readonly transposeFirst: boolean;
  readonly transposeSecond: boolean;
}

/**
 * output [M, N] = alpha * A x B + beta * C, A [M, K] or transposed, B [K, N] or transposed, C broadcast to [M, N]; floating
 * point, or 32-bit integers with alpha and beta of 1. The product is rounded as a matrix; what follows is rounded once.
 */
export function gemm(
  output: TensorData,
  first: TensorData,
  second: TensorData,
  addend: TensorData | undefined,
  { alpha, beta, transposeFirst, transposeSecond }: GemmOptions,
  multiply: MultiplyMatrices = multiplyMatrices,
): void {
  const [rows, columns] = output.shape as [number, number];
  const reduction = first.shape[transposeFirst ? 0 : 1]!;
  const a = viewOf(transposeFirst, rows, reduction);
  const b = viewOf(transposeSecond, reduction, columns);
  const isReal = isFloat(output.precision);
  multiply(output, 0, first, a, second, b, { rows, reduction, columns });
  if (alpha === 1 && addend === undefined) return;
  const y = output.values;
  const strides = addend === undefined ? [0, 0] : broadcastStrides(addend.shape, output.shape);
  for (let m = 0; m < rows; m++) {
    for (let n = 0; n < columns; n++) {
      const at = m * columns + n;
      const c = addend?.values[m * strides[0]! + n * strides[1]!];
      if (isLong(y)) y[at]! += (c as bigint | undefined) ?? 0n;
      else if (isReal) y[at] = alpha * y[at]! + (c === undefined ? 0 : beta * Number(c));
      else y[at]! += Number(c ?? 0);
    }
  }
}

/** A matrix of `rows` x `columns`, stored as it is or transposed. */
function viewOf(isTransposed: boolean, rows: number, columns: number): MatrixView {
  return isTransposed
    ? { offset: 0, rowStride: 1, columnStride: rows }
    : { offset: 0, rowStride: columns, columnStride: 1 };
}
