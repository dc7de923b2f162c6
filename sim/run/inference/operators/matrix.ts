/**
 * MatMul, Gemm, Einsum and the integer products. Source: ONNX MatMul-13, Gemm-13, Einsum-12, MatMulInteger-10,
 * QLinearMatMul-21; com.microsoft QGemm.
 */

import { broadcastStrides } from "../../../../algorithms/kernels/broadcast.js";
import { einsum } from "../../../../algorithms/kernels/einsum.js";
import type { IntegerProduct, LineNumbers } from "../../../../algorithms/kernels/matmul-integer.js";
import { transpose } from "../../../../algorithms/kernels/movement.js";
import { elementCount } from "../../../core/integers.js";
import { broadcastShapes, formatShape } from "../../../ir/import/onnx-shape-rules.js";
import { isFloat } from "../../../ir/tensor.js";
import { createTensor, integerLimits, type NumberTensor, type TensorData } from "../../../ir/tensor-data.js";
import type { OperatorAdapter, OperatorCall } from "../operator-call.js";
import { readEinsumLoops } from "./einsum-equation.js";
import { onlyScale, requireScales } from "./scales.js";

/** Both operands with two axes or more, and the result's shape with and without the axes that vectors lack. */
interface ProductShape<Operand extends TensorData> {
  readonly first: Operand;
  readonly second: Operand;
  readonly full: readonly number[];
  readonly shape: readonly number[];
}

function productShape<Operand extends TensorData>(call: OperatorCall, a: Operand, b: Operand): ProductShape<Operand> {
  call.requireRank(a, 1);
  call.requireRank(b, 1);
  const first = a.shape.length === 1 ? { ...a, shape: [1, ...a.shape] } : a;
  const second = b.shape.length === 1 ? { ...b, shape: [...b.shape, 1] } : b;
  if (first.shape.at(-1) !== second.shape.at(-2)) {
    call.fail(`a product of ${formatShape(a.shape)} and ${formatShape(b.shape)}`, "as many columns as rows");
  }
  const batch = broadcastShapes([first.shape.slice(0, -2), second.shape.slice(0, -2)]);
  const [rows, columns] = [first.shape.at(-2)!, second.shape.at(-1)!];
  return {
    first,
    second,
    full: [...batch, rows, columns],
    shape: [...batch, ...(a.shape.length === 1 ? [] : [rows]), ...(b.shape.length === 1 ? [] : [columns])],
  };
}

const product: OperatorAdapter = (call) => {
  const [a, b] = [call.input(0), call.input(1)];
  call.requireSameType(a, b);
  const { first, second, full, shape } = productShape(call, a, b);
  call.kernels.matmul({ ...call.create(0, shape, a.precision), shape: full }, first, second);
};

const general: OperatorAdapter = (call) => {
  const [a, b, c] = [call.input(0), call.input(1), call.optional(2)];
  call.requireSameType(a, b);
  if (c !== undefined) call.requireSameType(a, c);
  const [transposeFirst, transposeSecond] = [call.flag("transA"), call.flag("transB")];
  const alpha = call.attributes.float("alpha") ?? 1;
  const beta = call.attributes.float("beta") ?? 1;
  if (!isFloat(a.precision) && (alpha !== 1 || beta !== 1)) {
    call.unsupported(`alpha ${alpha} and beta ${beta} for integers`, "factors of 1");
  }
  const shape = gemmShape(call, a, b, transposeFirst, transposeSecond);
  if (c !== undefined) requireFit(call, c, shape);
  call.kernels.gemm(call.create(0, shape, a.precision), a, b, c, { alpha, beta, transposeFirst, transposeSecond });
};

function gemmShape(
  call: OperatorCall,
  a: TensorData,
  b: TensorData,
  transposeFirst: boolean,
  transposeSecond: boolean,
): readonly [number, number] {
  call.requireRank(a, 2, 2);
  call.requireRank(b, 2, 2);
  const [rows, reduction] = transposeFirst ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
  const [depth, columns] = transposeSecond ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!];
  if (reduction !== depth) {
    call.fail(`a product of ${rows}x${reduction} and ${depth}x${columns}`, "as many columns as rows");
  }
  return [rows, columns];
}

function requireFit(call: OperatorCall, addend: TensorData, shape: readonly number[]): void {
  if (broadcastShapes([addend.shape, shape]).join() === shape.join()) return;
  call.fail(`C of shape ${formatShape(addend.shape)}`, `a shape that broadcasts to ${formatShape(shape)}`);
}

/** Scales or zero points: one, one a line, one a matrix, or one a line of every matrix. */
function lineNumbers(
  call: OperatorCall,
  index: number,
  lines: number,
  matrices: number,
  what: string,
  absent: number,
): LineNumbers {
  const tensor = call.optional(index);
  if (tensor === undefined) return { values: [absent], perMatrix: 1 };
  const values = call.numbers(index, what);
  const count = values.length;
  const isPerMatrix = tensor.shape.length > 2 && tensor.shape.at(-1) === 1 && tensor.shape.at(-2) === 1;
  if (count === 1 || (isPerMatrix && count === matrices)) return { values, perMatrix: 1 };
  if (count === lines || count === lines * matrices) return { values, perMatrix: lines };
  return call.fail(`${count} ${what}`, `1, ${lines}, or ${lines} for each of ${matrices} matrices`);
}

/** Scales by line, each positive and finite; 1 where there is none. */
function lineScales(call: OperatorCall, index: number, lines: number, matrices: number, what: string): LineNumbers {
  const scales = lineNumbers(call, index, lines, matrices, what, 1);
  requireScales(call, scales.values, `one of the ${what}`);
  return scales;
}

const matricesOf = (tensor: TensorData): number => elementCount(tensor.shape.slice(0, -2));

/** A, B, a_zero_point, b_zero_point */
const integerProduct: OperatorAdapter = (call) => {
  const { first, second, full, shape } = productShape(call, call.codes(0), call.codes(1));
  const operands: IntegerProduct = {
    first,
    second,
    firstZeros: lineNumbers(call, 2, first.shape.at(-2)!, matricesOf(first), "zero points of A", 0),
    secondZeros: lineNumbers(call, 3, second.shape.at(-1)!, matricesOf(second), "zero points of B", 0),
    accumulator: call.accumulator,
  };
  call.kernels.matmulInteger({ ...call.createNumbers(0, shape, "int32"), shape: full }, operands);
};

/** a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point */
const quantizedProduct: OperatorAdapter = (call) => {
  const { first, second, full, shape } = productShape(call, call.codes(0), call.codes(3));
  const [rows, columns] = [first.shape.at(-2)!, second.shape.at(-1)!];
  const output = call.codes(7);
  call.kernels.qlinearMatmul(
    { ...call.createNumbers(0, shape, output.precision), shape: full },
    {
      first,
      second,
      firstZeros: lineNumbers(call, 2, rows, matricesOf(first), "zero points of A", 0),
      secondZeros: lineNumbers(call, 5, columns, matricesOf(second), "zero points of B", 0),
      accumulator: call.accumulator,
    },
    {
      mode: call.requantize,
      firstScales: lineScales(call, 1, rows, matricesOf(first), "scales of A"),
      secondScales: lineScales(call, 4, columns, matricesOf(second), "scales of B"),
      outputScale: onlyScale(call, 6, "the output's scale"),
      outputZero: call.scalar(7, "the output's zero point"),
      limits: integerLimits(output.precision)!,
    },
  );
};

/** A, a_scale, a_zero_point, B, b_scale, b_zero_point, C, y_scale, y_zero_point; without the last two the result is real. */
const quantizedGemm: OperatorAdapter = (call) => {
  const first = asStored(call.codes(0), call.flag("transA"));
  const second = asStored(call.codes(3), call.flag("transB"));
  const shape = gemmShape(call, first, second, false, false);
  const alpha = Math.fround(call.attributes.float("alpha") ?? 1);
  const addend = call.optional(6) === undefined ? undefined : call.codes(6);
  if (addend !== undefined) requireFit(call, addend, shape);
  const strides = addend === undefined ? [0, 0] : broadcastStrides(addend.shape, shape);
  const operands: IntegerProduct = {
    first,
    second,
    firstZeros: lineNumbers(call, 2, 1, 1, "zero points of A", 0),
    secondZeros: lineNumbers(call, 5, shape[1], 1, "zero points of B", 0),
    accumulator: call.accumulator,
  };
  const scaling = {
    firstScales: { values: [Math.fround(alpha * onlyScale(call, 1, "the scale of A"))], perMatrix: 1 },
    secondScales: lineScales(call, 4, shape[1], 1, "scales of B"),
    biasOf: addend && ((m: number, n: number) => addend.values[m * strides[0]! + n * strides[1]!]!),
  };
  if (call.optional(7) === undefined) {
    call.kernels.scaledMatmul(call.createNumbers(0, shape, "fp32"), operands, scaling);
    return;
  }
  const { precision } = call.optional(8) === undefined ? first : call.codes(8);
  call.kernels.qlinearMatmul(call.createNumbers(0, shape, precision), operands, {
    ...scaling,
    mode: call.requantize,
    outputScale: onlyScale(call, 7, "the output's scale"),
    outputZero: call.optional(8) === undefined ? 0 : call.scalar(8, "the output's zero point"),
    limits: integerLimits(precision)!,
  });
};

/** A matrix, turned round when it is given transposed. */
function asStored(matrix: NumberTensor, isTransposed: boolean): NumberTensor {
  if (!isTransposed || matrix.shape.length !== 2) return matrix;
  const turned = createTensor(matrix.shape.toReversed(), matrix.precision) as NumberTensor;
  transpose(turned, matrix, [1, 0]);
  return turned;
}

const summation: OperatorAdapter = (call) => {
  const operands = call.inputs.map((_, index) => call.input(index));
  const equation = call.attributes.string("equation") ?? call.fail("no equation", "attribute equation");
  for (const operand of operands) call.requireSameType(operands[0]!, operand);
  const { shape, loops } = readEinsumLoops(
    equation,
    operands.map((operand) => operand.shape),
  );
  einsum(call.create(0, shape, operands[0]!.precision), operands, loops);
};

export const PRODUCTS: Readonly<Record<string, OperatorAdapter>> = {
  MatMul: product,
  Gemm: general,
  MatMulInteger: integerProduct,
  QLinearMatMul: quantizedProduct,
  "com.microsoft.QGemm": quantizedGemm,
  Einsum: summation,
};
