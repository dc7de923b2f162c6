/**
 * Arithmetic of two tensors, element by element with broadcasting. Floating point: one operation in double precision, rounded
 * once to the element type, which for + - * / is the correctly rounded result. Integers wrap modulo 2^bits, as numpy's do;
 * division truncates towards zero. 64-bit integers are computed as bigint.
 * Source: ONNX Add-14, Sub-14, Mul-14, Div-14, Mod-13, Pow-15, Max-13, Min-13, BitShift-11, BitwiseAnd-18.
 */
import { ShapeFault } from "../../sim/ir/import/onnx-shape-rules.js";
import { isFloat } from "../../sim/ir/tensor.js";
import { isLong, type NumberValues, type TensorData } from "../../sim/ir/tensor-data.js";
import { broadcastStrides, forEachRow, innerStride } from "./broadcast.js";

type NumberOperation = (a: number, b: number) => number;
type LongOperation = (a: bigint, b: bigint) => bigint;

/** An operation on a row of float32 elements, as a loop of its own: called an element at a time it is many times slower. */
type FloatRow = (
  result: Float32Array,
  at: number,
  length: number,
  first: Float32Array,
  startFirst: number,
  stepFirst: number,
  second: Float32Array,
  startSecond: number,
  stepSecond: number,
) => void;

const addRow: FloatRow = (y, at, length, a, startA, stepA, b, startB, stepB) => {
  for (let i = 0; i < length; i++) y[at + i] = a[startA + i * stepA]! + b[startB + i * stepB]!;
};

const subtractRow: FloatRow = (y, at, length, a, startA, stepA, b, startB, stepB) => {
  for (let i = 0; i < length; i++) y[at + i] = a[startA + i * stepA]! - b[startB + i * stepB]!;
};

const multiplyRow: FloatRow = (y, at, length, a, startA, stepA, b, startB, stepB) => {
  for (let i = 0; i < length; i++) y[at + i] = a[startA + i * stepA]! * b[startB + i * stepB]!;
};

const divideRow: FloatRow = (y, at, length, a, startA, stepA, b, startB, stepB) => {
  for (let i = 0; i < length; i++) y[at + i] = a[startA + i * stepA]! / b[startB + i * stepB]!;
};

/** One operation for each class of elements; absent where the operator has no such type. */
export interface BinaryOperation {
  readonly float?: NumberOperation;
  /** The same as `float` for whole rows of float32. */
  readonly floatRow?: FloatRow;
  /** Operands are integers of at most 32 bits; a result beyond the type wraps when it is stored. */
  readonly integer?: NumberOperation;
  readonly long?: LongOperation;
}

function divideIntegers(a: number, b: number): number {
  if (b === 0) throw new ShapeFault("an integer divided by 0", "divisors other than 0");
  return Math.trunc(a / b);
}

function divideLong(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new ShapeFault("an integer divided by 0", "divisors other than 0");
  return a / b;
}

/** Remainder with the sign of the divisor. */
function floorModulo(a: number, b: number): number {
  if (b === 0) throw new ShapeFault("an integer modulo 0", "divisors other than 0");
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

function floorModuloLong(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new ShapeFault("an integer modulo 0", "divisors other than 0");
  const rest = a % b;
  return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
}

function truncatedModulo(a: number, b: number): number {
  if (b === 0) throw new ShapeFault("an integer modulo 0", "divisors other than 0");
  return a % b;
}

export function largerLong(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

export function smallerLong(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

/** Power as IEEE 754 has it: 1 to any power is 1, -1 to an infinite power is 1. */
function realPower(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY)) return 1;
  return base ** exponent;
}

/** Power of 32-bit integers by squaring, modulo 2^32; a negative exponent truncates the fraction. */
function integerPower(base: number, exponent: number): number {
  if (exponent < 0) return Math.trunc(base ** exponent);
  let result = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = Math.imul(result, square);
    square = Math.imul(square, square);
  }
  return result;
}

function longPower(base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) return base === 1n || (base === -1n && exponent % 2n === 0n) ? 1n : base === -1n ? -1n : 0n;
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest /= 2n) {
    if (rest % 2n === 1n) result = BigInt.asIntN(64, result * square);
    square = BigInt.asIntN(64, square * square);
  }
  return result;
}

export const BINARY_OPERATIONS = {
  add: { float: (a, b) => a + b, floatRow: addRow, integer: (a, b) => a + b, long: (a, b) => a + b },
  subtract: { float: (a, b) => a - b, floatRow: subtractRow, integer: (a, b) => a - b, long: (a, b) => a - b },
  multiply: { float: (a, b) => a * b, floatRow: multiplyRow, integer: Math.imul, long: (a, b) => a * b },
  divide: { float: (a, b) => a / b, floatRow: divideRow, integer: divideIntegers, long: divideLong },
  modulo: { integer: floorModulo, long: floorModuloLong },
  /** Sign of the dividend, as C's fmod. */
  remainder: { float: (a, b) => a % b, integer: truncatedModulo, long: (a, b) => a - divideLong(a, b) * b },
  power: { float: realPower, integer: integerPower, long: longPower },
  /** NaN when either is. */
  maximum: { float: (a, b) => Math.max(a, b), integer: (a, b) => Math.max(a, b), long: largerLong },
  minimum: { float: (a, b) => Math.min(a, b), integer: (a, b) => Math.min(a, b), long: smallerLong },
  bitAnd: { integer: (a, b) => a & b, long: (a, b) => a & b },
  bitOr: { integer: (a, b) => a | b, long: (a, b) => a | b },
  bitXor: { integer: (a, b) => a ^ b, long: (a, b) => a ^ b },
  /** A shift by the width or more leaves nothing. */
  shiftLeft: { integer: (a, b) => (b > 31 ? 0 : a << b), long: (a, b) => (b > 63n ? 0n : a << b) },
  shiftRight: { integer: (a, b) => (b > 31 ? 0 : a >>> b), long: (a, b) => (b > 63n ? 0n : a >> b) },
  /** The second operand scales what is negative of the first. */
  parametricRelu: { float: (a, b) => (a < 0 ? a * b : a), integer: (a, b) => (a < 0 ? Math.imul(a, b) : a) },
} as const satisfies Readonly<Record<string, BinaryOperation>>;

/**
 * output = operation(first, second). Shapes broadcast to the output's; element types of all three are one, but for the
 * exponent of a power, which is converted.
 * @throws ShapeFault when the operation has no such element type, or divides an integer by 0
 */
export function mapBinary(output: TensorData, first: TensorData, second: TensorData, operation: BinaryOperation): void {
  const [result, a, b] = [output.values, first.values, second.values];
  const strides = [broadcastStrides(first.shape, output.shape), broadcastStrides(second.shape, output.shape)];
  const [stepA, stepB] = [innerStride(strides[0]!), innerStride(strides[1]!)];
  if (isLong(result) && isLong(a) && isLong(b)) {
    const { long } = operation;
    if (long === undefined) throw new ShapeFault(`elements of ${output.precision}`, "a type that the operator has");
    forEachRow(output.shape, strides, (length, offset, [startA, startB]) => {
      for (let at = 0; at < length; at++)
        result[offset + at] = long(a[startA! + at * stepA]!, b[startB! + at * stepB]!);
    });
    return;
  }
  const { floatRow } = operation;
  const areFloat = result instanceof Float32Array && a instanceof Float32Array && b instanceof Float32Array;
  if (floatRow !== undefined && areFloat) {
    forEachRow(output.shape, strides, (length, offset, [startA, startB]) => {
      floatRow(result, offset, length, a, startA!, stepA, b, startB!, stepB);
    });
    return;
  }
  const compute = isFloat(output.precision) ? operation.float : operation.integer;
  if (compute === undefined || isLong(result) || isLong(a) || isLong(b)) {
    throw new ShapeFault(`elements of ${output.precision}`, "a type that the operator has");
  }
  forEachRow(output.shape, strides, (length, offset, [startA, startB]) => {
    for (let at = 0; at < length; at++)
      result[offset + at] = compute(a[startA! + at * stepA]!, b[startB! + at * stepB]!);
  });
}

/** Comparisons and logic: the result is 0 or 1. */
export const COMPARISONS = {
  equal: (a: number | bigint, b: number | bigint) => a === b,
  greater: (a: number | bigint, b: number | bigint) => a > b,
  greaterOrEqual: (a: number | bigint, b: number | bigint) => a >= b,
  less: (a: number | bigint, b: number | bigint) => a < b,
  lessOrEqual: (a: number | bigint, b: number | bigint) => a <= b,
  and: (a: number | bigint, b: number | bigint) => Boolean(a) && Boolean(b),
  or: (a: number | bigint, b: number | bigint) => Boolean(a) || Boolean(b),
  xor: (a: number | bigint, b: number | bigint) => Boolean(a) !== Boolean(b),
} as const;

/** output (bool) = holds(first, second), with broadcasting. */
export function mapComparison(
  output: TensorData,
  first: TensorData,
  second: TensorData,
  holds: (a: number | bigint, b: number | bigint) => boolean,
): void {
  const result = output.values as NumberValues;
  const [a, b] = [first.values, second.values];
  const strides = [broadcastStrides(first.shape, output.shape), broadcastStrides(second.shape, output.shape)];
  const [stepA, stepB] = [innerStride(strides[0]!), innerStride(strides[1]!)];
  forEachRow(output.shape, strides, (length, offset, [startA, startB]) => {
    for (let at = 0; at < length; at++) {
      result[offset + at] = holds(a[startA! + at * stepA]!, b[startB! + at * stepB]!) ? 1 : 0;
    }
  });
}

/** output = condition ? first : second, with broadcasting of all three. Source: ONNX Where-16. */
export function select(output: TensorData, condition: TensorData, first: TensorData, second: TensorData): void {
  const result = output.values;
  const [test, a, b] = [condition.values, first.values, second.values];
  const strides = [condition, first, second].map(({ shape }) => broadcastStrides(shape, output.shape));
  const [stepTest, stepA, stepB] = strides.map(innerStride) as [number, number, number];
  forEachRow(output.shape, strides, (length, offset, [startTest, startA, startB]) => {
    for (let at = 0; at < length; at++) {
      result[offset + at] = test[startTest! + at * stepTest] ? a[startA! + at * stepA]! : b[startB! + at * stepB]!;
    }
  });
}
