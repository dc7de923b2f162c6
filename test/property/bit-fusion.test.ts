/** Bit Fusion's grid, cycle by cycle, against its closed form and the sums of the definition, on random layers and tiles. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccumulatorParameters } from "../../hw-models/pe-array/arithmetic-parameters.js";
import { BitFusionArray } from "../../hw-models/pe-array/bit-fusion/bit-fusion.js";
import { bitFusionTable } from "../../hw-models/pe-array/bit-fusion/bit-fusion-parameters.js";
import { narrowLayers } from "../helpers/narrow-layers.js";
import { cuts, sumsOf, tilesOf, wholeTile } from "../helpers/random-layers.js";
import { countsOfRun, countsOfTiming, tilesOffShape } from "../helpers/valued-counts.js";

const WIDE: AccumulatorParameters = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 };

const parameters = fc
  .record({
    rows: fc.integer({ min: 1, max: 4 }),
    cols: fc.integer({ min: 1, max: 4 }),
    reductionOrder: fc.constantFrom("channels", "im2col"),
  })
  .map((sizes) => bitFusionTable.parse({ kind: "bit-fusion", activationBits: 8, weightBits: 8, ...sizes }));

/** Widths between those of a unit are rounded up. */
const layers = narrowLayers([1, 2, 3, 4, 5, 8, 11, 16], true);

describe("Bit Fusion", () => {
  it("takes the cycles and makes the counts of its closed form on tiles from any cut, with the sums of the definition", () => {
    fc.assert(
      fc.property(parameters, layers, cuts, (sizes, layer, steps) => {
        const prepared = new BitFusionArray(sizes, WIDE).prepare(layer);
        if (prepared.isByShape === true) expect(tilesOffShape(prepared, tilesOf(layer, steps))).toEqual([]);
        for (const tile of tilesOf(layer, steps)) {
          const run = prepared.runTile(tile);

          expect(countsOfRun(run)).toEqual(countsOfTiming(prepared.timeTile(tile)));
          expect([...run.ofmap]).toEqual(sumsOf(layer, tile).map((sum) => sum | 0));
        }
      }),
      { numRuns: 200 },
    );
  });

  it("is never slower for narrower operands, and reads no values to know its time", () => {
    fc.assert(
      fc.property(parameters, layers, (sizes, layer) => {
        const array = new BitFusionArray(sizes, WIDE);
        const times = [2, 4, 8, 16].map((bits) => {
          const stored = { ...layer.stored!, activationBits: bits, weightBits: bits };
          const { name, bounds, window } = layer;
          const shape = { name, bounds, window, stored };
          const unread = Object.defineProperties(shape, { ifmap: { get: refuse }, weight: { get: refuse } });
          return array.prepare(unread as unknown as typeof layer).timeTile(wholeTile(layer)).steadyCycles;
        });

        expect(times).toEqual(times.toSorted((one, other) => one - other));
      }),
    );
  });
});

function refuse(): never {
  throw new Error("values were read");
}
