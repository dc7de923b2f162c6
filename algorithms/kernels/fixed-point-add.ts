/**
 * Sum of two tensors of codes with scales of their own: both are brought to a common scale in 32-bit fixed point, added, and
 * brought to the output's scale. Source: TFLite Add (int8): with t = 2 * max(a_scale, b_scale),
 *
 *     y = z + M(M((a - a_zero) << 20, a_scale / t) + M((b - b_zero) << 20, b_scale / t), t / (y_scale << 20))
 *
 * where M multiplies by an integer multiplier and a shift, rounded once or twice.
 */
import {
  multiplyRoundingOnce,
  multiplyRoundingTwice,
  quantizeMultiplier,
  saturate,
} from "../../sim/core/fixed-point.js";
import type { NumberTensor } from "../../sim/ir/tensor-data.js";
import { broadcastStrides, forEachRow, innerStride } from "./broadcast.js";

export interface CodeScale {
  readonly scale: number;
  readonly zero: number;
}

/** Codes take this many bits more while they are added. */
const LEFT_SHIFT = 20;

/**
 * output = codes of the sum of `a` and `b`, both broadcast to its shape.
 * @param limits least and greatest code of the output, its activation included
 */
export function addFixedPoint(
  output: NumberTensor,
  a: NumberTensor,
  b: NumberTensor,
  scales: { readonly a: CodeScale; readonly b: CodeScale; readonly output: CodeScale },
  [low, high]: readonly [low: number, high: number],
  roundsTwice: boolean,
): void {
  const common = 2 * Math.max(scales.a.scale, scales.b.scale);
  const multiply = roundsTwice ? multiplyRoundingTwice : multiplyRoundingOnce;
  const first = quantizeMultiplier(scales.a.scale / common);
  const second = quantizeMultiplier(scales.b.scale / common);
  const back = quantizeMultiplier(common / (2 ** LEFT_SHIFT * scales.output.scale));
  const [x, w, y] = [a.values, b.values, output.values];
  const strides = [broadcastStrides(a.shape, output.shape), broadcastStrides(b.shape, output.shape)];
  const [firstStep, secondStep] = [innerStride(strides[0]!), innerStride(strides[1]!)];
  forEachRow(output.shape, strides, (length, at, [firstAt, secondAt]) => {
    for (let index = 0; index < length; index++) {
      const firstCode = (x[firstAt! + index * firstStep]! - scales.a.zero) * 2 ** LEFT_SHIFT;
      const secondCode = (w[secondAt! + index * secondStep]! - scales.b.zero) * 2 ** LEFT_SHIFT;
      const sum =
        multiply(firstCode, first.multiplier, first.shift) + multiply(secondCode, second.multiplier, second.shift);
      y[at + index] = saturate(multiply(sum, back.multiplier, back.shift) + scales.output.zero, low, high);
    }
  });
}
