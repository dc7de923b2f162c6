/** Shift-and-add units, cycle by cycle, against the closed form and the sums of the definition, on random layers and tiles. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccumulatorParameters } from "../../hw-models/pe-array/arithmetic-parameters.js";
import { ShiftAddArray } from "../../hw-models/pe-array/shift-add/shift-add.js";
import { shiftAddTable } from "../../hw-models/pe-array/shift-add/shift-add-parameters.js";
import { narrowLayers, powerLayers } from "../helpers/narrow-layers.js";
import { cuts, randomLayers, sumsOf, tilesOf, wholeTile } from "../helpers/random-layers.js";
import { countsOfRun, countsOfTiming, tilesOffShape } from "../helpers/valued-counts.js";

const WIDE: AccumulatorParameters = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 };

const parameters = fc
  .record({
    outputs: fc.integer({ min: 1, max: 5 }),
    inputs: fc.integer({ min: 1, max: 6 }),
    termsPerCycle: fc.integer({ min: 1, max: 4 }),
    zeroTerms: fc.constantFrom("added", "gated"),
  })
  .map((sizes) => shiftAddTable.parse({ kind: "shift-add", activationBits: 16, weightBits: 16, ...sizes }));

const layers = fc.oneof(powerLayers, randomLayers, narrowLayers([2, 4, 8, 16], false));

describe("the array of shift-and-add units", () => {
  it("takes the cycles and makes the counts of its closed form on tiles from any cut, with the sums of the definition", () => {
    fc.assert(
      fc.property(parameters, layers, cuts, (sizes, layer, steps) => {
        const prepared = new ShiftAddArray(sizes, WIDE).prepare(layer);
        if (prepared.isByShape === true) expect(tilesOffShape(prepared, tilesOf(layer, steps))).toEqual([]);
        for (const tile of tilesOf(layer, steps)) {
          const run = prepared.runTile(tile);

          expect(countsOfRun(run)).toEqual(countsOfTiming(prepared.timeTile(tile)));
          expect([...run.ofmap]).toEqual(sumsOf(layer, tile).map((sum) => sum | 0));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("takes the same cycles for other weights of one encoding, and gates no more than it adds", () => {
    fc.assert(
      fc.property(parameters, powerLayers, (sizes, layer) => {
        const other = { ...layer, weight: layer.weight.map((_, at) => layer.weight[layer.weight.length - 1 - at]!) };
        const time = (zeroTerms: "added" | "gated", values: typeof layer) =>
          new ShiftAddArray({ ...sizes, zeroTerms }, WIDE).prepare(values).timeTile(wholeTile(values));

        const [added, gated] = [time("added", layer), time("gated", layer)];

        expect(time("added", other)).toEqual(added);
        expect(gated.steadyCycles).toBe(added.steadyCycles);
        expect(gated.shiftAddOps).toBeLessThanOrEqual(added.shiftAddOps);
      }),
    );
  });
});
