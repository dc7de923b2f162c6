/** Parameter table of Bit Fusion. */
import { z } from "zod";
import { choice, count } from "../../../sim/core/params.js";
import { narrowOperandBits } from "../operand-bits.js";

const PAPER = "Sharma et al., 'Bit Fusion: bit-level dynamically composable architecture', ISCA 2018";
const SIMULATOR = "hsharma35/bitfusion (commit 0246bc4)";

export const bitFusionTable = z.strictObject({
  kind: z.literal("bit-fusion").meta({
    description:
      "Systolic grid of fusion units, whose 2-bit multipliers are put together as wide as a layer's operands are",
    source: PAPER,
  }),
  rows: count(1, 1024, {
    description: "Fusion units of a column, among which the reduction is dealt out; psums pass down",
    source: `${SIMULATOR}, bf_e_conf.ini: 16`,
  }),
  cols: count(1, 1024, {
    description: "Columns, each with an output channel; activations pass along the rows",
    source: `${SIMULATOR}, bf_e_conf.ini: 32`,
  }),
  reductionOrder: choice(["channels", "im2col"], {
    description:
      "What rows take of the reduction at a time: channels under one tap of the filter, or channels and taps in one line, " +
      "which a layer of few channels fills better and which needs the ifmap laid out so",
    source: `${SIMULATOR}, accelerator.py: im2col for the first layer of a network, channels for others`,
  }).default("channels"),
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
export type BitFusionParameters = z.infer<typeof bitFusionTable>;
