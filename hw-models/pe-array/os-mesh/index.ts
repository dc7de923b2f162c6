/** The output-stationary mesh as an entry of the registry of PE arrays. */
import type { PeArrayKind } from "../pe-array-kind.js";
import type { ParametersOf } from "../pe-array-parameters.js";
import { OsMeshArray } from "./os-mesh.js";
import { describeOsMesh, osMeshAxes, osMeshHints, osMeshInventory } from "./os-mesh-structure.js";

export const OS_MESH: PeArrayKind<ParametersOf<"os-mesh">> = {
  name: "os-mesh",
  description: "Grid of MACs whose sums stay, behind read ports and write ports that lanes and PEs share",
  source: "Muñoz-Martínez et al., 'STONNE', IISWC 2021",
  create: (parameters, arithmetic) => new OsMeshArray(parameters, arithmetic),
  describe: describeOsMesh,
  axes: osMeshAxes,
  widened: (parameters, rows) => ({ ...parameters, rows }),
  tilingHints: osMeshHints,
  storage: () => ({ name: "dense", parameters: {} }),
  inventory: osMeshInventory,
};
