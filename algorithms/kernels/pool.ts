/**
 * Pools: largest element, mean, or p-norm of each window, and the same over whole channels. Padding never wins a maximum and
 * adds nothing to a sum; a mean divides by the real elements of its window, or with `countsPadding` by those of the padded
 * input. Source: ONNX MaxPool-12, AveragePool-19, LpPool-18.
 */
import { dequantize, roundHalfEven, saturate } from "../../sim/core/fixed-point.js";
import { isFloat } from "../../sim/ir/tensor.js";
import { integerLimits, type NumberTensor, type NumberValues } from "../../sim/ir/tensor-data.js";
import type { CodeScale } from "./qlinear-elementwise.js";
import { endInside, firstInside, volume, type WindowGeometry } from "./window-geometry.js";

const f32 = Math.fround;

/** What a window sees: calls `visit` with the index of every real element, within its channel, in row-major order. */
function forEachElement(
  geometry: WindowGeometry,
  plane: number,
  row: number,
  column: number,
  visit: (index: number) => void,
): void {
  const [, height, width] = geometry.sizes;
  const place = [plane, row, column] as const;
  const [zs, hs, ws] = [0, 1, 2].map((axis) => tapsInside(geometry, axis as 0 | 1 | 2, place[axis]!));
  for (let z = zs!.first; z < zs!.end; z += zs!.step) {
    for (let h = hs!.first; h < hs!.end; h += hs!.step) {
      for (let w = ws!.first; w < ws!.end; w += ws!.step) visit((z * height + h) * width + w);
    }
  }
}

/** Indices of the input along one axis that the window at an output index covers: from `first` in steps, before `end`. */
function tapsInside(geometry: WindowGeometry, axis: 0 | 1 | 2, output: number) {
  const step = geometry.dilations[axis];
  const start = output * geometry.strides[axis] - geometry.padBegins[axis];
  const [first, end] = [firstInside(step, start), endInside(geometry.kernel[axis], step, start, geometry.sizes[axis])];
  return { first: start + first * step, end: start + end * step, step };
}

/** Visits every output of every channel: its index, the start of its channel, and its place. */
function forEachOutput(
  channels: number,
  geometry: WindowGeometry,
  visit: (output: number, channelAt: number, plane: number, row: number, column: number) => void,
): void {
  const [planes, rows, columns] = geometry.outputs;
  const inputVolume = volume(geometry.sizes);
  let output = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let plane = 0; plane < planes; plane++) {
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          visit(output++, channel * inputVolume, plane, row, column);
        }
      }
    }
  }
}

/** Channels of all images: the product of the first two axes. */
function channelsOf(input: NumberTensor): number {
  return input.shape[0]! * input.shape[1]!;
}

/**
 * output [N, C, ...outputs] = largest element of each window of input [N, C, ...sizes]. The first of equal elements counts.
 * @param indices filled with the flat index of each winner in the input, when given
 * @param columnMajor indices count the spatial axes with the first one fastest
 */
export function maxPool(
  output: NumberTensor,
  input: NumberTensor,
  geometry: WindowGeometry,
  indices?: BigInt64Array,
  columnMajor = false,
): void {
  const [x, y] = [input.values, output.values];
  const least = isFloat(input.precision) ? Number.NEGATIVE_INFINITY : integerLimits(input.precision)![0];
  const [depth, height, width] = geometry.sizes;
  forEachOutput(channelsOf(input), geometry, (at, channelAt, plane, row, column) => {
    let best = least;
    let winner = -1;
    forEachElement(geometry, plane, row, column, (index) => {
      const value = x[channelAt + index]!;
      if (value > best || winner < 0) {
        best = value;
        winner = index;
      }
    });
    y[at] = best;
    if (indices === undefined) return;
    const [z, rest] = [Math.floor(winner / (height * width)), winner % (height * width)];
    const place = columnMajor ? z + depth * (Math.floor(rest / width) + height * (rest % width)) : winner;
    indices[at] = BigInt(channelAt + place);
  });
}

/** output [N, C, ...outputs] = mean of each window of input [N, C, ...sizes]. */
export function averagePool(
  output: NumberTensor,
  input: NumberTensor,
  geometry: WindowGeometry,
  countsPadding: boolean,
): void {
  const [x, y] = [input.values, output.values];
  forEachOutput(channelsOf(input), geometry, (at, channelAt, plane, row, column) => {
    let sum = 0;
    let count = 0;
    forEachElement(geometry, plane, row, column, (index) => {
      sum += x[channelAt + index]!;
      count++;
    });
    y[at] = sum / (countsPadding ? paddedCount(geometry, [plane, row, column]) : count);
  });
}

/**
 * output [N, C, ...outputs], codes = means of each window of codes: the real numbers of the codes are summed in float32 step by
 * step in the order of the window, and the zero point is inside the rounding.
 * Source: com.microsoft QLinearAveragePool as onnxruntime computes it.
 */
export function qlinearAveragePool(
  output: NumberTensor,
  input: NumberTensor,
  scales: { readonly input: CodeScale; readonly output: CodeScale },
  [low, high]: readonly [low: number, high: number],
  geometry: WindowGeometry,
  countsPadding: boolean,
): void {
  const [x, y] = [input.values, output.values];
  forEachOutput(channelsOf(input), geometry, (at, channelAt, plane, row, column) => {
    let sum = 0;
    let count = 0;
    forEachElement(geometry, plane, row, column, (index) => {
      sum = f32(sum + dequantize(x[channelAt + index]!, scales.input.scale, scales.input.zero));
      count++;
    });
    const mean = f32(sum / (countsPadding ? paddedCount(geometry, [plane, row, column]) : count));
    y[at] = saturate(roundHalfEven(f32(f32(mean / scales.output.scale) + scales.output.zero)), low, high);
  });
}

/** Elements of a window that lie on the padded input: all but those that ceil mode lets stand out beyond the end. */
function paddedCount(geometry: WindowGeometry, place: readonly [number, number, number]): number {
  let count = 1;
  for (const axis of [0, 1, 2] as const) {
    const start = place[axis] * geometry.strides[axis];
    const end = geometry.padBegins[axis] + geometry.sizes[axis] + geometry.padEnds[axis];
    count *= Math.min(geometry.kernel[axis], Math.ceil((end - start) / geometry.dilations[axis]));
  }
  return count;
}

/** output [N, C, ...outputs] = (sum of |x|^p)^(1/p) of each window. */
export function normPool(output: NumberTensor, input: NumberTensor, geometry: WindowGeometry, p: number): void {
  const [x, y]: [NumberValues, NumberValues] = [input.values, output.values];
  forEachOutput(channelsOf(input), geometry, (at, channelAt, plane, row, column) => {
    let sum = 0;
    forEachElement(geometry, plane, row, column, (index) => {
      sum += Math.abs(x[channelAt + index]!) ** p;
    });
    y[at] = sum ** (1 / p);
  });
}

/** The geometry of one window that covers every channel whole. */
export function globalGeometry(sizes: WindowGeometry["sizes"]): WindowGeometry {
  const [ones, zeros] = [[1, 1, 1] as const, [0, 0, 0] as const];
  return {
    sizes,
    kernel: sizes,
    strides: ones,
    dilations: ones,
    padBegins: zeros,
    padEnds: zeros,
    outputs: ones,
  };
}
