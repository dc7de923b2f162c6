/** Parameter table of systolic tensor arrays, with density-bound blocks or without. */
import { z } from "zod";
import { count } from "../../../sim/core/params.js";
import { operandBits } from "../operand-bits.js";

const PAPER = "Liu, Whatmough & Mattina, 'Systolic tensor array', IEEE CAL 19(1), 2020";

export const staDbbTable = z.strictObject({
  kind: z.literal("sta-dbb").meta({
    description:
      "Grid of tensor PEs, each with the dot products of a few rows by a few columns, whose multipliers pick activations out of " +
      "a block",
    source: PAPER,
  }),
  tpeRows: count(1, 256, { description: "Tensor PEs down the array, M", source: PAPER }),
  tpeCols: count(1, 256, { description: "Tensor PEs across the array, N", source: PAPER }),
  rowsPerTpe: count(1, 64, {
    description: "Rows of the ifmap matrix (output positions) of a tensor PE, A",
    source: PAPER,
  }),
  columnsPerTpe: count(1, 64, { description: "Output channels of a tensor PE, C", source: PAPER }),
  blockValues: count(1, 64, {
    description: "Values of the reduction in a block, B: activations that a dot product holds at a time",
    source: `${PAPER}: 8`,
  }),
  multipliersPerDot: count(1, 64, {
    description:
      "Multipliers of a dot product, and non-zero weights of a block at most. As many as a block has values: no multiplexers, " +
      "and no sparse blocks",
    source: `${PAPER}: 4 of 8 in its sparse arrays`,
  }),
  activationBits: operandBits.meta({
    unit: "bits",
    description: "Width of an activation at a multiplier",
    source: `${PAPER}: 8`,
  }),
  weightBits: operandBits.meta({
    unit: "bits",
    description: "Width of a weight at a multiplier",
    source: `${PAPER}: 8`,
  }),
});
export type StaDbbParameters = z.infer<typeof staDbbTable>;
