/**
 * Input stationary: each PE keeps one ifmap element, weights stream and psums flow down.
 * Source: Parashar et al., ISCA 2017 (SCNN, input stationary); SCALE-Sim v3 (`is`).
 */
import type { Dataflow } from "./dataflow.js";

export const INPUT_STATIONARY: Dataflow = {
  name: "is",
  description: "Each PE keeps one ifmap element; weights stream and psums flow down",
  source: "Parashar et al., 'SCNN', ISCA 2017; SCALE-Sim v3",
  rows: ["C", "R", "S"],
  cols: ["N", "P", "Q"],
  streamed: ["K"],
};
