/** Bit Fusion as an entry of the registry of PE arrays. */
import type { PeArrayKind } from "../pe-array-kind.js";
import type { ParametersOf } from "../pe-array-parameters.js";
import { BitFusionArray } from "./bit-fusion.js";
import { bitFusionHints, bitFusionInventory, describeBitFusion } from "./bit-fusion-structure.js";

export const BIT_FUSION: PeArrayKind<ParametersOf<"bit-fusion">> = {
  name: "bit-fusion",
  description:
    "Systolic grid of fusion units, whose 2-bit multipliers are put together as wide as a layer's operands are",
  source: "Sharma et al., 'Bit Fusion', ISCA 2018",
  create: (parameters, arithmetic) => new BitFusionArray(parameters, arithmetic),
  describe: describeBitFusion,
  axes: ({ rows, cols }) => [
    { dimensions: ["K"], axis: "columns", parts: cols },
    { dimensions: ["C", "R", "S"], axis: "rows", parts: rows },
  ],
  widened: (parameters, cols) => ({ ...parameters, cols }),
  tilingHints: bitFusionHints,
  storage: () => ({ name: "dense", parameters: {} }),
  inventory: bitFusionInventory,
};
