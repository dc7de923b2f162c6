/** DCNN, dot product by dot product, against its closed form and the sums of the definition, on random small layers and tiles. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DcnnArray } from "../../hw-models/pe-array/scnn/dcnn.js";
import { dcnnTable } from "../../hw-models/pe-array/scnn/dcnn-parameters.js";
import { cuts, randomLayers, sumsOf, tilesOf } from "../helpers/random-layers.js";
import { countsOfRun, countsOfTiming } from "../helpers/valued-counts.js";

const WIDE = { accumulatorBits: 32, overflow: "error", psumSpillBits: 32 } as const;

const count = (max: number) => fc.integer({ min: 1, max });

const parameters = fc
  .record({
    peRows: count(4),
    peCols: count(4),
    lanes: count(9),
    accumulators: count(60),
    outputChannelGroup: count(5),
  })
  .map((sizes) => dcnnTable.parse({ kind: "dcnn", activationBits: 16, weightBits: 16, ...sizes }));

describe("DCNN", () => {
  it("takes the cycles and makes the counts of its closed form on tiles from any cut, with the sums of the definition", () => {
    fc.assert(
      fc.property(parameters, randomLayers, cuts, (sizes, layer, steps) => {
        const prepared = new DcnnArray(sizes, WIDE).prepare(layer);
        for (const tile of tilesOf(layer, steps)) {
          const run = prepared.runTile(tile);

          expect(countsOfRun(run)).toEqual(countsOfTiming(prepared.timeTile(tile)));
          expect([...run.ofmap]).toEqual(sumsOf(layer, tile));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("takes the same time whatever the values", () => {
    fc.assert(
      fc.property(parameters, randomLayers, cuts, (sizes, layer, steps) => {
        const array = new DcnnArray(sizes, WIDE);
        const zeros = array.prepare({ ...layer, ifmap: layer.ifmap.map(() => 0), weight: layer.weight.map(() => 0) });
        for (const tile of tilesOf(layer, steps)) {
          expect(array.prepare(layer).runTile(tile).cycles).toBe(zeros.runTile(tile).cycles);
        }
      }),
      { numRuns: 60 },
    );
  });
});
