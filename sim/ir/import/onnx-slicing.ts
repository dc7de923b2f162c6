/**
 * Slice, Split, Pad, Gather and the other operators that pick, place or index parts of a tensor: shapes and data movement.
 * Source: ONNX operator descriptions (Slice-1/10/13, Split-2/13/18, Pad-2/11/18, Gather, GatherElements, GatherND,
 * ScatterElements, ScatterND, Tile, Expand, Concat).
 */
import { elementCount } from "../../core/integers.js";
import type { OnnxNode } from "./onnx-node.js";
import { broadcastShapes, formatShape, normalizeAxes, normalizeAxis, sliceRange } from "./onnx-shape-rules.js";
import { knownNumbers } from "./onnx-value.js";

interface SlicedAxis {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** What the lengths of a slice or split need of a node. */
type ListNode = Pick<OnnxNode, "opset" | "attributes" | "numbers" | "outputCount" | "fail"> & {
  optional(index: number): unknown;
};

/** The axes that a Slice cuts, from attributes (before version 10) or inputs. */
export function sliceAxes(node: Omit<ListNode, "outputCount">, shape: readonly number[]): SlicedAxis[] {
  const fromAttributes = node.opset < 10;
  const required = (index: number, name: string) =>
    fromAttributes
      ? (node.attributes.ints(name) ?? node.fail(`no attribute ${name}`, `attribute ${name}`))
      : node.numbers(index, name);
  const starts = required(1, "starts");
  const ends = required(2, "ends");
  const given = fromAttributes
    ? node.attributes.ints("axes")
    : node.optional(3) === undefined
      ? undefined
      : node.numbers(3, "axes");
  const axes = normalizeAxes(given ?? starts.map((_, index) => index), shape.length);
  const steps = !fromAttributes && node.optional(4) !== undefined ? node.numbers(4, "steps") : starts.map(() => 1);
  if (new Set([starts.length, ends.length, axes.length, steps.length]).size !== 1) {
    node.fail(
      `${starts.length} starts, ${ends.length} ends, ${axes.length} axes and ${steps.length} steps`,
      "lists of one length",
    );
  }
  return axes.map((axis, index) => ({ axis, start: starts[index]!, end: ends[index]!, step: steps[index]! }));
}

export function importSlice(node: OnnxNode): void {
  const data = node.input(0);
  const shape = [...data.shape];
  for (const { axis, start, end, step } of sliceAxes(node, data.shape)) {
    shape[axis] = sliceRange(start, end, step, data.shape[axis]!).length;
  }
  node.output(0, shape, data.precision, { storage: data.storage });
  const isWhole = shape.every((dimension, axis) => dimension === data.shape[axis]);
  const reverses =
    node.opset >= 10 && node.optional(4) !== undefined && node.numbers(4, "steps").some((step) => step < 0);
  node.move(isWhole && !reverses ? "view" : "copy");
}

export function importSplit(node: OnnxNode): void {
  const data = node.input(0);
  const axis = normalizeAxis(node.attributes.int("axis") ?? 0, data.shape.length);
  const size = data.shape[axis]!;
  const lengths = splitLengths(node, size);
  if (lengths.length !== node.outputCount) {
    node.fail(`${lengths.length} lengths for ${node.outputCount} outputs`, "a length for every output");
  }
  const sum = lengths.reduce((total, length) => total + length, 0);
  if (sum !== size || lengths.some((length) => !Number.isInteger(length) || length < 0)) {
    node.fail(`lengths ${formatShape(lengths)}`, `non-negative lengths that sum to ${size}`);
  }
  for (const [index, length] of lengths.entries()) {
    node.output(index, data.shape.with(axis, length), data.precision, { storage: data.storage });
  }
  node.move("copy");
}

/** Lengths of the parts of a Split of `size` elements. */
export function splitLengths(node: ListNode, size: number): readonly number[] {
  const isListed = node.opset >= 13 && node.optional(1) !== undefined;
  const given =
    node.opset < 13 ? node.attributes.ints("split") : isListed ? node.numbers(1, "split lengths") : undefined;
  if (given !== undefined) return given;
  const parts = node.attributes.int("num_outputs") ?? node.outputCount;
  if (!Number.isInteger(parts) || parts < 1 || parts !== node.outputCount) {
    node.fail(`num_outputs ${parts}`, `the number of outputs, ${node.outputCount}`);
  }
  if (node.opset < 18 && size % parts !== 0) node.fail(`${size} elements in ${parts} parts`, "equal parts");
  const length = Math.ceil(size / parts);
  return Array.from({ length: parts }, (_, index) => Math.max(0, Math.min(length, size - index * length)));
}

export function importConcat(node: OnnxNode): void {
  const first = node.input(0);
  const axis = normalizeAxis(
    node.attributes.int("axis") ?? (node.opset < 4 ? 1 : node.fail("no attribute axis", "attribute axis")),
    first.shape.length,
  );
  let total = 0;
  for (let index = 0; index < node.inputs.length; index++) {
    const { shape } = node.input(index);
    const fits = shape.length === first.shape.length && shape.every((d, at) => at === axis || d === first.shape[at]);
    if (!fits) {
      node.fail(`shapes ${formatShape(first.shape)} and ${formatShape(shape)}`, `shapes equal but for axis ${axis}`);
    }
    total += shape[axis]!;
    node.markLearnedOperand(node.input(index));
  }
  const storages = new Set(node.inputs.map((value) => value?.storage));
  node.output(0, first.shape.with(axis, total), first.precision, {
    storage: storages.size === 1 ? first.storage : undefined,
  });
  node.move("copy");
}

export function importPad(node: OnnxNode): void {
  const data = node.input(0);
  const rank = data.shape.length;
  const pads =
    node.opset < 11
      ? (node.attributes.ints("pads") ?? node.attributes.ints("paddings") ?? node.fail("no pads", "attribute pads"))
      : node.numbers(1, "pads");
  const axes =
    node.opset >= 18 && node.optional(3) !== undefined
      ? normalizeAxes(node.numbers(3, "axes"), rank)
      : data.shape.map((_, axis) => axis);
  if (pads.length !== 2 * axes.length) node.fail(`${pads.length} pads`, `${2 * axes.length} pads`);
  const shape = [...data.shape];
  for (const [index, axis] of axes.entries()) shape[axis]! += pads[index]! + pads[index + axes.length]!;
  if (shape.some((dimension) => !(dimension >= 0))) node.fail(`pads ${formatShape(pads)}`, "a non-negative shape");
  node.output(0, shape, data.precision, { storage: data.storage });
  node.move(pads.every((pad) => pad === 0) ? "view" : "copy");
}

export function importGather(node: OnnxNode): void {
  const [data, indices] = [node.input(0), node.input(1)];
  const axis = normalizeAxis(node.attributes.int("axis") ?? 0, data.shape.length);
  node.markLearnedOperand(data);
  node.output(0, [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)], data.precision, {
    storage: data.storage,
  });
  node.move("gather");
}

export function importGatherElements(node: OnnxNode): void {
  const [data, indices] = [node.input(0), node.input(1)];
  normalizeAxis(node.attributes.int("axis") ?? 0, data.shape.length);
  if (indices.shape.length !== data.shape.length) {
    node.fail(`indices of shape ${formatShape(indices.shape)}`, `${data.shape.length} dimensions`);
  }
  node.markLearnedOperand(data);
  node.output(0, indices.shape, data.precision, { storage: data.storage });
  node.move("gather");
}

export function importGatherNd(node: OnnxNode): void {
  const [data, indices] = [node.input(0), node.input(1)];
  const batch = node.attributes.int("batch_dims") ?? 0;
  const depth = indices.shape.at(-1) ?? node.fail("scalar indices", "indices with at least one dimension");
  if (batch < 0 || batch >= indices.shape.length || batch + depth > data.shape.length) {
    node.fail(
      `indices of shape ${formatShape(indices.shape)} with ${batch} batch axes`,
      `a fit to ${formatShape(data.shape)}`,
    );
  }
  node.markLearnedOperand(data);
  node.output(0, [...indices.shape.slice(0, -1), ...data.shape.slice(batch + depth)], data.precision);
  node.move("gather");
}

/** ScatterElements and ScatterND: the output has the data's shape; all of it is written. */
export function importScatter(node: OnnxNode): void {
  const data = node.input(0);
  node.input(1);
  node.input(2);
  node.output(0, data.shape, data.precision);
  node.move("gather");
}

export function importExpand(node: OnnxNode): void {
  const data = node.input(0);
  const target = node.numbers(1, "shape");
  if (target.some((dimension) => !Number.isInteger(dimension) || dimension < 0)) {
    node.fail(`shape ${formatShape(target)}`, "non-negative dimensions");
  }
  const shape = broadcastShapes([data.shape, target]);
  node.output(0, shape, data.precision, { storage: data.storage });
  node.move(elementCount(shape) === elementCount(data.shape) ? "view" : "copy");
}

export function importTile(node: OnnxNode): void {
  const data = node.input(0);
  const repeats = node.numbers(1, "repeats");
  if (repeats.length !== data.shape.length || repeats.some((count) => !Number.isInteger(count) || count < 0)) {
    node.fail(`repeats ${formatShape(repeats)}`, `${data.shape.length} counts`);
  }
  const shape = data.shape.map((dimension, axis) => dimension * repeats[axis]!);
  node.output(0, shape, data.precision, { storage: data.storage });
  node.move(repeats.every((count) => count === 1) ? "view" : "copy");
}

/** Operators whose output has the first input's shape and whose every byte is moved: Trilu, ReverseSequence. */
export function importSameShapeCopy(node: OnnxNode): void {
  const data = node.input(0);
  node.output(0, data.shape, data.precision, { storage: data.storage });
  node.move("copy");
}

/** OneHot: one axis more, as long as `depth` says. */
export function importOneHot(node: OnnxNode): void {
  const indices = node.input(0);
  const depth = node.numbers(1, "depth")[0] ?? 0;
  if (!Number.isSafeInteger(depth) || depth < 1) node.fail(`depth ${depth}`, "a depth of at least 1");
  const axis = normalizeAxis(node.attributes.int("axis") ?? -1, indices.shape.length + 1);
  node.output(0, indices.shape.toSpliced(axis, 0, depth), node.input(2).precision);
  node.vector("compare", elementCount(indices.shape) * depth);
}

/** Values of an optional list input, or of the attribute that older versions used. */
export function listFromInputOrAttribute(
  node: OnnxNode,
  index: number,
  attribute: string,
): readonly number[] | undefined {
  const value = node.optional(index);
  if (value === undefined) return node.attributes.ints(attribute);
  return knownNumbers(value) ?? node.numbers(index, attribute);
}
