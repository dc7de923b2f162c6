/** Parameter table of the SIGMA-like flexible array. */
import { z } from "zod";
import { choice, count } from "../../../sim/core/params.js";
import { operandBits } from "../operand-bits.js";

const PAPER = "Qin et al., 'SIGMA: a sparse and irregular GEMM accelerator', HPCA 2020";
const SERIES = "the cycles that the SIGMA study reports for ten products";

export const sigmaTable = z.strictObject({
  kind: z.literal("sigma").meta({
    description:
      "Row of multipliers that hold the non-zeros of one operand, whole rows side by side, and stream the other",
    source: PAPER,
  }),
  multipliers: count(2, 65536, { description: "Multipliers in the row", source: `${PAPER}: 16,384` }),
  readPorts: count(1, 65536, {
    description:
      "Ports of the distribution network, each with as many multipliers side by side, which it gives a word a cycle: to one of " +
      "them or to several",
    source: `${PAPER}: one a multiplier (Benes networks)`,
  }),
  writePorts: count(1, 65536, { description: "Finished sums that are written in a cycle", source: "design choice" }),
  loadWords: count(1, 65536, {
    description: "Non-zeros of the stationary operand that are loaded in a cycle at most",
    source: `${SERIES}: 128`,
  }),
  reductionBlock: count(1, 1 << 20, {
    description:
      "Places of the reduction that are packed at a time; psums of a row's later blocks return through a multiplier. Absent: all",
    source: `${SERIES}: 128`,
  }).optional(),
  adderTap: choice(["row", "root"], {
    description: "Whether a sum leaves the adder network at the level where its row is complete, or behind all levels",
    source: `root: ${SERIES}, log2(16,384) cycles a round; row: the forwarding adder network of ${PAPER}`,
  }),
  stationary: choice(["weights", "activations"], {
    description: "Operand whose non-zeros the multipliers hold",
    source: `${PAPER}: either`,
  }),
  activationBits: operandBits.meta({
    unit: "bits",
    description: "Width of an activation at a multiplier",
    source: "design choice; 16-bit floating point in the paper",
  }),
  weightBits: operandBits.meta({
    unit: "bits",
    description: "Width of a weight at a multiplier",
    source: "design choice; 16-bit floating point in the paper",
  }),
});
export type SigmaParameters = z.infer<typeof sigmaTable>;
