/** Parameter table of DaDianNao. */
import { z } from "zod";
import { count } from "../../../sim/core/params.js";
import { operandBits } from "../operand-bits.js";

const PAPER = "Chen et al., 'DaDianNao: a machine-learning supercomputer', MICRO 2014";

export const daDianNaoTable = z.strictObject({
  kind: z.literal("dadiannao").meta({
    description: "Tiles of bit-parallel multipliers that take one brick of activations of one window a cycle",
    source: PAPER,
  }),
  tiles: count(1, 256, {
    description: "Tiles; all take the same activations, each has its own filters",
    source: PAPER,
  }),
  filtersPerTile: count(1, 256, {
    description: "Filters that a tile works on, each with an adder tree",
    source: PAPER,
  }),
  lanes: count(1, 256, { description: "Channels of a brick: multipliers of a filter", source: PAPER }),
  activationBits: operandBits.meta({
    unit: "bits",
    description: "Width of the activation at a multiplier",
    source: `${PAPER}: 16 fixed point`,
  }),
  weightBits: operandBits.meta({
    unit: "bits",
    description: "Width of the weight at a multiplier",
    source: `${PAPER}: 16 fixed point`,
  }),
});
export type DaDianNaoParameters = z.infer<typeof daDianNaoTable>;
