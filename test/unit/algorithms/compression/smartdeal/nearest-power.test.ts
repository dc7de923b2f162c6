import { describe, expect, it } from "vitest";
import {
  columnFactor,
  nearestPower,
  quantizeToPowers,
} from "../../../../../algorithms/compression/smartdeal/nearest-power.js";

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

  it("holds among numbers below the normal range", () => {
    expect(nearestPower(2 ** -1074)).toBe(2 ** -1074);
    expect(nearestPower(3 * 2 ** -1074)).toBe(2 ** -1073);
    expect(nearestPower(7 * 2 ** -1074)).toBe(2 ** -1071);
  });
});

describe("the factor of a column", () => {
  it("is what logarithms lack to whole numbers on average", () => {
    // log2: 0.25 rounds to 0, 1.75 to 2, -0.75 to -1: (-0.25 + 0.25 - 0.25) / 3 = -1/12.
    const column = Float64Array.of(2 ** 0.25, -(2 ** 1.75), 0, 2 ** -0.75);

    expect(columnFactor(column, 4, 1, 0)).toBeCloseTo(2 ** (-1 / 12), 14);
  });

  it("leaves a column without values open", () => {
    const matrix = Float64Array.of(1, 0, 2, 0);

    expect(columnFactor(matrix, 2, 2, 0)).toBe(1);
    expect(columnFactor(matrix, 2, 2, 1)).toBeUndefined();
  });
});

describe("the quantizer", () => {
  it("keeps signs and zeros, multiplies first, and ends at the greatest magnitude", () => {
    const quantized = new Float64Array(6);

    quantizeToPowers(Float64Array.of(-0.3, 0, 70, 5, -1.5, 1.5), Float64Array.of(1, 1.1), 32, quantized);

    // -1.5 times 1 is a tie; 5 times 1.1 is 5.5, 1.5 times 1.1 is 1.65.
    expect([...quantized]).toEqual([-0.25, 0, 32, 4, -1, 2]);
  });
});
