/** A small design for tests, every field given. */
import { DESIGN_SCHEMA_ID, type Design, designTable } from "../../hw-models/design.js";
import type { SystolicParameters } from "../../hw-models/pe-array/systolic-parameters.js";

type Overrides = { [Section in keyof Design]?: Partial<Design[Section]> | Design[Section] };

const SRAM = { capacityBytes: 65536, banks: 16, ports: 2, widthBytes: 16, doubleBuffered: true };

export type SystolicDesign = Design & { readonly peArray: SystolicParameters };

/** A design known to have a systolic array. */
export function onSystolicArray(design: Design): SystolicDesign {
  const { peArray } = design;
  if (peArray.kind !== "systolic") throw new Error(`${design.name} has no systolic array`);
  return { ...design, peArray };
}

/** The design with whole sections merged over the defaults. */
export function testDesign(overrides: Overrides = {}): SystolicDesign {
  const base = {
    schema: DESIGN_SCHEMA_ID,
    name: "test",
    source: "test",
    clockHz: 1e9,
    technology: { nodeNm: 45, supplyVolts: 0.9, operatingPoints: [] },
    peArray: {
      kind: "systolic",
      rows: 8,
      cols: 8,
      dataflow: "os",
      foldOverlap: "none",
      macPipelineStages: 1,
      activationBits: 8,
      weightBits: 8,
    },
    arithmetic: { accumulatorBits: 32, overflow: "wrap", requantize: "onnx-float32", psumSpillBits: 32 },
    buffers: { ifmap: SRAM, weight: SRAM, ofmap: SRAM, ifmapFeed: "im2col", keepFeatureMaps: false },
    units: { vector: { lanes: 8, pipelineStages: 4 }, weightDecoder: { valuesPerCycle: 16 } },
    dram: { kind: "pipe", technology: "DDR4", clockHz: 1e9, bytesPerClock: 16, latencyNs: 50, burstBytes: 64 },
    mapping: { loopOrder: "search" },
    energy: { overrides: {} },
  };
  const merged: Record<string, unknown> = { ...base };
  for (const [section, value] of Object.entries(overrides)) {
    const before = (base as Record<string, unknown>)[section];
    merged[section] =
      typeof value === "object" && !Array.isArray(value) ? { ...(before as object), ...(value as object) } : value;
  }
  return onSystolicArray(designTable.parse(merged));
}
