/** Systolic tensor arrays as an entry of the registry of PE arrays. */
import type { PeArrayKind } from "../pe-array-kind.js";
import type { ParametersOf } from "../pe-array-parameters.js";
import { StaDbbArray } from "./sta-dbb.js";
import { describeStaDbb, staDbbHints, staDbbInventory } from "./sta-dbb-structure.js";

export const STA_DBB: PeArrayKind<ParametersOf<"sta-dbb">> = {
  name: "sta-dbb",
  description: "Grid of tensor PEs with dot products over blocks, whose few multipliers pick activations by position",
  source: "Liu, Whatmough & Mattina, 'Systolic tensor array', IEEE CAL 19(1), 2020",
  create: (parameters, arithmetic) => new StaDbbArray(parameters, arithmetic),
  describe: describeStaDbb,
  axes: ({ tpeRows, tpeCols, rowsPerTpe, columnsPerTpe, multipliersPerDot }) => [
    { dimensions: ["N", "P", "Q"], axis: "rows", parts: tpeRows * rowsPerTpe },
    { dimensions: ["K"], axis: "cols", parts: tpeCols * columnsPerTpe },
    { dimensions: ["C", "R", "S"], axis: "multipliers", parts: multipliersPerDot },
  ],
  widened: (parameters, tpeRows) => ({ ...parameters, tpeRows }),
  tilingHints: staDbbHints,
  storage: () => ({ name: "dense", parameters: {} }),
  inventory: staDbbInventory,
};
