/** Parameter table of VEGETA. */
import { z } from "zod";
import { count } from "../../../sim/core/params.js";
import { operandBits } from "../operand-bits.js";

const PAPER = "Jeong et al., 'VEGETA', HPCA 2023";
const RECALLED = `${PAPER}; recalled, not checked against the text`;

export const vegetaTable = z.strictObject({
  kind: z.literal("vegeta").meta({
    description:
      "Systolic matrix engine whose filters keep one, two or all of each four weights, and take as many lanes",
    source: PAPER,
  }),
  rows: count(1, 256, {
    description: "Rows of PEs: each takes a block of four activations along the reduction",
    source: `${RECALLED}: 16 of two multipliers`,
  }),
  peColumns: count(1, 256, {
    description: "Columns of PEs, through which activations pass one after the other",
    source: `${RECALLED}: 8 in VEGETA-S-2-2`,
  }),
  lanesPerPe: z.union([z.literal(4), z.literal(8), z.literal(16), z.literal(32)]).meta({
    description: "Lanes of a PE, which share its activations: each a multiplier, a weight and a psum on its way down",
    source: `${RECALLED}: two processing units of two multipliers in VEGETA-S-2-2`,
  }),
  accumulatorChannels: count(1, 65536, {
    description: "Output channels whose sums stay in accumulators at a time",
    source: "assumed: the paper adds to tile registers of 16 x 16 sums",
  }),
  accumulatorPositions: count(1, 65536, {
    description: "Output positions whose sums stay in accumulators at a time, for which weights are loaded once",
    source: "assumed: the paper adds to tile registers of 16 x 16 sums",
  }),
  activationBits: operandBits.meta({
    unit: "bits",
    description: "Width of an activation at a multiplier",
    source: `${RECALLED}: 16, bfloat`,
  }),
  weightBits: operandBits.meta({
    unit: "bits",
    description: "Width of a weight at a multiplier",
    source: `${RECALLED}: 16, bfloat`,
  }),
});
export type VegetaParameters = z.infer<typeof vegetaTable>;

/**
 * Cycles from one fold to the next, at least: so many rows of weights load, and a sum whose filter moves to another PE column is not
 * added to out of turn.
 */
export function leastFoldCycles({ rows, peColumns }: VegetaParameters): number {
  return Math.max(rows, peColumns);
}

export function lanesOf({ peColumns, lanesPerPe }: VegetaParameters): number {
  return peColumns * lanesPerPe;
}
