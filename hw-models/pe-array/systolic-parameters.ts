/** Parameter tables of the systolic array, one per dataflow: what a dataflow does not use is not in its table. */
import { z } from "zod";
import { choice, count } from "../../sim/core/params.js";
import { operandBits } from "./operand-bits.js";

const PAPER =
  "H. T. Kung, 'Why systolic architectures?', IEEE Computer 15(1), 1982; SCALE-Sim v3 (geometry and timing)";

const shared = {
  kind: z
    .literal("systolic")
    .meta({ description: "Grid of MACs that pass operands to their neighbours", source: PAPER }),
  rows: count(1, 4096, { description: "PEs down the array", source: PAPER }),
  cols: count(1, 4096, { description: "PEs across the array", source: PAPER }),
  foldOverlap: choice(["none", "pipelined"], {
    description: "Whether a fold may enter the array while the one before it drains",
    source: "none: SCALE-Sim v3; pipelined: Jouppi et al., ISCA 2017 (TPU)",
  }),
  macPipelineStages: count(1, 16, {
    unit: "cycles",
    description: "Latency of one multiply-accumulate inside a PE; a new one enters each cycle",
    source: "design choice; 1 in SCALE-Sim v3",
  }),
  activationBits: operandBits.meta({
    unit: "bits",
    description: "Width of the ifmap operand of a multiplier; float networks are costed as if quantized to it",
    source: "design choice; 8 in Jouppi et al., ISCA 2017",
  }),
  weightBits: operandBits.meta({
    unit: "bits",
    description: "Width of the weight operand of a multiplier; float networks are costed as if quantized to it",
    source: "design choice; 8 in Jouppi et al., ISCA 2017",
  }),
};

const stationaryOperand = {
  weightPreload: choice(["exposed", "shadow"], {
    description: "Whether loading the stationary operand stops the array or fills shadow registers behind it",
    source: "exposed: SCALE-Sim v3; shadow: Jouppi et al., ISCA 2017 (TPU weight FIFO and double-buffered weights)",
  }),
  accumulatorRows: count(1, 1 << 20, {
    description:
      "Psum rows per column that accumulate below the array; the streamed operand is cut into chunks of that many rows. " +
      "Absent: psums of partial reductions are read and written in the ofmap buffer",
    source: "Jouppi et al., ISCA 2017 (4096 accumulators of 256 elements)",
  }).optional(),
};

/** The operand that stays in the PEs: os outputs, ws weights, is inputs. */
function dataflow<const Name extends string>(name: Name) {
  return z.literal(name).meta({
    description: "Operand that stays in the PEs: os outputs, ws weights, is inputs",
    source: "Chen, Emer & Sze, ISCA 2016 (taxonomy); SCALE-Sim v3",
  });
}

export const outputStationaryTable = z.strictObject({ ...shared, dataflow: dataflow("os") });
export const weightStationaryTable = z.strictObject({ ...shared, dataflow: dataflow("ws"), ...stationaryOperand });
export const inputStationaryTable = z.strictObject({ ...shared, dataflow: dataflow("is"), ...stationaryOperand });

export const systolicTable = z.discriminatedUnion("dataflow", [
  outputStationaryTable,
  weightStationaryTable,
  inputStationaryTable,
]);
export type SystolicParameters = z.infer<typeof systolicTable>;
