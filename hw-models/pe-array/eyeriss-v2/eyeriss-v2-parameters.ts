/** Parameter table of Eyeriss v2. */
import { z } from "zod";
import { count } from "../../../sim/core/params.js";
import { operandBits } from "../operand-bits.js";

const PAPER = "Chen et al., 'Eyeriss v2', JETCAS 9(2), 2019, section IV";

export const eyerissV2Table = z.strictObject({
  kind: z.literal("eyeriss-v2").meta({
    description: "PEs that go from each non-zero activation to the non-zero weights it meets",
    source: PAPER,
  }),
  pes: count(1, 4096, { description: "Processing elements", source: `${PAPER}: 192, 16 clusters of 3 x 4` }),
  macsPerPe: count(1, 16, {
    description: "Weights of an activation that a PE multiplies in a cycle",
    source: `${PAPER}: 2, after a first version with 1`,
  }),
  outputChannels: count(1, 256, {
    description: "Output channels of a PE: psums that it holds of one output position",
    source: `${PAPER}: 32`,
  }).default(32),
  weightEntries: count(1, 65536, {
    description:
      "Non-zero weights that a PE holds, at least outputChannels; the reduction is cut so that those of no PE are more",
    source: `${PAPER}: 96 words of two`,
  }).default(192),
  chainPes: count(1, 4096, {
    description:
      "PEs at most that share out the reduction and hand their psums on, before psums go to the ofmap buffer",
    source: `${PAPER}: psums pass down 3 rows of a cluster and 8 clusters, 24`,
  }).default(24),
  activationBits: operandBits.meta({ unit: "bits", description: "Width of an activation", source: `${PAPER}: 8` }),
  weightBits: operandBits.meta({ unit: "bits", description: "Width of a weight", source: `${PAPER}: 8` }),
});
export type EyerissV2Parameters = z.infer<typeof eyerissV2Table>;
