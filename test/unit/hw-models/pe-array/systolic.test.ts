import { describe, expect, it } from "vitest";
import type { AccumulatorParameters } from "../../../../hw-models/pe-array/arithmetic-parameters.js";
import { PE_ARRAYS } from "../../../../hw-models/pe-array/index.js";
import { type SystolicParameters, systolicTable } from "../../../../hw-models/pe-array/systolic-parameters.js";
import { ModelError, UnsupportedError } from "../../../../sim/core/errors.js";

const WIDE: AccumulatorParameters = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 };

function arrayOf(changed: Record<string, unknown>, arithmetic = WIDE) {
  const shared = { kind: "systolic", rows: 4, cols: 3, foldOverlap: "none", macPipelineStages: 1 };
  const widths = { activationBits: 8, weightBits: 8 };
  const stationary = changed.dataflow === "os" ? {} : { weightPreload: "exposed" };
  const parameters: SystolicParameters = systolicTable.parse({ ...shared, ...widths, ...stationary, ...changed });
  return PE_ARRAYS.systolic.create(parameters, arithmetic);
}

/** 6 x 5 x 10 on 4 x 3: os 2 row folds x 2 column folds; ws 3 row folds (10 over 4) x 2 column folds (5 over 3). */
const TILE = { rows: 6, columns: 5, reduction: 10 };

describe("SystolicArray.timeTile", () => {
  it("spends K+R+C-2 cycles on each output-stationary fold", () => {
    const timing = arrayOf({ dataflow: "os" }).timeTile(TILE);

    // 4 folds of 10 + 4 + 3 - 2 = 15 cycles.
    expect(timing).toMatchObject({ folds: 4, preloadCycles: 0, steadyCycles: 60, drainCycles: 0, computeCycles: 40 });
    // ifmap FC*M*K = 2*60, weight FR*N*K = 2*50.
    expect(timing).toMatchObject({ macOps: 300, ifmapReads: 120, weightReads: 100, ofmapWrites: 30, psumReads: 0 });
    expect(timing.ofmapFeed).toEqual({ beats: 12, vectorElements: 3, axis: "columns" });
  });

  it("lets the next output-stationary fold in after K cycles, and adds the multiplier's stages once", () => {
    const timing = arrayOf({ dataflow: "os", foldOverlap: "pipelined", macPipelineStages: 3 }).timeTile(TILE);

    // 4 * 10, then the rest of the last fold: 10 + 4 + 3 - 2 + 2 - 10 = 7.
    expect(timing).toMatchObject({ steadyCycles: 40, drainCycles: 7 });
  });

  it("waits for the output bus when the reduction is shorter than the array is tall", () => {
    const timing = arrayOf({ dataflow: "os", foldOverlap: "pipelined" }).timeTile({ ...TILE, reduction: 2 });

    // 4 rows leave each column one a cycle; the last fold drains 2 + 4 + 3 - 2 - 4 = 3 cycles more.
    expect(timing).toMatchObject({ steadyCycles: 16, drainCycles: 3 });
  });

  it("spends T+2R+C-2 cycles on each weight-stationary fold with exposed loads", () => {
    const timing = arrayOf({ dataflow: "ws" }).timeTile(TILE);

    // 6 folds of 6 + 8 + 3 - 2 = 15 cycles.
    expect(timing).toMatchObject({ folds: 6, preloadCycles: 0, steadyCycles: 90, drainCycles: 0, computeCycles: 36 });
    // ifmap FC*M*K, weight N*K, psums written by each of 3 row folds and read by two.
    expect(timing).toMatchObject({ ifmapReads: 120, weightReads: 50, ofmapWrites: 90, psumReads: 60 });
    // Loads: a column of 4 is latched 4+3+2+1 = 10 times, the ragged 2 at the bottom 4+3 = 7 times: 5 * (10+10+7).
    expect(timing.operandRegisterWrites).toBe(300 + 135);
    expect(timing.weightFeed).toEqual({ beats: 20, vectorElements: 3, axis: "columns" });
    expect(timing.ifmapFeed).toEqual({ beats: 36, vectorElements: 4, axis: "reduction" });
  });

  it("hides loads behind streaming with shadow registers and overlapping folds", () => {
    const timing = arrayOf({ dataflow: "ws", weightPreload: "shadow", foldOverlap: "pipelined" }).timeTile(TILE);

    // 4 cycles of load up front, 6 folds of max(6, 4), and 6 + 4 + 3 - 2 - 6 = 5 to drain.
    expect(timing).toMatchObject({ preloadCycles: 4, steadyCycles: 36, drainCycles: 5 });
  });

  it("writes each output once and reads no psums where accumulators hold a chunk, at the price of loading again", () => {
    const timing = arrayOf({ dataflow: "ws", accumulatorRows: 4 }).timeTile(TILE);

    // Chunks of 4 and 2: 6 folds of 4 + 9 and 6 of 2 + 9 cycles; weights are read twice.
    expect(timing).toMatchObject({ folds: 12, steadyCycles: 6 * 13 + 6 * 11, weightReads: 100 });
    expect(timing).toMatchObject({ ofmapWrites: 30, psumReads: 0, psumRegisterWrites: 300 + 3 * 30 });
  });

  it("exchanges the operands' roles in input stationary", () => {
    const ws = arrayOf({ dataflow: "ws" }).timeTile({ rows: 7, columns: 5, reduction: 10 });
    const is = arrayOf({ dataflow: "is" }).timeTile({ rows: 5, columns: 7, reduction: 10 });

    expect(is.steadyCycles).toBe(ws.steadyCycles);
    expect([is.ifmapReads, is.weightReads]).toEqual([ws.weightReads, ws.ifmapReads]);
    expect(is.ifmapFeed).toEqual({ ...ws.weightFeed, axis: "rows" });
    expect(is.weightFeed).toEqual(ws.ifmapFeed);
    expect(is.ofmapFeed).toEqual({ ...ws.ofmapFeed, axis: "rows" });
  });

  it("refuses a tile without work as a bug of its caller", () => {
    expect(() => arrayOf({ dataflow: "os" }).timeTile({ rows: 0, columns: 1, reduction: 1 })).toThrow(ModelError);
  });
});

describe("SystolicArray.runTile", () => {
  const ifmap = new Int8Array([100, 100]);
  const weight = new Int8Array([100, 100]);
  const tile = { rows: 1, columns: 1, reduction: 2 };

  it("wraps at the accumulator's width", () => {
    const run = arrayOf({ dataflow: "os" }, { ...WIDE, accumulatorBits: 14 }).runTile(ifmap, weight, tile);

    // 10,000 - 16,384 = -6,384; + 10,000 = 3,616.
    expect([...run.ofmap]).toEqual([3616]);
    expect(run.overflowEvents).toBe(1);
  });

  it("saturates at the accumulator's width, each addition anew", () => {
    const saturating = { ...WIDE, accumulatorBits: 14, overflow: "saturate" } as const;
    const run = arrayOf({ dataflow: "os" }, saturating).runTile(ifmap, weight, tile);

    expect([...run.ofmap]).toEqual([8191]);
    expect(run.overflowEvents).toBe(2);
  });

  it("narrows psums that wait in the ofmap buffer, but not finished sums", () => {
    // One row of PEs: each product is a row fold. 10,000 spills at 14 bits as -6,384; -6,384 + 10,000 = 3,616.
    const narrow = { ...WIDE, psumSpillBits: 14 };
    const spilled = arrayOf({ dataflow: "ws", rows: 1 }, narrow).runTile(ifmap, weight, tile);
    const kept = arrayOf({ dataflow: "ws", rows: 1, accumulatorRows: 8 }, narrow).runTile(ifmap, weight, tile);

    expect([...spilled.ofmap]).toEqual([3616]);
    expect([...kept.ofmap]).toEqual([20000]);
  });

  it("names the PE whose sum did not fit, where the design makes overflow an error", () => {
    const strict = { ...WIDE, accumulatorBits: 15, overflow: "error" } as const;
    const run = () => arrayOf({ dataflow: "os" }, strict).runTile(ifmap, weight, tile);

    expect(run).toThrow(UnsupportedError);
    expect(run).toThrow(/psum of row 0, column 0[\s\S]*20000[\s\S]*-16384 to 16383/);
  });

  it("holds the largest 16-bit products apart from each other", () => {
    const least = new Int16Array([-32768, -32768]);
    const run = arrayOf({ dataflow: "is" }).runTile(least, least, tile);

    // 2^30 + 2^30 = 2^31 wraps to -2^31.
    expect([...run.ofmap]).toEqual([-2147483648]);
    expect(run.overflowEvents).toBe(1);
  });

  it("refuses operands of another size than the tile's", () => {
    expect(() => arrayOf({ dataflow: "os" }).runTile(ifmap, weight, { ...tile, rows: 2 })).toThrow(ModelError);
  });
});
