/** S2TA as an entry of the registry of PE arrays. */
import type { PeArrayKind } from "../pe-array-kind.js";
import type { ParametersOf } from "../pe-array-parameters.js";
import { S2taArray } from "./s2ta.js";
import { describeS2ta, s2taHints, s2taInventory } from "./s2ta-structure.js";

export const S2TA: PeArrayKind<ParametersOf<"s2ta">> = {
  name: "s2ta",
  description: "Grid of tensor PEs that take a block's non-zero activations one by one, each picking its weight",
  source: "Liu et al., 'S2TA', HPCA 2022",
  create: (parameters, arithmetic) => new S2taArray(parameters, arithmetic),
  describe: describeS2ta,
  axes: ({ tpeRows, tpeCols, rowsPerTpe, columnsPerTpe }) => [
    { dimensions: ["N", "P", "Q"], axis: "rows", parts: tpeRows * rowsPerTpe },
    { dimensions: ["K"], axis: "cols", parts: tpeCols * columnsPerTpe },
  ],
  widened: (parameters, tpeRows) => ({ ...parameters, tpeRows }),
  tilingHints: s2taHints,
  storage: () => ({ name: "dense", parameters: {} }),
  activationBlocks: ({ blockValues, activationBound }) =>
    activationBound === "measured" || activationBound >= blockValues
      ? undefined
      : { kept: activationBound, values: blockValues },
  inventory: s2taInventory,
};
