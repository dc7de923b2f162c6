import { describe, expect, it } from "vitest";
import { argBest, cumulativeSum, topK } from "../../../../algorithms/kernels/ranking.js";
import { type Reduction, reduce } from "../../../../algorithms/kernels/reduction.js";
import type { Precision } from "../../../../sim/ir/tensor.js";
import { createTensor, tensorOf } from "../../../../sim/ir/tensor-data.js";

function reduced(kind: Reduction, precision: Precision, values: readonly number[] | readonly bigint[]): unknown {
  const y = createTensor([1], precision);
  reduce(y, tensorOf([values.length], precision, values), kind);
  return y.values[0];
}

describe("reductions", () => {
  it("fold the axes that the output has at extent 1", () => {
    const y = createTensor([1, 3, 1], "fp32");
    const x = tensorOf([2, 3, 2], "fp32", [1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60]);
    reduce(y, x, "sum");

    expect([...y.values]).toEqual([33, 77, 121]);
  });

  it("have the values that their definitions give", () => {
    expect(reduced("mean", "fp32", [1, 2, 6])).toBe(3);
    expect(reduced("product", "fp32", [2, 3, -4])).toBe(-24);
    expect(reduced("sumOfSquares", "fp32", [3, 4])).toBe(25);
    expect(reduced("norm1", "fp32", [3, -4])).toBe(7);
    expect(reduced("norm2", "fp32", [3, -4])).toBe(5);
    expect(reduced("logSum", "fp64", [1, 3])).toBeCloseTo(Math.log(4), 15);
    expect(reduced("logSumExp", "fp64", [1000, 1000])).toBeCloseTo(1000 + Math.log(2), 12);
  });

  it("cut means of integers towards zero, wrap their sums, and know their ends", () => {
    expect(reduced("mean", "int32", [-3, -4])).toBe(-3);
    expect(reduced("sum", "int32", [2 ** 31 - 1, 1])).toBe(-(2 ** 31));
    expect(reduced("product", "int32", [65_536, 65_537])).toBe(65_536);
    expect(reduced("maximum", "uint32", [2 ** 32 - 1, 1])).toBe(2 ** 32 - 1);
    expect(reduced("minimum", "int8", [-128, 3])).toBe(-128);
    expect(reduced("sum", "int64", [2n ** 62n, 2n ** 62n])).toBe(-(2n ** 63n));
    expect(reduced("mean", "int64", [-7n, 0n])).toBe(-3n);
    expect(reduced("maximum", "int64", [-5n, -9n])).toBe(-5n);
    expect(reduced("norm2", "int64", [3n, 4n])).toBe(5n);
  });

  it("of nothing give the neutral element", () => {
    expect(reduced("sum", "fp32", [])).toBe(0);
    expect(reduced("product", "int32", [])).toBe(1);
    expect(reduced("maximum", "fp32", [])).toBe(Number.NEGATIVE_INFINITY);
    expect(reduced("minimum", "int8", [])).toBe(127);
    expect(reduced("logSumExp", "fp32", [])).toBe(Number.NEGATIVE_INFINITY);
  });

  it("of infinities are infinite", () => {
    expect(reduced("logSumExp", "fp32", [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY])).toBe(
      Number.NEGATIVE_INFINITY,
    );
    expect(reduced("logSumExp", "fp32", [1, Number.POSITIVE_INFINITY])).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("searches", () => {
  const split = { outer: 1, extent: 4, inner: 1 };
  const x = tensorOf([4], "fp32", [2, 7, 7, 1]);

  it("name the first or the last of equal elements", () => {
    const y = createTensor([1], "int64");
    const found = (smallest: boolean, lastOfEqual: boolean): unknown => {
      argBest(y, x, split, { smallest, lastOfEqual });
      return y.values[0];
    };

    expect([found(false, false), found(false, true), found(true, false)]).toEqual([1n, 2n, 3n]);
  });

  it("list the best k, the lower index first among equals", () => {
    const [values, indices] = [createTensor([3], "fp32"), createTensor([3], "int64")];
    topK(values, indices, x, split, 3, false);
    expect([[...values.values], [...indices.values]]).toEqual([
      [7, 7, 2],
      [1n, 2n, 0n],
    ]);
    topK(values, indices, x, split, 3, true);
    expect([...values.values]).toEqual([1, 2, 7]);
  });

  it("list them along an axis with others behind it", () => {
    const [values, indices] = [createTensor([1, 2], "int64"), createTensor([1, 2], "int64")];
    topK(values, indices, tensorOf([2, 2], "int64", [1n, 8n, 5n, 3n]), { outer: 1, extent: 2, inner: 2 }, 1, false);

    expect([[...values.values], [...indices.values]]).toEqual([
      [5n, 8n],
      [1n, 0n],
    ]);
  });

  it("sum up from either end, with the element itself or without", () => {
    const y = createTensor([4], "fp32");
    const sums = (exclusive: boolean, reverse: boolean): number[] => {
      cumulativeSum(y, x, split, { exclusive, reverse });
      return [...y.values].map(Number);
    };

    expect(sums(false, false)).toEqual([2, 9, 16, 17]);
    expect(sums(true, false)).toEqual([0, 2, 9, 16]);
    expect(sums(false, true)).toEqual([17, 15, 8, 1]);
    expect(sums(true, true)).toEqual([15, 8, 1, 0]);
  });
});
