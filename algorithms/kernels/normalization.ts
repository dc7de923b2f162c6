/**
 * Normalisations: subtract a mean, divide by a deviation, scale and shift. Means and variances in double precision (biased
 * variance, as the standard has it), results rounded once.
 * Source: ONNX BatchNormalization-15, LayerNormalization-17, InstanceNormalization-6, GroupNormalization-21,
 * RMSNormalization-23, LRN-13, LpNormalization-1, MeanVarianceNormalization-13.
 */
import type { NumberTensor } from "../../sim/ir/tensor-data.js";
import { type AxisSplit, forEachLine } from "./softmax.js";

/** output [N, C, ...] = (input - mean[c]) / sqrt(variance[c] + epsilon) * scale[c] + shift[c] */
export function batchNormalization(
  output: NumberTensor,
  input: NumberTensor,
  parameters: {
    readonly scale: ArrayLike<number>;
    readonly shift: ArrayLike<number>;
    readonly mean: ArrayLike<number>;
    readonly variance: ArrayLike<number>;
    readonly epsilon: number;
  },
): void {
  const { scale, shift, mean, variance, epsilon } = parameters;
  const [batch, channels] = [input.shape[0]!, scale.length];
  const area = input.values.length / Math.max(1, batch * channels);
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      const factor = scale[c]! / Math.sqrt(variance[c]! + epsilon);
      const start = (n * channels + c) * area;
      for (let at = start; at < start + area; at++) {
        output.values[at] = (input.values[at]! - mean[c]!) * factor + shift[c]!;
      }
    }
  }
}

/** Mean and 1 / sqrt(variance + epsilon) of `length` consecutive elements. */
function moments(
  x: ArrayLike<number>,
  start: number,
  length: number,
  epsilon: number,
): { readonly mean: number; readonly inverseDeviation: number } {
  let sum = 0;
  for (let at = start; at < start + length; at++) sum += x[at]!;
  const mean = sum / length;
  let squares = 0;
  for (let at = start; at < start + length; at++) squares += (x[at]! - mean) ** 2;
  return { mean, inverseDeviation: 1 / Math.sqrt(squares / length + epsilon) };
}

/**
 * Layer normalisation over runs of `length` consecutive elements (the axes from `axis` on), with scale and shift at
 * `scaleAt(index)` for the element `index` of the whole tensor.
 * @param means filled with the mean of each run, when given; `inverseDeviations` likewise
 */
export function layerNormalization(
  output: NumberTensor,
  input: NumberTensor,
  parameters: {
    readonly length: number;
    readonly scale: ArrayLike<number>;
    readonly shift: ArrayLike<number> | undefined;
    readonly scaleAt: (index: number) => number;
    readonly shiftAt: (index: number) => number;
    readonly epsilon: number;
    readonly means?: NumberTensor | undefined;
    readonly inverseDeviations?: NumberTensor | undefined;
  },
): void {
  const { length, scale, shift, scaleAt, shiftAt, epsilon, means, inverseDeviations } = parameters;
  for (let run = 0; run * length < input.values.length; run++) {
    const start = run * length;
    const { mean, inverseDeviation } = moments(input.values, start, length, epsilon);
    if (means !== undefined) means.values[run] = mean;
    if (inverseDeviations !== undefined) inverseDeviations.values[run] = inverseDeviation;
    for (let at = start; at < start + length; at++) {
      const offset = shift === undefined ? 0 : shift[shiftAt(at)]!;
      output.values[at] = (input.values[at]! - mean) * inverseDeviation * scale[scaleAt(at)]! + offset;
    }
  }
}

/** output = input / sqrt(mean of squares + epsilon) * scale over runs of `length` consecutive elements. */
export function rmsNormalization(
  output: NumberTensor,
  input: NumberTensor,
  parameters: {
    readonly length: number;
    readonly scale: ArrayLike<number>;
    readonly scaleAt: (index: number) => number;
    readonly epsilon: number;
  },
): void {
  const { length, scale, scaleAt, epsilon } = parameters;
  for (let start = 0; start < input.values.length; start += length) {
    let squares = 0;
    for (let at = start; at < start + length; at++) squares += input.values[at]! ** 2;
    const factor = 1 / Math.sqrt(squares / length + epsilon);
    for (let at = start; at < start + length; at++) {
      output.values[at] = input.values[at]! * factor * scale[scaleAt(at)]!;
    }
  }
}

/**
 * Group normalisation of input [N, C, ...]: each image's channels in `groups` equal parts, each normalised by itself;
 * with as many groups as channels this is instance normalisation. Scale and shift are [C], or [groups] as the first version
 * of GroupNormalization had them.
 */
export function groupNormalization(
  output: NumberTensor,
  input: NumberTensor,
  parameters: {
    readonly groups: number;
    readonly scale: ArrayLike<number>;
    readonly shift: ArrayLike<number>;
    readonly epsilon: number;
  },
): void {
  const { groups, scale, shift, epsilon } = parameters;
  const [batch, channels] = input.shape as [number, number];
  const area = input.values.length / Math.max(1, batch * channels);
  const groupChannels = channels / groups;
  for (let n = 0; n < batch; n++) {
    for (let group = 0; group < groups; group++) {
      const start = (n * channels + group * groupChannels) * area;
      const { mean, inverseDeviation } = moments(input.values, start, groupChannels * area, epsilon);
      for (let c = 0; c < groupChannels; c++) {
        const parameter = scale.length === channels ? group * groupChannels + c : group;
        for (let at = start + c * area; at < start + (c + 1) * area; at++) {
          const normal = (input.values[at]! - mean) * inverseDeviation;
          output.values[at] = normal * scale[parameter]! + shift[parameter]!;
        }
      }
    }
  }
}

/**
 * Local response normalisation over channels of input [N, C, ...]:
 * output = x / (bias + alpha / size * sum of squares of the `size` channels around)^beta.
 */
export function localResponseNormalization(
  output: NumberTensor,
  input: NumberTensor,
  parameters: { readonly size: number; readonly alpha: number; readonly beta: number; readonly bias: number },
): void {
  const { size, alpha, beta, bias } = parameters;
  const [batch, channels] = input.shape as [number, number];
  const area = input.values.length / Math.max(1, batch * channels);
  const before = Math.floor((size - 1) / 2);
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      const [first, end] = [Math.max(0, c - before), Math.min(channels, c - before + size)];
      for (let at = 0; at < area; at++) {
        let squares = 0;
        for (let other = first; other < end; other++) squares += input.values[(n * channels + other) * area + at]! ** 2;
        const index = (n * channels + c) * area + at;
        output.values[index] = input.values[index]! / (bias + (alpha / size) * squares) ** beta;
      }
    }
  }
}

/** output = x / (sum of |x|^p)^(1/p) along an axis; 0 where the norm is 0. */
export function normNormalization(output: NumberTensor, input: NumberTensor, split: AxisSplit, p: 1 | 2): void {
  const [x, y] = [input.values, output.values];
  forEachLine(split, (start) => {
    let sum = 0;
    for (let index = 0; index < split.extent; index++) sum += Math.abs(x[start + index * split.inner]!) ** p;
    const norm = p === 1 ? sum : Math.sqrt(sum);
    for (let index = 0; index < split.extent; index++) {
      const at = start + index * split.inner;
      y[at] = norm === 0 ? 0 : x[at]! / norm;
    }
  });
}
