/**
 * Weight stationary: each PE keeps one weight, ifmaps stream and psums flow down.
 * Source: Chen et al., ISCA 2016 (taxonomy); Jouppi et al., ISCA 2017 (TPU); SCALE-Sim v3 (`ws`).
 */
import type { Dataflow } from "./dataflow.js";

export const WEIGHT_STATIONARY: Dataflow = {
  name: "ws",
  description: "Each PE keeps one weight; ifmaps stream and psums flow down",
  source: "Chen, Emer & Sze, 'Eyeriss', ISCA 2016, section IV (taxonomy); Jouppi et al., ISCA 2017",
  rows: ["C", "R", "S"],
  cols: ["K"],
  streamed: ["N", "P", "Q"],
};
