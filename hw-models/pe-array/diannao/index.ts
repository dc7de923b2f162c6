/** DianNao as an entry of the registry of PE arrays. */
import type { PeArrayKind } from "../pe-array-kind.js";
import type { ParametersOf } from "../pe-array-parameters.js";
import { DianNaoArray } from "./diannao.js";
import { describeDianNao, dianNaoHints, dianNaoInventory } from "./diannao-structure.js";

export const DIANNAO: PeArrayKind<ParametersOf<"diannao">> = {
  name: "diannao",
  description: "Neurons with a multiplier for each of a few inputs and an adder tree; all take the same inputs",
  source: "Chen et al., 'DianNao', ASPLOS 2014",
  create: (parameters, arithmetic) => new DianNaoArray(parameters, arithmetic),
  describe: describeDianNao,
  axes: ({ outputs, inputs }) => [
    { dimensions: ["K"], axis: "neurons", parts: outputs },
    { dimensions: ["C", "R", "S"], axis: "inputs", parts: inputs },
  ],
  widened: (parameters, outputs) => ({ ...parameters, outputs }),
  tilingHints: dianNaoHints,
  storage: () => ({ name: "dense", parameters: {} }),
  inventory: dianNaoInventory,
};
