/** SCNN and its dense twin as entries of the registry of PE arrays. */
import type { PeArrayKind } from "../pe-array-kind.js";
import { DcnnArray } from "./dcnn.js";
import type { DcnnParameters } from "./dcnn-parameters.js";
import { dcnnHints, dcnnInventory, describeDcnn } from "./dcnn-structure.js";
import { ScnnArray } from "./scnn.js";
import type { ScnnParameters } from "./scnn-parameters.js";
import { describeScnn, scnnHints, scnnInventory } from "./scnn-structure.js";

export const SCNN: PeArrayKind<ScnnParameters> = {
  name: "scnn",
  description:
    "PEs with a piece of the plane each, that multiply all non-zero activations of a channel by all its weights",
  source: "Parashar et al., 'SCNN', ISCA 2017",
  create: (parameters, arithmetic) => new ScnnArray(parameters, arithmetic),
  describe: describeScnn,
  axes: ({ peRows, peCols }) => [
    { dimensions: ["P"], axis: "PE rows", parts: peRows },
    { dimensions: ["Q"], axis: "PE columns", parts: peCols },
  ],
  widened: (parameters, peRows) => ({ ...parameters, peRows }),
  tilingHints: scnnHints,
  storage: ({ indexBits }) => ({ name: "run-length", parameters: { stepBits: indexBits } }),
  crossbarBits: ({ activationBits, weightBits }) => activationBits + weightBits,
  inventory: scnnInventory,
};

export const DCNN: PeArrayKind<DcnnParameters> = {
  name: "dcnn",
  description: "PEs with a piece of the plane each, and a dot product over input channels: SCNN's dense twin",
  source: "Parashar et al., 'SCNN', ISCA 2017",
  create: (parameters, arithmetic) => new DcnnArray(parameters, arithmetic),
  describe: describeDcnn,
  axes: ({ peRows, peCols, lanes }) => [
    { dimensions: ["P"], axis: "PE rows", parts: peRows },
    { dimensions: ["Q"], axis: "PE columns", parts: peCols },
    { dimensions: ["C"], axis: "lanes", parts: lanes },
  ],
  widened: (parameters, peRows) => ({ ...parameters, peRows }),
  tilingHints: dcnnHints,
  storage: () => ({ name: "dense", parameters: {} }),
  inventory: dcnnInventory,
};
