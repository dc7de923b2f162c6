/**
 * Evaluates small sub-graphs of constants during import, so that shapes computed by the graph (Shape, Gather, Concat,
 * arithmetic, Reshape) are known. Integers are exact up to 2^53 and a fold that would exceed its type is left to the
 * run; float32 results are rounded after every operation. Everything else (large tensors, narrow types) is not folded.
 * Source: ONNX operator descriptions.
 */
import { roundHalfEven } from "../../core/fixed-point.js";
import { elementCount } from "../../core/integers.js";
import type { Precision } from "../tensor.js";
import type { OnnxNode } from "./onnx-node.js";
import { broadcastShapes, extentOf, normalizeAxis, sliceRange, stridedIndex, stridesOf } from "./onnx-shape-rules.js";
import { sliceAxes } from "./onnx-slicing.js";
import { precisionOfDataType } from "./onnx-tensor.js";
import { isFixed, knownNumbers, MAX_FOLDED_ELEMENTS, toTensorValues } from "./onnx-value.js";

interface FixedArray {
  readonly shape: readonly number[];
  readonly precision: Precision;
  readonly numbers: readonly number[];
}

/** Result of one output, or undefined when this case is not folded. */
type Folder = (inputs: readonly FixedArray[], node: OnnxNode) => FixedArray | undefined;

/**
 * Folds a node whose inputs are all known.
 * @returns true when its output is defined and no layer is needed
 */
export function foldNode(node: OnnxNode): boolean {
  const folder = Object.hasOwn(FOLDERS, node.operator) ? FOLDERS[node.operator]! : undefined;
  if (folder === undefined || node.outputCount !== 1) return false;
  const inputs: FixedArray[] = [];
  for (const value of node.inputs) {
    if (value === undefined) continue;
    const numbers = isFixed(value) ? knownNumbers(value) : undefined;
    if (numbers === undefined) return false;
    inputs.push({ shape: value.shape, precision: value.precision, numbers });
  }
  const result = folder(inputs, node);
  if (result === undefined || !node.session.mayFold(result.shape)) return false;
  const { shape, precision, numbers } = result;
  node.output(0, shape, precision, { load: () => toTensorValues(numbers, precision) });
  return true;
}

/** A result rounded to its type, or undefined when it does not fit or the type is not folded. */
function typed(shape: readonly number[], precision: Precision, numbers: readonly number[]): FixedArray | undefined {
  switch (precision) {
    case "fp32":
      return { shape, precision, numbers: numbers.map(Math.fround) };
    case "fp64":
    case "bool":
      return { shape, precision, numbers };
    case "int32":
      return numbers.every((value) => value === Math.trunc(value) && Math.abs(value) < 2 ** 31)
        ? { shape, precision, numbers }
        : undefined;
    case "int64":
      return numbers.every(Number.isSafeInteger) ? { shape, precision, numbers } : undefined;
    default:
      return undefined;
  }
}

function elementwise(
  operation: (values: readonly number[], integer: boolean) => number,
  result?: Precision,
  typeFrom = 0,
): Folder {
  return (inputs) => {
    const source = inputs[typeFrom];
    if (source === undefined) return undefined;
    const shape = broadcastShapes(inputs.map((input) => input.shape));
    const elements = elementCount(shape);
    if (elements > MAX_FOLDED_ELEMENTS) return undefined;
    const indexers = inputs.map((input) => broadcastIndex(input.shape, shape));
    const integer = source.precision.startsWith("int");
    const numbers = Array.from({ length: elements }, (_, index) =>
      operation(
        inputs.map((input, position) => input.numbers[indexers[position]!(index)]!),
        integer,
      ),
    );
    return typed(shape, result ?? source.precision, numbers);
  };
}

/** Index into a tensor of shape `from` for each row-major index of the shape it is broadcast to. */
function broadcastIndex(from: readonly number[], to: readonly number[]): (index: number) => number {
  const offset = to.length - from.length;
  const own = stridesOf(from);
  const strides = to.map((_, axis) => (axis < offset || from[axis - offset] === 1 ? 0 : own[axis - offset]!));
  return stridedIndex(to, strides);
}

function integerDivision(a: number, b: number): number {
  return b === 0 ? Number.NaN : Math.trunc(a / b);
}

function toShape(numbers: readonly number[]): number[] | undefined {
  return numbers.every((value) => Number.isSafeInteger(value) && value >= 0) ? [...numbers] : undefined;
}

const foldExpand: Folder = ([input, target]) => {
  const wanted = target === undefined ? undefined : toShape(target.numbers);
  if (input === undefined || wanted === undefined) return undefined;
  const shape = broadcastShapes([input.shape, wanted]);
  const elements = elementCount(shape);
  if (elements > MAX_FOLDED_ELEMENTS) return undefined;
  const index = broadcastIndex(input.shape, shape);
  return { ...input, shape, numbers: Array.from({ length: elements }, (_, at) => input.numbers[index(at)]!) };
};

const foldCast: Folder = ([input], node) => {
  if (input === undefined) return undefined;
  const to = precisionOfDataType(node.attributes.int("to") ?? 0, node.where);
  if (to === "bool")
    return typed(
      input.shape,
      to,
      input.numbers.map((value) => (value === 0 ? 0 : 1)),
    );
  const toInteger = to === "int32" || to === "int64";
  return typed(input.shape, to, toInteger ? input.numbers.map(Math.trunc) : input.numbers);
};

const foldGather: Folder = ([data, indices], node) => {
  if (data === undefined || indices === undefined) return undefined;
  const axis = normalizeAxis(node.attributes.int("axis") ?? 0, data.shape.length);
  const size = data.shape[axis]!;
  const before = extentOf(data.shape, 0, axis);
  const after = extentOf(data.shape, axis + 1, data.shape.length);
  const shape = [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)];
  if (elementCount(shape) > MAX_FOLDED_ELEMENTS) return undefined;
  const numbers: number[] = [];
  for (let block = 0; block < before; block++) {
    for (const index of indices.numbers) {
      const at = index < 0 ? index + size : index;
      if (!(at >= 0 && at < size)) node.fail(`index ${index}`, `an index from ${-size} to ${size - 1}`);
      for (let inner = 0; inner < after; inner++) numbers.push(data.numbers[(block * size + at) * after + inner]!);
    }
  }
  return { shape, precision: data.precision, numbers };
};

const foldConcat: Folder = (inputs, node) => {
  const first = inputs[0];
  if (first === undefined) return undefined;
  const axis = normalizeAxis(node.attributes.int("axis") ?? 0, first.shape.length);
  if (inputs.some((input) => input.precision !== first.precision || input.shape.length !== first.shape.length)) {
    return undefined;
  }
  const others = (shape: readonly number[]) => shape.filter((_, index) => index !== axis).join();
  if (inputs.some((input) => others(input.shape) !== others(first.shape))) return undefined;
  const shape = first.shape.with(
    axis,
    inputs.reduce((sum, input) => sum + input.shape[axis]!, 0),
  );
  if (elementCount(shape) > MAX_FOLDED_ELEMENTS) return undefined;
  const numbers: number[] = [];
  for (let block = 0; block < extentOf(shape, 0, axis); block++) {
    for (const input of inputs) {
      const run = extentOf(input.shape, axis, input.shape.length);
      for (let at = block * run; at < (block + 1) * run; at++) numbers.push(input.numbers[at]!);
    }
  }
  return { shape, precision: first.precision, numbers };
};

const foldSlice: Folder = ([data], node) => {
  if (data === undefined) return undefined;
  const own = stridesOf(data.shape);
  const shape = [...data.shape];
  const strides = [...own];
  let offset = 0;
  for (const { axis, start, end, step } of sliceAxes(node, data.shape)) {
    const range = sliceRange(start, end, step, data.shape[axis]!);
    shape[axis] = range.length;
    strides[axis] = range.step * own[axis]!;
    offset += range.start * own[axis]!;
  }
  const index = stridedIndex(shape, strides, offset);
  const numbers = Array.from({ length: elementCount(shape) }, (_, at) => data.numbers[index(at)]!);
  return { shape, precision: data.precision, numbers };
};

const foldRange: Folder = ([start, limit, delta]) => {
  const [from, to, step] = [start?.numbers[0], limit?.numbers[0], delta?.numbers[0]];
  if (start === undefined || from === undefined || to === undefined || step === undefined || step === 0)
    return undefined;
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (!(length <= MAX_FOLDED_ELEMENTS)) return undefined;
  return typed(
    [length],
    start.precision,
    Array.from({ length }, (_, index) => from + index * step),
  );
};

const foldTile: Folder = ([data, repeats]) => {
  const counts = repeats === undefined ? undefined : toShape(repeats.numbers);
  if (data === undefined || counts === undefined || counts.length !== data.shape.length) return undefined;
  const shape = data.shape.map((dimension, axis) => dimension * counts[axis]!);
  const elements = elementCount(shape);
  if (elements > MAX_FOLDED_ELEMENTS) return undefined;
  const own = stridesOf(data.shape);
  const numbers = Array.from({ length: elements }, (_, index) => {
    let rest = index;
    let source = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      source += ((rest % shape[axis]!) % data.shape[axis]!) * own[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return data.numbers[source]!;
  });
  return { shape, precision: data.precision, numbers };
};

/** Reductions to one number, which is how shape arithmetic uses them (element counts). */
function reduceAll(operation: (numbers: readonly number[]) => number): Folder {
  return ([data, axes], node) => {
    if (data === undefined || data.shape.length > 1 || data.numbers.length === 0) return undefined;
    if (
      (axes?.numbers ?? node.attributes.ints("axes") ?? []).length === 0 &&
      (node.attributes.int("noop_with_empty_axes") ?? 0) !== 0
    ) {
      return undefined;
    }
    const keep = (node.attributes.int("keepdims") ?? 1) !== 0;
    return typed(keep ? data.shape.map(() => 1) : [], data.precision, [operation(data.numbers)]);
  };
}

const unary = (operation: (value: number) => number) => elementwise(([value]) => operation(value!));
const test = (holds: (a: number, b: number) => boolean) => elementwise(([a, b]) => (holds(a!, b!) ? 1 : 0), "bool");

const FOLDERS: Readonly<Record<string, Folder>> = {
  Add: elementwise(([a, b]) => a! + b!),
  Sub: elementwise(([a, b]) => a! - b!),
  Mul: elementwise(([a, b]) => a! * b!),
  Div: elementwise(([a, b], integer) => (integer ? integerDivision(a!, b!) : a! / b!)),
  Mod: (inputs, node) =>
    (node.attributes.int("fmod") ?? 0) !== 0
      ? elementwise(([a, b]) => a! % b!)(inputs, node)
      : elementwise(([a, b]) => a! - b! * Math.floor(a! / b!))(inputs, node),
  Pow: elementwise(([a, b]) => a! ** b!),
  Max: elementwise((values) => Math.max(...values)),
  Min: elementwise((values) => Math.min(...values)),
  Neg: unary((value) => -value),
  Abs: unary(Math.abs),
  Sqrt: unary(Math.sqrt),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Round: unary(roundHalfEven),
  Reciprocal: unary((value) => 1 / value),
  Equal: test((a, b) => a === b),
  Greater: test((a, b) => a > b),
  GreaterOrEqual: test((a, b) => a >= b),
  Less: test((a, b) => a < b),
  LessOrEqual: test((a, b) => a <= b),
  And: test((a, b) => a !== 0 && b !== 0),
  Or: test((a, b) => a !== 0 || b !== 0),
  Xor: test((a, b) => (a !== 0) !== (b !== 0)),
  Not: elementwise(([value]) => (value === 0 ? 1 : 0), "bool"),
  Where: elementwise(([condition, a, b]) => (condition !== 0 ? a! : b!), undefined, 1),
  Cast: foldCast,
  Gather: foldGather,
  Concat: foldConcat,
  Slice: foldSlice,
  Range: foldRange,
  Expand: foldExpand,
  Tile: foldTile,
  ReduceProd: reduceAll((numbers) => numbers.reduce((product, value) => product * value, 1)),
  ReduceSum: reduceAll((numbers) => numbers.reduce((sum, value) => sum + value, 0)),
  ReduceMax: reduceAll((numbers) => Math.max(...numbers)),
  ReduceMin: reduceAll((numbers) => Math.min(...numbers)),
};
