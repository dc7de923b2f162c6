/**
 * Booth recoding, radix 4: an integer as digits of -2 to 2, digit i worth 4^i. Half as many digits as bits; a bit-serial MAC takes
 * a cycle for each that is not 0.
 *
 *     digit[i] = bit[2i - 1] + bit[2i] - 2 * bit[2i + 1],  bit[-1] = 0
 *
 * Source: Booth, 1951, in the radix-4 form of MacSorley, Proc. IRE 49, 1961.
 */
import type { Codes } from "../layer-values.js";

/** Digits of 16-bit codes; narrower ones leave the upper digits 0. */
export const MOST_DIGITS = 8;

/** A digit is not 0 where one of its two bits differs from the bit below. */
export function countDigits(code: number): number {
  const changes = (code ^ (code << 1)) & 0xffff;
  let left = (changes | (changes >> 1)) & 0x5555;
  let digits = 0;
  for (; left !== 0; left &= left - 1) digits++;
  return digits;
}

/** `countDigits` of each 8-bit code, by its byte. */
const BYTE_DIGITS = Uint8Array.from({ length: 256 }, (_, byte) => countDigits((byte << 24) >> 24));

/** Digits other than 0 of each code. */
export function digitCounts(codes: Codes): Uint8Array {
  const counts = new Uint8Array(codes.length);
  if (codes instanceof Int8Array)
    for (let at = 0; at < counts.length; at++) counts[at] = BYTE_DIGITS[codes[at]! & 0xff]!;
  else for (let at = 0; at < counts.length; at++) counts[at] = countDigits(codes[at]!);
  return counts;
}

/** A digit and its place. */
export interface PlacedDigit {
  readonly digit: number;
  readonly place: number;
}

/** The digits other than 0, least first, as the recoder of a MAC gives them one by one. */
export function recode(code: number): PlacedDigit[] {
  const digits: PlacedDigit[] = [];
  let below = 0;
  for (let place = 0; place < MOST_DIGITS; place++) {
    const low = (code >> (2 * place)) & 1;
    const high = (code >> (2 * place + 1)) & 1;
    const digit = below + low - 2 * high;
    if (digit !== 0) digits.push({ digit, place });
    below = high;
  }
  return digits;
}
