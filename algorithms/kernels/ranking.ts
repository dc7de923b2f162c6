/**
 * Searches and running sums along one axis: the place of the largest or smallest element, the k largest or smallest, sums of
 * all elements before. Of equal elements the one with the lower index comes first, unless asked otherwise.
 * Source: ONNX ArgMax-13, TopK-11, CumSum-14.
 */
import { isLong, type TensorData } from "../../sim/ir/tensor-data.js";
import { type AxisSplit, forEachLine } from "./softmax.js";

/** output (int64, axis of extent 1) = index of the best element of each line; every line has one element or more. */
export function argBest(
  output: TensorData,
  input: TensorData,
  split: AxisSplit,
  options: { readonly smallest: boolean; readonly lastOfEqual: boolean },
): void {
  const x = input.values;
  const y = output.values as BigInt64Array;
  let line = 0;
  forEachLine(split, (start) => {
    let best = 0;
    for (let index = 1; index < split.extent; index++) {
      const value = x[start + index * split.inner]!;
      const holder = x[start + best * split.inner]!;
      const isBetter = options.smallest ? value < holder : value > holder;
      if (isBetter || (options.lastOfEqual && value === holder)) best = index;
    }
    y[line++] = BigInt(best);
  });
}

/** values and indices (int64) = the k largest (or smallest) elements of each line, best first. */
export function topK(
  values: TensorData,
  indices: TensorData,
  input: TensorData,
  split: AxisSplit,
  k: number,
  smallest: boolean,
): void {
  const x = input.values;
  const order = new Uint32Array(split.extent);
  const chosen = indices.values as BigInt64Array;
  const { inner } = split;
  let line = 0;
  forEachLine(split, (start) => {
    for (let index = 0; index < split.extent; index++) order[index] = index;
    order.sort((a, b) => {
      const [first, second] = [x[start + a * inner]!, x[start + b * inner]!];
      if (first === second) return a - b;
      return first < second === smallest ? -1 : 1;
    });
    const [block, at] = [Math.floor(line / inner), line % inner];
    for (let rank = 0; rank < k; rank++) {
      const to = (block * k + rank) * inner + at;
      values.values[to] = x[start + order[rank]! * inner]!;
      chosen[to] = BigInt(order[rank]!);
    }
    line++;
  });
}

/** output = running sums along the axis, from the end when `reverse`, without the element itself when `exclusive`. */
export function cumulativeSum(
  output: TensorData,
  input: TensorData,
  split: AxisSplit,
  options: { readonly exclusive: boolean; readonly reverse: boolean },
): void {
  const [x, y] = [input.values, output.values];
  const { extent, inner } = split;
  forEachLine(split, (start) => {
    let sum = 0;
    let longSum = 0n;
    for (let step = 0; step < extent; step++) {
      const at = start + (options.reverse ? extent - 1 - step : step) * inner;
      if (isLong(y)) {
        const before = longSum;
        longSum = BigInt.asIntN(64, longSum + (x[at] as bigint));
        y[at] = options.exclusive ? before : longSum;
      } else {
        const before = sum;
        sum += x[at] as number;
        y[at] = options.exclusive ? before : sum;
      }
    }
  });
}
