import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { halfBits, roundToBfloat, roundToHalf } from "../../../../sim/core/float-rounding.js";
import { halfToNumber } from "../../../../sim/ir/import/small-floats.js";

/** Every finite number of binary16 that is not negative, ascending. */
const HALVES = Array.from({ length: 0x7c00 }, (_, bits) => halfToNumber(bits));

describe("half precision", () => {
  it("gives back the bits of every number it has", () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      if ((bits & 0x7fff) > 0x7c00) continue;
      expect(halfBits(halfToNumber(bits))).toBe(bits);
    }
  });

  it("rounds to the nearest number, ties to the even code", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: HALVES.length - 2 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (at, part) => {
          const [low, high] = [HALVES[at]!, HALVES[at + 1]!];
          const value = low + (high - low) * part;
          const middle = (low + high) / 2;
          const expected = value < middle || (value === middle && at % 2 === 0) ? low : high;

          expect(roundToHalf(value)).toBe(expected);
          expect(roundToHalf(-value)).toBe(-expected);
        },
      ),
    );
  });

  it("becomes infinite from halfway beyond the largest number, 65504", () => {
    expect([65_519.99, 65_520, -65_520, Number.POSITIVE_INFINITY].map(roundToHalf)).toEqual([
      65_504,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
    expect(halfBits(Number.NaN)).toBe(0x7e00);
    expect(Object.is(roundToHalf(-0), -0)).toBe(true);
  });
});

describe("bfloat16", () => {
  it("keeps eight significant bits, ties to even", () => {
    // 1 + 2^-8 lies halfway between 1 and 1 + 2^-7; 1 + 3*2^-8 halfway between 1 + 2^-7 and 1 + 2^-6.
    expect([1 + 2 ** -8, 1 + 3 * 2 ** -8, 1 + 2 ** -8 + 2 ** -30].map(roundToBfloat)).toEqual([
      1,
      1 + 2 ** -6,
      1 + 2 ** -7,
    ]);
    expect(roundToBfloat(3.4e38)).toBe(Number.POSITIVE_INFINITY);
  });
});
