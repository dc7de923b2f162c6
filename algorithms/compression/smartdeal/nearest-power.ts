/**
 * The quantizer of SmartDeal's coefficients: each non-zero goes to the power of two nearest in value (not in its logarithm), a tie
 * to the smaller, its sign is kept, and magnitudes end at a greatest one. Numbers below the normal range (2^-1022) go to the nearer
 * of 0 and 2^-1022. Optionally each column is first multiplied by the factor that brings the logarithms of its magnitudes nearest
 * to whole numbers on average.
 * Source: SmartDeal (VITA-Group/SmartDeal, 8e1de77), core decomposition.
 */
const word = new Float64Array(1);
const halves = new Uint32Array(word.buffer);
/** Index of the half of a number that holds sign and exponent. */
export const HIGH_HALF = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/**
 * The power of two nearest to a number of at least 0; half way between two, the smaller. Half of the mantissa's range less its
 * last bit is added to the bits, so that just the mantissas above a half carry into the exponent.
 */
export function nearestPower(magnitude: number): number {
  word[0] = magnitude;
  halves[HIGH_HALF] = (halves[HIGH_HALF]! + 0x7ffff + (halves[1 - HIGH_HALF] === 0 ? 0 : 1)) & 0x7ff00000;
  halves[1 - HIGH_HALF] = 0;
  return word[0]!;
}

/** A value without its sign and exponent, between the roots of a half and of two. */
export function nearMantissa(value: number): number {
  word[0] = value;
  halves[HIGH_HALF] = (halves[HIGH_HALF]! & 0xfffff) | 0x3ff00000;
  const mantissa = word[0]!;
  return mantissa > Math.SQRT2 ? mantissa * 0.5 : mantissa;
}
