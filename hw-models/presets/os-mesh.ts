/** An output-stationary mesh of 32 x 32 PEs of 8 bits with a port for every lane, beside the arrays that SmartExchange is compared with. */
import { comparedPreset } from "./equal-resources.js";

const PAPER = "Muñoz-Martínez et al., 'STONNE', IISWC 2021 (its TPU-like mesh)";

export const OS_MESH_PRESET = comparedPreset({
  name: "os-mesh",
  description: "Output-stationary mesh of 32 x 32 PEs, a read port a lane and a write port a column",
  paper: PAPER,
  peArray: {
    kind: "os-mesh",
    dataflow: "os-mesh",
    rows: 32,
    cols: 32,
    readPorts: 64,
    writePorts: 32,
    activationBits: 8,
    weightBits: 8,
  },
  arraySources: {
    "peArray.rows": "1,024 multipliers in all, as a square",
    "peArray.cols": "1,024 multipliers in all, as a square",
    "peArray.readPorts": `${PAPER}: a port a lane, full bandwidth`,
    "peArray.writePorts": "assumed: a port a column, the fewest that never hold up a full mesh",
  },
});
