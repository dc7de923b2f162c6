import { describe, expect, it } from "vitest";
import { ConfigError } from "../../../../../sim/core/errors.js";
import { tensorOf } from "../../../../../sim/ir/tensor-data.js";
import { countMismatches } from "../../../../../sim/run/inference/output-mismatch.js";

const outputs = (...values: readonly number[]) => new Map([["y", tensorOf([values.length], "fp32", values)]]);

describe("a comparison of two runs", () => {
  it("counts the elements that differ and the largest distance", () => {
    const [first, second] = [outputs(1, 2, 3, 0), outputs(1, 4, 2, -0)];

    expect(countMismatches(first, second)).toEqual({ elements: 4, mismatches: 2, largestDifference: 2 });
    expect(countMismatches(first, first)).toEqual({ elements: 4, mismatches: 0, largestDifference: 0 });
  });

  it("takes NaN as equal to NaN, and as infinitely far from a number", () => {
    const [first, second] = [outputs(Number.NaN, 1), outputs(Number.NaN, Number.NaN)];

    expect(countMismatches(first, second)).toMatchObject({
      mismatches: 1,
      largestDifference: Number.POSITIVE_INFINITY,
    });
  });

  it("refuses runs of other models", () => {
    expect(() => countMismatches(outputs(1), outputs(1, 2))).toThrow(ConfigError);
    expect(() => countMismatches(outputs(1), new Map())).toThrow(/no such output/);
  });
});
