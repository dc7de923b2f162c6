/** The SIGMA-like array as an entry of the registry of PE arrays. */
import type { PeArrayKind } from "../pe-array-kind.js";
import type { ParametersOf } from "../pe-array-parameters.js";
import { SigmaArray } from "./sigma.js";
import { describeSigma, sigmaHints, sigmaInventory } from "./sigma-structure.js";

export const SIGMA: PeArrayKind<ParametersOf<"sigma">> = {
  name: "sigma",
  description:
    "Row of multipliers that hold the non-zeros of one operand, whole rows side by side, and stream the other",
  source: "Qin et al., 'SIGMA', HPCA 2020",
  create: (parameters, arithmetic) => new SigmaArray(parameters, arithmetic),
  describe: describeSigma,
  axes: ({ multipliers }) => [{ dimensions: ["K", "C", "R", "S"], axis: "multipliers", parts: multipliers }],
  widened: (parameters, multipliers) => ({
    ...parameters,
    multipliers,
    readPorts: Math.max(1, Math.round((parameters.readPorts * multipliers) / parameters.multipliers)),
  }),
  tilingHints: sigmaHints,
  storage: () => ({ name: "bitmap", parameters: {} }),
  crossbarBits: ({ activationBits, weightBits }) => Math.max(activationBits, weightBits),
  inventory: sigmaInventory,
};
