/** Parameter table of the decoder that turns compressed weights into the dense operands of an array. */
import { z } from "zod";
import { count } from "../../sim/core/params.js";

export const weightDecoderTable = z.strictObject({
  valuesPerCycle: count(1, 65536, {
    description: "Dense weights (zeros included) that the decoder writes into the weight buffer in a cycle",
    source: "design choice",
  }),
});
