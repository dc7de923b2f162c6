/** Parameter table of sparse tensor cores. */
import { z } from "zod";
import { count } from "../../../sim/core/params.js";
import { operandBits } from "../operand-bits.js";

const PAPER = "Mishra et al., 'Accelerating Sparse Deep Neural Networks', arXiv 2104.08378, 2021";
const STEP = "8 x 4 x 8 of 16 bits in public notes on the A100, whose peak it gives";

export const sparseTensorCoreTable = z.strictObject({
  kind: z.literal("sparse-tensor-core").meta({
    description:
      "Cores that multiply small matrices; the weights may keep two of each four, which pick their activations",
    source: PAPER,
  }),
  channelCores: count(1, 256, {
    description: "Tensor cores side by side along the output channels, which share activations",
    source: "design choice: the four cores of a streaming multiprocessor as a square",
  }),
  positionCores: count(1, 256, {
    description: "Tensor cores side by side along the output positions, which share weights",
    source: "design choice: the four cores of a streaming multiprocessor as a square",
  }),
  rows: count(1, 256, { description: "Output channels of a core's step, M", source: STEP }),
  columns: count(1, 256, { description: "Output positions of a core's step, N", source: STEP }),
  pairs: count(1, 256, {
    description:
      "Pairs of multipliers of a dot product: a pair takes two weights of the reduction, or the two that are kept of four",
    source: `${STEP}: 4, which is K/2`,
  }),
  activationBits: operandBits.meta({
    unit: "bits",
    description: "Width of an activation at a multiplier",
    source: `${PAPER}: 8 among others`,
  }),
  weightBits: operandBits.meta({
    unit: "bits",
    description: "Width of a weight at a multiplier",
    source: `${PAPER}: 8 among others`,
  }),
});
export type SparseTensorCoreParameters = z.infer<typeof sparseTensorCoreTable>;

/** Multipliers of a dot product, which is the reduction that a dense step covers. */
export function depthOf({ pairs }: SparseTensorCoreParameters): number {
  return 2 * pairs;
}

/** Output channels and positions of a step of all cores. */
export function stepOf(parameters: SparseTensorCoreParameters): {
  readonly channels: number;
  readonly positions: number;
} {
  return {
    channels: parameters.channelCores * parameters.rows,
    positions: parameters.positionCores * parameters.columns,
  };
}
