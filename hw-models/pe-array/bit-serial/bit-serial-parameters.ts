/** Parameter table of the bit-serial array. */
import { z } from "zod";
import { choice, count } from "../../../sim/core/params.js";
import { narrowOperandBits } from "../operand-bits.js";

const PAPER = "Judd et al., 'Stripes: bit-serial deep neural network computing', MICRO 2016";
const SIZES = `${PAPER}; sizes as in isakedo/DNNsim (commit 4748a60), examples/Stripes`;

export const bitSerialTable = z.strictObject({
  kind: z.literal("bit-serial").meta({
    description:
      "Tiles of serial inner-product units: one operand bit by bit, so that a layer takes cycles as its width",
    source: PAPER,
  }),
  tiles: count(1, 256, {
    description: "Tiles; all take the same activations, each has its own filters",
    source: PAPER,
  }),
  filtersPerTile: count(1, 256, {
    description: "Filters that a tile works on: rows of serial inner-product units",
    source: `${SIZES}: 16`,
  }),
  windowsPerPallet: count(1, 256, {
    description: "Windows side by side, which share the weights: columns of serial inner-product units",
    source: `${SIZES}: 16`,
  }),
  lanes: count(1, 256, {
    description: "Channels of a brick: products that a unit has under way",
    source: `${SIZES}: 16`,
  }),
  serialOperand: choice(["activation", "weight"], {
    description:
      "Operand that is taken bit by bit, the other one whole: a layer takes as many cycles as this one has bits",
    source: `activation: ${PAPER}; weight: Lee et al., 'UNPU', JSSC 2019, without its tables of sums`,
  }).default("activation"),
  activationBits: narrowOperandBits.meta({
    unit: "bits",
    description: "Width of an activation that has none of its own",
    source: PAPER,
  }),
  weightBits: narrowOperandBits.meta({
    unit: "bits",
    description: "Width of a weight that has none of its own",
    source: PAPER,
  }),
});
export type BitSerialParameters = z.infer<typeof bitSerialTable>;

/** Filters that all tiles work on together. */
export function filterRows({ tiles, filtersPerTile }: BitSerialParameters): number {
  return tiles * filtersPerTile;
}
