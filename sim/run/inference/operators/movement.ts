/**
 * Operators that keep every element or move it: shapes, joins, cuts, padding. What only changes the shape shares its values
 * with the input. Source: ONNX Reshape-14, Flatten-13, Squeeze-13, Unsqueeze-13, Transpose-13, Concat-13, Split-18, Slice-13,
 * Pad-19, Expand-13, Tile-13, DepthToSpace-13, SpaceToDepth-13, Trilu-14, ReverseSequence-10.
 */
import { broadcastStrides } from "../../../../algorithms/kernels/broadcast.js";
import {
  copyStrided,
  keepTriangle,
  type PadMode,
  pad,
  placeAlong,
  takeAlong,
  tile,
  transpose,
} from "../../../../algorithms/kernels/movement.js";
import {
  broadcastShapes,
  extentOf,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  reshapedShape,
  sliceRange,
  stridesOf,
} from "../../../ir/import/onnx-shape-rules.js";
import { sliceAxes, splitLengths } from "../../../ir/import/onnx-slicing.js";
import { isLong, type TensorData } from "../../../ir/tensor-data.js";
import { type OperatorAdapter, type OperatorCall, onlyValue, zeroOf } from "../operator-call.js";

/** Output 0 is input 0 under another shape. */
function asView(shapeOf: (call: OperatorCall, data: TensorData) => readonly number[]): OperatorAdapter {
  return (call) => {
    const data = call.input(0);
    call.give(0, { ...data, shape: shapeOf(call, data) });
  };
}

const reshape = asView((call, { shape }) =>
  reshapedShape(
    shape,
    call.opset < 5 ? (call.attributes.ints("shape") ?? []) : call.numbers(1, "shape"),
    call.flag("allowzero"),
  ),
);

const flatten = asView((call, { shape }) => {
  const given = call.attributes.int("axis") ?? 1;
  const axis = given === shape.length ? given : normalizeAxis(given, shape.length);
  return [extentOf(shape, 0, axis), extentOf(shape, axis, shape.length)];
});

function axesOf(call: OperatorCall): readonly number[] | undefined {
  return call.optional(1) === undefined ? call.attributes.ints("axes") : call.numbers(1, "axes");
}

const squeeze = asView((call, { shape }) => {
  const given = axesOf(call);
  const axes = given === undefined ? undefined : normalizeAxes(given, shape.length);
  if (axes?.some((axis) => shape[axis] !== 1)) {
    call.fail(`axes ${formatShape(axes)} of shape ${formatShape(shape)}`, "axes of size 1");
  }
  return shape.filter((size, axis) => (axes === undefined ? size !== 1 : !axes.includes(axis)));
});

const unsqueeze = asView((call, { shape }) => {
  const given = axesOf(call) ?? call.fail("no axes", "axes to insert");
  const rank = shape.length + given.length;
  const axes = normalizeAxes(given, rank);
  const rest = [...shape];
  return Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : rest.shift()!));
});

/** Identity, and Dropout in inference, whose mask is all true (all ones in the data's type before version 10). */
const identity: OperatorAdapter = (call) => {
  const data = call.input(0);
  if (call.operator === "Dropout" && call.optional(2)?.values[0]) call.unsupported("training_mode true", "inference");
  call.give(0, data);
  if (!call.wants(1)) return;
  const mask = call.create(1, data.shape, call.opset < 10 ? data.precision : "bool");
  for (let at = 0; at < mask.values.length; at++) mask.values[at] = isLong(mask.values) ? 1n : 1;
};

const transposed: OperatorAdapter = (call) => {
  const data = call.input(0);
  const rank = data.shape.length;
  const order = call.attributes.ints("perm") ?? data.shape.map((_, axis) => rank - 1 - axis);
  if (order.length !== rank || normalizeAxes(order, rank).some((axis, index) => axis !== order[index])) {
    call.fail(`perm ${formatShape(order)}`, `an order of ${rank} axes`);
  }
  const shape = order.map((axis) => data.shape[axis]!);
  transpose(call.create(0, shape, data.precision), data, order);
};

const concat: OperatorAdapter = (call) => {
  const parts = call.inputs.map((_, index) => call.input(index));
  const first = call.input(0);
  const given = call.attributes.int("axis") ?? (call.opset < 4 ? 1 : call.fail("no attribute axis", "attribute axis"));
  const axis = normalizeAxis(given, first.shape.length);
  const y = call.create(0, joinedShape(call, parts, axis), first.precision);
  let start = 0;
  for (const part of parts) {
    placeAlong(y, part, axis, start);
    start += part.shape[axis]!;
  }
};

/** Shape of parts joined along an axis. @throws NetworkError unless they agree in everything else */
export function joinedShape(call: OperatorCall, parts: readonly TensorData[], axis: number): readonly number[] {
  const first = parts[0]!;
  for (const part of parts) {
    call.requireSameType(first, part);
    const fits =
      part.shape.length === first.shape.length &&
      part.shape.every((size, index) => index === axis || size === first.shape[index]);
    if (fits) continue;
    const got = `shapes ${formatShape(first.shape)} and ${formatShape(part.shape)}`;
    call.fail(got, `shapes equal but for axis ${axis}`);
  }
  return first.shape.with(
    axis,
    parts.reduce((sum, part) => sum + part.shape[axis]!, 0),
  );
}

const split: OperatorAdapter = (call) => {
  const data = call.input(0);
  const axis = normalizeAxis(call.attributes.int("axis") ?? 0, data.shape.length);
  const size = data.shape[axis]!;
  const lengths = splitLengths(call, size);
  const sum = lengths.reduce((total, length) => total + length, 0);
  const isSane = lengths.every((length) => Number.isInteger(length) && length >= 0);
  if (lengths.length !== call.outputCount || sum !== size || !isSane) {
    call.fail(`lengths ${formatShape(lengths)}`, `${call.outputCount} non-negative lengths that sum to ${size}`);
  }
  let start = 0;
  for (const [index, length] of lengths.entries()) {
    takeAlong(call.create(index, data.shape.with(axis, length), data.precision), data, axis, start);
    start += length;
  }
};

const slice: OperatorAdapter = (call) => {
  const data = call.input(0);
  const shape = [...data.shape];
  const own = stridesOf(data.shape);
  const strides = [...own];
  let offset = 0;
  for (const { axis, start, end, step } of sliceAxes(call, data.shape)) {
    const range = sliceRange(start, end, step, data.shape[axis]!);
    shape[axis] = range.length;
    strides[axis] = range.step * own[axis]!;
    offset += range.start * own[axis]!;
  }
  const y = call.create(0, shape, data.precision);
  if (y.values.length > 0) copyStrided(y, data.values, strides, offset);
};

const PAD_MODES: readonly PadMode[] = ["constant", "reflect", "edge", "wrap"];

const padded: OperatorAdapter = (call) => {
  const data = call.input(0);
  const rank = data.shape.length;
  const mode = (call.attributes.string("mode") ?? "constant") as PadMode;
  if (!PAD_MODES.includes(mode)) call.fail(`mode ${mode}`, `one of ${PAD_MODES.join(", ")}`);
  const isOld = call.opset < 11;
  const attribute = () => call.attributes.ints("pads") ?? call.attributes.ints("paddings");
  const pads = isOld ? (attribute() ?? call.fail("no pads", "attribute pads")) : call.numbers(1, "pads");
  const hasAxes = call.opset >= 18 && call.optional(3) !== undefined;
  const axes = hasAxes ? normalizeAxes(call.numbers(3, "axes"), rank) : data.shape.map((_, axis) => axis);
  if (pads.length !== 2 * axes.length) call.fail(`${pads.length} pads`, `${2 * axes.length} pads`);
  const shape = [...data.shape];
  const begins = data.shape.map(() => 0);
  for (const [index, axis] of axes.entries()) {
    begins[axis] = pads[index]!;
    shape[axis]! += pads[index]! + pads[index + axes.length]!;
  }
  if (mode !== "constant" && data.shape.some((size, axis) => size === 0 && shape[axis]! > 0)) {
    call.fail(`${mode} padding of an empty axis`, "an element to repeat");
  }
  pad(call.create(0, shape, data.precision), data, begins, mode, fillValue(call, data));
};

/** The third input, or before version 11 an attribute; 0 without either. */
function fillValue(call: OperatorCall, data: TensorData): number | bigint {
  if (call.opset < 11) return call.attributes.float("value") ?? 0;
  const value = call.optional(2);
  if (value === undefined) return zeroOf(data);
  call.requireSameType(data, value);
  return onlyValue(call, 2, "a fill value");
}

const expand: OperatorAdapter = (call) => {
  const data = call.input(0);
  const shape = broadcastShapes([data.shape, call.numbers(1, "shape")]);
  copyStrided(call.create(0, shape, data.precision), data.values, broadcastStrides(data.shape, shape));
};

const tiled: OperatorAdapter = (call) => {
  const data = call.input(0);
  const repeats = call.numbers(1, "repeats");
  if (repeats.length !== data.shape.length || repeats.some((count) => !Number.isInteger(count) || count < 0)) {
    call.fail(`repeats ${formatShape(repeats)}`, `${data.shape.length} counts`);
  }
  const shape = data.shape.map((size, axis) => size * repeats[axis]!);
  tile(call.create(0, shape, data.precision), data);
};

function blockSize(call: OperatorCall, data: TensorData): number {
  call.requireRank(data, 4, 4);
  const block = call.attributes.int("blocksize") ?? 0;
  return block >= 1 ? block : call.fail(`blocksize ${block}`, "a blocksize of at least 1");
}

const depthToSpace: OperatorAdapter = (call) => {
  const data = call.input(0);
  const block = blockSize(call, data);
  const [batch, channels, height, width] = data.shape as [number, number, number, number];
  const depth = channels / (block * block);
  if (!Number.isInteger(depth)) call.fail(`${channels} channels`, `a multiple of ${block * block}`);
  const mode = call.attributes.string("mode") ?? "DCR";
  if (mode !== "DCR" && mode !== "CRD") call.fail(`mode ${mode}`, "DCR or CRD");
  const isDcr = mode === "DCR";
  const from = isDcr ? [batch, block, block, depth, height, width] : [batch, depth, block, block, height, width];
  const order = isDcr ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3];
  const y = call.create(0, [batch, depth, height * block, width * block], data.precision);
  transpose({ ...y, shape: [batch, depth, height, block, width, block] }, { ...data, shape: from }, order);
};

const spaceToDepth: OperatorAdapter = (call) => {
  const data = call.input(0);
  const block = blockSize(call, data);
  const [batch, channels, height, width] = data.shape as [number, number, number, number];
  const [rows, columns] = [height / block, width / block];
  if (!Number.isInteger(rows) || !Number.isInteger(columns)) {
    call.fail(`${height}x${width}`, `height and width that are multiples of ${block}`);
  }
  const y = call.create(0, [batch, channels * block * block, rows, columns], data.precision);
  transpose(
    { ...y, shape: [batch, block, block, channels, rows, columns] },
    { ...data, shape: [batch, channels, rows, block, columns, block] },
    [0, 3, 5, 1, 2, 4],
  );
};

const triangle: OperatorAdapter = (call) => {
  const data = call.input(0);
  call.requireRank(data, 2);
  const k = call.optional(1) === undefined ? 0 : call.scalar(1, "k");
  keepTriangle(call.create(0, data.shape, data.precision), data, call.flag("upper", true), k);
};

export const MOVEMENTS: Readonly<Record<string, OperatorAdapter>> = {
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Identity: identity,
  Dropout: identity,
  Transpose: transposed,
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: padded,
  Expand: expand,
  Tile: tiled,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Trilu: triangle,
};
