/** The accumulators of kernels and of PE arrays are written apart; sums and overflow events must be the same. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Accumulator } from "../../algorithms/kernels/accumulator.js";
import { matmulInteger } from "../../algorithms/kernels/matmul-integer.js";
import { PE_ARRAYS } from "../../hw-models/pe-array/index.js";
import { systolicTable } from "../../hw-models/pe-array/systolic-parameters.js";
import { foldsOf } from "../../sim/run/datapath-arithmetic.js";
import { numbers, zeros } from "../helpers/kernel-tensors.js";

const extents = fc.record({ rows: fc.integer({ min: 1, max: 5 }), columns: fc.integer({ min: 1, max: 5 }) });
const byte = fc.integer({ min: -128, max: 127 });

describe.each([
  { dataflow: "os" },
  { dataflow: "ws" },
  { dataflow: "ws", accumulatorRows: 64 },
  { dataflow: "is" },
] as const)("an array $dataflow with accumulator rows $accumulatorRows and the product kernel", (choice) => {
  it("give the same sums and the same overflow events in registers of any width", () => {
    const parameters = systolicTable.parse({
      ...{ kind: "systolic", rows: 3, cols: 2, foldOverlap: "none", macPipelineStages: 1 },
      ...{ activationBits: 8, weightBits: 8, ...choice },
      ...(choice.dataflow !== "os" && { weightPreload: "exposed" }),
    });
    let overflows = 0;
    fc.assert(
      fc.property(
        extents,
        fc.integer({ min: 1, max: 20 }),
        fc.infiniteStream(byte),
        fc.integer({ min: 8, max: 24 }),
        fc.integer({ min: 8, max: 24 }),
        fc.constantFrom("wrap" as const, "saturate" as const),
        ({ rows, columns }, reduction, stream, accumulatorBits, psumSpillBits, overflow) => {
          const ifmap = Int8Array.from([...stream.take(rows * reduction)]);
          const weight = Int8Array.from([...stream.take(reduction * columns)]);
          const rules = { accumulatorBits, overflow, psumSpillBits };
          const run = PE_ARRAYS.systolic.create(parameters, rules).runTile(ifmap, weight, { rows, columns, reduction });
          const folds = foldsOf({ peArray: parameters });
          const accumulator = new Accumulator({ ...rules, folds }, "product");
          const y = zeros([rows, columns], "int32");
          const zero = { values: [0], perMatrix: 1 };
          matmulInteger(y, {
            first: numbers([rows, reduction], "int8", [...ifmap]),
            second: numbers([reduction, columns], "int8", [...weight]),
            ...{ firstZeros: zero, secondZeros: zero, accumulator },
          });

          expect([...y.values]).toEqual([...run.ofmap]);
          expect(accumulator.overflowEvents).toBe(run.overflowEvents);
          overflows += run.overflowEvents;
        },
      ),
      { numRuns: 300 },
    );
    expect(overflows).toBeGreaterThan(100);
  });
});
