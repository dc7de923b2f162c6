/**
 * Functions of one tensor, element by element. Floating point: evaluated in double precision and rounded once to the element
 * type. Source: ONNX operator descriptions (Relu-14, Sigmoid-13, HardSwish-14, Gelu-20, Mish-18, Swish-24, Selu-6, ...);
 * com.microsoft FastGelu, QuickGelu.
 */
import { roundHalfEven } from "../../sim/core/fixed-point.js";
import { isLong, type NumberValues, type TensorData } from "../../sim/ir/tensor-data.js";
import { errorFunction } from "./error-function.js";

export type UnaryFunction = (x: number) => number;

/** Does not overflow for large negative x. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const power = Math.exp(x);
  return power / (1 + power);
}

/** ln(1 + exp(x)) without overflow. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** The normal distribution's own: x * Phi(x). */
export function gelu(x: number): number {
  return 0.5 * x * (1 + errorFunction(x / Math.SQRT2));
}

/** 0.5x(1 + tanh(sqrt(2/pi)(x + 0.044715 x^3))). */
export function tanhGelu(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

/** x * sigmoid(beta * x); 0 where x is minus infinity and beta positive. */
export function swish(x: number, beta: number): number {
  const gate = sigmoid(beta * x);
  return gate === 0 ? 0 : x * gate;
}

export function hardSigmoid(x: number, alpha: number, beta: number): number {
  return Math.max(0, Math.min(1, alpha * x + beta));
}

export function elu(x: number, alpha: number): number {
  return x < 0 ? alpha * Math.expm1(x) : x;
}

/** Functions without parameters, by the operator's name. */
export const UNARY_KERNELS = {
  Exp: Math.exp,
  Log: Math.log,
  Sqrt: Math.sqrt,
  Reciprocal: (x) => 1 / x,
  Floor: Math.floor,
  Ceil: Math.ceil,
  Round: roundHalfEven,
  Erf: errorFunction,
  Sin: Math.sin,
  Cos: Math.cos,
  Tan: Math.tan,
  Asin: Math.asin,
  Acos: Math.acos,
  Atan: Math.atan,
  Sinh: Math.sinh,
  Cosh: Math.cosh,
  Tanh: Math.tanh,
  Asinh: Math.asinh,
  Acosh: Math.acosh,
  Atanh: Math.atanh,
  Sigmoid: sigmoid,
  Softplus: softplus,
  Softsign: (x) => x / (1 + Math.abs(x)),
  HardSwish: (x) => x * hardSigmoid(x, 1 / 6, 0.5),
  Mish: (x) => x * Math.tanh(softplus(x)),
} as const satisfies Readonly<Record<string, UnaryFunction>>;

/** output = f(input), of one shape; floating-point elements. */
export function mapUnary(output: TensorData, input: TensorData, f: UnaryFunction): void {
  const [result, x] = [output.values as NumberValues, input.values as NumberValues];
  if (f === UNARY_KERNELS.HardSwish && result instanceof Float32Array && x instanceof Float32Array) {
    hardSwishFloats(result, x);
    return;
  }
  for (let at = 0; at < x.length; at++) result[at] = f(x[at]!);
}

/** The hot case, without a call for each element. */
function hardSwishFloats(result: Float32Array, x: Float32Array): void {
  for (let at = 0; at < x.length; at++) {
    const value = x[at]!;
    result[at] = value * Math.max(0, Math.min(1, (1 / 6) * value + 0.5));
  }
}

/** Operations that integers have as well, exact in 64 bits. */
export const SIGNED_KERNELS = {
  Abs: { number: (x: number) => Math.abs(x), long: (x: bigint) => (x < 0n ? -x : x) },
  Neg: { number: (x: number) => -x, long: (x: bigint) => -x },
  Sign: { number: (x: number) => Math.sign(x), long: (x: bigint) => (x > 0n ? 1n : x < 0n ? -1n : 0n) },
  Relu: { number: (x: number) => Math.max(x, 0), long: (x: bigint) => (x < 0n ? 0n : x) },
  BitwiseNot: { number: (x: number) => ~x, long: (x: bigint) => ~x },
} as const;

/** output = f(input), of one shape and type; integers wrap. */
export function mapSigned(
  output: TensorData,
  input: TensorData,
  f: { readonly number: (x: number) => number; readonly long: (x: bigint) => bigint },
): void {
  const [result, x] = [output.values, input.values];
  if (isLong(result) && isLong(x)) for (let at = 0; at < x.length; at++) result[at] = f.long(x[at]!);
  else if (!isLong(result) && !isLong(x)) for (let at = 0; at < x.length; at++) result[at] = f.number(x[at]!);
}

/** Tests of floating-point numbers; the result is 0 or 1. */
export function mapTest(output: TensorData, input: TensorData, holds: (x: number) => boolean): void {
  const [result, x] = [output.values as NumberValues, input.values as NumberValues];
  for (let at = 0; at < x.length; at++) result[at] = holds(x[at]!) ? 1 : 0;
}

/** output = min(max(input, low), high): when the bounds cross, the upper one wins. Source: ONNX Clip-13. */
export function clip(
  output: TensorData,
  input: TensorData,
  low: number | bigint | undefined,
  high: number | bigint | undefined,
): void {
  const [result, x] = [output.values, input.values];
  if (result instanceof Float32Array && x instanceof Float32Array) {
    clipFloats(result, x, Number(low ?? Number.NEGATIVE_INFINITY), Number(high ?? Number.POSITIVE_INFINITY));
    return;
  }
  for (let at = 0; at < x.length; at++) {
    let value = x[at]!;
    if (low !== undefined && value < low) value = low;
    if (high !== undefined && value > high) value = high;
    result[at] = value;
  }
}

/**
 * Chooses among the element and the bounds by an index: a branch on data that a network makes is mispredicted every few elements.
 * What is not a number passes; when both bounds are passed, the upper one wins.
 */
function clipFloats(result: Float32Array, x: Float32Array, low: number, high: number): void {
  const choices = new Float32Array([0, low, high, high]);
  if (low > high) choices[1] = high;
  for (let at = 0; at < x.length; at++) {
    const value = x[at]!;
    choices[0] = value;
    result[at] = choices[Number(value < low) + 2 * Number(value > high)]!;
  }
}
