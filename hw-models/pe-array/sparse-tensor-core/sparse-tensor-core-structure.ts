/** What sparse tensor cores are made of and which tiles suit them. Registers of a processor around them are left out. */
import type { ArrayInventory } from "../layer-values.js";
import type { TilingHints } from "../pe-array-kind.js";
import { BLOCK, BLOCK_STAGES } from "../weight-blocks.js";
import { depthOf, type SparseTensorCoreParameters, stepOf } from "./sparse-tensor-core-parameters.js";

const CODE_BITS = 4;

export function describeSparseTensorCore(parameters: SparseTensorCoreParameters): string {
  const { channelCores, positionCores, rows, columns } = parameters;
  return `${channelCores * positionCores} cores of ${rows} x ${columns} x ${depthOf(parameters)}, 2:4`;
}

/** Sums of any length stay in the accumulators. */
export function sparseTensorCoreHints(parameters: SparseTensorCoreParameters): TilingHints {
  const { channels, positions } = stepOf(parameters);
  return {
    reductionInArray: Number.POSITIVE_INFINITY,
    // A step of weights of which half are kept covers twice as much as one of dense weights.
    busyExtents: { outputs: positions, K: channels, reduction: 2 * depthOf(parameters) },
    stepK: channels,
  };
}

/**
 * A core holds a fragment of weights with its metadata, activations for whole groups, its products, its accumulators and the sums
 * that leave. Each multiplier has a four-way multiplexer of its own, each dot product an adder tree and an accumulating adder.
 */
export function sparseTensorCoreInventory(
  parameters: SparseTensorCoreParameters,
  accumulatorBits: number,
): ArrayInventory {
  const { channelCores, positionCores, rows, columns, pairs, activationBits, weightBits } = parameters;
  const cores = channelCores * positionCores;
  const depth = depthOf(parameters);
  const sums = cores * rows * columns;
  const productBits = activationBits + weightBits;
  const fragmentBits = rows * (depth * weightBits + pairs * CODE_BITS) + columns * pairs * BLOCK * activationBits;
  return {
    multipliers: [{ count: sums * depth, bits: Math.sqrt(activationBits * weightBits) }],
    adders: [
      { count: sums * (depth - 1), bits: productBits + Math.ceil(Math.log2(depth)) },
      { count: sums, bits: accumulatorBits },
    ],
    shifters: [],
    // Four inputs are three two-way multiplexers, in `BLOCK_STAGES` stages.
    multiplexerBits: sums * depth * (2 ** BLOCK_STAGES - 1) * activationBits,
    registerBits: cores * fragmentBits + sums * (depth * productBits + 2 * accumulatorBits),
    memories: [],
  };
}
