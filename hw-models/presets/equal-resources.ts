/**
 * The machine around arrays that are compared with SmartExchange: the same clock, node, buffers, vector unit and memory for each, so
 * that only the array differs. The paper's 28 nm is not in the scaling tables; 32 nm stands for it.
 */
import { DESIGN_SCHEMA_ID, type DesignInput } from "../design.js";
import type { Calibration } from "./calibration.js";
import type { Preset } from "./preset.js";

const COMPARISON = "Zhao et al., 'SmartExchange', ISCA 2020, its comparison on equal resources";
const RECALLED = `${COMPARISON}; recalled, not checked against the text`;
const KIBIBYTE = 1024;

/** What a preset of the comparison says of its own array. */
export interface ComparedArray {
  readonly name: string;
  readonly description: string;
  readonly paper: string;
  readonly peArray: DesignInput["peArray"];
  /** Sources of the fields of the array. */
  readonly arraySources: Readonly<Record<string, string>>;
  readonly calibration?: Calibration;
  readonly notes?: readonly string[];
}

export function comparedPreset(compared: ComparedArray): Preset {
  const { name, description, paper, peArray, arraySources, calibration, notes } = compared;
  const sram = { ports: 1, doubleBuffered: true };
  return {
    name,
    description,
    source: paper,
    ...(calibration && { calibration }),
    ...(notes && { notes }),
    fieldSources: {
      clockHz: RECALLED,
      technology: "assumed: nominal supply of the node",
      "technology.nodeNm": "32 nm stands for the 28 nm of the comparison, which the scaling tables lack",
      "peArray.activationBits": RECALLED,
      "peArray.weightBits": RECALLED,
      ...arraySources,
      arithmetic: "assumed: 32-bit sums",
      "arithmetic.requantize": "picojoule: the integer multiplier and shift of TFLite's single-rounding build",
      buffers: "assumed: banks and ports that keep the widest array fed",
      "buffers.ifmap.capacityBytes": RECALLED,
      "buffers.weight.capacityBytes": `${RECALLED}: two halves of 2 KB for each of 64 slices`,
      "buffers.ofmap.capacityBytes":
        "assumed: the 4 KB recalled of the comparison hold outputs on their way out, which are a tile of outputs here",
      units: "assumed",
      dram: "assumed",
      "dram.clockHz": `${RECALLED}: 64 GB/s`,
      "dram.bytesPerClock": `${RECALLED}: 64 GB/s`,
      mapping: "picojoule",
    },
    design: {
      schema: DESIGN_SCHEMA_ID,
      name,
      source: paper,
      clockHz: 1e9,
      technology: { nodeNm: 32, supplyVolts: 0.9, operatingPoints: [] },
      peArray,
      arithmetic: { accumulatorBits: 32, overflow: "wrap", requantize: "fixed-point-single", psumSpillBits: 32 },
      buffers: {
        ifmap: { ...sram, capacityBytes: 512 * KIBIBYTE, banks: 32, widthBytes: 32 },
        weight: { ...sram, capacityBytes: 256 * KIBIBYTE, banks: 64, widthBytes: 32 },
        ofmap: { ...sram, capacityBytes: 64 * KIBIBYTE, banks: 16, widthBytes: 16 },
        ifmapFeed: "im2col",
        ifmapLayout: "array-order",
        keepFeatureMaps: false,
      },
      units: { vector: { lanes: 64, pipelineStages: 4 }, weightDecoder: { valuesPerCycle: 64 } },
      dram: { kind: "pipe", technology: "DDR4", clockHz: 1e9, bytesPerClock: 64, latencyNs: 60, burstBytes: 64 },
      mapping: { loopOrder: "search" },
    },
  };
}
