/**
 * Weights that are sums of a few powers of two, each term of a set of its own, so that levels lie more evenly than single powers.
 * With one bit for the sign, 2 bits a term and n terms: term i is 0 or 2^-(i + j*n), j = 0, 1, 2; for 4 bits, the authors' case
 * of one and a half terms, {0, 2^-1, 2^-2, 2^-4} + {0, 2^-3}. Levels are kept as integers, in units of the smallest power.
 * Source: Li et al., 'Additive Powers-of-Two Quantization', ICLR 2020 and the authors' code.
 */
import { z } from "zod";
import { fitLevels, nearestLevel } from "./levels.js";
import { bitsField, COMMON_FIELDS, defineMethod, keepField, roundingField } from "./method.js";

const SOURCE = "Li et al., ICLR 2020";

/** Values of each term of a width, in units of the smallest power of two. */
const TERMS: Readonly<Record<number, readonly (readonly number[])[]>> = {
  3: [[0, 4, 2, 1]],
  4: [
    [0, 8, 4, 1],
    [0, 2],
  ],
  5: [
    [0, 32, 8, 2],
    [0, 16, 4, 1],
  ],
};

/** Magnitudes of a width, rising from 0. */
export function apotLevels(bits: number): number[] {
  let sums = [0];
  for (const term of TERMS[bits]!) sums = sums.flatMap((sum) => term.map((value) => sum + value));
  return [...new Set(sums)].sort((a, b) => a - b);
}

export const APOT = defineMethod(
  {
    name: "apot",
    description: "Weights that are sums of powers of two",
    source: SOURCE,
    // Seven bits (three terms) have levels up to 448, which no 8-bit code holds.
    table: z.strictObject({
      ...COMMON_FIELDS,
      rounding: roundingField("compensated"),
      keep: keepField,
      bits: bitsField(3, 5, SOURCE).default(4),
    }),
  },
  (matrix, { bits, granularity }) => {
    const levels = apotLevels(bits);
    const fitted = fitLevels(matrix, levels, granularity);
    const codeBits = 1 + Math.ceil(Math.log2(levels.at(-1)! + 1));
    return { ...fitted, zero: 0, encoding: { name: "apot", parameters: { bits, scales: granularity } }, codeBits };
  },
  ({ bits }) => nearestLevel(apotLevels(bits)),
);
