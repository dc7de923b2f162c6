/** Bit-pragmatic as an entry of the registry of PE arrays. */
import type { PeArrayKind } from "../pe-array-kind.js";
import type { ParametersOf } from "../pe-array-parameters.js";
import { BitPragmaticArray } from "./bit-pragmatic.js";
import { type BitPragmaticParameters, filterRows } from "./bit-pragmatic-parameters.js";
import { bitPragmaticHints, bitPragmaticInventory, describeBitPragmatic } from "./bit-pragmatic-structure.js";

/** The dataflow of a design is the synchronisation of the paper. */
function synchronised(parameters: ParametersOf<"bit-pragmatic">): BitPragmaticParameters {
  return parameters.dataflow === "pallet"
    ? { ...parameters, synchronisation: "pallet" }
    : { ...parameters, synchronisation: "column" };
}

export const BIT_PRAGMATIC: PeArrayKind<ParametersOf<"bit-pragmatic">> = {
  name: "bit-pragmatic",
  description: "Activations as lists of their powers of two, one after the other, against bit-parallel weights",
  source: "Albericio et al., 'Bit-Pragmatic Deep Neural Network Computing', MICRO 2017",
  create: (parameters, arithmetic) => new BitPragmaticArray(synchronised(parameters), arithmetic),
  describe: (parameters) => describeBitPragmatic(synchronised(parameters)),
  axes: (parameters) => [
    { dimensions: ["K"], axis: "filters", parts: filterRows(synchronised(parameters)) },
    { dimensions: ["P", "Q"], axis: "windows", parts: parameters.windowsPerPallet },
    { dimensions: ["C"], axis: "lanes", parts: parameters.lanes },
  ],
  widened: (parameters, filtersPerTile) => ({ ...parameters, filtersPerTile }),
  tilingHints: (parameters) => bitPragmaticHints(synchronised(parameters)),
  storage: () => ({ name: "dense", parameters: {} }),
  inventory: (parameters, accumulatorBits) => bitPragmaticInventory(synchronised(parameters), accumulatorBits),
};
