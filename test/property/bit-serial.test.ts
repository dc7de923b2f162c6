/** The bit-serial array, cycle by cycle, against its closed form and the sums of the definition, on random layers and tiles. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccumulatorParameters } from "../../hw-models/pe-array/arithmetic-parameters.js";
import { BitSerialArray } from "../../hw-models/pe-array/bit-serial/bit-serial.js";
import { bitSerialTable } from "../../hw-models/pe-array/bit-serial/bit-serial-parameters.js";
import { narrowLayers } from "../helpers/narrow-layers.js";
import { cuts, sumsOf, tilesOf, wholeTile } from "../helpers/random-layers.js";
import { countsOfRun, countsOfTiming } from "../helpers/valued-counts.js";

const WIDE: AccumulatorParameters = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 };

const parameters = fc
  .record({
    tiles: fc.integer({ min: 1, max: 2 }),
    filtersPerTile: fc.integer({ min: 1, max: 3 }),
    windowsPerPallet: fc.integer({ min: 1, max: 5 }),
    lanes: fc.integer({ min: 1, max: 5 }),
    serialOperand: fc.constantFrom("activation", "weight"),
  })
  .map((sizes) => bitSerialTable.parse({ kind: "bit-serial", activationBits: 8, weightBits: 8, ...sizes }));

const layers = narrowLayers([1, 2, 3, 5, 8, 16], true);

describe("the bit-serial array", () => {
  it("takes the cycles and makes the counts of its closed form on tiles from any cut, with the sums of the definition", () => {
    fc.assert(
      fc.property(parameters, layers, cuts, (sizes, layer, steps) => {
        const prepared = new BitSerialArray(sizes, WIDE).prepare(layer);
        for (const tile of tilesOf(layer, steps)) {
          const run = prepared.runTile(tile);

          expect(countsOfRun(run)).toEqual(countsOfTiming(prepared.timeTile(tile)));
          expect([...run.ofmap]).toEqual(sumsOf(layer, tile).map((sum) => sum | 0));
        }
      }),
      { numRuns: 200 },
    );
  });

  it("takes cycles in proportion to the width of the serial operand, whatever the other one's", () => {
    fc.assert(
      fc.property(parameters, layers, (sizes, layer) => {
        const array = new BitSerialArray(sizes, WIDE);
        const cycles = (activationBits: number, weightBits: number) => {
          const stored = { ...layer.stored!, activationBits, weightBits };
          return array.prepare({ ...layer, stored }).timeTile(wholeTile(layer)).steadyCycles;
        };

        const [narrow, wide] =
          sizes.serialOperand === "weight" ? [cycles(5, 1), cycles(3, 16)] : [cycles(1, 5), cycles(16, 3)];

        expect(wide).toBe(16 * narrow);
      }),
    );
  });
});
