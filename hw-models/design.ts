/**
 * The schema of a design: one table per block, composed. A section enters on the day a model reads it.
 */
import { z } from "zod";
import { choice, real } from "../sim/core/params.js";
import { buffersTable } from "./buffer/buffer-parameters.js";
import { weightDecoderTable } from "./codec/weight-decoder-parameters.js";
import { dramTable } from "./dram/dram-parameters.js";
import { energyTable, technologyTable } from "./energy/technology-parameters.js";
import { arithmeticTable } from "./pe-array/arithmetic-parameters.js";
import { peArrayTable } from "./pe-array/pe-array-parameters.js";
import { vectorUnitTable } from "./vector/vector-unit-parameters.js";

export const DESIGN_SCHEMA_ID = "picojoule/design@1";

export const mappingTable = z.strictObject({
  loopOrder: choice(["search", "pkc", "kpc", "kcp", "ckp", "pck", "cpk"], {
    description:
      "Order of the loops over DRAM tiles, outermost first: k output channels, c input channels, p ofmap positions and " +
      "batch. search: the order and tile with the fewest DRAM bytes. p innermost fetches weights once, k innermost fetches " +
      "ifmaps once, c outside k or p spills partial sums",
    source: "reuse orders of Sze et al., Proc. IEEE 105(12), 2017, section V",
  }),
});

export const designTable = z.strictObject({
  schema: z.literal(DESIGN_SCHEMA_ID).meta({ description: "Format of this file", source: "picojoule" }),
  name: z.string().min(1).max(80).meta({ description: "Name shown in reports", source: "user" }),
  source: z.string().min(1).meta({ description: "Where the design's sizes come from", source: "user" }),
  clockHz: real(0, 1e11, { unit: "Hz", description: "Core clock", source: "design choice" }),
  technology: technologyTable,
  peArray: peArrayTable,
  arithmetic: arithmeticTable,
  buffers: buffersTable,
  units: z.strictObject({ vector: vectorUnitTable, weightDecoder: weightDecoderTable }),
  dram: dramTable,
  mapping: mappingTable,
  energy: energyTable.default({ overrides: {} }),
});

/** A resolved design: every parameter has its value. */
export type Design = z.infer<typeof designTable>;
/** A design as presets write it, defaults still open. */
export type DesignInput = z.input<typeof designTable>;
