/** Cambricon-X as an entry of the registry of PE arrays. */
import type { PeArrayKind } from "../pe-array-kind.js";
import type { ParametersOf } from "../pe-array-parameters.js";
import { CambriconXArray } from "./cambricon-x.js";
import { cambriconXHints, cambriconXInventory, describeCambriconX } from "./cambricon-x-structure.js";

export const CAMBRICON_X: PeArrayKind<ParametersOf<"cambricon-x">> = {
  name: "cambricon-x",
  description:
    "PEs with the stored synapses of one output neuron each, whose indexing modules pick the neurons they meet",
  source: "Zhang et al., 'Cambricon-X', MICRO 2016",
  create: (parameters, arithmetic) => new CambriconXArray(parameters, arithmetic),
  describe: describeCambriconX,
  axes: ({ pes, multipliersPerPe }) => [
    { dimensions: ["K"], axis: "PEs", parts: pes },
    { dimensions: ["C", "R", "S"], axis: "multipliers", parts: multipliersPerPe },
  ],
  widened: (parameters, pes) => ({ ...parameters, pes }),
  tilingHints: cambriconXHints,
  storage: ({ stepBits }) => ({ name: "run-length", parameters: { stepBits } }),
  crossbarBits: ({ activationBits }) => activationBits,
  inventory: cambriconXInventory,
};
