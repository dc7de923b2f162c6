/** DaDianNao as an entry of the registry of PE arrays. */
import type { PeArrayKind } from "../pe-array-kind.js";
import type { ParametersOf } from "../pe-array-parameters.js";
import { DaDianNaoArray } from "./dadiannao.js";
import { daDianNaoHints, daDianNaoInventory, describeDaDianNao } from "./dadiannao-structure.js";

export const DADIANNAO: PeArrayKind<ParametersOf<"dadiannao">> = {
  name: "dadiannao",
  description: "Tiles of bit-parallel multipliers that take one brick of activations of one window a cycle",
  source: "Chen et al., 'DaDianNao', MICRO 2014",
  create: (parameters, arithmetic) => new DaDianNaoArray(parameters, arithmetic),
  describe: describeDaDianNao,
  axes: ({ tiles, filtersPerTile, lanes }) => [
    { dimensions: ["K"], axis: "filters", parts: tiles * filtersPerTile },
    { dimensions: ["C"], axis: "lanes", parts: lanes },
  ],
  widened: (parameters, filtersPerTile) => ({ ...parameters, filtersPerTile }),
  tilingHints: daDianNaoHints,
  storage: () => ({ name: "dense", parameters: {} }),
  inventory: daDianNaoInventory,
};
