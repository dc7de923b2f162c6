/** What an output-stationary mesh is made of and which tiles suit it. */
import type { SpatialAxis } from "../../../sim/ir/mapping.js";
import type { ArrayInventory } from "../layer-values.js";
import type { TilingHints } from "../pe-array-kind.js";
import type { OsMeshParameters } from "./os-mesh-parameters.js";

export function describeOsMesh({ rows, cols, readPorts, writePorts }: OsMeshParameters): string {
  return `${rows}x${cols} mesh, ${readPorts} read and ${writePorts} write ports`;
}

export function osMeshAxes({ rows, cols }: OsMeshParameters): readonly SpatialAxis[] {
  return [
    { dimensions: ["N", "P", "Q"], axis: "rows", parts: rows },
    { dimensions: ["K"], axis: "cols", parts: cols },
  ];
}

/** A whole fold across the mesh, and a stream as long as its fill and drain; sums of any length stay. */
export function osMeshHints({ rows, cols }: OsMeshParameters): TilingHints {
  return {
    reductionInArray: Number.POSITIVE_INFINITY,
    busyExtents: { outputs: rows, K: cols, reduction: rows + cols },
    stepK: cols,
  };
}

/**
 * PEs with their operands and sum in registers. A port picks one of its lanes, and one of its PEs, by a multiplexer. FIFOs of the
 * PEs are left out beyond one word each: they are empty where ports feed equally many lanes.
 */
export function osMeshInventory(parameters: OsMeshParameters, accumulatorBits: number): ArrayInventory {
  const { rows, cols, readPorts, writePorts, activationBits, weightBits } = parameters;
  const pes = rows * cols;
  const sharedLanes = Math.max(0, rows + cols - readPorts);
  const sharedSums = Math.max(0, pes - writePorts);
  return {
    multipliers: [{ count: pes, bits: Math.sqrt(activationBits * weightBits) }],
    adders: [{ count: pes, bits: accumulatorBits }],
    shifters: [],
    multiplexerBits: sharedLanes * Math.max(activationBits, weightBits) + sharedSums * accumulatorBits,
    registerBits: pes * (activationBits + weightBits + accumulatorBits),
    memories: [],
  };
}
