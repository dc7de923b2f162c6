import { describe, expect, it } from "vitest";
import { RowPasses } from "../../../../../algorithms/compression/smartdeal/row-passes.js";
import { createRowPasses } from "../../../../../algorithms/compression/smartdeal/simd-row-passes.js";

const IDENTITY = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
const ONES = Float64Array.of(1, 1, 1);

function coefficientsOf(passes: RowPasses): number[] {
  return [...passes.copyCoefficients(new Float64Array(passes.rows * passes.columns))];
}

describe.each([
  ["plain", (rows: number) => new RowPasses(rows, 3)],
  ["SIMD", (rows: number) => createRowPasses(rows, 3)],
])("%s passes over rows", (_, create) => {
  it("keep signs and zeros, multiply columns first, and end at the greatest magnitude", () => {
    const passes = create(3);
    passes.take(Float64Array.of(-0.3, 0, 70, 5, -1.5, 1.5, 0, 5, -0));
    passes.quantize(Float64Array.of(1, 1.1, 1), 32);

    // A tie, 1.5, goes to 1; -1.5 times 1.1 is -1.65, 5 times 1.1 is 5.5.
    expect(coefficientsOf(passes)).toEqual([-0.25, 0, 32, 4, -2, 1, 0, 4, 0]);
  });

  it("sum the products of columns, the change and the longest row", () => {
    const passes = create(2);
    passes.take(Float64Array.of(1, 2, 0, 0, -4, 8));
    passes.quantize(ONES, 32);

    expect([...passes.normal]).toEqual([1, 2, 0, 2, 20, -32, 0, -32, 64]);
    // They are powers of two, so that Ce is A.
    expect([...passes.cross]).toEqual([...passes.normal]);
    expect(passes.longestSquare).toBe(80);

    passes.project(
      Float64Array.from(IDENTITY, (value) => 2 * value),
      0,
      0,
    );
    passes.quantize(ONES, 32);
    expect(passes.change).toBe(1 + 4 + 16 + 64);
    expect([...passes.cross]).toEqual([...passes.normal].map((value) => value / 2));
  });

  it("clear values under a threshold, and rows whose magnitudes sum to less than another", () => {
    const passes = create(3);
    passes.take(Float64Array.of(0.5, 0.25, -0.25, 0.5, -0.125, 0, 1, 0.125, 0));
    passes.project(IDENTITY, 0.25, 0.75);
    passes.quantize(ONES, 32);

    // The second row sums to 0.625; a value of the threshold stays.
    expect(coefficientsOf(passes)).toEqual([0.5, 0.25, -0.25, 0, 0, 0, 1, 0, 0]);
  });

  it("find the greatest leverage of a row", () => {
    const passes = create(3);
    passes.take(Float64Array.of(1, 0, 0, 2, 0, 0, 0, 4, 8));
    passes.quantize(ONES, 32);

    // Diagonal (1 / 5, 1 / 32, 1 / 128): rows have 1/5, 4/5, and 16/32 + 64/128.
    expect(passes.greatestLeverage(Float64Array.of(0.2, 0, 0, 0, 1 / 32, 0, 0, 0, 1 / 128))).toBe(1);
    expect(passes.greatestLeverage(Float64Array.of(0.2, 0, 0, 0, 0, 0, 0, 0, 1 / 128))).toBeCloseTo(0.8, 14);
  });

  it("find the factor of a column, over its values other than 0", () => {
    const passes = create(4);
    // log2: 0.25 rounds to 0, 1.75 to 2, -0.75 to -1: (-0.25 + 0.25 - 0.25) / 3 = -1/12.
    passes.take(Float64Array.of(2 ** 0.25, 1, 0, -(2 ** 1.75), 1, 0, 0, 0, 0, 2 ** -0.75, 0, 0));

    expect(passes.columnFactor(0)).toBeCloseTo(2 ** (-1 / 12), 14);
    expect(passes.columnFactor(1)).toBe(1);
    expect(passes.columnFactor(2)).toBeUndefined();
  });

  it("stay in range for a column of many values: each 1.25, which lacks its logarithm", () => {
    const rows = 20_000;
    const passes = create(rows);
    passes.take(new Float64Array(3 * rows).fill(1.25));

    expect(passes.columnFactor(1)).toBeCloseTo(1 / 1.25, 12);
  });
});
