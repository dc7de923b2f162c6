/** Values of stored TFLite tensors, in the file's order of elements or with their axes turned. */
import { elementCount } from "../../core/integers.js";
import type { TensorValues } from "../tensor.js";
import { createTensor, createValues } from "../tensor-data.js";
import { stridesOf } from "./onnx-shape-rules.js";
import { halfToNumber } from "./small-floats.js";
import type { TfliteTensor } from "./tflite-model.js";

/** Values of a stored tensor from its little-endian bytes, in memory of their own. */
export function decodeValues(
  { shape, precision }: Pick<TfliteTensor, "shape" | "precision">,
  bytes: Uint8Array,
): TensorValues {
  if (precision === "fp16") return Float32Array.from(new Uint16Array(new Uint8Array(bytes).buffer), halfToNumber);
  const values = createValues(precision, elementCount(shape));
  new Uint8Array(values.buffer).set(bytes);
  return values;
}

/** Stored values with their axes in another order. */
export function reorderedValues(tensor: TfliteTensor, bytes: Uint8Array, order: readonly number[]): TensorValues {
  const from = decodeValues(tensor, bytes);
  const own = stridesOf(tensor.shape);
  const shape = order.map((axis) => tensor.shape[axis]!);
  const strides = order.map((axis) => own[axis]!);
  const { values } = createTensor(shape, tensor.precision);
  const counter = shape.map(() => 0);
  let source = 0;
  for (let at = 0; at < values.length; at++) {
    values[at] = from[source]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      source += strides[axis]!;
      if (++counter[axis]! < shape[axis]!) break;
      source -= strides[axis]! * shape[axis]!;
      counter[axis] = 0;
    }
  }
  return values;
}
