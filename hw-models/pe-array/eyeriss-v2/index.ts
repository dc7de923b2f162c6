/** Eyeriss v2 as an entry of the registry of PE arrays. */
import type { PeArrayKind } from "../pe-array-kind.js";
import type { ParametersOf } from "../pe-array-parameters.js";
import { EyerissV2Array } from "./eyeriss-v2.js";
import { describeEyerissV2, eyerissV2Hints, eyerissV2Inventory } from "./eyeriss-v2-structure.js";

export const EYERISS_V2: PeArrayKind<ParametersOf<"eyeriss-v2">> = {
  name: "eyeriss-v2",
  description: "PEs that go from each non-zero activation to the non-zero weights it meets",
  source: "Chen et al., 'Eyeriss v2', JETCAS 9(2), 2019",
  create: (parameters, arithmetic) => new EyerissV2Array(parameters, arithmetic),
  describe: describeEyerissV2,
  axes: ({ pes, macsPerPe }) => [
    { dimensions: ["N", "P", "Q"], axis: "PEs", parts: pes },
    { dimensions: ["K"], axis: "MACs", parts: macsPerPe },
  ],
  widened: (parameters, pes) => ({ ...parameters, pes }),
  tilingHints: eyerissV2Hints,
  storage: () => ({ name: "csc", parameters: {} }),
  inventory: eyerissV2Inventory,
};
