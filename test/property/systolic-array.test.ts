import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccumulatorParameters } from "../../hw-models/pe-array/arithmetic-parameters.js";
import { PE_ARRAYS } from "../../hw-models/pe-array/index.js";
import type { FunctionalRun, GemmTile, TileTiming } from "../../hw-models/pe-array/pe-array.js";
import { type SystolicParameters, systolicTable } from "../../hw-models/pe-array/systolic-parameters.js";

const WIDE: AccumulatorParameters = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 };

const parameters: fc.Arbitrary<SystolicParameters> = fc
  .record({
    rows: fc.integer({ min: 1, max: 7 }),
    cols: fc.integer({ min: 1, max: 7 }),
    dataflow: fc.constantFrom("os", "ws", "is"),
    foldOverlap: fc.constantFrom("none", "pipelined"),
    macPipelineStages: fc.integer({ min: 1, max: 4 }),
    weightPreload: fc.constantFrom("exposed", "shadow"),
    accumulatorRows: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
  })
  .map(({ weightPreload, accumulatorRows, ...shared }) => {
    const stationary = { weightPreload, ...(accumulatorRows === undefined ? {} : { accumulatorRows }) };
    return systolicTable.parse({
      kind: "systolic",
      activationBits: 16,
      weightBits: 16,
      ...shared,
      ...(shared.dataflow === "os" ? {} : stationary),
    });
  });

const extent = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 24 }));
const tiles = fc.record({ rows: extent, columns: extent, reduction: extent });

/** Operands of a tile: one small set of values for bytes, the whole range for 16-bit words. */
function operandsOf(tile: GemmTile, wide: boolean, seed: number) {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 16) - 32768;
  };
  const kind = wide ? Int16Array : Int8Array;
  const ifmap = new kind(tile.rows * tile.reduction).map(next);
  const weight = new kind(tile.reduction * tile.columns).map(next);
  return { ifmap, weight };
}

function plainProduct(ifmap: ArrayLike<number>, weight: ArrayLike<number>, tile: GemmTile): number[] {
  const ofmap: number[] = [];
  for (let m = 0; m < tile.rows; m++) {
    for (let n = 0; n < tile.columns; n++) {
      let sum = 0;
      for (let k = 0; k < tile.reduction; k++) {
        sum += ifmap[m * tile.reduction + k]! * weight[k * tile.columns + n]!;
      }
      ofmap.push(Number(BigInt.asIntN(32, BigInt(sum))));
    }
  }
  return ofmap;
}

/** The same product in BigInts, each sum put through the register in the order in which the hardware adds. */
function orderedProduct(
  { ifmap, weight }: { ifmap: ArrayLike<number>; weight: ArrayLike<number> },
  tile: GemmTile,
  array: SystolicParameters,
  arithmetic: AccumulatorParameters,
): { ofmap: number[]; overflowEvents: number } {
  let overflowEvents = 0;
  const register = (value: bigint, bits: number): bigint => {
    const wrapped = BigInt.asIntN(bits, value);
    if (wrapped === value) return value;
    overflowEvents++;
    if (arithmetic.overflow === "wrap") return wrapped;
    const half = 1n << BigInt(bits - 1);
    return value > 0n ? half - 1n : -half;
  };
  const foldLength = array.dataflow === "os" ? tile.reduction : array.rows;
  const spills = array.dataflow !== "os" && array.accumulatorRows === undefined;
  const ofmap = Array.from({ length: tile.rows * tile.columns }, (_, place) => {
    const [m, n] = [Math.floor(place / tile.columns), place % tile.columns];
    let total: bigint | undefined;
    for (let from = 0; from < tile.reduction; from += foldLength) {
      const products = Array.from({ length: Math.min(foldLength, tile.reduction - from) }, (_, index) => {
        const k = from + index;
        return BigInt(ifmap[m * tile.reduction + k]!) * BigInt(weight[k * tile.columns + n]!);
      });
      const partial = products.reduce((sum, product) => register(sum + product, arithmetic.accumulatorBits), 0n);
      total = total === undefined ? partial : register(total + partial, arithmetic.accumulatorBits);
      const isLast = from + foldLength >= tile.reduction;
      if (spills && !isLast) total = register(total, arithmetic.psumSpillBits);
    }
    return Number(total);
  });
  return { ofmap, overflowEvents };
}

const COUNTS = [
  "macOps",
  "ifmapReads",
  "weightReads",
  "ofmapWrites",
  "psumReads",
  "operandRegisterWrites",
  "psumRegisterWrites",
] as const;

function countsOf(record: FunctionalRun | TileTiming): Record<string, number> {
  return Object.fromEntries(COUNTS.map((name) => [name, record[name]]));
}

describe("a systolic array", () => {
  it("takes the cycles and makes the counts of its closed form, register by register", () => {
    fc.assert(
      fc.property(parameters, tiles, fc.boolean(), fc.nat(), (array, tile, wide, seed) => {
        const machine = PE_ARRAYS.systolic.create(array, WIDE);
        const { ifmap, weight } = operandsOf(tile, wide, seed);

        const timing = machine.timeTile(tile);
        const run = machine.runTile(ifmap, weight, tile);

        expect(run.cycles).toBe(timing.preloadCycles + timing.steadyCycles + timing.drainCycles);
        expect(countsOf(run)).toEqual(countsOf(timing));
        expect([...run.ofmap]).toEqual(plainProduct(ifmap, weight, tile));
      }),
      { numRuns: 3000 },
    );
  });

  it("adds in narrow registers in the order of its dataflow, and counts every sum that did not fit", () => {
    const arithmetics = fc.record({
      accumulatorBits: fc.integer({ min: 8, max: 32 }),
      overflow: fc.constantFrom("wrap" as const, "saturate" as const),
      psumSpillBits: fc.integer({ min: 8, max: 32 }),
    });
    fc.assert(
      fc.property(parameters, tiles, arithmetics, fc.boolean(), fc.nat(), (array, tile, arithmetic, wide, seed) => {
        const machine = PE_ARRAYS.systolic.create(array, arithmetic);
        const operands = operandsOf(tile, wide, seed);

        const run = machine.runTile(operands.ifmap, operands.weight, tile);

        const { ofmap, overflowEvents } = orderedProduct(operands, tile, array, arithmetic);
        expect([...run.ofmap]).toEqual(ofmap);
        expect(run.overflowEvents).toBe(overflowEvents);
      }),
      { numRuns: 2000 },
    );
  });

  it("starts each run from a cleared state", () => {
    fc.assert(
      fc.property(parameters, tiles, tiles, fc.nat(), (array, first, second, seed) => {
        const used = PE_ARRAYS.systolic.create(array, WIDE);
        const before = operandsOf(first, true, seed);
        const { ifmap, weight } = operandsOf(second, false, seed + 1);

        used.runTile(before.ifmap, before.weight, first);

        const fresh = PE_ARRAYS.systolic.create(array, WIDE);
        expect(used.runTile(ifmap, weight, second)).toEqual(fresh.runTile(ifmap, weight, second));
      }),
      { numRuns: 500 },
    );
  });

  it("never gets slower by overlapping folds or by hiding loads", () => {
    fc.assert(
      fc.property(parameters, tiles, (array, tile) => {
        const cyclesOf = (changed: Partial<Record<"foldOverlap" | "weightPreload", string>>): number => {
          const timing = PE_ARRAYS.systolic.create(systolicTable.parse({ ...array, ...changed }), WIDE).timeTile(tile);
          return timing.preloadCycles + timing.steadyCycles + timing.drainCycles;
        };

        expect(cyclesOf({ foldOverlap: "pipelined" })).toBeLessThanOrEqual(cyclesOf({ foldOverlap: "none" }));
        if (array.dataflow !== "os") {
          expect(cyclesOf({ weightPreload: "shadow" })).toBeLessThanOrEqual(cyclesOf({ weightPreload: "exposed" }));
        }
      }),
    );
  });
});
