import { describe, expect, it } from "vitest";
import { SquareInverter } from "../../../../../algorithms/compression/smartdeal/square-inverse.js";

function inverseOf(matrix: readonly number[], mostCondition = 1e4) {
  const side = Math.sqrt(matrix.length);
  const inverse = new Float64Array(matrix.length);
  const isInverted = new SquareInverter(side).invert(Float64Array.from(matrix), mostCondition, inverse);
  return isInverted ? [...inverse] : undefined;
}

describe("the inverse by elimination", () => {
  it("is that of the rule for two rows", () => {
    // 1 / (4 * 6 - 7 * 2) = 0.1.
    for (const [at, value] of inverseOf([4, 7, 2, 6])!.entries()) {
      expect(value).toBeCloseTo([0.6, -0.7, -0.2, 0.4][at]!, 14);
    }
  });

  it("exchanges rows where the diagonal holds nothing", () => {
    expect(inverseOf([0, 2, 0, 0, 0, 4, 8, 0, 0])).toEqual([0, 0, 0.125, 0.5, 0, 0, 0, 0.25, 0]);
  });

  it("is given up for dependent rows, zeros, and what is no number", () => {
    for (const matrix of [
      [1, 2, 2, 4],
      [0, 0, 0, 0],
      [1, Number.NaN, 0, 1],
      [Number.POSITIVE_INFINITY, 0, 0, 1],
      [1e-200, 0, 0, 1e-200],
    ]) {
      expect(inverseOf(matrix)).toBeUndefined();
    }
  });

  it("is given up just above the condition: norms of diag(1, 1/8) are sqrt(65) / 8 and sqrt(65)", () => {
    expect(inverseOf([1, 0, 0, 0.125], 65 / 8)).toEqual([1, 0, 0, 8]);
    expect(inverseOf([1, 0, 0, 0.125], 65 / 8 - 1e-12)).toBeUndefined();
  });
});
