/**
 * Arithmetic of quantized numbers, stated once: rounding half to even, saturation, sums that wrap in 32 bits, and the step
 * from an integer sum back to a narrow code. Everything else that quantizes uses these.
 * Source: ONNX QuantizeLinear-10, QLinearConv-10 (round half to even, saturate); int32 sums wrap as two's complement.
 */

/** The nearest whole number, ties to the even one; infinities, NaN and the sign of zero are kept. */
export function roundHalfEven(value: number): number {
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
