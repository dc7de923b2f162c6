/** Parameter table of SCNN. */
import { z } from "zod";
import { count } from "../../../sim/core/params.js";
import { operandBits } from "../operand-bits.js";

const PAPER =
  "Parashar et al., 'SCNN: an accelerator for compressed-sparse convolutional neural networks', ISCA 2017, read in notes on it";

export const scnnTable = z.strictObject({
  kind: z.literal("scnn").meta({
    description:
      "PEs with a piece of the plane each, that multiply all non-zero activations of a channel by all its non-zero weights",
    source: PAPER,
  }),
  peRows: count(1, 64, { description: "PEs down the plane", source: `${PAPER}: 8` }),
  peCols: count(1, 64, { description: "PEs across the plane", source: `${PAPER}: 8` }),
  activationVector: count(1, 16, {
    description: "Non-zero activations that a PE takes at a time (I)",
    source: `${PAPER}: 4`,
  }),
  weightVector: count(1, 16, {
    description: "Non-zero weights that meet them in a cycle (F)",
    source: `${PAPER}: 4`,
  }),
  accumulatorBanks: count(1, 256, {
    description: "Banks of accumulators of a PE, each with an adder (A)",
    source: `${PAPER}: 32, twice the multipliers, which keeps contention low`,
  }),
  bankEntries: count(1, 1024, { description: "Sums that a bank holds", source: `${PAPER}: 32` }),
  queueEntries: count(1, 64, {
    description: "Products that wait before a bank; multipliers hold what does not fit and stop",
    source: "design choice: the depth is not in the notes",
  }).default(8),
  outputChannelGroup: count(1, 1024, {
    description: "Output channels worked on together (Kc), where accumulators and weight FIFO hold them; else fewer",
    source: `${PAPER}: 8`,
  }),
  indexBits: count(1, 16, {
    unit: "bits",
    description:
      "Bits of the zeros before an operand; a longer run takes a stored zero, which is multiplied like any operand",
    source: `${PAPER}: 4`,
  }).default(4),
  weightFifoVectors: count(1, 4096, {
    description: "Vectors of weights that a PE keeps while it goes over the activations of a channel",
    source: `${PAPER}: 50`,
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
export type ScnnParameters = z.infer<typeof scnnTable>;
