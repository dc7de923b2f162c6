/**
 * Arrays in the manner of the first TPU: weight stationary, weights loaded into shadow registers behind the running fold,
 * folds pipelined, 4096 accumulator rows below the array. The chip is at 28 nm, which the scaling tables lack; 32 nm stands
 * for it. Its 24 MiB unified buffer is split between ifmaps and ofmaps, its weight FIFO of four 64 KiB tiles is the weight
 * buffer. Left out: the unified buffer as one memory, the host interface.
 */
import { DESIGN_SCHEMA_ID, type DesignInput } from "../design.js";
import type { Preset } from "./preset.js";

const PAPER = "Jouppi et al., 'In-datacenter performance analysis of a tensor processing unit', ISCA 2017";
const QUARTERED = "a quarter of the paper's array, the size of the TPU-like baseline of Qin et al., 'SIGMA', HPCA 2020";
const MEBIBYTE = 1024 * 1024;

function tpu(name: string, size: number, description: string, bytesPerClock: number): Preset {
  const design: DesignInput = {
    schema: DESIGN_SCHEMA_ID,
    name,
    source: PAPER,
    clockHz: 700e6,
    technology: {
      nodeNm: 32,
      supplyVolts: 0.9,
      operatingPoints: [
        { name: "low", clockHz: 400e6, supplyVolts: 0.8 },
        { name: "nominal", clockHz: 700e6, supplyVolts: 0.9 },
      ],
    },
    peArray: {
      kind: "systolic",
      rows: size,
      cols: size,
      dataflow: "ws",
      weightPreload: "shadow",
      foldOverlap: "pipelined",
      macPipelineStages: 1,
      accumulatorRows: 4096,
      activationBits: 8,
      weightBits: 8,
    },
    arithmetic: { accumulatorBits: 32, overflow: "wrap", requantize: "fixed-point-single", psumSpillBits: 32 },
    buffers: {
      ifmap: { capacityBytes: 12 * MEBIBYTE, banks: size / 16, ports: 2, widthBytes: 16, doubleBuffered: true },
      weight: { capacityBytes: 4 * size * size, banks: size / 16, ports: 2, widthBytes: 16, doubleBuffered: true },
      ofmap: { capacityBytes: 12 * MEBIBYTE, banks: size / 4, ports: 2, widthBytes: 16, doubleBuffered: true },
      ifmapFeed: "im2col",
      ifmapLayout: "array-order",
      keepFeatureMaps: true,
    },
    units: { vector: { lanes: size, pipelineStages: 8 }, weightDecoder: { valuesPerCycle: 2 * size } },
    dram: { kind: "pipe", technology: "DDR3", clockHz: 1.0667e9, bytesPerClock, latencyNs: 80, burstBytes: 64 },
    mapping: { loopOrder: "search" },
  };
  return {
    name,
    description,
    source: PAPER,
    fieldSources: {
      technology: "assumed: nominal supply of the node, and one lower operating point",
      "technology.nodeNm": "32 nm stands for the paper's 28 nm, which the scaling tables lack",
      ...(size === 256 ? {} : { "peArray.rows": QUARTERED, "peArray.cols": QUARTERED }),
      "peArray.macPipelineStages": "assumed",
      "arithmetic.overflow": "assumed",
      "arithmetic.requantize": "picojoule: the integer multiplier and shift of TFLite's single-rounding build",
      buffers: "assumed: banks and ports that keep the array fed",
      "buffers.weight.capacityBytes": `${PAPER}: weight FIFO, four tiles deep`,
      "buffers.ifmap.capacityBytes": `${PAPER}: 24 MiB unified buffer, half of it`,
      "buffers.ofmap.capacityBytes": `${PAPER}: 24 MiB unified buffer, half of it`,
      "buffers.keepFeatureMaps": `${PAPER}: intermediate results stay in the unified buffer`,
      units: "assumed: one lane a column",
      dram: "assumed",
      "dram.technology": `${PAPER}: dual-channel DDR3-2133`,
      "dram.clockHz": `${PAPER}: 34 GB/s of DDR3-2133 (32 bytes at 1.0667 GHz)`,
      "dram.bytesPerClock": `${PAPER}: 34 GB/s of DDR3-2133 (32 bytes at 1.0667 GHz)`,
      mapping: "picojoule",
    },
    design,
  };
}

export const TPU_PRESETS: readonly Preset[] = [
  tpu("tpu-like", 256, "256x256 ws, shadow weights, pipelined folds, 4096 accumulator rows", 32),
  tpu("tpu-like-128", 128, "128x128 ws, shadow weights, pipelined folds, 4096 accumulator rows", 32),
];
