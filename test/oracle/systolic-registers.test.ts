/** The fast register-level arrays against one written out literally, and the sequencer against its hazards. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FoldList, listFolds } from "../../hw-models/pe-array/fold-list.js";
import { PE_ARRAYS } from "../../hw-models/pe-array/index.js";
import type { GemmTile } from "../../hw-models/pe-array/pe-array.js";
import { type SystolicParameters, systolicTable } from "../../hw-models/pe-array/systolic-parameters.js";
import {
  type FoldSchedule,
  scheduleOutputStationary,
  scheduleStationary,
} from "../../hw-models/pe-array/systolic-sequencer.js";
import {
  Hazard,
  type LiteralRun,
  runOutputStationaryLiterally,
  runStationaryLiterally,
} from "./literal-systolic-array.js";

const WIDE = { accumulatorBits: 32, overflow: "error", psumSpillBits: 32 } as const;

const parameters: fc.Arbitrary<SystolicParameters> = fc
  .record({
    rows: fc.integer({ min: 1, max: 5 }),
    cols: fc.integer({ min: 1, max: 5 }),
    dataflow: fc.constantFrom("os", "ws", "is"),
    foldOverlap: fc.constantFrom("none", "pipelined"),
    macPipelineStages: fc.integer({ min: 1, max: 4 }),
    weightPreload: fc.constantFrom("exposed", "shadow"),
    accumulatorRows: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
  })
  .map(({ weightPreload, accumulatorRows, ...shared }) => {
    const stationary = { weightPreload, ...(accumulatorRows === undefined ? {} : { accumulatorRows }) };
    return systolicTable.parse({
      kind: "systolic",
      activationBits: 8,
      weightBits: 8,
      ...shared,
      ...(shared.dataflow === "os" ? {} : stationary),
    });
  });

const extent = fc.integer({ min: 1, max: 12 });
const tiles = fc.record({ rows: extent, columns: extent, reduction: extent });

interface Machine {
  readonly folds: FoldList;
  readonly schedule: FoldSchedule;
  runLiterally(schedule: FoldSchedule): LiteralRun;
}

function machineOf(array: SystolicParameters, tile: GemmTile, ifmap: Int8Array, weight: Int8Array): Machine {
  const { rows: M, columns: N, reduction: K } = tile;
  const ifmapAt = (m: number, k: number): number => ifmap[m * K + k]!;
  const weightAt = (k: number, n: number): number => weight[k * N + n]!;
  if (array.dataflow === "os") {
    const folds = listFolds(
      { extent: M, piece: array.rows },
      { extent: N, piece: array.cols },
      { extent: K, piece: K },
    );
    const schedule = scheduleOutputStationary(array, folds);
    const runLiterally = (changed: FoldSchedule): LiteralRun =>
      runOutputStationaryLiterally(array, folds, changed, ifmapAt, (n, k) => weightAt(k, n));
    return { folds, schedule, runLiterally };
  }
  const isWeightStationary = array.dataflow === "ws";
  const [Sc, T] = isWeightStationary ? [N, M] : [M, N];
  const chunk = Math.min(T, array.accumulatorRows ?? T);
  const folds = listFolds(
    { extent: K, piece: array.rows },
    { extent: Sc, piece: array.cols },
    { extent: T, piece: chunk },
  );
  const schedule = scheduleStationary(array, folds);
  const shape = { ...array, shadow: array.weightPreload === "shadow" };
  const stationary = (k: number, c: number): number => (isWeightStationary ? weightAt(k, c) : ifmapAt(c, k));
  const streamed = (k: number, t: number): number => (isWeightStationary ? ifmapAt(t, k) : weightAt(k, t));
  const runLiterally = (changed: FoldSchedule): LiteralRun =>
    runStationaryLiterally(shape, folds, changed, stationary, streamed);
  return { folds, schedule, runLiterally };
}

function bytes(length: number, seed: number): Int8Array {
  let state = seed;
  return new Int8Array(length).map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

describe("the register-level systolic array", () => {
  it("does cycle for cycle and latch for latch what an array of single PEs does", () => {
    fc.assert(
      fc.property(parameters, tiles, fc.nat(), (array, tile, seed) => {
        const ifmap = bytes(tile.rows * tile.reduction, seed);
        const weight = bytes(tile.reduction * tile.columns, seed + 1);
        const { schedule, runLiterally } = machineOf(array, tile, ifmap, weight);

        const literal = runLiterally(schedule);
        const run = PE_ARRAYS.systolic.create(array, WIDE).runTile(ifmap, weight, tile);

        const swapped = array.dataflow === "is";
        expect(run.cycles).toBe(schedule.cycles);
        expect(literal.lastOutputCycle).toBeLessThan(schedule.cycles);
        expect(run.macOps).toBe(literal.macOps);
        expect(swapped ? run.weightReads : run.ifmapReads).toBe(literal.rowPortReads);
        expect(swapped ? run.ifmapReads : run.weightReads).toBe(literal.columnPortReads);
        expect(run.operandRegisterWrites).toBe(literal.operandRegisterWrites);
        const accumulates = array.dataflow !== "os" && array.accumulatorRows !== undefined;
        expect(run.psumRegisterWrites).toBe(literal.psumRegisterWrites + (accumulates ? literal.outputs : 0));
        for (let m = 0; m < tile.rows; m++) {
          for (let n = 0; n < tile.columns; n++) {
            expect(run.ofmap[m * tile.columns + n]).toBe(literal.sums.get(swapped ? `${n},${m}` : `${m},${n}`));
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  it("leaves the last output in the last cycle when folds are full", () => {
    fc.assert(
      fc.property(parameters, fc.integer({ min: 1, max: 9 }), (array, stream) => {
        const tile = fullTile(array, stream);
        const { schedule, runLiterally } = machineOf(
          array,
          tile,
          bytes(tile.rows * tile.reduction, 1),
          bytes(tile.reduction * tile.columns, 2),
        );

        expect(runLiterally(schedule).lastOutputCycle).toBe(schedule.cycles - 1);
      }),
      { numRuns: 200 },
    );
  });

  it("enters overlapping folds as early as the hardware allows: a cycle sooner is a hazard", () => {
    const overlapping = parameters.filter((array) => array.foldOverlap === "pipelined");
    fc.assert(
      fc.property(overlapping, fc.integer({ min: 1, max: 9 }), (array, stream) => {
        const tile = fullTile(array, stream);
        const { folds, schedule, runLiterally } = machineOf(
          array,
          tile,
          bytes(tile.rows * tile.reduction, 1),
          bytes(tile.reduction * tile.columns, 2),
        );
        fc.pre(folds.count > 1);
        const sooner = (times: Float64Array): Float64Array => times.map((time, fold) => (fold === 1 ? time - 1 : time));
        const early = { ...schedule, loadAt: sooner(schedule.loadAt), enterAt: sooner(schedule.enterAt) };

        expect(() => runLiterally(early)).toThrow(Hazard);
      }),
      { numRuns: 200 },
    );
  });
});

/** A tile of two full folds each way. */
function fullTile(array: SystolicParameters, stream: number): GemmTile {
  if (array.dataflow === "os") return { rows: 2 * array.rows, columns: 2 * array.cols, reduction: stream };
  const streamed = Math.min(stream, array.accumulatorRows ?? stream);
  const across = 2 * array.cols;
  const down = 2 * array.rows;
  return array.dataflow === "ws"
    ? { rows: streamed, columns: across, reduction: down }
    : { rows: across, columns: streamed, reduction: down };
}
