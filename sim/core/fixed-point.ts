/**
 * Arithmetic of quantized numbers, stated once: rounding half to even, saturation, sums that wrap in 32 bits, and the step
 * from an integer sum back to a narrow code, by a float32 multiplier or by an integer one and a shift. Everything else that
 * quantizes uses these.
 * Source: ONNX QuantizeLinear-10, QLinearConv-10 (round half to even, saturate); int32 sums wrap as two's complement;
 * gemmlowp fixedpoint.h and TFLite QuantizeMultiplier, MultiplyByQuantizedMultiplier (both rounding builds).
 */

/** Added to a number below 2^51, it leaves no bits for a fraction: the sum itself is rounded, ties to even. */
export const ROUNDER = 1.5 * 2 ** 52;

/** The nearest whole number, ties to the even one; infinities, NaN and the sign of zero are kept. */
export function roundHalfEven(value: number): number {
  if (Math.abs(value) < 2 ** 51) {
    const whole = value + ROUNDER - ROUNDER;
    return whole === 0 ? value * 0 : whole;
  }
  const up = Math.round(value);
  return up - value === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

/** `value` held within `low` to `high`; NaN becomes `low`, so that every code is a code. */
export function saturate(value: number, low: number, high: number): number {
  if (value >= high) return high;
  if (value > low) return value;
  return low;
}

/** `sum + a * b` modulo 2^32, as a signed 32-bit number. All three are 32-bit integers. */
export function multiplyAddInt32(sum: number, a: number, b: number): number {
  return (sum + Math.imul(a, b)) | 0;
}

/** `a + b` modulo 2^32, as a signed 32-bit number. */
export function addInt32(a: number, b: number): number {
  return (a + b) | 0;
}

/**
 * A quantized code from an integer sum: saturate(round(f32(f32(sum) * multiplier)) + zeroPoint). The multiplier is a float32
 * number, the product is rounded to float32 before it is rounded to an integer, and the zero point is added after that.
 */
export function requantize(sum: number, multiplier: number, zeroPoint: number, low: number, high: number): number {
  return saturate(roundHalfEven(Math.fround(Math.fround(sum) * multiplier)) + zeroPoint, low, high);
}

/**
 * A quantized code from a real number: saturate(round(f32(value / scale)) + zeroPoint): a division, never a product with the
 * reciprocal.
 */
export function quantize(value: number, scale: number, zeroPoint: number, low: number, high: number): number {
  return saturate(roundHalfEven(Math.fround(value / scale)) + zeroPoint, low, high);
}

/** The real number of a code: f32(f32(code - zeroPoint) * scale). */
export function dequantize(code: number, scale: number, zeroPoint: number): number {
  return Math.fround(Math.fround(code - zeroPoint) * scale);
}

/** The real number `multiplier / 2^31 * 2^shift`; `multiplier` is 0 or in 2^30 to 2^31 - 1. */
export interface FixedPointMultiplier {
  readonly multiplier: number;
  readonly shift: number;
}

/** 2^0 to 2^62 as a table: the operator ** costs more than all the rest of a product here. */
const POWERS_OF_TWO = Float64Array.from({ length: 63 }, (_, exponent) => 2 ** exponent);

/** A smaller multiplier than this is 0: no 32-bit sum gives anything but 0 with it. */
const LEAST_SHIFT = -31;

/** `fraction * 2^exponent` with the fraction in 0.5 to 1, for a positive, normal number. */
function splitExponent(value: number): { readonly fraction: number; readonly exponent: number } {
  let exponent = Math.floor(Math.log2(value)) + 1;
  // The logarithm may be off by one beside a power of two.
  if (value >= 2 ** exponent) exponent++;
  else if (value < 2 ** (exponent - 1)) exponent--;
  return { fraction: value / 2 ** exponent, exponent };
}

/** The nearest integer multiplier and shift of a non-negative, finite number, ties away from zero. */
export function quantizeMultiplier(real: number): FixedPointMultiplier {
  if (real < 2 ** (LEAST_SHIFT - 2)) return { multiplier: 0, shift: 0 };
  const { fraction, exponent } = splitExponent(real);
  const rounded = Math.round(fraction * 2 ** 31);
  const [multiplier, shift] = rounded === 2 ** 31 ? [2 ** 30, exponent + 1] : [rounded, exponent];
  return shift < LEAST_SHIFT ? { multiplier: 0, shift: 0 } : { multiplier, shift };
}

/** The exponent of the power of two that is nearest to a positive number by ratio. */
export function nearestPowerOfTwo(real: number): number {
  const { fraction, exponent } = splitExponent(real);
  return fraction >= Math.SQRT1_2 ? exponent : exponent - 1;
}

/**
 * round(a * b / 2^31) of 32-bit integers, ties upward; -2^31 times itself saturates. The product of 62 bits is never formed:
 * b goes in as two halves of 16 bits, and every step is exact in doubles.
 */
export function doublingHighMultiply(a: number, b: number): number {
  if (a === -(2 ** 31) && b === a) return 2 ** 31 - 1;
  const [high, low] = [b >> 16, b & 0xffff];
  return Math.floor((a * high + Math.floor((a * low + 0x4000_0000) / 0x1_0000)) / 0x8000);
}

/** value / 2^exponent of a 32-bit integer, rounded half away from zero; the exponent is 0 or more. */
export function roundingDivideByPowerOfTwo(value: number, exponent: number): number {
  const magnitude = Math.floor(Math.abs(value) / POWERS_OF_TWO[exponent]! + 0.5);
  return value < 0 ? -magnitude : magnitude;
}

/**
 * value * multiplier / 2^31 * 2^shift, rounded twice: to the upper 32 bits of the product, then by the right shift.
 * A left shift goes first and wraps in 32 bits.
 */
export function multiplyRoundingTwice(value: number, multiplier: number, shift: number): number {
  const shifted = shift > 0 ? value << shift : value;
  return roundingDivideByPowerOfTwo(doublingHighMultiply(shifted, multiplier), Math.max(-shift, 0));
}

/**
 * value * multiplier / 2^31 * 2^shift, rounded once, ties upward: floor((value * multiplier + 2^(30 - shift)) / 2^(31 - shift))
 * for a multiplier of 0 or more and a shift up to 30. What does not fit 32 bits is given as it is.
 */
export function multiplyRoundingOnce(value: number, multiplier: number, shift: number): number {
  const [high, low] = [multiplier >> 16, multiplier & 0xffff];
  if (shift > 14) {
    const divisor = POWERS_OF_TWO[31 - shift]!;
    return value * high * POWERS_OF_TWO[shift - 15]! + Math.floor((value * low + divisor / 2) / divisor);
  }
  const sum = value * high + POWERS_OF_TWO[14 - shift]! + Math.floor((value * low) / 0x1_0000);
  return Math.floor(sum / POWERS_OF_TWO[15 - shift]!);
}

/** value * 2^shift, ties upward: what a shifter with a rounding bit gives. */
export function roundingShift(value: number, shift: number): number {
  return Math.floor(value * 2 ** shift + 0.5);
}
