/**
 * Integer multipliers and shifts. The table was computed with TFLite's own functions in both builds; the properties compare
 * with the definitions on whole numbers of any size.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  doublingHighMultiply,
  multiplyRoundingOnce,
  multiplyRoundingTwice,
  nearestPowerOfTwo,
  quantizeMultiplier,
  roundingDivideByPowerOfTwo,
  roundingShift,
} from "../../../../sim/core/fixed-point.js";

/** x, multiplier, shift, rounded twice, rounded once. */
const TABLE = [
  [1001, 1073741824, 0, 501, 501],
  [-1001, 1073741824, 0, -500, -500],
  [1, 1073741824, -1, 1, 0],
  [2, 1073741824, -1, 1, 1],
  [-2, 1073741824, -1, -1, 0],
  [-6, 1073741824, -1, -2, -1],
  [3, 1073741824, -2, 1, 0],
  [-3, 1073741824, -2, 0, 0],
  [-12, 1073741824, -2, -2, -1],
  [19815, 1137482404, -9, 21, 20],
  [-19815, 1137482404, -9, -21, -20],
  [94298, 1611122665, -11, 35, 35],
  [-101697, 1611122665, -11, -37, -37],
  [-128, 1073741824, 3, -512, -512],
  [2147483647, 2147483647, 0, 2147483646, 2147483646],
  [-2147483648, 2147483647, -31, -1, -1],
  [1073741952, 1383505806, -31, 0, 0],
  [2147483647, 1073741824, 1, -1, 2147483647],
] as const;

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const mantissa = fc.integer({ min: 2 ** 30, max: 2 ** 31 - 1 });

/** a / b rounded down, for b > 0. */
function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

function halfAway(value: bigint, exponent: bigint): bigint {
  const magnitude = ((value < 0n ? -value : value) * 2n + 2n ** exponent) / 2n ** (exponent + 1n);
  return value < 0n ? -magnitude : magnitude;
}

describe("an integer multiplier", () => {
  it.each([
    [0.5, 2 ** 30, 0],
    [1 - 2 ** -32, 2 ** 30, 1],
    [1 - 2 ** -31, 2147483647, 0],
    [1 / 3, 1431655765, -1],
    [3e-10, 1383505806, -31],
    [2 ** -33, 0, 0],
    [0, 0, 0],
  ])("of %d is %d with shift %d", (real, multiplier, shift) => {
    expect(quantizeMultiplier(real)).toEqual({ multiplier, shift });
  });

  it("is within half a unit of the number, its upper bit set", () => {
    fc.assert(
      fc.property(fc.double({ min: 2 ** -31, max: 2 ** 20, noNaN: true }), (real) => {
        const { multiplier, shift } = quantizeMultiplier(real);

        expect(multiplier).toBeGreaterThanOrEqual(2 ** 30);
        expect(multiplier).toBeLessThan(2 ** 31);
        expect(Math.abs(multiplier - real * 2 ** (31 - shift))).toBeLessThanOrEqual(0.5);
      }),
    );
  });
});

describe("multiplying by it", () => {
  it.each(TABLE)("%d by (%d, %d) is %d rounded twice and %d rounded once", (x, multiplier, shift, twice, once) => {
    expect(multiplyRoundingTwice(x, multiplier, shift) + 0).toBe(twice);
    expect(multiplyRoundingOnce(x, multiplier, shift) + 0).toBe(once);
  });

  it("once, is floor((x * m + 2^(30 - s)) / 2^(31 - s)) with the whole product", () => {
    fc.assert(
      fc.property(int32, mantissa, fc.integer({ min: -31, max: 30 }), (x, m, s) => {
        const exact = floorDivide(BigInt(x) * BigInt(m) + 2n ** BigInt(30 - s), 2n ** BigInt(31 - s));
        // Results past 2^53 are past every code as well; doubles hold them rounded.
        fc.pre(exact < 2n ** 53n && exact > -(2n ** 53n));

        expect(multiplyRoundingOnce(x, m, s)).toBe(Number(exact));
      }),
      { numRuns: 2000 },
    );
  });

  it("twice, rounds the upper half of the product, then the shift half away from zero", () => {
    fc.assert(
      fc.property(int32, mantissa, fc.integer({ min: -31, max: 6 }), (x, m, s) => {
        const shifted = BigInt.asIntN(32, BigInt(x) << BigInt(Math.max(s, 0)));
        const high = floorDivide(shifted * BigInt(m) + 2n ** 30n, 2n ** 31n);

        expect(multiplyRoundingTwice(x, m, s) + 0).toBe(Number(halfAway(high, BigInt(Math.max(-s, 0)))));
      }),
      { numRuns: 2000 },
    );
  });

  it("takes negative factors, and saturates where both are -2^31", () => {
    fc.assert(
      fc.property(int32, int32, (a, b) => {
        fc.pre(a !== -(2 ** 31) || b !== -(2 ** 31));

        expect(doublingHighMultiply(a, b)).toBe(Number(floorDivide(BigInt(a) * BigInt(b) + 2n ** 30n, 2n ** 31n)));
      }),
    );
    expect(doublingHighMultiply(-(2 ** 31), -(2 ** 31))).toBe(2 ** 31 - 1);
  });
});

describe("shifts", () => {
  it("divide half away from zero, or round ties upward", () => {
    // 5/2, -5/2, 6/4, -6/4
    expect([roundingDivideByPowerOfTwo(5, 1), roundingDivideByPowerOfTwo(-5, 1)]).toEqual([3, -3]);
    expect([roundingShift(5, -1), roundingShift(-5, -1)]).toEqual([3, -2]);
    expect([roundingShift(6, -2), roundingShift(-6, -2), roundingShift(3, 2)]).toEqual([2, -1, 12]);
  });

  it("stand for the power of two nearest by ratio", () => {
    // 1.41 < sqrt(2) < 1.42
    expect([1, 0.5, 1.41, 1.42, 0.71, 0.7, 2 ** -30].map(nearestPowerOfTwo)).toEqual([0, -1, 0, 1, 0, -1, -30]);
  });
});
