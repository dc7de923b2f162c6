/** The registers in lanes of WebAssembly against the plain loops: the whole record of a run, wide arrays and ragged folds included. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccumulatorParameters } from "../../hw-models/pe-array/arithmetic-parameters.js";
import { RegisterLanes } from "../../hw-models/pe-array/register-lanes.js";
import { SystolicArray } from "../../hw-models/pe-array/systolic.js";
import { type SystolicParameters, systolicTable } from "../../hw-models/pe-array/systolic-parameters.js";

/** Past two vectors of eight, so that whole lanes, halves and single columns all occur. */
const MAX_SIDE = 21;

const arrays: fc.Arbitrary<SystolicParameters> = fc
  .record({
    rows: fc.integer({ min: 1, max: MAX_SIDE }),
    cols: fc.oneof(fc.constantFrom(8, 16), fc.integer({ min: 1, max: MAX_SIDE })),
    dataflow: fc.constantFrom("os", "ws", "is"),
    foldOverlap: fc.constantFrom("none", "pipelined"),
    macPipelineStages: fc.integer({ min: 1, max: 3 }),
    weightPreload: fc.constantFrom("exposed", "shadow"),
    accumulatorRows: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
  })
  .map(({ weightPreload, accumulatorRows, ...shared }) =>
    systolicTable.parse({
      kind: "systolic",
      activationBits: 16,
      weightBits: 16,
      ...shared,
      ...(shared.dataflow === "os" ? {} : { weightPreload, ...(accumulatorRows !== undefined && { accumulatorRows }) }),
    }),
  );

const extent = fc.integer({ min: 1, max: 50 });
const tiles = fc.record({ rows: extent, columns: extent, reduction: extent });

const arithmetics: fc.Arbitrary<AccumulatorParameters> = fc.record({
  accumulatorBits: fc.constantFrom(16, 24, 32),
  overflow: fc.constantFrom("wrap", "saturate"),
  psumSpillBits: fc.constantFrom(16, 32),
});

/** Bytes or 12-bit words, so that sums stay in wide registers and leave narrow ones. */
function numbers(count: number, wide: boolean, seed: number): Int8Array | Int16Array {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) | 0;
    return wide ? state >> 20 : state >> 24;
  };
  return wide ? new Int16Array(count).map(next) : new Int8Array(count).map(next);
}

describe("registers in lanes", () => {
  it("do what the plain ones do: values, cycles, counts and overflows, tile after tile", () => {
    fc.assert(
      fc.property(
        arrays,
        arithmetics,
        fc.array(tiles, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        fc.nat(),
        (parameters, arithmetic, work, wide, seed) => {
          const lanes = new SystolicArray(parameters, arithmetic, "lanes");
          const plain = new SystolicArray(parameters, arithmetic, "plain");
          for (const [index, tile] of work.entries()) {
            const ifmap = numbers(tile.rows * tile.reduction, wide, seed + index);
            const weight = numbers(tile.reduction * tile.columns, !wide, seed - index);

            expect(lanes.runTile(ifmap, weight, tile)).toEqual(plain.runTile(ifmap, weight, tile));
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it("multiply the most negative operands without losing a bit", () => {
    const shared = { kind: "systolic", rows: 9, cols: 17, foldOverlap: "none", macPipelineStages: 1 };
    const widths = { activationBits: 16, weightBits: 16 };
    const tile = { rows: 20, columns: 20, reduction: 1 };
    for (const own of [{ dataflow: "os" }, { dataflow: "ws", weightPreload: "exposed" }]) {
      const parameters = systolicTable.parse({ ...shared, ...widths, ...own });
      const array = new SystolicArray(parameters, { accumulatorBits: 32, overflow: "error", psumSpillBits: 32 });

      const { ofmap } = array.runTile(new Int16Array(20).fill(-32768), new Int16Array(20).fill(-32768), tile);

      expect(new Set(ofmap)).toEqual(new Set([2 ** 30]));
    }
  });

  it("are not made where an array has more registers than they are meant for", () => {
    const sizes = { psums: 2 ** 25, east: 1, columns: 1, chain: 0, entering: 4 };

    expect(RegisterLanes.create(sizes)).toBeUndefined();
  });
});
