/**
 * Plain systolic arrays from 8x8 to 256x256 in each dataflow, timed as SCALE-Sim times them: the stationary operand is
 * loaded in the open, folds do not overlap, a MAC takes one cycle, psums go to the ofmap buffer. Buffers and memory grow with
 * the array, so that no size starves by construction: 64 KiB a buffer at 32x32, and a DRAM byte a cycle for each two columns.
 */
import { DESIGN_SCHEMA_ID, type DesignInput } from "../design.js";
import type { Preset } from "./preset.js";

const DATAFLOWS = ["os", "ws", "is"] as const;
const SIZES = [8, 16, 32, 64, 128, 256] as const;

const SIZING = "picojoule: sized to the array; 64 KiB a buffer at 32x32 as in the SCALE-Sim example configurations";
const ASSUMED = "picojoule: assumed";

type Sram = DesignInput["buffers"]["ifmap"];

/** A buffer that gives the array one vector of `elements` a cycle, `ports` of them at a time. */
function buffer(capacityBytes: number, elements: number, bytesPerElement: number, ports: number): Sram {
  const rowBytes = Math.min(16, elements * bytesPerElement);
  return {
    capacityBytes,
    banks: (elements * bytesPerElement) / rowBytes,
    ports,
    widthBytes: rowBytes,
    doubleBuffered: true,
  };
}

function systolic(size: number, dataflow: (typeof DATAFLOWS)[number]): Preset {
  const name = `systolic-${size}x${size}-${dataflow}`;
  const capacityBytes = Math.max(16384, 64 * size * size);
  const shared = {
    kind: "systolic",
    rows: size,
    cols: size,
    foldOverlap: "none",
    macPipelineStages: 1,
    activationBits: 8,
    weightBits: 8,
  } as const;
  return {
    name,
    description: `${size}x${size} systolic array, ${dataflow}, SCALE-Sim timing`,
    source: "SCALE-Sim v3 (timing of the array); picojoule (sizes)",
    fieldSources: {
      clockHz: ASSUMED,
      technology: "picojoule: 45 nm, the node with the most sources in the energy tables; operating points assumed",
      "peArray.activationBits": ASSUMED,
      "peArray.weightBits": ASSUMED,
      arithmetic: ASSUMED,
      "arithmetic.requantize": "picojoule: the integer multiplier and shift of TFLite's single-rounding build",
      buffers: SIZING,
      units: "picojoule: one lane a column; the decoder keeps two of them fed",
      dram: "picojoule: a byte a cycle for each two columns, at least 8; latency assumed",
      mapping: "picojoule",
    },
    design: {
      schema: DESIGN_SCHEMA_ID,
      name,
      source: "SCALE-Sim v3 (timing of the array); picojoule (sizes)",
      clockHz: 1e9,
      technology: {
        nodeNm: 45,
        supplyVolts: 0.9,
        operatingPoints: [
          { name: "low", clockHz: 0.5e9, supplyVolts: 0.75 },
          { name: "nominal", clockHz: 1e9, supplyVolts: 0.9 },
          { name: "high", clockHz: 1.15e9, supplyVolts: 1.0 },
        ],
      },
      peArray: dataflow === "os" ? { ...shared, dataflow } : { ...shared, dataflow, weightPreload: "exposed" },
      arithmetic: { accumulatorBits: 32, overflow: "wrap", requantize: "fixed-point-single", psumSpillBits: 32 },
      buffers: {
        ifmap: buffer(capacityBytes, size, 1, 2),
        weight: buffer(capacityBytes, size, 1, 2),
        ofmap: buffer(capacityBytes, size, 4, 2),
        ifmapFeed: "im2col",
        ifmapLayout: "array-order",
        keepFeatureMaps: false,
      },
      units: { vector: { lanes: size, pipelineStages: 4 }, weightDecoder: { valuesPerCycle: 2 * size } },
      dram: {
        kind: "pipe",
        technology: "DDR4",
        clockHz: 1e9,
        bytesPerClock: Math.max(8, size / 2),
        latencyNs: 60,
        burstBytes: 64,
      },
      mapping: { loopOrder: "search" },
    },
  };
}

export const SYSTOLIC_PRESETS: readonly Preset[] = SIZES.flatMap((size) =>
  DATAFLOWS.map((dataflow) => systolic(size, dataflow)),
);
