/** What a systolic array is made of and which tiles suit it. */
import type { LoopDimension } from "../../sim/ir/layer.js";
import type { SpatialAxis } from "../../sim/ir/mapping.js";
import type { ArrayInventory } from "./layer-values.js";
import type { TilingHints } from "./pe-array-kind.js";
import type { SystolicParameters } from "./systolic-parameters.js";

export function describeSystolic({ rows, cols, dataflow }: SystolicParameters): string {
  return `${rows}x${cols} ${dataflow}`;
}

/** Rows and columns; the dataflow says which dimensions lie across each. */
export function systolicAxes({ rows, cols, dataflow }: SystolicParameters): readonly SpatialAxis[] {
  const outputs: readonly LoopDimension[] = ["N", "P", "Q"];
  const reduction: readonly LoopDimension[] = ["C", "R", "S"];
  return [
    { dimensions: dataflow === "os" ? outputs : reduction, axis: "rows", parts: rows },
    { dimensions: dataflow === "is" ? outputs : ["K"], axis: "cols", parts: cols },
  ];
}

/** A whole fold across the array, and a stream as long as its fill and drain. */
export function systolicHints(parameters: SystolicParameters): TilingHints {
  const { rows, cols, dataflow } = parameters;
  const stream = rows + cols;
  switch (dataflow) {
    case "os":
      return {
        reductionInArray: Number.POSITIVE_INFINITY,
        busyExtents: { outputs: rows, K: cols, reduction: stream },
        stepK: cols,
      };
    case "ws":
      return {
        reductionInArray: foldReduction(parameters),
        busyExtents: { outputs: stream, K: cols, reduction: rows },
        stepK: cols,
      };
    case "is":
      return {
        reductionInArray: foldReduction(parameters),
        busyExtents: { outputs: cols, K: stream, reduction: rows },
        stepK: 1,
      };
  }
}

function foldReduction({ rows, accumulatorRows }: Exclude<SystolicParameters, { dataflow: "os" }>): number {
  return accumulatorRows === undefined ? rows : Number.POSITIVE_INFINITY;
}

/** PEs with their operands and psum in registers, shadow weights and pipeline stages where they have them. */
export function systolicInventory(parameters: SystolicParameters, accumulatorBits: number): ArrayInventory {
  const { rows, cols, activationBits, weightBits, macPipelineStages } = parameters;
  const isStationary = parameters.dataflow !== "os";
  const shadowBits = isStationary && parameters.weightPreload === "shadow" ? weightBits : 0;
  const pes = rows * cols;
  const accumulatorRows = isStationary ? parameters.accumulatorRows : undefined;
  return {
    multipliers: [{ count: pes, bits: Math.sqrt(activationBits * weightBits) }],
    adders: [{ count: pes, bits: accumulatorBits }],
    shifters: [],
    multiplexerBits: 0,
    registerBits: pes * (activationBits + weightBits + shadowBits + macPipelineStages * accumulatorBits),
    memories:
      accumulatorRows === undefined
        ? []
        : [{ banks: cols, capacityBytes: (accumulatorRows * accumulatorBits) / 8, widthBits: accumulatorBits }],
  };
}
