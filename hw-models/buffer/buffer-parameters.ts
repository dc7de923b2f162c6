/** Parameter tables of the on-chip buffers: one SRAM per operand, banked and ported. */
import { z } from "zod";
import { choice, count, flag } from "../../sim/core/params.js";

const sram = {
  capacityBytes: count(64, 2 ** 32, {
    unit: "bytes",
    description: "Capacity of the buffer, both halves of a double buffer together",
    source: "design choice",
  }),
  banks: count(1, 1024, {
    description: "Banks; consecutive rows of `widthBytes` lie in consecutive banks",
    source: "design choice",
  }),
  ports: count(1, 8, { description: "Accesses that one bank serves in a cycle", source: "design choice" }),
  widthBytes: count(1, 1024, {
    unit: "bytes",
    description: "Row of one bank: what one access reads or writes",
    source: "design choice",
  }),
  doubleBuffered: flag({
    description: "Half of the buffer is filled while the array works from the other half",
    source: "common practice; SCALE-Sim v3",
  }),
};
export const sramTable = z.strictObject(sram);
export type SramParameters = z.infer<typeof sramTable>;

export const buffersTable = z.strictObject({
  ifmap: sramTable,
  weight: sramTable,
  ofmap: sramTable,
  ifmapFeed: choice(["im2col", "line-buffer"], {
    description:
      "im2col: every operand that enters the array is read from the ifmap buffer. line-buffer: each ifmap element is read " +
      "once a pass and reused across overlapping windows in row registers beside the array",
    source: "im2col: SCALE-Sim v3; line buffer: the sliding-window unit of streaming CNN accelerators",
  }),
  ifmapLayout: choice(["array-order", "channels-last", "channels-first"], {
    description:
      "Where ifmap elements lie in the buffer. array-order: elements read together lie together, as an im2col filler " +
      "places them. channels-last and channels-first: the tensor as it is, so that strided reads meet in one bank",
    source: "array-order: SCALE-Sim v3 without its layout option; the others: NHWC and NCHW",
  }).default("array-order"),
  keepFeatureMaps: flag({
    description:
      "A feature map whose only reader is the next layer stays on chip when it fits both feature-map buffers",
    source: "layer fusion, Alwani et al., MICRO 2016 (without their recomputation)",
  }),
});
