/** Parameter table of the output-stationary mesh. */
import { z } from "zod";
import { count } from "../../../sim/core/params.js";
import { operandBits } from "../operand-bits.js";

const STONNE = "Muñoz-Martínez et al., 'STONNE', IISWC 2021 (its TPU-like mesh)";

export const osMeshTable = z.strictObject({
  kind: z.literal("os-mesh").meta({
    description: "Grid of MACs whose sums stay, behind read ports and write ports that lanes and PEs share",
    source: STONNE,
  }),
  rows: count(1, 512, { description: "PEs down the mesh, each row with a lane of its own for inputs", source: STONNE }),
  cols: count(1, 512, {
    description: "PEs across the mesh, each column with a lane of its own for weights",
    source: STONNE,
  }),
  readPorts: count(1, 1024, {
    description: "Ports that feed the lanes of columns and rows, neighbours by neighbours, a word a cycle each",
    source: `${STONNE}: a port a lane where bandwidth is full`,
  }),
  writePorts: count(1, 262144, {
    description: "Ports that sums leave through, a word a cycle each; PE number i has port i mod writePorts",
    source: `${STONNE}: a port a column or more where bandwidth is full`,
  }),
  activationBits: operandBits.meta({
    unit: "bits",
    description: "Width of the ifmap operand of a multiplier",
    source: "design choice; 8 in Jouppi et al., ISCA 2017",
  }),
  weightBits: operandBits.meta({
    unit: "bits",
    description: "Width of the weight operand of a multiplier",
    source: "design choice; 8 in Jouppi et al., ISCA 2017",
  }),
});
export type OsMeshParameters = z.infer<typeof osMeshTable>;
