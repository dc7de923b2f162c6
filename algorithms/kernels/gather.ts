/**
 * Picking and placing elements by index. Indices count from the end when they are negative; one that lies outside is a fault.
 * Where several updates meet at one place they are combined in row-major order.
 * Source: ONNX Gather-13, GatherElements-13, GatherND-13, ScatterElements-18, ScatterND-18, OneHot-11.
 */
import { ShapeFault, stridesOf } from "../../sim/ir/import/onnx-shape-rules.js";
import type { TensorValues } from "../../sim/ir/tensor.js";
import { isLong, type TensorData } from "../../sim/ir/tensor-data.js";
import type { AxisSplit } from "./softmax.js";

/** An index counted from the front. @throws ShapeFault when it is outside */
function within(index: number | bigint, extent: number): number {
  const number = Number(index);
  const counted = number < 0 ? number + extent : number;
  if (counted >= 0 && counted < extent) return counted;
  throw new ShapeFault(`index ${number} for an axis of ${extent}`, `indices from ${-extent} to ${extent - 1}`);
}

/** output [outer, ...indices, inner] = slices of input [outer, axis, inner]. */
export function gather(output: TensorData, input: TensorData, indices: TensorData, split: AxisSplit): void {
  const [x, y] = [input.values, output.values];
  let at = 0;
  for (let block = 0; block < split.outer; block++) {
    for (const index of indices.values) {
      const from = (block * split.extent + within(index, split.extent)) * split.inner;
      for (let inner = 0; inner < split.inner; inner++) y[at++] = x[from + inner]!;
    }
  }
}

/** Where an element of `indices` points in a tensor of shape `shape`: its own place, but `index` on the axis. */
function elementPlace(
  indices: TensorData,
  shape: readonly number[],
  axis: number,
): (at: number, index: number | bigint) => number {
  const [own, target] = [stridesOf(indices.shape), stridesOf(shape)];
  return (at, index) => {
    let rest = at;
    let place = 0;
    for (let along = 0; along < own.length; along++) {
      const step = Math.floor(rest / own[along]!);
      rest -= step * own[along]!;
      place += (along === axis ? within(index, shape[axis]!) : step) * target[along]!;
    }
    return place;
  };
}

/** output[i, j] = input[indices[i, j], j] (axis 0); output has the shape of the indices. */
export function gatherElements(output: TensorData, input: TensorData, indices: TensorData, axis: number): void {
  const place = elementPlace(indices, input.shape, axis);
  for (let at = 0; at < output.values.length; at++) {
    output.values[at] = input.values[place(at, indices.values[at]!)]!;
  }
}

/** Start of the slice that each index tuple (the last axis of `indices`) names, `batchAxes` leading axes being shared. */
function tuplePlaces(indices: TensorData, shape: readonly number[], batchAxes: number): Float64Array {
  const depth = indices.shape.at(-1)!;
  const strides = stridesOf(shape);
  const tuples = depth === 0 ? indices.shape.slice(0, -1).reduce((a, b) => a * b, 1) : indices.values.length / depth;
  let batches = 1;
  for (let axis = 0; axis < batchAxes; axis++) batches *= shape[axis]!;
  const perBatch = tuples / Math.max(1, batches);
  const batchStride = batchAxes === 0 ? 0 : strides[batchAxes - 1]!;
  return Float64Array.from({ length: tuples }, (_, tuple) => {
    let place = Math.floor(tuple / perBatch) * batchStride;
    for (let part = 0; part < depth; part++) {
      const axis = batchAxes + part;
      place += within(indices.values[tuple * depth + part]!, shape[axis]!) * strides[axis]!;
    }
    return place;
  });
}

/** output [...tuples, ...slice] = slices of the input that the tuples of indices name. */
export function gatherNd(output: TensorData, input: TensorData, indices: TensorData, batchAxes: number): void {
  const places = tuplePlaces(indices, input.shape, batchAxes);
  const slice = output.values.length / Math.max(1, places.length);
  for (const [tuple, place] of places.entries()) {
    for (let at = 0; at < slice; at++) output.values[tuple * slice + at] = input.values[place + at]!;
  }
}

/** How an update meets what is there. */
export type ScatterReduction = "none" | "add" | "mul" | "max" | "min";

function combine(values: TensorValues, at: number, update: number | bigint, reduction: ScatterReduction): void {
  const there = values[at]!;
  switch (reduction) {
    case "none":
      values[at] = update;
      break;
    case "add":
      values[at] = isLong(values) ? (there as bigint) + (update as bigint) : (there as number) + (update as number);
      break;
    case "mul":
      values[at] = isLong(values) ? (there as bigint) * (update as bigint) : multiply(values, there, update);
      break;
    case "max":
      if (update > there) values[at] = update;
      break;
    case "min":
      if (update < there) values[at] = update;
      break;
  }
}

function multiply(values: TensorValues, a: number | bigint, b: number | bigint): number {
  const isReal = values instanceof Float32Array || values instanceof Float64Array;
  return isReal ? (a as number) * (b as number) : Math.imul(a as number, b as number);
}

/** Puts updates [..as indices] into the output, which holds the data already. */
export function scatterElements(
  output: TensorData,
  indices: TensorData,
  updates: TensorData,
  axis: number,
  reduction: ScatterReduction,
): void {
  const place = elementPlace(indices, output.shape, axis);
  for (let at = 0; at < updates.values.length; at++) {
    combine(output.values, place(at, indices.values[at]!), updates.values[at]!, reduction);
  }
}

/** Puts slices of updates [...tuples, ...slice] into the output, which holds the data already. */
export function scatterNd(
  output: TensorData,
  indices: TensorData,
  updates: TensorData,
  reduction: ScatterReduction,
): void {
  const places = tuplePlaces(indices, output.shape, 0);
  const slice = updates.values.length / Math.max(1, places.length);
  for (const [tuple, place] of places.entries()) {
    for (let at = 0; at < slice; at++) {
      combine(output.values, place + at, updates.values[tuple * slice + at]!, reduction);
    }
  }
}

/** output [outer, depth, inner] = `on` where the index of [outer, inner] is the place on the axis, `off` elsewhere. */
export function oneHot(
  output: TensorData,
  indices: TensorData,
  split: AxisSplit,
  off: number | bigint,
  on: number | bigint,
): void {
  const y = output.values;
  for (let at = 0; at < y.length; at++) y[at] = off;
  for (const [at, index] of indices.values.entries()) {
    const number = Math.trunc(Number(index));
    const place = number < 0 ? number + split.extent : number;
    // An index outside leaves its line all off, as the standard says.
    if (!(place >= 0 && place < split.extent)) continue;
    const [block, inner] = [Math.floor(at / split.inner), at % split.inner];
    y[(block * split.extent + place) * split.inner + inner] = on;
  }
}
