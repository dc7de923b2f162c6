/** Registry of dataflows. */
import type { Dataflow } from "./dataflow.js";
import { INPUT_STATIONARY } from "./input-stationary.js";
import { OUTPUT_STATIONARY } from "./output-stationary.js";
import { WEIGHT_STATIONARY } from "./weight-stationary.js";

export const DATAFLOWS: Readonly<Record<Dataflow["name"], Dataflow>> = {
  os: OUTPUT_STATIONARY,
  ws: WEIGHT_STATIONARY,
  is: INPUT_STATIONARY,
};
