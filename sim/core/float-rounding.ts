/**
 * Rounding of numbers to the 16-bit floating-point formats, ties to even, in one step from double precision.
 * Source: IEEE 754-2019 binary16 (5 exponent bits, 10 fraction bits); bfloat16 (8 exponent bits, 7 fraction bits).
 */
import { roundHalfEven } from "./fixed-point.js";

interface FloatFormat {
  readonly fractionBits: number;
  /** Exponent of the smallest normal number. */
  readonly leastExponent: number;
  /** The first magnitude that rounds to infinity. */
  readonly overflow: number;
}

const HALF: FloatFormat = { fractionBits: 10, leastExponent: -14, overflow: (2 - 2 ** -11) * 2 ** 15 };
const BFLOAT: FloatFormat = { fractionBits: 7, leastExponent: -126, overflow: (2 - 2 ** -8) * 2 ** 127 };

const scratch = new DataView(new ArrayBuffer(8));

/** Exponent of a finite number other than zero, as in 1.f * 2^exponent; doubles below their normal range give -1023. */
function exponentOf(value: number): number {
  scratch.setFloat64(0, value);
  return ((scratch.getUint16(0) >> 4) & 0x7ff) - 1023;
}

function roundTo(format: FloatFormat, value: number): number {
  if (!(Math.abs(value) < format.overflow)) return Number.isNaN(value) ? value : value * Number.POSITIVE_INFINITY;
  const step = 2 ** (Math.max(exponentOf(value), format.leastExponent) - format.fractionBits);
  return roundHalfEven(value / step) * step;
}

/** The nearest number that binary16 has. */
export function roundToHalf(value: number): number {
  return roundTo(HALF, value);
}

/** The nearest number that bfloat16 has. */
export function roundToBfloat(value: number): number {
  return roundTo(BFLOAT, value);
}

/** The 16 bits of binary16 for the number nearest to `value`. */
export function halfBits(value: number): number {
  const rounded = roundToHalf(value);
  const sign = rounded < 0 || Object.is(rounded, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(rounded);
  if (Number.isNaN(rounded)) return 0x7e00;
  if (magnitude === Number.POSITIVE_INFINITY) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | (magnitude * 2 ** 24);
  const exponent = exponentOf(magnitude);
  return sign | ((exponent + 15) << 10) | (magnitude * 2 ** (10 - exponent) - 1024);
}
