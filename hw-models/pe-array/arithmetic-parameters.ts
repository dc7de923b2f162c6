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
  requantize: choice(["onnx-float32", "fixed-point-double", "fixed-point-single", "pow2-shift"], {
    description:
      "How the output stage brings a sum back to a narrow code: a float32 multiplier; an integer multiplier and a shift, " +
      "rounded twice or once; a shift alone",
    source: "ONNX QLinearConv-10; TFLite MultiplyByQuantizedMultiplier (gemmlowp)",
  }).default("onnx-float32"),
  psumSpillBits: count(8, 32, {
    unit: "bits",
    description: "Width of an unfinished sum that waits in the ofmap buffer or DRAM",
    source: "design choice; the accumulator's width keeps every bit",
  }),
});
export type ArithmeticParameters = z.infer<typeof arithmeticTable>;

/** What concerns sums inside the array and on their way out, not the codes that the output stage makes of them. */
export type AccumulatorParameters = Omit<ArithmeticParameters, "requantize">;
