/** Parameter table of the SmartExchange array. Sizes are recalled from the paper; the structure was read in notes on it. */
import { z } from "zod";
import { choice, count } from "../../../sim/core/params.js";
import { operandBits } from "../operand-bits.js";

const PAPER = "Zhao et al., 'SmartExchange', ISCA 2020";

export const smartExchangeTable = z.strictObject({
  kind: z.literal("smartexchange").meta({
    description: "Slices of lines of bit-serial MACs that rebuild their weights from coefficients and small bases",
    source: PAPER,
  }),
  slices: count(1, 1024, { description: "Slices, each at work on a filter of its own (dimM)", source: PAPER }),
  lines: count(1, 256, {
    description: "PE lines of a slice, each at work on an input channel of its own (dimC)",
    source: PAPER,
  }),
  macsPerLine: count(1, 256, {
    description: "Bit-serial MACs of a line, each at work on an output of its own (dimF)",
    source: PAPER,
  }),
  rebuildEnginesPerLine: count(1, 2, {
    description:
      "Rebuild engines of a line. With two the next basis is loaded behind the use of the present one, and the MACs of a line " +
      "can work on two filters where a layer has too few positions for them",
    source: PAPER,
  }),
  basisValuesPerCycle: count(1, 4096, {
    description: "Basis values that the weight buffer of a slice gives its engines in a cycle",
    source: "design choice; the paper says only that a load takes no time with two engines",
  }),
  synchronisation: choice(["line", "slice"], {
    description: "Which MACs wait for the longest activation of a step: those of a line, or of all lines of a slice",
    source: "design choice; left open by the paper's notes",
  }),
  lineAssignment: choice(["channel", "row"], {
    description:
      "What a line takes: a channel, all rows of its kernel one after the other, idle where these are skipped; or the next row of " +
      "any channel that is not skipped",
    source:
      "channel: Zhao et al., ISCA 2020 (a line for each input channel); row: design choice, what packing would gain",
  }),
  indexSelector: choice(["both", "weights", "none"], {
    description: "Rows that are skipped: all zero in the weights or the activations, in the weights alone, or none",
    source: `both: ${PAPER}; the others show what the selector is worth`,
  }),
  activationBits: operandBits.meta({
    unit: "bits",
    description:
      "Width of an activation, recoded to half as many digits; float networks are costed as if quantized to it",
    source: `8 in ${PAPER}`,
  }),
  weightBits: operandBits.meta({
    unit: "bits",
    description:
      "Width of a weight at the MACs; rebuilt weights of bases of 3 x 3 are exact in 16 bits and rounded in 8",
    source: "design choice; left open by the paper's notes",
  }),
});
export type SmartExchangeParameters = z.infer<typeof smartExchangeTable>;
