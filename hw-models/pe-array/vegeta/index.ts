/** VEGETA as an entry of the registry of PE arrays. */
import type { PeArrayKind } from "../pe-array-kind.js";
import type { ParametersOf } from "../pe-array-parameters.js";
import { BLOCK } from "../weight-blocks.js";
import { VegetaArray } from "./vegeta.js";
import { lanesOf } from "./vegeta-parameters.js";
import { describeVegeta, vegetaHints, vegetaInventory } from "./vegeta-structure.js";

export const VEGETA: PeArrayKind<ParametersOf<"vegeta">> = {
  name: "vegeta",
  description: "Systolic matrix engine whose filters keep one, two or all of each four weights, and take as many lanes",
  source: "Jeong et al., 'VEGETA', HPCA 2023",
  create: (parameters, arithmetic) => new VegetaArray(parameters, arithmetic),
  describe: describeVegeta,
  axes: (parameters) => [
    { dimensions: ["C", "R", "S"], axis: "rows", parts: parameters.rows * BLOCK },
    { dimensions: ["K"], axis: "lanes", parts: lanesOf(parameters) / BLOCK },
  ],
  widened: (parameters, peColumns) => ({ ...parameters, peColumns }),
  tilingHints: vegetaHints,
  storage: () => ({ name: "dense", parameters: {} }),
  inventory: vegetaInventory,
};
