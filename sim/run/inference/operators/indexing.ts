/**
 * Gathers, scatters and one-hot codes. Source: ONNX Gather-13, GatherElements-13, GatherND-13, Scatter-9,
 * ScatterElements-18, ScatterND-18, OneHot-11, ReverseSequence-10, NonZero-13.
 */
import {
  gather,
  gatherElements,
  gatherNd,
  oneHot,
  type ScatterReduction,
  scatterElements,
  scatterNd,
} from "../../../../algorithms/kernels/gather.js";
import { formatShape, normalizeAxis, stridesOf } from "../../../ir/import/onnx-shape-rules.js";
import type { TensorData } from "../../../ir/tensor-data.js";
import type { OperatorAdapter, OperatorCall } from "../operator-call.js";
import { splitAt } from "./normalization.js";

const gathered: OperatorAdapter = (call) => {
  const [data, indices] = [call.input(0), call.input(1)];
  const axis = normalizeAxis(call.attributes.int("axis") ?? 0, data.shape.length);
  const shape = [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)];
  gather(call.create(0, shape, data.precision), data, indices, splitAt(data.shape, axis));
};

/** Extents of the indices may not exceed those of the data but on the axis. */
function requireInside(call: OperatorCall, data: TensorData, indices: TensorData, axis: number): void {
  const fits =
    indices.shape.length === data.shape.length &&
    indices.shape.every((size, index) => index === axis || size <= data.shape[index]!);
  if (!fits) call.fail(`indices of shape ${formatShape(indices.shape)}`, `a fit to ${formatShape(data.shape)}`);
}

const gatheredElements: OperatorAdapter = (call) => {
  const [data, indices] = [call.input(0), call.input(1)];
  const axis = normalizeAxis(call.attributes.int("axis") ?? 0, data.shape.length);
  requireInside(call, data, indices, axis);
  gatherElements(call.create(0, indices.shape, data.precision), data, indices, axis);
};

/** Depth of the index tuples. */
function tupleDepth(call: OperatorCall, data: TensorData, indices: TensorData, batchAxes: number): number {
  const depth = indices.shape.at(-1) ?? call.fail("scalar indices", "indices with at least one dimension");
  const fits =
    batchAxes >= 0 &&
    batchAxes < indices.shape.length &&
    batchAxes + depth <= data.shape.length &&
    indices.shape.slice(0, batchAxes).every((size, axis) => size === data.shape[axis]);
  if (fits) return depth;
  const got = `indices of shape ${formatShape(indices.shape)} with ${batchAxes} batch axes`;
  return call.fail(got, `a fit to ${formatShape(data.shape)}`);
}

const gatheredTuples: OperatorAdapter = (call) => {
  const [data, indices] = [call.input(0), call.input(1)];
  const batchAxes = call.attributes.int("batch_dims") ?? 0;
  const depth = tupleDepth(call, data, indices, batchAxes);
  const shape = [...indices.shape.slice(0, -1), ...data.shape.slice(batchAxes + depth)];
  gatherNd(call.create(0, shape, data.precision), data, indices, batchAxes);
};

const REDUCTIONS: readonly ScatterReduction[] = ["none", "add", "mul", "max", "min"];

function scatterReduction(call: OperatorCall): ScatterReduction {
  const reduction = (call.attributes.string("reduction") ?? "none") as ScatterReduction;
  return REDUCTIONS.includes(reduction) ? reduction : call.fail(`reduction ${reduction}`, REDUCTIONS.join(", "));
}

/** Output 0 as a copy of the data, to be written into. */
function copied(call: OperatorCall): TensorData {
  const data = call.input(0);
  call.requireSameType(data, call.input(2));
  const y = call.create(0, data.shape, data.precision);
  for (let at = 0; at < y.values.length; at++) y.values[at] = data.values[at]!;
  return y;
}

const scattered: OperatorAdapter = (call) => {
  const [data, indices, updates] = [call.input(0), call.input(1), call.input(2)];
  const axis = normalizeAxis(call.attributes.int("axis") ?? 0, data.shape.length);
  requireInside(call, data, indices, axis);
  if (updates.shape.join() !== indices.shape.join()) {
    call.fail(`updates of shape ${formatShape(updates.shape)}`, `${formatShape(indices.shape)}, as the indices`);
  }
  scatterElements(copied(call), indices, updates, axis, scatterReduction(call));
};

const scatteredTuples: OperatorAdapter = (call) => {
  const [data, indices, updates] = [call.input(0), call.input(1), call.input(2)];
  const depth = tupleDepth(call, data, indices, 0);
  const wanted = [...indices.shape.slice(0, -1), ...data.shape.slice(depth)];
  if (updates.shape.join() !== wanted.join()) {
    call.fail(`updates of shape ${formatShape(updates.shape)}`, `updates of shape ${formatShape(wanted)}`);
  }
  scatterNd(copied(call), indices, updates, scatterReduction(call));
};

/** indices, depth, [off, on] */
const hot: OperatorAdapter = (call) => {
  const [indices, values] = [call.input(0), call.input(2)];
  const depth = Math.trunc(call.scalar(1, "depth"));
  if (!(depth >= 1)) call.fail(`depth ${depth}`, "a depth of at least 1");
  call.requireCount(values, 2, "values");
  const axis = normalizeAxis(call.attributes.int("axis") ?? -1, indices.shape.length + 1);
  const shape = indices.shape.toSpliced(axis, 0, depth);
  const y = call.create(0, shape, values.precision);
  oneHot(y, indices, splitAt(shape, axis), values.values[0]!, values.values[1]!);
};

/** Reverses the first `lengths[b]` steps of every batch element. */
const reversed: OperatorAdapter = (call) => {
  const data = call.input(0);
  call.requireRank(data, 2);
  const [batchAxis, timeAxis] = [call.attributes.int("batch_axis") ?? 1, call.attributes.int("time_axis") ?? 0];
  if (batchAxis + timeAxis !== 1 || batchAxis * timeAxis !== 0) {
    call.fail(`batch_axis ${batchAxis} and time_axis ${timeAxis}`, "0 and 1 in either order");
  }
  const [batch, steps] = [data.shape[batchAxis]!, data.shape[timeAxis]!];
  const lengths = call.numbers(1, "sequence lengths");
  if (lengths.length !== batch || lengths.some((length) => !(length >= 0 && length <= steps))) {
    call.fail(`lengths ${formatShape(lengths)}`, `${batch} lengths from 0 to ${steps}`);
  }
  const strides = stridesOf(data.shape);
  const y = call.create(0, data.shape, data.precision);
  for (let at = 0; at < y.values.length; at++) {
    const element = Math.floor(at / strides[batchAxis]!) % batch;
    const step = Math.floor(at / strides[timeAxis]!) % steps;
    const from = step < lengths[element]! ? lengths[element]! - 1 - step : step;
    y.values[at] = data.values[at + (from - step) * strides[timeAxis]!]!;
  }
};

/** Indices [rank, count] of all elements that are not 0, in row-major order. */
const nonZero: OperatorAdapter = (call) => {
  const data = call.input(0);
  const places: number[] = [];
  for (let at = 0; at < data.values.length; at++) if (data.values[at]) places.push(at);
  const strides = stridesOf(data.shape);
  const y = call.create(0, [data.shape.length, places.length], "int64").values as BigInt64Array;
  for (const [axis, stride] of strides.entries()) {
    for (const [index, place] of places.entries()) {
      y[axis * places.length + index] = BigInt(Math.floor(place / stride) % data.shape[axis]!);
    }
  }
};

export const INDEXING: Readonly<Record<string, OperatorAdapter>> = {
  Gather: gathered,
  GatherElements: gatheredElements,
  GatherND: gatheredTuples,
  Scatter: scattered,
  ScatterElements: scattered,
  ScatterND: scatteredTuples,
  OneHot: hot,
  ReverseSequence: reversed,
  NonZero: nonZero,
};
