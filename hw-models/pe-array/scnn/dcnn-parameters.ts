/** Parameter table of DCNN, the dense twin of SCNN. */
import { z } from "zod";
import { count } from "../../../sim/core/params.js";
import { operandBits } from "../operand-bits.js";

const PAPER = "the dense machine of Parashar et al., 'SCNN', ISCA 2017, read in notes on it";

export const dcnnTable = z.strictObject({
  kind: z.literal("dcnn").meta({
    description: "PEs with a piece of the plane each, and a dot product over input channels",
    source: PAPER,
  }),
  peRows: count(1, 64, { description: "PEs down the plane", source: `${PAPER}: 8` }),
  peCols: count(1, 64, { description: "PEs across the plane", source: `${PAPER}: 8` }),
  lanes: count(1, 256, {
    description: "Input channels of a dot product: multipliers of a PE",
    source: `${PAPER}: as many multipliers as SCNN, 16`,
  }),
  accumulators: count(1, 65536, {
    description: "Sums that a PE holds",
    source: "design choice: as many as SCNN, 1,024",
  }).default(1024),
  outputChannelGroup: count(1, 1024, {
    description: "Output channels that inputs stay for, where the accumulators hold their sums; else fewer",
    source: `${PAPER}: 8`,
  }),
  activationBits: operandBits.meta({
    unit: "bits",
    description: "Width of an activation at a multiplier",
    source: `${PAPER}: 16`,
  }),
  weightBits: operandBits.meta({
    unit: "bits",
    description: "Width of a weight at a multiplier",
    source: `${PAPER}: 16`,
  }),
});
export type DcnnParameters = z.infer<typeof dcnnTable>;
