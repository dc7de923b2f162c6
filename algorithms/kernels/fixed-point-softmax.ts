/**
 * Softmax of 8-bit codes in 32-bit fixed point, so that it needs no floating-point unit. The output has scale 1/256 and zero
 * point -128. Numbers in [-1, 1) are integers over 2^31; `times` is their product.
 * Source: TFLite Softmax (int8), gemmlowp fixedpoint.h: exp_on_negative_values, one_over_one_plus_x_for_x_in_0_1.
 */
import {
  roundingDivideByPowerOfTwo as divide,
  multiplyRoundingOnce,
  multiplyRoundingTwice,
  quantizeMultiplier,
  saturate,
  doublingHighMultiply as times,
} from "../../sim/core/fixed-point.js";
import type { NumberTensor } from "../../sim/ir/tensor-data.js";
import { type AxisSplit, forEachLine } from "./softmax.js";

/** Distances from the largest code are held with 26 fractional bits; those beyond 31 count as infinitely far. */
const FRACTION_BITS = 26;
const FARTHEST = 31;
const ONE = 2 ** 31 - 1;

/** exp(-1/8) and 1/3 over 2^31. */
const EXP_OF_MINUS_EIGHTH = 1895147668;
const ONE_THIRD = 715827883;
/** exp(-2^i) over 2^31 for i = -2 to 4. */
const EXP_OF_POWERS = [1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242];
/** 48/17 and -32/17 over 2^29: the line that Newton's division starts from. */
const LINE_START = 1515870810;
const LINE_SLOPE = -1010580540;

/** exp(a / 2^26) over 2^31, for a in -31 * 2^26 to 0. */
function expOfNegative(a: number): number {
  if (a === 0) return ONE;
  // a = u + multiples of 1/4, with u in -1/4 to 0; exp(u) by four terms around -1/8.
  const remainder = a & (2 ** 24 - 1);
  const u = remainder - 2 ** 24;
  const x = 32 * u + 2 ** 28;
  const square = times(x, x);
  const cube = times(square, x);
  const fourth = times(square, square);
  const tail = divide(times(divide(fourth, 2) + cube, ONE_THIRD) + square, 1);
  let power = EXP_OF_MINUS_EIGHTH + times(EXP_OF_MINUS_EIGHTH, x + tail);
  const quarters = u - a;
  for (const [index, factor] of EXP_OF_POWERS.entries()) {
    if (((quarters >>> (24 + index)) & 1) === 1) power = times(power, factor);
  }
  return power;
}

/** 1 / (1 + f / 2^31) over 2^31, by three steps of Newton's division. */
function reciprocalOfOnePlus(f: number): number {
  const half = Math.floor((f + 2 ** 31) / 2);
  let estimate = LINE_START + times(half, LINE_SLOPE);
  for (let step = 0; step < 3; step++) {
    const missing = 2 ** 29 - times(half, estimate);
    estimate += 4 * times(estimate, missing);
  }
  return Math.min(2 * estimate, ONE);
}

/**
 * output = codes of softmax(beta * scale * input) along the axis.
 * @param factor beta times the scale of the input
 */
export function softmaxFixedPoint(
  output: NumberTensor,
  input: NumberTensor,
  split: AxisSplit,
  factor: number,
  roundsTwice: boolean,
): void {
  const [x, y] = [input.values, output.values];
  const { extent, inner } = split;
  const most = roundsTwice ? 2 ** 31 - 1 : 2 ** 30 - 1;
  const { multiplier, shift } = quantizeMultiplier(Math.min(factor * 2 ** FRACTION_BITS, most));
  const multiply = roundsTwice ? multiplyRoundingTwice : multiplyRoundingOnce;
  const least = -Math.floor((FARTHEST * 2 ** FRACTION_BITS) / 2 ** shift);
  const powers = new Float64Array(extent);
  forEachLine(split, (start) => {
    let largest = Number.NEGATIVE_INFINITY;
    for (let index = 0; index < extent; index++) largest = Math.max(largest, x[start + index * inner]!);
    let sum = 0;
    for (let index = 0; index < extent; index++) {
      const distance = x[start + index * inner]! - largest;
      powers[index] = distance < least ? -1 : expOfNegative(multiply(distance, multiplier, shift));
      if (powers[index]! >= 0) sum += divide(powers[index]!, 12);
    }
    const zeros = Math.clz32(sum);
    const reciprocal = reciprocalOfOnePlus(sum * 2 ** zeros - 2 ** 31);
    for (let index = 0; index < extent; index++) {
      const power = powers[index]!;
      const code = power < 0 ? -128 : divide(times(reciprocal, power), 35 - zeros) - 128;
      y[start + index * inner] = saturate(code, -128, 127);
    }
  });
}
