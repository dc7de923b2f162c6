/** Parameter table of Cambricon-X. */
import { z } from "zod";
import { count } from "../../../sim/core/params.js";
import { operandBits } from "../operand-bits.js";

const PAPER = "Zhang et al., 'Cambricon-X: an accelerator for sparse neural networks', MICRO 2016";

export const cambriconXTable = z.strictObject({
  kind: z.literal("cambricon-x").meta({
    description:
      "PEs with the stored synapses of one output neuron each, whose indexing modules pick the neurons they meet",
    source: PAPER,
  }),
  pes: count(1, 1024, {
    description: "Processing elements, each with an output channel and an indexing module of its own",
    source: `${PAPER}: 16`,
  }),
  multipliersPerPe: count(1, 256, {
    description: "Multipliers of a PE: neurons that its indexing module picks in a cycle at most",
    source: `${PAPER}: 16`,
  }),
  windowNeurons: count(1, 65536, {
    description: "Neurons that the buffer controller holds at a time, out of which all indexing modules pick",
    source: "design choice: 16 picks of 16, so that a density of 1 in 16 is the least that pays",
  }).default(256),
  stepBits: count(1, 16, {
    unit: "bits",
    description:
      "Bits of a synapse's step; a longer run of zeros takes a stored zero, which is multiplied like any synapse",
    source: "4 in Han et al., 'EIE', ISCA 2016",
  }).default(4),
  activationBits: operandBits.meta({
    unit: "bits",
    description: "Width of a neuron at a multiplier",
    source: `${PAPER}: 16, fixed point`,
  }),
  weightBits: operandBits.meta({
    unit: "bits",
    description: "Width of a synapse at a multiplier",
    source: `${PAPER}: 16, fixed point`,
  }),
});
export type CambriconXParameters = z.infer<typeof cambriconXTable>;
