/**
 * The sizes of the Eyeriss chip: 12x14 PEs of 16 bits, 108 KiB of global buffer, 65 nm, 200 MHz. The dataflow is weight
 * stationary here: row stationary is not modelled yet, so cycles and traffic are not those of the chip. The global buffer is
 * split between the operands (the chip shares it, and 108 KB is as commonly quoted: the Sparseloop artifact's model of the chip
 * has 100 KiB); DRAM is sized as in published models of it.
 */
import { DESIGN_SCHEMA_ID } from "../design.js";
import type { Preset } from "./preset.js";

const PAPER = "Chen et al., 'Eyeriss', JSSC 52(1), 2017 (12x14 PEs of 16 bits)";
const QUOTED = "as commonly quoted of Chen et al., JSSC 52(1), 2017; not checked against the text";

export const EYERISS_PRESET: Preset = {
  name: "eyeriss",
  description: "Eyeriss-sized 12x14 array of 16 bits; weight stationary, not the chip's row stationary",
  source: PAPER,
  fieldSources: {
    clockHz: QUOTED,
    technology: QUOTED,
    "peArray.dataflow": "row stationary is not modelled yet; weight stationary stands in",
    "peArray.weightPreload": "assumed, for the stand-in dataflow",
    "peArray.foldOverlap": "assumed, for the stand-in dataflow",
    "peArray.macPipelineStages": "assumed",
    arithmetic: "assumed: wide accumulators; the chip keeps 16-bit psums, which is the width they leave the array with",
    "arithmetic.requantize": "picojoule: the integer multiplier and shift of TFLite's single-rounding build",
    buffers: "assumed: a split of the shared global buffer, 108 KiB together",
    "buffers.ifmapFeed": "assumed: stands for the reuse of ifmap rows inside the chip's PEs",
    units: "assumed: one lane a column",
    dram: "assumed",
    "dram.bytesPerClock": "nn_dataflow's model of the chip: two 16-bit words a cycle of 200 MHz",
    mapping: "picojoule",
  },
  design: {
    schema: DESIGN_SCHEMA_ID,
    name: "eyeriss",
    source: PAPER,
    clockHz: 200e6,
    technology: { nodeNm: 65, supplyVolts: 1.0, operatingPoints: [] },
    peArray: {
      kind: "systolic",
      rows: 12,
      cols: 14,
      dataflow: "ws",
      weightPreload: "shadow",
      foldOverlap: "pipelined",
      macPipelineStages: 2,
      activationBits: 16,
      weightBits: 16,
    },
    arithmetic: { accumulatorBits: 32, overflow: "wrap", requantize: "fixed-point-single", psumSpillBits: 16 },
    buffers: {
      ifmap: { capacityBytes: 49152, banks: 6, ports: 1, widthBytes: 8, doubleBuffered: true },
      weight: { capacityBytes: 8192, banks: 4, ports: 1, widthBytes: 8, doubleBuffered: true },
      ofmap: { capacityBytes: 53248, banks: 13, ports: 1, widthBytes: 8, doubleBuffered: true },
      ifmapFeed: "line-buffer",
      ifmapLayout: "array-order",
      keepFeatureMaps: false,
    },
    units: { vector: { lanes: 14, pipelineStages: 2 }, weightDecoder: { valuesPerCycle: 8 } },
    dram: { kind: "pipe", technology: "DDR3", clockHz: 200e6, bytesPerClock: 4, latencyNs: 60, burstBytes: 64 },
    mapping: { loopOrder: "search" },
  },
};
