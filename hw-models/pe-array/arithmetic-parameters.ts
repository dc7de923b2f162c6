/** The arithmetic of the datapath: it is silicon, so it belongs to the design. */
import { z } from "zod";
import { choice, count } from "../../sim/core/params.js";

export const arithmeticTable = z.strictObject({
  accumulatorBits: count(8, 32, {
    unit: "bits",
    description: "Width of a partial-sum register, two's complement",
    source: "32 in Jouppi et al., ISCA 2017",
  }),
  overflow: choice(["wrap", "saturate", "error"], {
    description: "What an accumulator does past its range",
    source: "wrap is what two's complement adders do; saturate in DSP datapaths",
  }),
  psumSpillBits: count(8, 32, {
    unit: "bits",
    description: "Width of a partial sum when it leaves the array for the ofmap buffer or DRAM",
    source: "design choice; the accumulator's width keeps every bit",
  }),
});
export type ArithmeticParameters = z.infer<typeof arithmeticTable>;
