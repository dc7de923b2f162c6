/**
 * Quantizing, dequantizing, and the element-wise operators on codes. Source: ONNX QuantizeLinear-25, DequantizeLinear-25,
 * DynamicQuantizeLinear-11; com.microsoft QLinearAdd, QLinearMul, QLinearConcat, QLinearLeakyRelu, QLinearSigmoid.
 */
import { sigmoid } from "../../../../algorithms/kernels/elementwise-unary.js";
import { placeAlong } from "../../../../algorithms/kernels/movement.js";
import {
  type CodeScale,
  codeTable,
  lookUpCodes,
  qlinearAdd,
  qlinearMultiply,
} from "../../../../algorithms/kernels/qlinear-elementwise.js";
import {
  dequantizeLinear,
  dynamicQuantizeLinear,
  quantizeLinear,
  type ScaleLayout,
} from "../../../../algorithms/kernels/quantization.js";
import { roundToBfloat, roundToHalf } from "../../../core/float-rounding.js";
import { broadcastShapes, extentOf, formatShape, normalizeAxis } from "../../../ir/import/onnx-shape-rules.js";
import { precisionOfDataType } from "../../../ir/import/onnx-tensor.js";
import type { Precision } from "../../../ir/tensor.js";
import {
  createTensor,
  integerLimits,
  isNumberTensor,
  type NumberTensor,
  type TensorData,
} from "../../../ir/tensor-data.js";
import type { OperatorAdapter, OperatorCall } from "../operator-call.js";
import { joinedShape } from "./movement.js";
import { onlyScale, requireScales } from "./scales.js";

/** Scale and zero point of a whole tensor, at inputs `index` and `index + 1`; without a zero point it is 0. */
export function codeScale(call: OperatorCall, index: number): CodeScale {
  const zero = call.optional(index + 1) === undefined ? 0 : call.scalar(index + 1, "a zero point");
  return { scale: onlyScale(call, index, "a scale"), zero };
}

/** Rounds to a floating-point type. */
function rounderOf(precision: Precision): (value: number) => number {
  if (precision === "fp16") return roundToHalf;
  if (precision === "bf16") return roundToBfloat;
  return precision === "fp64" ? (value) => value : Math.fround;
}

/** Inputs 1 and 2: for the tensor, for each index of an axis, or for each block along it. */
function scaleLayout(call: OperatorCall, data: TensorData): ScaleLayout {
  const scale = call.real(1);
  const zero = call.optional(2) === undefined ? undefined : call.codes(2);
  call.requireCount(zero, scale.values.length, "zero points");
  requireScales(call, scale.values, "a scale");
  return { scales: scale.values, zeros: zero?.values, ...scaleIndex(call, data, scale) };
}

function scaleIndex(
  call: OperatorCall,
  data: TensorData,
  scale: TensorData,
): Pick<ScaleLayout, "indexOf" | "runLength"> {
  const block = call.attributes.int("block_size") ?? 0;
  if (block < 0) call.fail(`block_size ${block}`, "0 or more");
  if (block === 0 && scale.values.length === 1) return { indexOf: () => 0 };
  const axis = normalizeAxis(call.attributes.int("axis") ?? 1, data.shape.length);
  const extent = data.shape[axis]!;
  const inner = extentOf(data.shape, axis + 1, data.shape.length);
  if (block === 0) {
    if (scale.shape.length > 1 || scale.values.length !== extent) {
      call.fail(`scales of shape ${formatShape(scale.shape)}`, `1 or ${extent}, one for each index of axis ${axis}`);
    }
    return { indexOf: (at) => Math.floor(at / inner) % extent, runLength: inner };
  }
  const blocks = Math.ceil(extent / block);
  const wanted = data.shape.with(axis, blocks);
  if (scale.shape.join() !== wanted.join()) {
    call.fail(`scales of shape ${formatShape(scale.shape)}`, `${formatShape(wanted)} for blocks of ${block}`);
  }
  const indexOf = (at: number): number => {
    const outer = Math.floor(at / (extent * inner));
    const index = Math.floor(at / inner) % extent;
    return (outer * blocks + Math.floor(index / block)) * inner + (at % inner);
  };
  return { indexOf };
}

/** The zero point has the type of the codes; without it an attribute may say it. */
function codePrecision(call: OperatorCall): Precision {
  const zero = call.optional(2);
  if (zero !== undefined) return zero.precision;
  const dataType = call.attributes.int("output_dtype") ?? 0;
  return dataType === 0 ? "uint8" : precisionOfDataType(dataType, call.where);
}

const quantizing: OperatorAdapter = (call) => {
  const data = call.input(0);
  if (!isNumberTensor(data)) return call.unsupported(`elements of ${data.precision}`, "real numbers or int32");
  const precision = codePrecision(call);
  const limits = integerLimits(precision) ?? call.unsupported(`codes of ${precision}`, "integers of at most 16 bits");
  const dataType = call.attributes.int("precision") ?? 0;
  const computed = dataType === 0 ? call.real(1).precision : precisionOfDataType(dataType, call.where);
  const y = call.createNumbers(0, data.shape, precision);
  quantizeLinear(y, data, scaleLayout(call, data), limits, rounderOf(computed));
};

const dequantizing: OperatorAdapter = (call) => {
  const data = call.codes(0);
  const dataType = call.attributes.int("output_dtype") ?? 0;
  const precision = dataType === 0 ? call.real(1).precision : precisionOfDataType(dataType, call.where);
  const y = call.createNumbers(0, data.shape, precision);
  dequantizeLinear(y, data, scaleLayout(call, data), rounderOf(precision));
};

const dynamic: OperatorAdapter = (call) => {
  const data = call.real(0);
  const y = call.createNumbers(0, data.shape, "uint8");
  const { scale, zero } = dynamicQuantizeLinear(y, data);
  call.createNumbers(1, [], "fp32").values[0] = scale;
  call.createNumbers(2, [], "uint8").values[0] = zero;
};

/** A, scale, zero point, B, scale, zero point, output scale, zero point */
function qlinearBinary(kernel: typeof qlinearAdd): OperatorAdapter {
  return (call) => {
    const [a, b] = [call.codes(0), call.codes(3)];
    call.requireSameType(a, b);
    const y = call.createNumbers(0, broadcastShapes([a.shape, b.shape]), a.precision);
    const scales = { first: codeScale(call, 1), second: codeScale(call, 4), output: codeScale(call, 6) };
    kernel(y, a, b, scales, integerLimits(a.precision)!);
  };
}

/** An 8-bit input, whose codes a table can list. */
function byteCodes(call: OperatorCall, index: number): NumberTensor {
  const data = call.codes(index);
  if (data.precision === "int8" || data.precision === "uint8") return data;
  return call.unsupported(`codes of ${data.precision}`, "int8 or uint8");
}

/** X, scale, zero point, output scale, zero point */
function qlinearFunction(make: (call: OperatorCall) => (x: number) => number): OperatorAdapter {
  return (call) => {
    const data = byteCodes(call, 0);
    const limits = integerLimits(data.precision)!;
    const table = codeTable(make(call), codeScale(call, 1), codeScale(call, 3), limits);
    lookUpCodes(call.createNumbers(0, data.shape, data.precision), data, table, limits[0]);
  };
}

function leaky(call: OperatorCall): (x: number) => number {
  const alpha = Math.fround(call.attributes.float("alpha") ?? 0.01);
  return (x) => (x < 0 ? alpha * x : x);
}

/** Output scale and zero point, then codes, scale and zero point of each part. */
const qlinearConcat: OperatorAdapter = (call) => {
  const count = (call.inputs.length - 2) / 3;
  if (!Number.isInteger(count) || count < 1) {
    call.fail(`${call.inputs.length} inputs`, "2 inputs and 3 more for each part");
  }
  const parts = Array.from({ length: count }, (_, index) => byteCodes(call, 2 + 3 * index));
  const { shape: first, precision } = parts[0]!;
  const axis = normalizeAxis(call.attributes.int("axis") ?? call.fail("no axis", "attribute axis"), first.length);
  const [limits, output] = [integerLimits(precision)!, codeScale(call, 0)];
  const y = call.createNumbers(0, joinedShape(call, parts, axis), precision);
  let start = 0;
  for (const [index, part] of parts.entries()) {
    const table = codeTable((x) => x, codeScale(call, 3 + 3 * index), output, limits);
    const rescaled = createTensor(part.shape, precision) as NumberTensor;
    lookUpCodes(rescaled, part, table, limits[0]);
    placeAlong(y, rescaled, axis, start);
    start += part.shape[axis]!;
  }
};

export const QUANTIZATIONS: Readonly<Record<string, OperatorAdapter>> = {
  QuantizeLinear: quantizing,
  DequantizeLinear: dequantizing,
  DynamicQuantizeLinear: dynamic,
  "com.microsoft.QuantizeLinear": quantizing,
  "com.microsoft.DequantizeLinear": dequantizing,
  "com.microsoft.QLinearAdd": qlinearBinary(qlinearAdd),
  "com.microsoft.QLinearMul": qlinearBinary(qlinearMultiply),
  "com.microsoft.QLinearLeakyRelu": qlinearFunction(leaky),
  "com.microsoft.QLinearSigmoid": qlinearFunction(() => sigmoid),
  "com.microsoft.QLinearConcat": qlinearConcat,
};
