/**
 * A value of an ONNX graph while it is imported: shape and element type are always known; values are known when the file
 * stores them or when they follow from shapes and constants.
 */
import { elementCount } from "../../core/integers.js";
import type { EncodingChoice } from "../encodings/encoding.js";
import type { SmartDealWeights } from "../encodings/smartdeal.js";
import type { Precision, TensorValues } from "../tensor.js";

export interface OnnxValue {
  /** Unique over the network, subgraphs included. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Element type as ONNX sees it. */
  readonly precision: Precision;
  /** Element type of the bytes in memory, when a DequantizeLinear is kept as a view of integers. */
  readonly storage?: Precision;
  /** The integers that such a view stands for, in the same shape. */
  readonly bytesOf?: OnnxValue;
  /** Present when the values are fixed: an initializer, a Constant, or folded. */
  readonly load?: () => TensorValues;
  /** Values that the user gave for this run; unlike `load` they do not make the value a constant. */
  readonly given?: () => TensorValues;
  /** Name of the tensor of the file that these values are another form of (transposed, reshaped). */
  readonly root?: string;
  /** How the tensor is stored, where the file says so of the initializer. */
  readonly encoding?: EncodingChoice;
  /** Reads the container of such a tensor, where its encoding is SmartDeal's. */
  readonly smartdeal?: () => SmartDealWeights;
}

/** Values longer than this are never decoded during import. */
export const MAX_FOLDED_ELEMENTS = 65_536;

const numbersOf = new WeakMap<OnnxValue, readonly number[]>();

export function isFixed(value: OnnxValue): boolean {
  return value.load !== undefined;
}

/** The values as numbers when they are fixed or given, and few; 64-bit integers beyond 2^53 lose their low bits. */
export function knownNumbers(value: OnnxValue): readonly number[] | undefined {
  const load = value.load ?? value.given;
  if (load === undefined || elementCount(value.shape) > MAX_FOLDED_ELEMENTS) return undefined;
  let numbers = numbersOf.get(value);
  if (numbers === undefined) {
    numbers = Array.from<number | bigint, number>(load(), Number);
    numbersOf.set(value, numbers);
  }
  return numbers;
}

/** The tensor whose bytes hardware reads for this value: the integers behind a DequantizeLinear, or the value itself. */
export function operandOf(value: OnnxValue): OnnxValue {
  return value.bytesOf ?? value;
}

/** Numbers as the array type that `precision` is loaded into. */
export function toTensorValues(numbers: readonly number[], precision: Precision): TensorValues {
  switch (precision) {
    case "int2":
    case "int4":
    case "int8":
      return Int8Array.from(numbers);
    case "bool":
    case "uint2":
    case "uint4":
    case "uint8":
      return Uint8Array.from(numbers);
    case "int16":
      return Int16Array.from(numbers);
    case "uint16":
      return Uint16Array.from(numbers);
    case "int32":
      return Int32Array.from(numbers);
    case "uint32":
      return Uint32Array.from(numbers);
    case "int64":
      return BigInt64Array.from(numbers, toBigInt);
    case "uint64":
      return BigUint64Array.from(numbers, toBigInt);
    case "fp64":
      return Float64Array.from(numbers);
    default:
      return Float32Array.from(numbers);
  }
}

function toBigInt(value: number): bigint {
  if (value >= 2 ** 63) return 2n ** 63n - 1n;
  return BigInt(Math.trunc(value));
}

/** `length` values taken from others of the same type: `source(i)` is the index of result element `i`. */
export function selectValues(values: TensorValues, length: number, source: (index: number) => number): TensorValues {
  const Type = values.constructor as new (length: number) => TensorValues;
  const result = new Type(length);
  for (let index = 0; index < length; index++) result[index] = values[source(index)]!;
  return result;
}
