/**
 * A tensor with its values at hand, row-major: what kernels read and write, and what files of arrays hold. Half and bfloat16
 * are kept as float32 numbers of those formats; bool and integers below 8 bits as one element a byte.
 */
import { elementCount } from "../core/integers.js";
import type { Precision, TensorValues } from "./tensor.js";

export interface TensorData {
  readonly shape: readonly number[];
  readonly precision: Precision;
  readonly values: TensorValues;
}

/** Values that are plain numbers; 64-bit integers are not. */
export type NumberValues = Exclude<TensorValues, BigInt64Array | BigUint64Array>;

/** A tensor whose elements are plain numbers. */
export interface NumberTensor extends TensorData {
  readonly values: NumberValues;
}

/** Least and greatest value of each integer format, bool included; 64-bit formats are exact as bigint only. */
const INTEGER_LIMITS: Partial<Record<Precision, readonly [low: number, high: number]>> = {
  bool: [0, 1],
  int2: [-2, 1],
  uint2: [0, 3],
  int4: [-8, 7],
  uint4: [0, 15],
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32_768, 32_767],
  uint16: [0, 65_535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
};

/** Range of an integer format of at most 32 bits; undefined for the others. */
export function integerLimits(precision: Precision): readonly [low: number, high: number] | undefined {
  return INTEGER_LIMITS[precision];
}

export function isLong(values: TensorValues): values is BigInt64Array | BigUint64Array {
  return values instanceof BigInt64Array || values instanceof BigUint64Array;
}

export function isNumberTensor(tensor: TensorData): tensor is NumberTensor {
  return !isLong(tensor.values);
}

/** Bytes that one element takes in memory here. */
export function heldElementBytes(precision: Precision): number {
  switch (precision) {
    case "bool":
    case "int2":
    case "uint2":
    case "int4":
    case "uint4":
    case "int8":
    case "uint8":
      return 1;
    case "int16":
    case "uint16":
      return 2;
    case "int64":
    case "uint64":
    case "fp64":
      return 8;
    default:
      return 4;
  }
}

/** Zeros of the array type that holds a precision. */
export function createValues(precision: Precision, elements: number): TensorValues {
  switch (precision) {
    case "int2":
    case "int4":
    case "int8":
      return new Int8Array(elements);
    case "bool":
    case "uint2":
    case "uint4":
    case "uint8":
      return new Uint8Array(elements);
    case "int16":
      return new Int16Array(elements);
    case "uint16":
      return new Uint16Array(elements);
    case "int32":
      return new Int32Array(elements);
    case "uint32":
      return new Uint32Array(elements);
    case "int64":
      return new BigInt64Array(elements);
    case "uint64":
      return new BigUint64Array(elements);
    case "fp64":
      return new Float64Array(elements);
    default:
      return new Float32Array(elements);
  }
}

/** A tensor of zeros. */
export function createTensor(shape: readonly number[], precision: Precision): TensorData {
  return { shape, precision, values: createValues(precision, elementCount(shape)) };
}

/** A tensor from numbers or bigints, converted to its array type; for short lists. */
export function tensorOf(
  shape: readonly number[],
  precision: Precision,
  numbers: readonly number[] | readonly bigint[],
): TensorData {
  const tensor = createTensor(shape, precision);
  const { values } = tensor;
  if (isLong(values)) for (const [index, value] of numbers.entries()) values[index] = BigInt(value);
  else for (const [index, value] of numbers.entries()) values[index] = Number(value);
  return tensor;
}
