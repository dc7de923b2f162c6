import { describe, expect, it } from "vitest";
import { nearestPower, nearMantissa } from "../../../../../algorithms/compression/smartdeal/nearest-power.js";

describe("the nearest power of two", () => {
  it("is nearest in value, so that it changes at 1.5 times a power and not at the square root of 2", () => {
    expect([1, 1.42, 1.49, 1.51, 1.99, 2, 2.01].map(nearestPower)).toEqual([1, 1, 1, 2, 2, 2, 2]);
  });

  it("is the smaller of two that are as near, to the last bit", () => {
    for (const exponent of [-1000, -30, -1, 0, 5, 100]) {
      const half = 1.5 * 2 ** exponent;

      expect(nearestPower(half)).toBe(2 ** exponent);
      expect(nearestPower(half * (1 + 2 ** -52))).toBe(2 ** (exponent + 1));
    }
  });

  it("is right beside powers, where a rounded logarithm is not", () => {
    expect(nearestPower(8 - 2 ** -49)).toBe(8);
    expect(nearestPower(8 + 2 ** -49)).toBe(8);
    expect(nearestPower(4 * (1.5 - 2 ** -52))).toBe(4);
  });

  it("of numbers below the normal range is the nearer of 0 and the least normal one", () => {
    expect([0, 2 ** -1074, 2 ** -1023].map(nearestPower)).toEqual([0, 0, 0]);
    expect([2 ** -1023 + 2 ** -1074, 2 ** -1022].map(nearestPower)).toEqual([2 ** -1022, 2 ** -1022]);
  });
});

describe("the mantissa", () => {
  it("lies between the roots of a half and of two, whatever sign and exponent", () => {
    expect([1, -8, 1.25, -5, 1.5, 96, 2 ** -1000].map(nearMantissa)).toEqual([1, 1, 1.25, 1.25, 0.75, 0.75, 1]);
    expect(nearMantissa(Math.SQRT2)).toBe(Math.SQRT2);
    expect(nearMantissa(Math.SQRT2 + 2 ** -52)).toBeCloseTo(Math.SQRT1_2, 14);
  });
});
