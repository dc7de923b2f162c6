import { describe, expect, it } from "vitest";
import { ModelError } from "../../../../../sim/core/errors.js";
import type { SmartDealWeights } from "../../../../../sim/ir/encodings/smartdeal.js";
import { roundRebuilt, roundSmartDealWeights } from "../../../../../sim/ir/encodings/smartdeal-rounding.js";

/** Two filters of one 2x2 kernel; Ce of both is [1 0; 0 power] in units of 2^-6. */
function twoFilters(bases: number[], power: number): SmartDealWeights {
  const shape = { filters: 2, channels: 1, kernelHeight: 2, kernelWidth: 2, size: 2, sliceRows: 2, slices: 1 };
  const codes = Uint8Array.of(1, 0, 0, power, 1, 0, 0, power);
  return {
    shape: { ...shape, isTurned: false },
    basePower: -6,
    basisScale: 0.5,
    keptChannels: Uint8Array.of(1),
    bases: Int8Array.from(bases),
    codes,
  };
}

describe("the codes of rebuilt weights", () => {
  it("are the weights themselves where those fit, filter after filter", () => {
    // Code 3 is 4: second rows are 4 * [3, 4] and 4 * [-7, 8].
    const rounded = roundSmartDealWeights(twoFilters([1, 2, 3, 4, 5, 6, -7, 8], 3), 8);

    expect(rounded).toEqual({ codes: Int8Array.of(1, 2, 12, 16, 5, 6, -28, 32), shift: 0, scale: 2 ** -7 });
  });

  it("lose the fewest bits with which the largest magnitude fits, ties to even", () => {
    // Code 4 is 8: 8 * 31 = 248 needs one bit less, so 1, 3 and 5 lie half way: 0.5 -> 0, 1.5 -> 2, 2.5 -> 2.
    const rounded = roundSmartDealWeights(twoFilters([1, 3, 31, 0, 5, -5, 0, -1], 4), 8);

    expect(rounded).toEqual({ codes: Int8Array.of(0, 2, 124, 0, 2, -2, 0, -4), shift: 1, scale: 2 ** -6 });
    expect(Object.is(roundSmartDealWeights(twoFilters([-1, 0, 31, 0, 0, 0, 0, 0], 4), 8).codes[0], 0)).toBe(true);
  });

  it("lose one bit more where rounding would carry past the largest code", () => {
    // 64 * 8 = 512 / 4 = 128 > 127: three bits; 255 / 2 = 127.5 -> 128 does not fit either, 254 / 2 = 127 does.
    expect(roundSmartDealWeights(twoFilters([0, 0, 8, 0, 0, 0, 0, 0], 7), 8).shift).toBe(3);
    // 2 * 127 + 1 needs two coefficients: [1, 2] on [1, x] and [127, x].
    const carried = twoFilters([1, 0, 127, 0, 0, 0, 0, 0], 0);
    carried.codes.set([1, 2], 2);
    expect(roundSmartDealWeights(carried, 8)).toMatchObject({ shift: 2, codes: Int8Array.of(0, 0, 64, 0, 0, 0, 0, 0) });
    carried.codes.set([0, 2], 2);
    expect(roundSmartDealWeights(carried, 8)).toMatchObject({
      shift: 1,
      codes: Int8Array.of(0, 0, 127, 0, 0, 0, 0, 0),
    });
  });

  it("are exact in 16 bits for bases of three rows", () => {
    const shape = { filters: 1, channels: 1, kernelHeight: 3, kernelWidth: 3, size: 3, sliceRows: 3, slices: 1 };
    const largest: SmartDealWeights = {
      shape: { ...shape, isTurned: false },
      basePower: 0,
      basisScale: 1,
      keptChannels: Uint8Array.of(1),
      bases: new Int8Array(9).fill(-128),
      codes: new Uint8Array(9).fill(7),
    };

    // 3 * -128 * 64
    expect(roundSmartDealWeights(largest, 16)).toEqual({ codes: new Int16Array(9).fill(-24576), shift: 0, scale: 1 });
    // -24576 / 2^8 = -96, and / 2^7 = -192.
    expect(roundSmartDealWeights(largest, 8)).toEqual({ codes: new Int8Array(9).fill(-96), shift: 8, scale: 256 });
  });

  it("have 8 or 16 bits", () => {
    expect(() => roundSmartDealWeights(twoFilters([0, 0, 0, 0, 0, 0, 0, 0], 1), 3 as 8)).toThrow(ModelError);
  });

  it("are rounded one by one by the rule of the layer", () => {
    expect([-6, -2, 2, 6, 7].map((weight) => roundRebuilt(weight, 2))).toEqual([-2, 0, 0, 2, 2]);
  });
});
