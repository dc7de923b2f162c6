/** Operators whose result is known during import: Constant, ConstantOfShape, Shape, Size. They leave no layer. */
import type { TensorProto } from "onnx-buf";
import { elementCount } from "../../core/integers.js";
import type { Precision, TensorValues } from "../tensor.js";
import type { OnnxNode } from "./onnx-node.js";
import { formatShape } from "./onnx-shape-rules.js";
import { readTensorProto } from "./onnx-tensor.js";
import { selectValues, toTensorValues } from "./onnx-value.js";

const MAX_FILLED_ELEMENTS = 2 ** 28;

export function importConstant(node: OnnxNode): void {
  const { attributes } = node;
  const tensor = attributes.tensor("value");
  if (tensor !== undefined) {
    const { shape, precision, load } = readTensorProto(tensor, node.where, node.session.modelPath);
    node.output(0, shape, precision, { load });
    return;
  }
  const float = attributes.float("value_float");
  const int = attributes.int("value_int");
  const floats = attributes.floats("value_floats");
  const ints = attributes.ints("value_ints");
  if (float !== undefined) constant(node, [], "fp32", [float]);
  else if (floats !== undefined) constant(node, [floats.length], "fp32", floats);
  else if (int !== undefined) constant(node, [], "int64", [int]);
  else if (ints !== undefined) constant(node, [ints.length], "int64", ints);
  else refuseOtherValues(node);
}

function refuseOtherValues(node: OnnxNode): never {
  const { attributes } = node;
  if (attributes.has("sparse_value")) node.unsupported("a sparse value", "a dense value");
  if (attributes.has("value_string") || attributes.has("value_strings")) node.unsupported("strings", "numbers");
  node.fail("no value", "one of the attributes value, value_float(s), value_int(s)");
}

export function importConstantOfShape(node: OnnxNode): void {
  const shape = node.numbers(0, "shape");
  const proto: TensorProto | undefined = node.attributes.tensor("value");
  if (proto === undefined) {
    filled(node, shape, "fp32", Float32Array.of(0));
    return;
  }
  const value = readTensorProto(proto, node.where, node.session.modelPath);
  if (elementCount(value.shape) !== 1) node.fail(`a value of ${elementCount(value.shape)} elements`, "one element");
  filled(node, shape, value.precision, value.load());
}

function filled(node: OnnxNode, shape: readonly number[], precision: Precision, value: TensorValues): void {
  if (elementCount(shape) > MAX_FILLED_ELEMENTS) {
    node.unsupported(`a constant of shape ${formatShape(shape)}`, `at most ${MAX_FILLED_ELEMENTS} elements`);
  }
  node.output(0, shape, precision, { load: () => selectValues(value, elementCount(shape), () => 0) });
}

export function importShape(node: OnnxNode): void {
  const { shape } = node.input(0);
  const rank = shape.length;
  const bound = (value: number) => Math.min(Math.max(value < 0 ? value + rank : value, 0), rank);
  const start = bound(node.attributes.int("start") ?? 0);
  const end = bound(node.attributes.int("end") ?? rank);
  const part = shape.slice(start, Math.max(start, end));
  constant(node, [part.length], "int64", part);
}

export function importSize(node: OnnxNode): void {
  constant(node, [], "int64", [elementCount(node.input(0).shape)]);
}

function constant(node: OnnxNode, shape: readonly number[], precision: Precision, numbers: readonly number[]): void {
  node.output(0, shape, precision, { load: () => toTensorValues(numbers, precision) });
}
