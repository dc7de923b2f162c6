/** Tables of all PE arrays as one choice: the dataflow tells them apart. */
import { z } from "zod";
import { inputStationaryTable, outputStationaryTable, weightStationaryTable } from "./systolic-parameters.js";

export const peArrayTable = z.discriminatedUnion("dataflow", [
  outputStationaryTable,
  weightStationaryTable,
  inputStationaryTable,
]);
export type PeArrayParameters = z.infer<typeof peArrayTable>;
