/** Parameter table of S2TA with time-unrolled tensor PEs (S2TA-AW). */
import { z } from "zod";
import { count } from "../../../sim/core/params.js";
import { operandBits } from "../operand-bits.js";

const PAPER = "Liu et al., 'S2TA: exploiting structured sparsity', HPCA 2022";

export const s2taTable = z.strictObject({
  kind: z.literal("s2ta").meta({
    description:
      "Grid of tensor PEs that take the non-zero activations of a block one after the other, each of which picks its weight out of " +
      "those that a block stores",
    source: PAPER,
  }),
  tpeRows: count(1, 256, { description: "Tensor PEs down the array, M", source: PAPER }),
  tpeCols: count(1, 256, { description: "Tensor PEs across the array, N", source: PAPER }),
  rowsPerTpe: count(1, 64, { description: "Output positions of a tensor PE, A", source: `${PAPER}: 8, recalled` }),
  columnsPerTpe: count(1, 64, { description: "Output channels of a tensor PE, C", source: `${PAPER}: 4, recalled` }),
  blockValues: count(1, 64, {
    description: "Input channels in a block, of activations and of weights",
    source: `${PAPER}: 8`,
  }),
  weightsPerBlock: count(1, 64, {
    description: "Weights that a tensor PE holds of a block for each output channel: non-zeros of a block at most",
    source: `${PAPER}: 4 of 8`,
  }),
  activationBound: z
    .union([z.int().min(1).max(64), z.literal("measured")])
    .default(8)
    .meta({
      description:
        "Non-zero activations of a block at most, a cycle each. A number stands for a network that was trained with so many: drawn " +
        "activations are given them, others with more are refused. measured: of each layer as many as any block really has, which " +
        "loses nothing",
      source: `${PAPER}: dynamic activation pruning, a bound of 1 to 8 for each layer`,
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
export type S2taParameters = z.infer<typeof s2taTable>;
