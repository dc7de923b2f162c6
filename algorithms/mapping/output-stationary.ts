/**
 * Output stationary: each PE keeps one ofmap element and the reduction streams through.
 * Source: Chen et al., ISCA 2016 (taxonomy); SCALE-Sim v3 (`os`).
 */
import type { Dataflow } from "./dataflow.js";

export const OUTPUT_STATIONARY: Dataflow = {
  name: "os",
  description: "Each PE keeps one ofmap element; ifmap and weights stream",
  source: "Chen, Emer & Sze, 'Eyeriss', ISCA 2016, section IV (taxonomy)",
  rows: ["N", "P", "Q"],
  cols: ["K"],
  streamed: ["C", "R", "S"],
};
