/** Parameter tables of a design's DRAM: a pipe of bandwidth and latency, or a device behind its controllers. */
import { z } from "zod";
import { choice, count, real } from "../../sim/core/params.js";
import { dramControllerTable } from "./controller-parameters.js";
import { DRAM_DEVICES } from "./index.js";
import { dramPipeTable, featureMapLayout } from "./pipe-parameters.js";

const DEVICE_NAMES = Object.keys(DRAM_DEVICES) as [string, ...string[]];

/** The controller of a design: two commands a cycle when the part has the buses for it, unless the design says otherwise. */
const designControllerTable = dramControllerTable.extend({
  dualCommand: dramControllerTable.shape.dualCommand.unwrap().optional(),
});

export const dramDeviceTable = z.strictObject({
  kind: z.literal("device").meta({
    description: "A DRAM part behind its controllers, command by command: banks, rows, refresh, turnarounds",
    source: "controller of DRAMsim3; see docs/model-validity.md",
  }),
  device: choice(DEVICE_NAMES, { description: "Part, as `pj list devices` names them", source: "pj show device" }),
  channels: count(1, 64, {
    description: "Channels, a power of two; the part's own number when left out",
    source: "design choice",
  }).optional(),
  memoryClockHz: real(0, 1e11, {
    unit: "Hz",
    description: "Memory clock; timings keep their numbers of cycles. The part's own when left out",
    source: "design choice",
  }).optional(),
  mapping: z
    .string()
    .length(12)
    .meta({
      description:
        "Address fields, most significant first: ro row, ch channel, ra rank, bg bank group, ba bank, co column. The part's " +
        "own when left out",
      source: "mapping strings of DRAMsim3",
    })
    .optional(),
  issueWidth: count(1, 64, {
    description:
      "Bursts that the memory interface hands to the controllers in a memory cycle; one a channel when left out",
    source: "design choice",
  }).optional(),
  layout: featureMapLayout,
  controller: designControllerTable.default(designControllerTable.parse({})),
});
export type DramDeviceParameters = z.infer<typeof dramDeviceTable>;

export const dramTable = z.discriminatedUnion("kind", [dramPipeTable, dramDeviceTable]);
export type DramParameters = z.infer<typeof dramTable>;
