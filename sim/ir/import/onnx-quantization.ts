/**
 * Quantize, dequantize and the quantized element-wise operators.
 * A DequantizeLinear moves nothing: hardware reads the integers and applies the scale where they are used, so it is a view
 * whose output keeps the integers' bytes, and a convolution or product behind it has those integers as its operand (a
 * stored int8 weight stays int8). Only where its result is an output of the graph is it a pass of its own. A QuantizeLinear
 * of an activation is a pass (fused with its producer where the hardware would); of a stored tensor it is done at load time.
 * Source: ONNX QuantizeLinear-10/13/19/21, DequantizeLinear, DynamicQuantizeLinear-11; com.microsoft QLinear operators.
 */
import { roundHalfEven, saturate } from "../../core/fixed-point.js";
import { elementCount } from "../../core/integers.js";
import type { VectorFunction } from "../layer.js";
import type { Precision, TensorValues } from "../tensor.js";
import type { OnnxNode } from "./onnx-node.js";
import { broadcastShapes, extentOf, normalizeAxis } from "./onnx-shape-rules.js";
import { precisionOfDataType } from "./onnx-tensor.js";
import { isFixed, knownNumbers, type OnnxValue, operandOf, toTensorValues } from "./onnx-value.js";

const INTEGER_RANGES: Partial<Record<Precision, readonly [number, number]>> = {
  int2: [-2, 1],
  uint2: [0, 3],
  int4: [-8, 7],
  uint4: [0, 15],
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
};

export function importQuantizeLinear(node: OnnxNode): void {
  const data = node.input(0);
  const precision = quantizedPrecision(node);
  const load = isFixed(data) ? quantizedLoader(node, data, precision) : undefined;
  if (load !== undefined) {
    node.output(0, data.shape, precision, { load, root: data.root ?? data.name });
    return;
  }
  node.output(0, data.shape, precision);
  node.vector("quantize", elementCount(data.shape));
}

function quantizedPrecision(node: OnnxNode): Precision {
  const zeroPoint = node.optional(2);
  if (zeroPoint !== undefined) return zeroPoint.precision;
  const dataType = node.attributes.int("output_dtype") ?? 0;
  return dataType === 0 ? "uint8" : precisionOfDataType(dataType, node.where);
}

/** Reader of a stored float tensor quantized per tensor or per axis; undefined for other forms. */
function quantizedLoader(node: OnnxNode, data: OnnxValue, precision: Precision): (() => TensorValues) | undefined {
  const range = INTEGER_RANGES[precision];
  const scale = node.input(1);
  const scales = knownNumbers(scale);
  const zeroPoint = node.optional(2);
  const zeroPoints = zeroPoint === undefined ? [0] : knownNumbers(zeroPoint);
  if (range === undefined || scales === undefined || zeroPoints === undefined || scale.shape.length > 1)
    return undefined;
  if (data.precision !== "fp32" || (node.attributes.int("block_size") ?? 0) !== 0) return undefined;
  if (scales.length === 0 || zeroPoints.length === 0) return node.fail("an empty scale or zero point", "one or more");
  const axis = scales.length === 1 ? 0 : normalizeAxis(node.attributes.int("axis") ?? 1, data.shape.length);
  if (scales.length > 1 && data.shape[axis] !== scales.length) {
    return node.fail(`${scales.length} scales`, `1 or ${data.shape[axis]}, one for each index of axis ${axis}`);
  }
  const inner = scales.length === 1 ? 1 : extentOf(data.shape, axis + 1, data.shape.length);
  return () => {
    const numbers = Array.from<number | bigint, number>(data.load!(), (value, index) => {
      const at = Math.floor(index / inner) % scales.length;
      const ratio = Math.fround(Number(value) / scales[at]!);
      return saturate(roundHalfEven(ratio) + zeroPoints[at % zeroPoints.length]!, range[0], range[1]);
    });
    return toTensorValues(numbers, precision);
  };
}

export function importDequantizeLinear(node: OnnxNode): void {
  const data = node.input(0);
  const scale = node.input(1);
  if (node.scope.outputs.has(node.outputName(0))) {
    node.output(0, data.shape, scale.precision);
    node.vector("quantize", elementCount(data.shape));
    return;
  }
  const bytesOf = operandOf(data);
  node.output(0, data.shape, scale.precision, { storage: bytesOf.storage ?? bytesOf.precision, bytesOf });
  node.move("view");
}

export function importDynamicQuantizeLinear(node: OnnxNode): void {
  const data = node.input(0);
  node.output(0, data.shape, "uint8");
  node.output(1, [], "fp32");
  node.output(2, [], "uint8");
  node.vector("quantize", elementCount(data.shape));
}

/** com.microsoft operators on quantized tensors: A, scale, zero point, B, scale, zero point, ... */
export const QLINEAR_BINARY: Readonly<Record<string, VectorFunction>> = {
  "com.microsoft.QLinearAdd": "add",
  "com.microsoft.QLinearMul": "multiply",
};

export function importQLinearBinary(node: OnnxNode): void {
  const [a, b] = [node.input(0), node.input(3)];
  const shape = broadcastShapes([a.shape, b.shape]);
  node.markLearnedOperand(a);
  node.markLearnedOperand(b);
  node.output(0, shape, a.precision);
  node.vector(QLINEAR_BINARY[node.operator]!, elementCount(shape));
}

/** X, scale, zero point, output scale, output zero point: the input's shape. */
export const QLINEAR_UNARY: Readonly<Record<string, VectorFunction>> = {
  "com.microsoft.QLinearLeakyRelu": "activation-table",
  "com.microsoft.QLinearSigmoid": "activation-table",
  "com.microsoft.QLinearSoftmax": "softmax",
};

export function importQLinearUnary(node: OnnxNode): void {
  const data = node.input(0);
  node.output(0, data.shape, data.precision);
  node.vector(QLINEAR_UNARY[node.operator]!, elementCount(data.shape));
}

/** com.microsoft.QLinearConcat: output scale and zero point, then three inputs a tensor; every element is rescaled. */
export function importQLinearConcat(node: OnnxNode): void {
  if (node.inputs.length < 5 || (node.inputs.length - 2) % 3 !== 0) {
    node.fail(`${node.inputs.length} inputs`, "2 inputs and 3 more for each tensor");
  }
  const first = node.input(2);
  const axis = normalizeAxis(node.attributes.int("axis") ?? node.fail("no axis", "attribute axis"), first.shape.length);
  let total = 0;
  for (let index = 2; index < node.inputs.length; index += 3) {
    const { shape } = node.input(index);
    if (shape.length !== first.shape.length || shape.some((size, at) => at !== axis && size !== first.shape[at])) {
      node.fail(`shapes [${first.shape.join(", ")}] and [${shape.join(", ")}]`, `shapes equal but for axis ${axis}`);
    }
    total += shape[axis]!;
  }
  const shape = first.shape.with(axis, total);
  node.output(0, shape, node.input(1).precision);
  node.vector("quantize", elementCount(shape));
}
