import { describe, expect, it } from "vitest";
import { averagePool, globalGeometry, maxPool, normPool } from "../../../../algorithms/kernels/pool.js";
import { geometry, numbers, zeros } from "../../../helpers/kernel-tensors.js";

const PADDED = geometry({ sizes: [2, 2], kernel: [2, 2], outputs: [3, 3], padBegins: [1, 1], padEnds: [1, 1] });

describe("max pool", () => {
  it("never lets padding win, not even over the least value", () => {
    const y = zeros([1, 1, 3, 3], "int8");
    maxPool(y, numbers([1, 1, 2, 2], "int8", [-128, -127, -126, -128]), PADDED);

    expect([...y.values]).toEqual([-128, -127, -127, -126, -126, -127, -126, -126, -128]);
  });

  it("tells where each winner stands in the whole input, the first of equals, by rows or by columns", () => {
    const x = numbers([1, 2, 2, 3], "fp32", [0, 0, 0, 0, 0, 9, 7, 0, 0, 7, 0, 0]);
    const where = geometry({ sizes: [2, 3], kernel: [2, 3], outputs: [1, 1] });
    const [byRows, byColumns] = [new BigInt64Array(2), new BigInt64Array(2)];
    maxPool(zeros([1, 2, 1, 1], "fp32"), x, where, byRows);
    maxPool(zeros([1, 2, 1, 1], "fp32"), x, where, byColumns, true);

    // Channel 0: row 1, column 2; channel 1: the 7 at row 0, column 0.
    expect([...byRows]).toEqual([5n, 6n]);
    expect([...byColumns]).toEqual([5n, 6n]);
    const wide = numbers([1, 1, 2, 3], "fp32", [0, 9, 0, 0, 0, 0]);
    maxPool(zeros([1, 1, 1, 1], "fp32"), wide, where, byColumns, true);
    // Row 0, column 1 of two rows: 0 + 2 * 1.
    expect(byColumns[0]).toBe(2n);
  });
});

describe("max pool of the least values", () => {
  it("still names a place on the input", () => {
    const indices = new BigInt64Array(1);
    const x = numbers([1, 1, 2], "fp32", [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    maxPool(zeros([1, 1, 1], "fp32"), x, geometry({ sizes: [2], kernel: [2], outputs: [1] }), indices);

    expect(indices[0]).toBe(0n);
  });
});

describe("average pool", () => {
  const x = numbers([1, 1, 2, 2], "fp32", [4, 8, 12, 16]);

  it("divides by the real elements, or by those of the padded input", () => {
    const [real, padded] = [zeros([1, 1, 3, 3], "fp32"), zeros([1, 1, 3, 3], "fp32")];
    averagePool(real, x, PADDED, false);
    averagePool(padded, x, PADDED, true);

    expect([...real.values]).toEqual([4, 6, 8, 8, 10, 12, 12, 14, 16]);
    expect([...padded.values]).toEqual([1, 3, 2, 4, 10, 6, 3, 7, 4]);
  });

  it("does not count what ceil mode lets stand out beyond the padding", () => {
    // Sizes 3, kernel 2, stride 2, rounded up: the second window has one element on the input and one beyond everything.
    const y = zeros([1, 1, 2], "fp32");
    const where = geometry({ sizes: [3], kernel: [2], outputs: [2], strides: [2] });
    averagePool(y, numbers([1, 1, 3], "fp32", [1, 3, 5]), where, true);

    expect([...y.values]).toEqual([2, 5]);
  });

  it("over a whole channel is its mean", () => {
    const y = zeros([1, 2, 1], "fp32");
    averagePool(y, numbers([1, 2, 3], "fp32", [1, 2, 6, 0, 0, 3]), globalGeometry([1, 1, 3]), false);

    expect([...y.values]).toEqual([3, 1]);
  });
});

describe("norm pool", () => {
  it("is the root of the sum of powers", () => {
    const y = zeros([1, 1, 1], "fp32");
    normPool(y, numbers([1, 1, 2], "fp32", [-3, 4]), geometry({ sizes: [2], kernel: [2], outputs: [1] }), 2);

    expect([...y.values]).toEqual([5]);
  });
});
