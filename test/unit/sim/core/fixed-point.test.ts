import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addInt32,
  dequantize,
  multiplyAddInt32,
  quantize,
  requantize,
  roundHalfEven,
  saturate,
} from "../../../../sim/core/fixed-point.js";

describe("rounding half to even", () => {
  it("takes ties to the even neighbour and keeps what is whole, infinite or no number", () => {
    const rounded = [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 3, 2 ** 52 + 1, 0.49999999999999994, 2.4999, -2.6].map(
      roundHalfEven,
    );

    expect(rounded).toEqual([0, 2, 2, -0, -2, -2, 3, 2 ** 52 + 1, 0, 2, -3]);
    expect(roundHalfEven(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
    expect(roundHalfEven(Number.NaN)).toBeNaN();
  });

  it("is within half of its argument, and even where it is exactly half away", () => {
    fc.assert(
      fc.property(fc.integer({ min: -4_000_000, max: 4_000_000 }), (quarters) => {
        const value = quarters / 4;
        const rounded = roundHalfEven(value);

        expect(Number.isInteger(rounded)).toBe(true);
        expect(Math.abs(rounded - value)).toBeLessThanOrEqual(0.5);
        if (Math.abs(rounded - value) === 0.5) expect(Math.abs(rounded % 2)).toBe(0);
      }),
    );
  });
});

describe("saturation", () => {
  it("holds a value within its range; what is no number becomes the least", () => {
    expect([-129, -128, 0, 127, 128, Number.POSITIVE_INFINITY].map((value) => saturate(value, -128, 127))).toEqual([
      -128, -128, 0, 127, 127, 127,
    ]);
    expect(saturate(Number.NaN, 0, 255)).toBe(0);
  });
});

describe("32-bit sums", () => {
  it("wrap as two's complement", () => {
    expect(addInt32(2 ** 31 - 1, 1)).toBe(-(2 ** 31));
    // 65535 * 65535 = 4294836225 = 2^32 - 131071.
    expect(multiplyAddInt32(0, 65_535, 65_535)).toBe(-131_071);
  });

  it("agree with 64-bit integers cut to 32 bits", () => {
    const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(word, word, word, (sum, a, b) => {
        const exact = BigInt.asIntN(32, BigInt(sum) + BigInt(a) * BigInt(b));

        expect(multiplyAddInt32(sum, a, b)).toBe(Number(exact));
      }),
    );
  });
});

describe("codes", () => {
  it("add the zero point after the rounding, so that a tie does not depend on it", () => {
    // 5 * 0.5 = 2.5 -> 2, then + 3; with the zero point inside it would be 5.5 -> 6.
    expect(requantize(5, 0.5, 3, 0, 255)).toBe(5);
  });

  it("round the product to float32 before it is rounded to a whole number", () => {
    // The float32 of 1/6 is 0.16666667163; three times that is 0.50000001490, which float32 has as the tie 0.5 -> 0.
    expect(requantize(3, Math.fround(1 / 6), 0, 0, 255)).toBe(0);
  });

  it("round a sum beyond 2^24 to float32 before it is scaled", () => {
    // float32 has only even numbers from 2^24 = 16777216 on.
    expect(requantize(16_777_217, 1, 0, -(2 ** 31), 2 ** 31 - 1)).toBe(16_777_216);
  });

  it("divide by the scale, which differs from a product with its reciprocal", () => {
    // The ties 10.5 / 7 = 1.5 -> 2, 20.5 / 41 = 0.5 -> 0 and 37.5 / 15 = 2.5 -> 2.
    const codes = [quantize(10.5, 7, 0, -128, 127), quantize(20.5, 41, 0, -128, 127), quantize(37.5, 15, 0, -128, 127)];
    expect(codes).toEqual([2, 0, 2]);
    // With the float32 of 1/15 the last would lie above its tie, and round to 3.
    expect(roundHalfEven(Math.fround(37.5 * Math.fround(1 / 15)))).toBe(3);
  });

  it("come back as their distance from the zero point times the scale", () => {
    expect(dequantize(3, 0.5, 128)).toBe(-62.5);
  });
});
