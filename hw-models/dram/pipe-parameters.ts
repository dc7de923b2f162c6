/** Parameter table of the DRAM pipe: a bus of fixed bandwidth and latency. */
import { z } from "zod";
import { choice, count, real } from "../../sim/core/params.js";

export const DRAM_KINDS = ["DDR3", "DDR4", "LPDDR4", "GDDR5", "HBM2"] as const;

/** Where feature maps lie in DRAM: a tile of one is few long stretches or many short ones. */
export const featureMapLayout = choice(["tiled", "row-major", "channel-interleaved"], {
  description:
    "Order of feature maps in DRAM. tiled: each tile in one stretch, as if whoever wrote it knew who reads it. row-major: " +
    "lines of a channel, then channels. channel-interleaved: all channels of a pixel, then pixels",
  source: "NCHW and NHWC; tiled is their ideal bound",
}).default("tiled");

export const dramPipeTable = z.strictObject({
  kind: z.literal("pipe").meta({
    description: "Bandwidth and latency only: no banks, rows or refresh",
    source: "first-order model; see docs/model-validity.md",
  }),
  technology: choice(DRAM_KINDS, {
    description: "Memory whose energy per bit is charged",
    source: "energy table, group dram-per-bit",
  }),
  clockHz: real(0, 1e11, {
    unit: "Hz",
    description: "Clock of the data bus; one beat of `bytesPerClock` each",
    source: "design choice",
  }),
  bytesPerClock: count(1, 65536, {
    unit: "bytes",
    description: "Bytes the bus moves in one clock of its own",
    source: "design choice",
  }),
  latencyNs: real(
    0,
    1e6,
    {
      unit: "ns",
      description: "From a request at the controller to its first data; a request behind others overlaps it",
      source: "design choice; about tRCD + CL + controller of the device",
    },
    true,
  ),
  burstBytes: count(1, 4096, {
    unit: "bytes",
    description: "Smallest transfer; requests are rounded up to whole bursts",
    source: "64 bytes for x64 DDR (BL8 of 8 bytes)",
  }),
  layout: featureMapLayout,
});
export type DramPipeParameters = z.infer<typeof dramPipeTable>;
