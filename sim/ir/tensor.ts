/**
 * Tensors as the graph sees them: a name, a shape, a precision and a role. Values are optional and loaded lazily, so a
 * network of many gigabytes costs nothing until someone reads a weight.
 */
import { elementCount } from "../core/integers.js";
import type { EncodingChoice } from "./encodings/encoding.js";
import type { SmartDealWeights } from "./encodings/smartdeal.js";

const BITS = {
  bool: 8,
  int2: 2,
  uint2: 2,
  int4: 4,
  uint4: 4,
  int8: 8,
  uint8: 8,
  int16: 16,
  uint16: 16,
  int32: 32,
  uint32: 32,
  int64: 64,
  uint64: 64,
  fp4: 4,
  fp8: 8,
  fp16: 16,
  bf16: 16,
  fp32: 32,
  fp64: 64,
} as const;

/** Number format of one element. */
export type Precision = keyof typeof BITS;

/** Bits that one element takes in memory (`bool` is stored as a byte). */
export function precisionBits(precision: Precision): number {
  return BITS[precision];
}

/** True for the floating-point formats, which an integer array must be told how to quantize. */
export function isFloat(precision: Precision): boolean {
  return precision.startsWith("fp") || precision === "bf16";
}

/**
 * `weight`: a learned tensor, counted as parameters. `constant`: stored with the network but not learned (running means,
 * shapes, scales). `state`: lives in memory between inferences (a KV cache). The others are what their names say.
 */
export type TensorRole = "input" | "weight" | "constant" | "activation" | "state" | "output";

export type TensorValues =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly precision: Precision;
  readonly role: TensorRole;
  /** How it is stored; absent means `dense` at `precision`. */
  readonly encoding?: EncodingChoice;
  /** Reads the container of weights that are stored as SmartDeal's Ce and B. */
  readonly smartdeal?: () => SmartDealWeights;
  /** Reads the values when first needed; absent when the network came without them. */
  readonly load?: () => TensorValues;
}

/** Elements of the tensor. */
export function tensorElements(tensor: Tensor): number {
  return elementCount(tensor.shape);
}
