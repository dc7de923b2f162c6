/**
 * From integer sums back to narrow codes: saturate(scaled(sum) + output zero point), the scaling one of four that silicon and
 * runtimes use. Scalings hold one number for all output channels, or one each.
 * Source: ONNX QLinearConv-10 (a float32 multiplier, half to even); TFLite MultiplyByQuantizedMultiplier in its two builds
 * (integer multiplier and shift, rounded twice or once); a bare shift for scales that are powers of two.
 */
import { UnsupportedError } from "../../sim/core/errors.js";
import {
  multiplyRoundingOnce,
  multiplyRoundingTwice,
  nearestPowerOfTwo,
  quantizeMultiplier,
  requantize,
  roundingShift,
  saturate,
} from "../../sim/core/fixed-point.js";

export type RequantizeMode = "onnx-float32" | "fixed-point-double" | "fixed-point-single" | "pow2-shift";

export type Scaling =
  | { readonly kind: "onnx-float32"; readonly multipliers: Float32Array }
  | {
      /** Rounded twice, or once. */
      readonly kind: "fixed-point-double" | "fixed-point-single";
      readonly multipliers: Int32Array;
      readonly shifts: Int32Array;
    }
  | { readonly kind: "pow2-shift"; readonly shifts: Int32Array };

export interface Requantization {
  readonly scaling: Scaling;
  readonly outputZero: number;
  readonly limits: readonly [low: number, high: number];
}

/** Requantization of a convolution's sums, with its bias. */
export interface ChannelRequantization extends Requantization {
  /** Int32 values added to the sums, [K]. */
  readonly bias: ArrayLike<number> | undefined;
}

/** One factor more than this would only ever saturate. */
const MAX_SHIFT = 30;

/**
 * The scaling by input scale * weight scale / output scale. In `onnx-float32` the product and the quotient are each rounded to
 * float32; the integer forms start from the float64 quotient.
 * @param inputScale float32, as are the others
 * @param weightScales one for all output channels, or one each
 * @param productIsFloat rounds the product to float32 in the integer forms as well (TFLite's fully connected layers do)
 * @throws UnsupportedError for a factor of 2^30 or more
 */
export function scalingOf(
  mode: RequantizeMode,
  inputScale: number,
  weightScales: ArrayLike<number>,
  outputScale: number,
  productIsFloat = false,
): Scaling {
  const products = Float64Array.from(weightScales, (scale) => inputScale * scale);
  if (mode === "onnx-float32") {
    return {
      kind: mode,
      multipliers: Float32Array.from(products, (product) => Math.fround(product) / outputScale),
    };
  }
  return integerScaling(
    mode,
    products.map((product) => (productIsFloat ? Math.fround(product) : product) / outputScale),
  );
}

function integerScaling(mode: Exclude<RequantizeMode, "onnx-float32">, factors: Float64Array): Scaling {
  const tooLarge = factors.find((factor) => !(factor < 2 ** MAX_SHIFT));
  if (tooLarge !== undefined) {
    throw new UnsupportedError({
      where: `requantization, arithmetic.requantize ${mode}`,
      got: `a factor of ${tooLarge} from sums to codes`,
      want: "a factor below 2^30, for an integer multiplier and a shift",
      fix: "calibrate the scales again, or choose requantize: onnx-float32",
    });
  }
  if (mode === "pow2-shift") {
    // A factor that float64 has flushed to zero gives zero with any shift this far right.
    return {
      kind: mode,
      shifts: Int32Array.from(factors, (factor) => (factor < 2 ** -64 ? -64 : nearestPowerOfTwo(factor))),
    };
  }
  const pairs = Array.from(factors, quantizeMultiplier);
  return {
    kind: mode,
    multipliers: Int32Array.from(pairs, ({ multiplier }) => multiplier),
    shifts: Int32Array.from(pairs, ({ shift }) => shift),
  };
}

/** The sum of output channel `channel` times its factor, a whole number. */
function scaleSum(scaling: Exclude<Scaling, { kind: "onnx-float32" }>, sum: number, channel: number): number {
  const index = channel % scaling.shifts.length;
  const shift = scaling.shifts[index]!;
  switch (scaling.kind) {
    case "fixed-point-double":
      return multiplyRoundingTwice(sum, scaling.multipliers[index]!, shift);
    case "fixed-point-single":
      return multiplyRoundingOnce(sum, scaling.multipliers[index]!, shift);
    case "pow2-shift":
      return roundingShift(sum, shift);
  }
}

/** The code of a sum (an int32, bias included) of output channel `channel`. */
export function requantizeSum(
  { scaling, outputZero, limits: [low, high] }: Requantization,
  sum: number,
  channel: number,
): number {
  if (scaling.kind === "onnx-float32") {
    const multiplier = scaling.multipliers[channel % scaling.multipliers.length]!;
    return requantize(sum, multiplier, outputZero, low, high);
  }
  return saturate(scaleSum(scaling, sum, channel) + outputZero, low, high);
}
