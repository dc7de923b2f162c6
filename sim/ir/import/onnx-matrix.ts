/**
 * MatMul, Gemm, Einsum and their integer forms as products of matrices. Against a stored matrix it is a `linear` layer
 * whose rows are all rows of the other operand; a product of two activations is a `matmul` with a matrix a batch. Where
 * the first operand is the stored one, it takes the weight's place (the product is the transpose of the other).
 * Source: ONNX MatMul-13, Gemm-13, MatMulInteger-10, QLinearMatMul-10, Einsum-12; com.microsoft QGemm.
 */
import { elementCount } from "../../core/integers.js";
import type { Precision } from "../tensor.js";
import { readEinsum } from "./onnx-einsum.js";
import type { OnnxNode } from "./onnx-node.js";
import { emitProduct } from "./onnx-product.js";
import { broadcastShapes, formatShape } from "./onnx-shape-rules.js";
import { isFixed, type OnnxValue, operandOf } from "./onnx-value.js";

export function importMatMul(node: OnnxNode): void {
  const first = node.input(0);
  multiply(node, first, node.input(1), first.precision);
}

/** A, B, a_zero_point, b_zero_point -> int32. */
export function importMatMulInteger(node: OnnxNode): void {
  multiply(node, node.input(0), node.input(1), "int32");
}

/** a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point. */
export function importQLinearMatMul(node: OnnxNode): void {
  multiply(node, node.input(0), node.input(3), node.input(7).precision);
}

/** Product by numpy's rules: a vector is a row on the left and a column on the right; leading axes are broadcast. */
function multiply(node: OnnxNode, first: OnnxValue, second: OnnxValue, precision: Precision): void {
  node.requireRank(first, 1);
  node.requireRank(second, 1);
  const a = first.shape.length === 1 ? [1, ...first.shape] : first.shape;
  const b = second.shape.length === 1 ? [...second.shape, 1] : second.shape;
  const [rows, reduction, columns] = [a.at(-2)!, a.at(-1)!, b.at(-1)!];
  if (b.at(-2) !== reduction) refuseShapes(node, first, second);
  const batch = broadcastShapes([a.slice(0, -2), b.slice(0, -2)]);
  node.output(
    0,
    [...batch, ...(first.shape.length === 1 ? [] : [rows]), ...(second.shape.length === 1 ? [] : [columns])],
    precision,
  );
  const isShared = (shape: readonly number[]) => elementCount(shape.slice(0, -2)) === 1;
  emitProduct(node, {
    first,
    second,
    bias: undefined,
    batch,
    firstIsShared: isShared(a),
    secondIsShared: isShared(b),
    rows,
    reduction,
    columns,
  });
}

export function importGemm(node: OnnxNode): void {
  const first = node.input(0);
  gemm(node, first, node.input(1), node.optional(2), first.precision);
}

/** A, a_scale, a_zero_point, B, b_scale, b_zero_point, C, y_scale, y_zero_point; without the last two the output is float. */
export function importQGemm(node: OnnxNode): void {
  gemm(node, node.input(0), node.input(3), node.optional(6), node.optional(8)?.precision ?? "fp32");
}

function gemm(
  node: OnnxNode,
  first: OnnxValue,
  second: OnnxValue,
  bias: OnnxValue | undefined,
  precision: Precision,
): void {
  node.requireRank(first, 2, 2);
  node.requireRank(second, 2, 2);
  const oriented = (shape: readonly number[], attribute: string) =>
    (node.attributes.int(attribute) ?? 0) === 0 ? [shape[0]!, shape[1]!] : [shape[1]!, shape[0]!];
  const [rows, reduction] = oriented(first.shape, "transA") as [number, number];
  const [inner, columns] = oriented(second.shape, "transB") as [number, number];
  if (inner !== reduction) refuseShapes(node, first, second);
  const shape = [rows, columns];
  if (bias !== undefined && broadcastShapes([shape, bias.shape]).join() !== shape.join()) {
    node.fail(`C of shape ${formatShape(bias.shape)}`, `a shape that broadcasts to ${formatShape(shape)}`);
  }
  node.output(0, shape, precision);
  const stored = bias !== undefined && isFixed(operandOf(bias));
  emitProduct(node, {
    first,
    second,
    bias: stored ? bias : undefined,
    batch: [],
    firstIsShared: true,
    secondIsShared: true,
    rows,
    reduction,
    columns,
  });
}

export function importEinsum(node: OnnxNode): void {
  const equation = node.attributes.string("equation") ?? node.fail("no equation", "attribute equation");
  const product = node.inputs.length === 2 ? readEinsum(equation, node.input(0).shape, node.input(1).shape) : undefined;
  if (product === undefined) {
    node.unsupported(`equation ${JSON.stringify(equation)}`, "one product of two operands, as in 'bij,bjk->bik'");
  }
  const [first, second] = [node.input(0), node.input(1)];
  node.output(0, product.outputShape, first.precision);
  const isShared = product.batches === 1;
  emitProduct(node, {
    first,
    second,
    bias: undefined,
    batch: isShared ? [] : [product.batches],
    firstIsShared: isShared,
    secondIsShared: isShared,
    rows: product.rows,
    reduction: product.reduction,
    columns: product.columns,
  });
}

function refuseShapes(node: OnnxNode, first: OnnxValue, second: OnnxValue): never {
  return node.fail(`${formatShape(first.shape)} times ${formatShape(second.shape)}`, "inner axes of one size");
}
