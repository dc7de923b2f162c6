/** Sparse tensor cores as an entry of the registry of PE arrays. */
import type { PeArrayKind } from "../pe-array-kind.js";
import type { ParametersOf } from "../pe-array-parameters.js";
import { SparseTensorCoreArray } from "./sparse-tensor-core.js";
import { depthOf, stepOf } from "./sparse-tensor-core-parameters.js";
import {
  describeSparseTensorCore,
  sparseTensorCoreHints,
  sparseTensorCoreInventory,
} from "./sparse-tensor-core-structure.js";

export const SPARSE_TENSOR_CORE: PeArrayKind<ParametersOf<"sparse-tensor-core">> = {
  name: "sparse-tensor-core",
  description:
    "Cores that multiply small matrices; the weights may keep two of each four, which pick their activations",
  source: "Mishra et al., arXiv 2104.08378, 2021",
  create: (parameters, arithmetic) => new SparseTensorCoreArray(parameters, arithmetic),
  describe: describeSparseTensorCore,
  axes: (parameters) => [
    { dimensions: ["K"], axis: "rows", parts: stepOf(parameters).channels },
    { dimensions: ["N", "P", "Q"], axis: "columns", parts: stepOf(parameters).positions },
    { dimensions: ["C", "R", "S"], axis: "multipliers", parts: depthOf(parameters) },
  ],
  widened: (parameters, channelCores) => ({ ...parameters, channelCores }),
  tilingHints: sparseTensorCoreHints,
  storage: () => ({ name: "dense", parameters: {} }),
  inventory: sparseTensorCoreInventory,
};
