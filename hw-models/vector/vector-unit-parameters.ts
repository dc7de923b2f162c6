/** Parameter table of the vector unit: everything that is not a MAC runs here. */
import { z } from "zod";
import { count } from "../../sim/core/params.js";

export const vectorUnitTable = z.strictObject({
  lanes: count(1, 65536, {
    description:
      "Elements that one pass handles in a cycle; also the rate at which the array's outputs are post-processed",
    source: "design choice; as many as array columns keeps the output path free",
  }),
  pipelineStages: count(0, 64, {
    unit: "cycles",
    description: "Fill of the vector pipeline, paid once a pass",
    source: "design choice",
  }),
});
export type VectorUnitParameters = z.infer<typeof vectorUnitTable>;
