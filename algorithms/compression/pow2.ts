/**
 * Weights of 0 or +-2^e: a product is a shift. With b bits there are 2^(b-1) - 1 exponents, e = 0 ... 2^(b-1) - 2. Each weight
 * goes to the level nearest in value (not in its logarithm), since that has the least squared error.
 * Source: Zhou et al., 'Incremental Network Quantization', ICLR 2017 (levels); the scale is fitted, see levels.ts.
 */
import { z } from "zod";
import { fitLevels, nearestLevel } from "./levels.js";
import { bitsField, COMMON_FIELDS, defineMethod, keepField, roundingField } from "./method.js";

const SOURCE = "Zhou et al., ICLR 2017";

/** Magnitudes 0, 1, 2, 4, ... of a width. */
export function pow2Levels(bits: number): number[] {
  return [0, ...Array.from({ length: 2 ** (bits - 1) - 1 }, (_, exponent) => 2 ** exponent)];
}

export const POW2 = defineMethod(
  {
    name: "pow2",
    description: "Weights of 0 or a power of two with a sign",
    source: SOURCE,
    // Five bits would need 2^14, which no 8-bit code holds.
    table: z.strictObject({
      ...COMMON_FIELDS,
      rounding: roundingField("compensated"),
      keep: keepField,
      bits: bitsField(2, 4, SOURCE).default(4),
    }),
  },
  (matrix, { bits, granularity }) => {
    const fitted = fitLevels(matrix, pow2Levels(bits), granularity);
    return {
      ...fitted,
      zero: 0,
      encoding: { name: "pow2", parameters: { bits, scales: granularity } },
      codeBits: 2 ** (bits - 1),
    };
  },
  ({ bits }) => nearestLevel(pow2Levels(bits)),
);
