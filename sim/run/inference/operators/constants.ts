/**
 * Values that come from attributes and shapes. Source: ONNX Constant-13, ConstantOfShape-9, Shape-15, Size-13, Range-11,
 * EyeLike-9.
 */
import { elementCount } from "../../../core/integers.js";
import { precisionOfDataType, type StoredTensor } from "../../../ir/import/onnx-tensor.js";
import { isLong, type TensorData, tensorOf } from "../../../ir/tensor-data.js";
import { type OperatorAdapter, type OperatorCall, onlyValue } from "../operator-call.js";

/** A tensor that an attribute holds. */
function loaded(stored: StoredTensor): TensorData {
  return { shape: stored.shape, precision: stored.precision, values: stored.load() };
}

const constant: OperatorAdapter = (call) => {
  const { attributes } = call;
  const stored = call.node.tensors.get("value");
  const [float, floats] = [attributes.float("value_float"), attributes.floats("value_floats")];
  const [int, ints] = [attributes.exactInt("value_int"), attributes.exactInts("value_ints")];
  if (stored !== undefined) call.give(0, loaded(stored));
  else if (float !== undefined) call.give(0, tensorOf([], "fp32", [float]));
  else if (floats !== undefined) call.give(0, tensorOf([floats.length], "fp32", floats));
  else if (int !== undefined) call.give(0, tensorOf([], "int64", [int]));
  else if (ints !== undefined) call.give(0, tensorOf([ints.length], "int64", ints));
  else if (attributes.has("sparse_value")) call.unsupported("a sparse value", "a dense value");
  else if (attributes.has("value_string") || attributes.has("value_strings")) call.unsupported("strings", "numbers");
  else call.fail("no value", "one of the attributes value, value_float(s), value_int(s)");
};

const filled: OperatorAdapter = (call) => {
  const stored = call.node.tensors.get("value");
  const value = stored === undefined ? tensorOf([1], "fp32", [0]) : loaded(stored);
  if (value.values.length !== 1) call.fail(`a value of ${value.values.length} elements`, "one element");
  const y = call.create(0, call.numbers(0, "shape"), value.precision);
  for (let at = 0; at < y.values.length; at++) y.values[at] = value.values[0]!;
};

const shape: OperatorAdapter = (call) => {
  const { shape: own } = call.input(0);
  const rank = own.length;
  const bound = (value: number) => Math.min(Math.max(value < 0 ? value + rank : value, 0), rank);
  const start = bound(call.attributes.int("start") ?? 0);
  const part = own.slice(start, Math.max(start, bound(call.attributes.int("end") ?? rank)));
  call.give(0, tensorOf([part.length], "int64", part));
};

const size: OperatorAdapter = (call) => {
  call.give(0, tensorOf([], "int64", [elementCount(call.input(0).shape)]));
};

/** start + i * delta; 64-bit integers stay exact. */
const range: OperatorAdapter = (call) => {
  const [start, limit, delta] = [0, 1, 2].map((index) => onlyValue(call, index, "a bound"));
  const { precision } = call.input(0);
  if (Number(delta) === 0) call.fail("a delta of 0", "a delta other than 0");
  const length = Math.max(0, rangeLength(start!, limit!, delta!));
  if (!Number.isSafeInteger(length)) call.fail(`bounds ${start} and ${limit}`, "finite bounds");
  const { values } = call.create(0, [length], precision);
  for (let at = 0; at < length; at++) {
    if (isLong(values)) values[at] = (start as bigint) + BigInt(at) * (delta as bigint);
    else values[at] = (start as number) + at * (delta as number);
  }
};

function rangeLength(start: number | bigint, limit: number | bigint, delta: number | bigint): number {
  if (typeof start === "number" || typeof limit === "number" || typeof delta === "number") {
    return Math.ceil((Number(limit) - Number(start)) / Number(delta));
  }
  const [span, step] = [limit - start, delta];
  const quotient = span / step;
  return Number(quotient * step === span || span < 0n !== step < 0n ? quotient : quotient + 1n);
}

const eye: OperatorAdapter = (call: OperatorCall) => {
  const data = call.input(0);
  call.requireRank(data, 2, 2);
  const dataType = call.attributes.int("dtype");
  const y = call.create(
    0,
    data.shape,
    dataType === undefined ? data.precision : precisionOfDataType(dataType, call.where),
  );
  const [rows, columns] = data.shape as [number, number];
  const k = call.attributes.int("k") ?? 0;
  for (let row = 0; row < rows; row++) {
    if (row + k < 0 || row + k >= columns) continue;
    y.values[row * columns + row + k] = isLong(y.values) ? 1n : 1;
  }
};

export const CONSTANTS: Readonly<Record<string, OperatorAdapter>> = {
  Constant: constant,
  ConstantOfShape: filled,
  Shape: shape,
  Size: size,
  Range: range,
  EyeLike: eye,
};
