/** The decomposition with passes over rows on SIMD against the one with plain loops: the same bits, whatever matrix and options. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Decomposer } from "../../algorithms/compression/smartdeal/decompose.js";
import { decomposeOptions } from "../../algorithms/compression/smartdeal/options.js";
import { RowPasses } from "../../algorithms/compression/smartdeal/row-passes.js";
import { createRowPasses, SimdRowPasses } from "../../algorithms/compression/smartdeal/simd-row-passes.js";
import { Random } from "../../sim/core/rng.js";

/** Values of any magnitude, powers and ties of two, zeros of both signs, and zero rows and columns. */
const VALUE = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: -1, max: 1, noNaN: true }) },
  fc.double({ min: -(2 ** 64), max: 2 ** 64, noNaN: true }),
  fc.integer({ min: -8, max: 8 }).map((exponent) => 1.5 * 2 ** exponent),
  fc.constantFrom(0, -0, 1, -0.5, 0.0625, Number.MIN_VALUE, -(2 ** -1022)),
);
const MATRIX = fc.integer({ min: 3, max: 40 }).chain((rows) =>
  fc
    .record({
      values: fc.array(VALUE, { minLength: 3 * rows, maxLength: 3 * rows }),
      zeroColumn: fc.integer({ min: 0, max: 11 }),
    })
    .map(({ values, zeroColumn }) => Float64Array.from(values, (value, at) => (at % 3 === zeroColumn ? 0 : value))),
);
const OPTIONS = fc.record({
  iterations: fc.integer({ min: 1, max: 12 }),
  threshold: fc.constantFrom(0, 1e-3, 0.0625, 0.5, 4),
  clearsRows: fc.boolean(),
  scalesColumns: fc.boolean(),
  greatest: fc.constantFrom(32, 0.25, 0.3),
});

describe("passes on SIMD", () => {
  it("serve three columns, and no other number", () => {
    expect(createRowPasses(5, 3)).toBeInstanceOf(SimdRowPasses);
    expect(createRowPasses(5, 2)).not.toBeInstanceOf(SimdRowPasses);
    // Three matrices of 2^26 rows pass what a module's memory may have; the plain loops say so themselves when asked for more.
    expect(() => createRowPasses(2 ** 40, 3)).toThrow(RangeError);
  });

  it("give coefficients, basis and passes with the bits of the plain loops", () => {
    fc.assert(
      fc.property(MATRIX, OPTIONS, (matrix, options) => {
        const rows = matrix.length / 3;
        const chosen = decomposeOptions(options);

        expect(new Decomposer(rows + 2, 3).decompose(matrix, chosen)).toEqual(
          new Decomposer(rows + 2, 3, "reference").decompose(matrix, chosen),
        );
      }),
      { numRuns: 500 },
    );
  });

  it("have the bits of the plain loops for Gaussian matrices of up to 192 rows, where elimination serves", () => {
    const random = new Random("passes");
    for (const rows of [3, 22, 43, 86, 171, 192]) {
      const matrix = Float64Array.from(
        { length: 3 * rows },
        () => 0.05 * Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction()),
      );
      for (const scalesColumns of [false, true]) {
        const options = decomposeOptions({ threshold: 4e-3, clearsRows: true, scalesColumns });

        expect(new Decomposer(rows, 3).decompose(matrix, options)).toEqual(
          new Decomposer(rows, 3, "reference").decompose(matrix, options),
        );
      }
    }
  });

  it("sum in the same order", () => {
    fc.assert(
      fc.property(
        MATRIX,
        fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 12, maxLength: 12 }),
        (matrix, numbers) => {
          const inverse = Float64Array.from(numbers.slice(0, 9));
          const factors = Float64Array.from(numbers.slice(9), (factor) => Math.abs(factor) + 0.1);
          const all = [new RowPasses(40, 3), createRowPasses(40, 3)].map((passes) => {
            passes.take(matrix);
            passes.quantize(factors, 32);
            const first = { normal: [...passes.normal], cross: [...passes.cross] };
            passes.project(inverse, 0.01, 0.05);
            const columnFactors = [0, 1, 2].map((column) => passes.columnFactor(column));
            passes.quantize(factors, 2);
            const { change, longestSquare } = passes;
            return {
              first,
              normal: [...passes.normal],
              cross: [...passes.cross],
              change,
              longestSquare,
              columnFactors,
            };
          });

          expect(all[1]).toEqual(all[0]);
        },
      ),
      { numRuns: 400 },
    );
  });
});
