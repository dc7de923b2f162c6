/**
 * Moving elements without computing: strided copies (transpose, slice, expand, flip), joining, padding, and the exchange of
 * depth and space. Any element type; the bits are kept.
 * Source: ONNX Transpose-13, Slice-13, Concat-13, Split-18, Expand-13, Tile-13, Pad-19, DepthToSpace-13.
 */
import { stridesOf } from "../../sim/ir/import/onnx-shape-rules.js";
import type { TensorValues } from "../../sim/ir/tensor.js";
import type { TensorData } from "../../sim/ir/tensor-data.js";
import { forEachRow, innerStride } from "./broadcast.js";

/** output[i, j, ...] = input[offset + i*strides[0] + j*strides[1] + ...]: every rearrangement that is a stride an axis. */
export function copyStrided(output: TensorData, input: TensorValues, strides: readonly number[], offset = 0): void {
  const y = output.values;
  const step = innerStride(strides);
  forEachRow(output.shape, [strides], (length, at, [start]) => {
    for (let index = 0; index < length; index++) y[at + index] = input[offset + start! + index * step]!;
  });
}

/** output = axes of the input in the order `order`: axis i of the output is axis order[i] of the input. */
export function transpose(output: TensorData, input: TensorData, order: readonly number[]): void {
  const own = stridesOf(input.shape);
  copyStrided(
    output,
    input.values,
    order.map((axis) => own[axis]!),
  );
}

/** Copies a tensor into part of the output: the whole of it along all axes but one, where it starts at `start`. */
export function placeAlong(output: TensorData, part: TensorData, axis: number, start: number): void {
  copyBlocks(output, part, axis, (block, run, outputRun, partRun, inner) => {
    const from = block * partRun;
    const to = block * outputRun + start * inner;
    copyRange(output.values, to, part.values, from, run);
  });
}

/** The other way round: fills a part from a place of the input. */
export function takeAlong(part: TensorData, input: TensorData, axis: number, start: number): void {
  copyBlocks(input, part, axis, (block, run, inputRun, partRun, inner) => {
    copyRange(part.values, block * partRun, input.values, block * inputRun + start * inner, run);
  });
}

function copyBlocks(
  whole: TensorData,
  part: TensorData,
  axis: number,
  copy: (block: number, run: number, wholeRun: number, partRun: number, inner: number) => void,
): void {
  let inner = 1;
  for (let index = axis + 1; index < whole.shape.length; index++) inner *= whole.shape[index]!;
  const [wholeRun, partRun] = [whole.shape[axis]! * inner, part.shape[axis]! * inner];
  if (partRun === 0) return;
  for (let block = 0; block < part.values.length / partRun; block++) copy(block, partRun, wholeRun, partRun, inner);
}

function copyRange(to: TensorValues, toAt: number, from: TensorValues, fromAt: number, length: number): void {
  for (let index = 0; index < length; index++) to[toAt + index] = from[fromAt + index]!;
}

/** output[i] = input[i mod extent] on every axis. */
export function tile(output: TensorData, input: TensorData): void {
  const own = stridesOf(input.shape);
  const maps = output.shape.map((extent, axis) =>
    Int32Array.from({ length: extent }, (_, index) => (index % input.shape[axis]!) * own[axis]!),
  );
  copyMapped(output, input, maps, undefined);
}

export type PadMode = "constant" | "reflect" | "edge" | "wrap";

/**
 * output = input with `begins` elements before it on each axis (negative: cut off) and the rest behind it. What surrounds it
 * is `fill`, the mirror image without the border element, the border element, or the input again from the other side.
 */
export function pad(
  output: TensorData,
  input: TensorData,
  begins: readonly number[],
  mode: PadMode,
  fill: number | bigint,
): void {
  const own = stridesOf(input.shape);
  const maps = output.shape.map((extent, axis) =>
    Int32Array.from({ length: extent }, (_, index) => {
      const source = sourceIndex(index - begins[axis]!, input.shape[axis]!, mode);
      return source < 0 ? -1 : source * own[axis]!;
    }),
  );
  copyMapped(output, input, maps, fill);
}

/** Index of the element that stands at `index` of a padded axis; -1 for the fill value. */
function sourceIndex(index: number, extent: number, mode: PadMode): number {
  if (index >= 0 && index < extent) return index;
  switch (mode) {
    case "constant":
      return -1;
    case "edge":
      return index < 0 ? 0 : extent - 1;
    case "wrap":
      return ((index % extent) + extent) % extent;
    case "reflect": {
      if (extent === 1) return 0;
      const period = 2 * (extent - 1);
      const phase = ((index % period) + period) % period;
      return phase < extent ? phase : period - phase;
    }
  }
}

/** output[i, j, ...] = input[maps[0][i] + maps[1][j] + ...], or `fill` where any of them is negative. */
export function copyMapped(
  output: TensorData,
  input: TensorData,
  maps: readonly Int32Array[],
  fill: number | bigint | undefined,
): void {
  const [x, y] = [input.values, output.values];
  const counter = maps.map(() => 0);
  for (let at = 0; at < y.length; at++) {
    let from = 0;
    for (let axis = 0; axis < maps.length; axis++) {
      const offset = maps[axis]![counter[axis]!]!;
      from = offset < 0 || from < 0 ? -1 : from + offset;
    }
    y[at] = from < 0 ? fill! : x[from]!;
    for (let axis = maps.length - 1; axis >= 0; axis--) {
      if (++counter[axis]! < maps[axis]!.length) break;
      counter[axis] = 0;
    }
  }
}

/** output = input with the part above (or below) diagonal `k` of its last two axes kept, the rest 0. Source: ONNX Trilu-14. */
export function keepTriangle(output: TensorData, input: TensorData, keepsUpper: boolean, k: number): void {
  const [rows, columns] = [input.shape.at(-2)!, input.shape.at(-1)!];
  const [x, y] = [input.values, output.values];
  for (let at = 0; at < x.length; at++) {
    const [row, column] = [Math.floor(at / columns) % rows, at % columns];
    if (keepsUpper ? column - row >= k : column - row <= k) y[at] = x[at]!;
  }
}
