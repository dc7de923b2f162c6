/**
 * Softmax and its relatives along one axis, numerically safe: the largest element is subtracted first. Double precision,
 * rounded once. Source: ONNX Softmax-13, LogSoftmax-13, Hardmax-13.
 */
import type { NumberTensor } from "../../sim/ir/tensor-data.js";

/** A tensor as [outer, axis, inner]. */
export interface AxisSplit {
  readonly outer: number;
  readonly extent: number;
  readonly inner: number;
}

/** Calls `visit` with the start of every line along the axis; its elements are `inner` apart. */
export function forEachLine({ outer, extent, inner }: AxisSplit, visit: (start: number) => void): void {
  for (let block = 0; block < outer; block++) {
    for (let at = 0; at < inner; at++) visit(block * extent * inner + at);
  }
}

/** output = exp(x - max) / sum of exp(x - max) along the axis. */
export function softmax(output: NumberTensor, input: NumberTensor, split: AxisSplit): void {
  const [x, y] = [input.values, output.values];
  const powers = new Float64Array(split.extent);
  forEachLine(split, (start) => {
    const most = largest(x, start, split);
    let sum = 0;
    for (let index = 0; index < split.extent; index++) {
      powers[index] = Math.exp(x[start + index * split.inner]! - most);
      sum += powers[index]!;
    }
    for (let index = 0; index < split.extent; index++) y[start + index * split.inner] = powers[index]! / sum;
  });
}

/** output = x - max - ln(sum of exp(x - max)) along the axis. */
export function logSoftmax(output: NumberTensor, input: NumberTensor, split: AxisSplit): void {
  const [x, y] = [input.values, output.values];
  forEachLine(split, (start) => {
    const most = largest(x, start, split);
    let sum = 0;
    for (let index = 0; index < split.extent; index++) sum += Math.exp(x[start + index * split.inner]! - most);
    const logarithm = Math.log(sum);
    for (let index = 0; index < split.extent; index++) {
      const at = start + index * split.inner;
      y[at] = x[at]! - most - logarithm;
    }
  });
}

/** output = 1 at the first largest element of each line, 0 elsewhere. */
export function hardmax(output: NumberTensor, input: NumberTensor, split: AxisSplit): void {
  const [x, y] = [input.values, output.values];
  forEachLine(split, (start) => {
    let winner = start;
    for (let index = 0; index < split.extent; index++) {
      const at = start + index * split.inner;
      y[at] = 0;
      if (x[at]! > x[winner]!) winner = at;
    }
    y[winner] = 1;
  });
}

function largest(x: ArrayLike<number>, start: number, { extent, inner }: AxisSplit): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < extent; index++) most = Math.max(most, x[start + index * inner]!);
  return most;
}
