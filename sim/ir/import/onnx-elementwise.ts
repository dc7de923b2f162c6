/**
 * Element-wise operators, with numpy broadcasting where they take several tensors, and the function of the vector unit
 * that each runs as. Source: ONNX operator descriptions; com.microsoft contrib operators.
 */
import { elementCount } from "../../core/integers.js";
import type { VectorFunction } from "../layer.js";
import type { OnnxNode } from "./onnx-node.js";
import { broadcastShapes } from "./onnx-shape-rules.js";
import { precisionOfDataType } from "./onnx-tensor.js";
import { knownNumbers } from "./onnx-value.js";

/** One tensor in, the same shape out; further inputs are parameters (bounds, alpha). */
export const UNARY_FUNCTIONS: Readonly<Record<string, VectorFunction>> = {
  Relu: "relu",
  LeakyRelu: "relu",
  ThresholdedRelu: "relu",
  Shrink: "relu",
  Clip: "clip",
  HardSigmoid: "clip",
  Abs: "compare",
  Sign: "compare",
  Not: "compare",
  BitwiseNot: "compare",
  IsNaN: "compare",
  IsInf: "compare",
  Neg: "scale-shift",
  Floor: "quantize",
  Ceil: "quantize",
  Round: "quantize",
  Reciprocal: "divide",
  Sqrt: "square-root",
  Exp: "exponential",
  Log: "exponential",
  HardSwish: "activation-table",
  Sigmoid: "activation-table",
  Tanh: "activation-table",
  Erf: "activation-table",
  Gelu: "activation-table",
  "com.microsoft.Gelu": "activation-table",
  "com.microsoft.FastGelu": "activation-table",
  "com.microsoft.BiasGelu": "activation-table",
  "com.microsoft.QuickGelu": "activation-table",
  Elu: "activation-table",
  Selu: "activation-table",
  Celu: "activation-table",
  Softplus: "activation-table",
  Softsign: "activation-table",
  Mish: "activation-table",
  Swish: "activation-table",
  Sin: "activation-table",
  Cos: "activation-table",
  Tan: "activation-table",
  Asin: "activation-table",
  Acos: "activation-table",
  Atan: "activation-table",
  Sinh: "activation-table",
  Cosh: "activation-table",
  Asinh: "activation-table",
  Acosh: "activation-table",
  Atanh: "activation-table",
};

/** Several tensors broadcast to one another; `test` gives booleans. `passes` is per operand after the first when "each". */
interface BroadcastOperator {
  readonly function: VectorFunction;
  readonly test?: true;
  readonly each?: true;
}

export const BROADCAST_FUNCTIONS: Readonly<Record<string, BroadcastOperator>> = {
  Add: { function: "add" },
  Sub: { function: "add" },
  Mul: { function: "multiply" },
  Div: { function: "divide" },
  Mod: { function: "divide" },
  PRelu: { function: "relu" },
  Sum: { function: "add", each: true },
  Mean: { function: "add", each: true },
  Max: { function: "compare", each: true },
  Min: { function: "compare", each: true },
  Equal: { function: "compare", test: true },
  Greater: { function: "compare", test: true },
  GreaterOrEqual: { function: "compare", test: true },
  Less: { function: "compare", test: true },
  LessOrEqual: { function: "compare", test: true },
  And: { function: "compare", test: true },
  Or: { function: "compare", test: true },
  Xor: { function: "compare", test: true },
  BitShift: { function: "compare" },
  BitwiseAnd: { function: "compare" },
  BitwiseOr: { function: "compare" },
  BitwiseXor: { function: "compare" },
};

const UNARY_TESTS = ["Not", "IsNaN", "IsInf"];

export function importUnary(node: OnnxNode): void {
  const data = node.input(0);
  if (node.operator === "com.microsoft.BiasGelu" || node.operator === "com.microsoft.FastGelu") {
    node.markLearned(node.optional(1));
  }
  node.output(0, data.shape, UNARY_TESTS.includes(node.operator) ? "bool" : data.precision);
  node.vector(UNARY_FUNCTIONS[node.operator]!, elementCount(data.shape));
}

export function importBroadcast(node: OnnxNode): void {
  const { function: fn, test, each } = BROADCAST_FUNCTIONS[node.operator]!;
  const values = node.inputs.map((_, index) => node.input(index));
  if (values.length === 0) node.fail("no inputs", "at least one");
  if (each === undefined && values.length !== 2) node.fail(`${values.length} inputs`, "2 inputs");
  const shape = broadcastShapes(values.map((value) => value.shape));
  for (const value of values) node.markLearnedOperand(value);
  if (node.operator === "PRelu") node.markLearned(values[1]);
  node.output(0, shape, test === true ? "bool" : values[0]!.precision);
  const passes = each === undefined ? 1 : Math.max(1, values.length - 1);
  node.vector(fn, elementCount(shape) * passes);
}

/** Pow: small whole exponents are products, 0.5 is a square root, the rest an exponential. */
export function importPow(node: OnnxNode): void {
  const [base, exponent] = [node.input(0), node.input(1)];
  const shape = broadcastShapes([base.shape, exponent.shape]);
  const known = knownNumbers(exponent);
  const only = known?.length === 1 ? known[0] : undefined;
  let fn: VectorFunction = "exponential";
  let passes = 1;
  if (only === 1 || only === 2 || only === 3) {
    fn = "multiply";
    passes = Math.max(1, only - 1);
  } else if (only === 0.5) fn = "square-root";
  else if (only === -1) fn = "divide";
  node.output(0, shape, base.precision);
  node.vector(fn, elementCount(shape) * passes);
}

export function importWhere(node: OnnxNode): void {
  const values = [node.input(0), node.input(1), node.input(2)] as const;
  const shape = broadcastShapes(values.map((value) => value.shape));
  node.output(0, shape, values[1].precision);
  node.vector("compare", elementCount(shape));
}

/** Cast and CastLike: a conversion a element; to the type it has already, a view. */
export function importCast(node: OnnxNode): void {
  const data = node.input(0);
  const precision =
    node.operator === "CastLike"
      ? node.input(1).precision
      : precisionOfDataType(node.attributes.int("to") ?? 0, node.where);
  if (precision === data.precision) {
    node.output(0, data.shape, precision, { storage: data.storage, bytesOf: data.bytesOf });
    node.move("view");
    return;
  }
  node.output(0, data.shape, precision);
  node.vector("quantize", elementCount(data.shape));
}
