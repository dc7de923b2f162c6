/**
 * Element-wise operators of one, two or more operands. Source: ONNX operator descriptions; versions differ in element types
 * and, for Clip, in where the bounds stand.
 */
import { cast } from "../../../../algorithms/kernels/cast.js";
import {
  BINARY_OPERATIONS,
  type BinaryOperation,
  COMPARISONS,
  mapBinary,
  mapComparison,
  select,
} from "../../../../algorithms/kernels/elementwise-binary.js";
import {
  clip,
  elu,
  gelu,
  hardSigmoid,
  mapSigned,
  mapTest,
  mapUnary,
  SIGNED_KERNELS,
  swish,
  tanhGelu,
  UNARY_KERNELS,
  type UnaryFunction,
} from "../../../../algorithms/kernels/elementwise-unary.js";
import { broadcastShapes, formatShape } from "../../../ir/import/onnx-shape-rules.js";
import { precisionOfDataType } from "../../../ir/import/onnx-tensor.js";
import { isFloat, type Precision } from "../../../ir/tensor.js";
import { createTensor, isLong, type NumberTensor, type TensorData } from "../../../ir/tensor-data.js";
import { type OperatorAdapter, type OperatorCall, onlyValue } from "../operator-call.js";

/** A function of floating-point elements, made for each node. */
function unaryFrom(make: (call: OperatorCall) => UnaryFunction): OperatorAdapter {
  return (call) => {
    const x = call.real(0);
    mapUnary(call.create(0, x.shape, x.precision), x, make(call));
  };
}

function unary(f: UnaryFunction): OperatorAdapter {
  return unaryFrom(() => f);
}

/** The attributes of an activation as float32 numbers, by name, with the standard's defaults. */
function withOptions(make: (option: (name: string, absent: number) => number) => UnaryFunction): OperatorAdapter {
  return unaryFrom((call) => make((name, absent) => Math.fround(call.attributes.float(name) ?? absent)));
}

const SELU_ALPHA = 1.6732632423543772;
const SELU_GAMMA = 1.0507009873554805;

const PARAMETRIC: Readonly<Record<string, OperatorAdapter>> = {
  Elu: withOptions((option) => {
    const alpha = option("alpha", 1);
    return (x) => elu(x, alpha);
  }),
  Selu: withOptions((option) => {
    const [alpha, gamma] = [option("alpha", SELU_ALPHA), option("gamma", SELU_GAMMA)];
    return (x) => gamma * elu(x, alpha);
  }),
  Celu: withOptions((option) => {
    const alpha = option("alpha", 1);
    return (x) => Math.max(0, x) + Math.min(0, alpha * Math.expm1(x / alpha));
  }),
  LeakyRelu: withOptions((option) => {
    const alpha = option("alpha", 0.01);
    return (x) => (x < 0 ? alpha * x : x);
  }),
  ThresholdedRelu: withOptions((option) => {
    const alpha = option("alpha", 1);
    return (x) => (x > alpha ? x : 0);
  }),
  HardSigmoid: withOptions((option) => {
    const [alpha, beta] = [option("alpha", 0.2), option("beta", 0.5)];
    return (x) => hardSigmoid(x, alpha, beta);
  }),
  Shrink: withOptions((option) => {
    const [bias, lambda] = [option("bias", 0), option("lambd", 0.5)];
    return (x) => (x < -lambda ? x + bias : x > lambda ? x - bias : 0);
  }),
  Swish: withOptions((option) => {
    const alpha = option("alpha", 1);
    return (x) => swish(x, alpha);
  }),
  "com.microsoft.QuickGelu": withOptions((option) => {
    const alpha = option("alpha", 1.702);
    return (x) => swish(x, alpha);
  }),
  Gelu: unaryFrom((call) => {
    const approximate = call.attributes.string("approximate") ?? "none";
    if (approximate !== "none" && approximate !== "tanh") call.fail(`approximate ${approximate}`, "none or tanh");
    return approximate === "tanh" ? tanhGelu : gelu;
  }),
  "com.microsoft.Gelu": unary(gelu),
};

/** A function of x + bias, the bias being optional. */
function biased(f: UnaryFunction): OperatorAdapter {
  return (call) => {
    const x = call.real(0);
    const bias = call.optionalReal(1);
    const y = call.createNumbers(0, x.shape, x.precision);
    if (bias !== undefined) mapBinary(y, x, bias, BINARY_OPERATIONS.add);
    mapUnary(y, bias === undefined ? x : y, f);
  };
}

/** Operators that integers have as well. */
function signed(kernel: (typeof SIGNED_KERNELS)[keyof typeof SIGNED_KERNELS]): OperatorAdapter {
  return (call) => {
    const x = call.input(0);
    mapSigned(call.create(0, x.shape, x.precision), x, kernel);
  };
}

function binary(operation: BinaryOperation): OperatorAdapter {
  return (call) => {
    const [a, b] = [call.input(0), call.input(1)];
    call.requireSameType(a, b);
    mapBinary(call.create(0, broadcastShapes([a.shape, b.shape]), a.precision), a, b, operation);
  };
}

/** Operators of any number of operands, applied from left to right. */
function variadic(operation: BinaryOperation, isMean = false): OperatorAdapter {
  return (call) => {
    const operands = call.inputs.map((_, index) => call.input(index));
    const first = isMean ? call.real(0) : call.input(0);
    for (const operand of operands) call.requireSameType(first, operand);
    const y = call.create(0, broadcastShapes(operands.map(({ shape }) => shape)), first.precision);
    select(y, truth(), first, first);
    for (const operand of operands.slice(1)) mapBinary(y, y, operand, operation);
    if (isMean) mapUnary(y, y, (sum) => sum / operands.length);
  };
}

function truth(): TensorData {
  return { shape: [], precision: "bool", values: Uint8Array.of(1) };
}

function comparison(holds: (a: number | bigint, b: number | bigint) => boolean): OperatorAdapter {
  return (call) => {
    const [a, b] = [call.input(0), call.input(1)];
    call.requireSameType(a, b);
    mapComparison(call.create(0, broadcastShapes([a.shape, b.shape]), "bool"), a, b, holds);
  };
}

function where(call: OperatorCall): void {
  const [condition, a, b] = [call.input(0), call.input(1), call.input(2)];
  call.requireSameType(a, b);
  if (condition.precision !== "bool") call.fail(`a condition of ${condition.precision}`, "bool");
  select(call.create(0, broadcastShapes([condition.shape, a.shape, b.shape]), a.precision), condition, a, b);
}

/** The exponent may have another type than the base, which decides the type of the result. */
function power(call: OperatorCall): void {
  const [base, exponent] = [call.input(0), call.input(1)];
  const y = call.create(0, broadcastShapes([base.shape, exponent.shape]), base.precision);
  const isWhole = !isFloat(base.precision);
  if (isWhole && isFloat(exponent.precision)) {
    const [realBase, real] = [converted(base, "fp64"), createTensor(y.shape, "fp64")];
    mapBinary(real, realBase, converted(exponent, "fp64"), BINARY_OPERATIONS.power);
    cast(y, real);
    return;
  }
  const precision = isLong(base.values) ? base.precision : isWhole ? "int32" : "fp64";
  mapBinary(y, base, converted(exponent, precision), BINARY_OPERATIONS.power);
}

function converted(tensor: TensorData, precision: Precision): TensorData {
  if (tensor.precision === precision) return tensor;
  const result = createTensor(tensor.shape, precision);
  cast(result, tensor);
  return result;
}

function modulo(call: OperatorCall): void {
  const isRemainder = call.flag("fmod");
  if (!isRemainder && isFloat(call.input(0).precision)) call.fail("fmod 0 for real numbers", "fmod 1");
  binary(isRemainder ? BINARY_OPERATIONS.remainder : BINARY_OPERATIONS.modulo)(call);
}

function bitShift(call: OperatorCall): void {
  const direction = call.attributes.string("direction");
  if (direction !== "LEFT" && direction !== "RIGHT") call.fail(`direction ${direction ?? "absent"}`, "LEFT or RIGHT");
  binary(direction === "LEFT" ? BINARY_OPERATIONS.shiftLeft : BINARY_OPERATIONS.shiftRight)(call);
}

/** The slope must fit the input; the input does not grow. */
function parametricRelu(call: OperatorCall): void {
  const [x, slope] = [call.input(0), call.input(1)];
  call.requireSameType(x, slope);
  if (broadcastShapes([x.shape, slope.shape]).join() !== x.shape.join()) {
    call.fail(`a slope of shape ${formatShape(slope.shape)}`, `one that broadcasts to ${formatShape(x.shape)}`);
  }
  mapBinary(call.create(0, x.shape, x.precision), x, slope, BINARY_OPERATIONS.parametricRelu);
}

function clipped(call: OperatorCall): void {
  const x = call.input(0);
  const bound = (index: number, name: string): number | bigint | undefined => {
    if (call.opset < 11) return call.attributes.float(name);
    const tensor = call.optional(index);
    if (tensor === undefined) return undefined;
    call.requireSameType(x, tensor);
    return onlyValue(call, index, name);
  };
  clip(call.create(0, x.shape, x.precision), x, bound(1, "min"), bound(2, "max"));
}

function casting(call: OperatorCall): void {
  const x = call.input(0);
  const to =
    call.operator === "CastLike"
      ? call.input(1).precision
      : precisionOfDataType(call.attributes.int("to") ?? call.fail("no attribute to", "a type"), call.where);
  cast(call.create(0, x.shape, to), x);
}

function tested(make: (call: OperatorCall) => (x: number) => boolean): OperatorAdapter {
  return (call) => {
    const x: NumberTensor = call.real(0);
    mapTest(call.create(0, x.shape, "bool"), x, make(call));
  };
}

function isInfinite(call: OperatorCall): (x: number) => boolean {
  const [negative, positive] = [call.flag("detect_negative", true), call.flag("detect_positive", true)];
  return (x) => (positive && x === Number.POSITIVE_INFINITY) || (negative && x === Number.NEGATIVE_INFINITY);
}

function not(call: OperatorCall): void {
  const x = call.input(0);
  if (x.precision !== "bool") call.fail(`an operand of ${x.precision}`, "bool");
  mapComparison(call.create(0, x.shape, "bool"), x, x, (value) => !value);
}

function each<Value>(table: Readonly<Record<string, Value>>, make: (value: Value) => OperatorAdapter) {
  return Object.fromEntries(Object.entries(table).map(([name, value]) => [name, make(value)]));
}

export const ELEMENTWISE: Readonly<Record<string, OperatorAdapter>> = {
  ...each<UnaryFunction>(UNARY_KERNELS, (f) => unary(f)),
  ...each(SIGNED_KERNELS, signed),
  ...PARAMETRIC,
  "com.microsoft.FastGelu": biased(tanhGelu),
  "com.microsoft.BiasGelu": biased(gelu),
  Add: binary(BINARY_OPERATIONS.add),
  Sub: binary(BINARY_OPERATIONS.subtract),
  Mul: binary(BINARY_OPERATIONS.multiply),
  Div: binary(BINARY_OPERATIONS.divide),
  BitwiseAnd: binary(BINARY_OPERATIONS.bitAnd),
  BitwiseOr: binary(BINARY_OPERATIONS.bitOr),
  BitwiseXor: binary(BINARY_OPERATIONS.bitXor),
  BitShift: bitShift,
  Mod: modulo,
  Pow: power,
  PRelu: parametricRelu,
  Max: variadic(BINARY_OPERATIONS.maximum),
  Min: variadic(BINARY_OPERATIONS.minimum),
  Sum: variadic(BINARY_OPERATIONS.add),
  Mean: variadic(BINARY_OPERATIONS.add, true),
  Equal: comparison(COMPARISONS.equal),
  Greater: comparison(COMPARISONS.greater),
  GreaterOrEqual: comparison(COMPARISONS.greaterOrEqual),
  Less: comparison(COMPARISONS.less),
  LessOrEqual: comparison(COMPARISONS.lessOrEqual),
  And: comparison(COMPARISONS.and),
  Or: comparison(COMPARISONS.or),
  Xor: comparison(COMPARISONS.xor),
  Not: not,
  Where: where,
  Clip: clipped,
  Cast: casting,
  CastLike: casting,
  IsNaN: tested(() => Number.isNaN),
  IsInf: tested(isInfinite),
};
