import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PseudoInverter } from "../../../../../algorithms/compression/smartdeal/least-squares.js";

function pseudoInverse(matrix: readonly (readonly number[])[], cutoff = 1e-10): number[][] {
  const [rows, columns] = [matrix.length, matrix[0]!.length];
  const inverse = new Float64Array(rows * columns);
  new PseudoInverter(rows, columns).invert(Float64Array.from(matrix.flat()), rows, cutoff, inverse);
  return Array.from({ length: columns }, (_, column) => [...inverse.subarray(column * rows, (column + 1) * rows)]);
}

const product = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number[][] =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, i) => sum + value * b[i]![j]!, 0)));
const turned = (a: readonly (readonly number[])[]): number[][] => a[0]!.map((_, j) => a.map((row) => row[j]!));

function expectClose(got: readonly (readonly number[])[], want: readonly (readonly number[])[]): void {
  const largest = Math.max(...want.flat().map(Math.abs), 2 ** -1000);
  for (const [at, value] of got.flat().entries()) {
    expect(Math.abs(value - want.flat()[at]!)).toBeLessThanOrEqual(1e-9 * largest);
  }
}

describe("the pseudo-inverse", () => {
  it("is the inverse of a square matrix that has one", () => {
    // [2 1; 1 1] has determinant 1.
    expectClose(
      pseudoInverse([
        [2, 1],
        [1, 1],
      ]),
      [
        [1, -1],
        [-1, 2],
      ],
    );
  });

  it("gives the least squares of a tall matrix", () => {
    // The line through (0, 1), (1, 2), (2, 2): normal equations [3 3; 3 5] x = [5; 6], so x = [7/6; 1/2].
    const inverse = pseudoInverse([
      [1, 0],
      [1, 1],
      [1, 2],
    ]);

    expectClose(product(inverse, [[1], [2], [2]]), [[7 / 6], [1 / 2]]);
  });

  it("gives the shortest of many solutions where columns depend on one another, or are zero", () => {
    // Equal columns share alike: v / |v|^2 / 2 each, with v = [3, 4].
    expectClose(
      pseudoInverse([
        [3, 3],
        [4, 4],
      ]),
      [
        [0.06, 0.08],
        [0.06, 0.08],
      ],
    );
    expectClose(
      pseudoInverse([
        [3, 0],
        [4, 0],
      ]),
      [
        [0.12, 0.16],
        [0, 0],
      ],
    );
    expect(pseudoInverse([[0, 0]])).toEqual([[0], [0]]);
  });

  it("takes singular values within the cut-off for zero, and larger ones not", () => {
    const matrix = [
      [1, 0],
      [0, 1e-6],
    ];

    expect(pseudoInverse(matrix, 1e-6)[1]).toEqual([0, 0]);
    expect(pseudoInverse(matrix, 0.99e-6)[1]![1]).toBeCloseTo(1e6, 3);
  });

  it("does not leave the range of numbers for very large and very small values", () => {
    expect(pseudoInverse([[2 ** 600], [0]])).toEqual([[2 ** -600, 0]]);
    expect(pseudoInverse([[2 ** -600], [0]])).toEqual([[2 ** 600, 0]]);
  });

  it("keeps the four conditions of Penrose, whatever the rank", () => {
    const entry = fc.constantFrom(0, 1, -1, 2, -0.5, 0.25, 4, -8, 0.015625);
    const sizes = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 8 }));
    const matrices = sizes.chain(([columns, more]) =>
      fc.array(fc.array(entry, { minLength: columns, maxLength: columns }), {
        minLength: columns + more,
        maxLength: columns + more,
      }),
    );
    fc.assert(
      fc.property(matrices, (matrix) => {
        const inverse = pseudoInverse(matrix);
        const [onRows, onColumns] = [product(matrix, inverse), product(inverse, matrix)];

        expectClose(product(onRows, matrix), matrix);
        expectClose(product(onColumns, inverse), inverse);
        expectClose(onRows, turned(onRows));
        expectClose(onColumns, turned(onColumns));
      }),
      { numRuns: 400 },
    );
  });
});
