/** Parameter table of DianNao. */
import { z } from "zod";
import { count } from "../../../sim/core/params.js";
import { operandBits } from "../operand-bits.js";

const PAPER = "Chen et al., 'DianNao: a small-footprint high-throughput accelerator', ASPLOS 2014";

export const dianNaoTable = z.strictObject({
  kind: z.literal("diannao").meta({
    description: "Neurons with a multiplier for each of a few inputs and an adder tree; all take the same inputs",
    source: PAPER,
  }),
  outputs: count(1, 1024, { description: "Output neurons at a time, Tn", source: `${PAPER}: 16` }),
  inputs: count(1, 1024, { description: "Inputs of each neuron at a time, Tm", source: `${PAPER}: 16` }),
  pipelineStages: count(1, 16, {
    unit: "cycles",
    description:
      "Cycles from the operands to the output: multipliers (NFU-1), adder trees (NFU-2), output (NFU-3). More than three " +
      "divide the trees; two join NFU-1 with NFU-2, one is all in a cycle",
    source: `${PAPER}: 3`,
  }).default(3),
  activationBits: operandBits.meta({
    unit: "bits",
    description: "Width of an input at a multiplier",
    source: `${PAPER}: 16, fixed point`,
  }),
  weightBits: operandBits.meta({
    unit: "bits",
    description: "Width of a synapse at a multiplier",
    source: `${PAPER}: 16, fixed point`,
  }),
});
export type DianNaoParameters = z.infer<typeof dianNaoTable>;
