/**
 * Rebuilt weights against sums of whole numbers without limits (BigInt), where a coefficient is a product with a power of two from
 * the table of codes, and the kernels on SIMD against both.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { simdSmartdealRebuild } from "../../algorithms/kernels/simd-smartdeal.js";
import { smartdealRebuild } from "../../algorithms/kernels/smartdeal-rebuild.js";
import { ModelError } from "../../sim/core/errors.js";
import { SEED, stream } from "../helpers/simd-cases.js";

/** Coefficients of the codes in units of the window's least power; code 8 stands for nothing. */
const COEFFICIENTS = [0, 1, 2, 4, 8, 16, 32, 64, undefined, -1, -2, -4, -8, -16, -32, -64];
const CODES = COEFFICIENTS.flatMap((coefficient, code) => (coefficient === undefined ? [] : [code]));

const KERNELS = [
  ["plain", smartdealRebuild],
  ["SIMD", simdSmartdealRebuild],
] as const;

const SIZES = fc.record({
  basisSize: fc.oneof(fc.constant(3), fc.integer({ min: 1, max: 20 }), fc.constantFrom(64, 71)),
  slices: fc.integer({ min: 1, max: 4 }),
  rows: fc.integer({ min: 0, max: 40 }),
  isNarrow: fc.boolean(),
  seed: SEED,
});

describe.each(KERNELS)("the %s rebuild of SmartDeal weights", (_, rebuild) => {
  it("is the product of coefficients and basis, exactly, for every code and bases of 8 and 16 bits", () => {
    fc.assert(
      fc.property(SIZES, ({ basisSize, slices, rows, isNarrow, seed }) => {
        const draw = stream(seed);
        const codes = Uint8Array.from({ length: slices * rows * basisSize }, () => CODES[draw(0, CODES.length - 1)]!);
        const wide = Int16Array.from({ length: slices * basisSize ** 2 }, () => draw(-32_768, 32_767));
        const bases = isNarrow ? Int8Array.from(wide) : wide;

        const weights = rebuild({ codes, bases, basisSize });

        expect(weights.length).toBe(codes.length);
        for (let at = 0; at < weights.length; at++) {
          const [row, j] = [Math.floor(at / basisSize), at % basisSize];
          const basis = Math.floor(row / rows) * basisSize ** 2;
          let expected = 0n;
          for (let i = 0; i < basisSize; i++) {
            const coefficient = BigInt(COEFFICIENTS[codes[row * basisSize + i]!]!);
            expected += coefficient * BigInt(bases[basis + i * basisSize + j]!);
          }
          if (BigInt(weights[at]!) !== expected) expect([at, weights[at]]).toEqual([at, Number(expected)]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("gives the rows of a slice in their order: coefficients 1, -2 and 0, 64", () => {
    // Basis [[3, 5], [7, -11]]: row 0 is 3 - 14, 5 + 22; row 1 is 64 * 7, 64 * -11.
    const weights = rebuild({ codes: Uint8Array.of(1, 10, 0, 7), bases: Int16Array.of(3, 5, 7, -11), basisSize: 2 });

    expect([...weights]).toEqual([-11, 27, 448, -704]);
  });

  it("holds the largest sum that it takes: 255 coefficients of -2^6 on -2^15 are 255 * 2^21", () => {
    const codes = new Uint8Array(255).fill(15);

    const weights = rebuild({ codes, bases: new Int16Array(255 * 255).fill(-32_768), basisSize: 255 });

    expect([...new Set(weights)]).toEqual([534_773_760]);
  });

  it("refuses codes that stand for nothing, wherever they are, and arrays that do not belong together", () => {
    const bases = new Int16Array(9);
    for (const code of [8, 16, 255]) {
      for (const at of [0, 15, 16, 31, 32, 35]) {
        const codes = new Uint8Array(36).fill(7);
        codes[at] = code;
        expect(() => rebuild({ codes, bases, basisSize: 3 })).toThrow(`code ${code} at ${at};`);
      }
    }

    expect(() => rebuild({ codes: new Uint8Array(4), bases, basisSize: 3 })).toThrow(ModelError);
    expect(() => rebuild({ codes: new Uint8Array(3), bases: new Int16Array(8), basisSize: 3 })).toThrow(ModelError);
    expect(() => rebuild({ codes: new Uint8Array(3), bases: new Int16Array(0), basisSize: 3 })).toThrow(ModelError);
    expect(() => rebuild({ codes: new Uint8Array(256), bases: new Int16Array(256 * 256), basisSize: 256 })).toThrow(
      /wanted 1 to 255/,
    );
  });

  it("gives no weights where there are no rows", () => {
    expect([...rebuild({ codes: new Uint8Array(0), bases: new Int16Array(9), basisSize: 3 })]).toEqual([]);
    expect([...rebuild({ codes: new Uint8Array(0), bases: new Int16Array(0), basisSize: 3 })]).toEqual([]);
  });
});
