/** S2TA, cycle by cycle, against its closed form and the sums of the definition, on random layers and tiles. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LayerValues } from "../../hw-models/pe-array/layer-values.js";
import { activationBoundOf } from "../../hw-models/pe-array/s2ta/activation-bound.js";
import { S2taArray } from "../../hw-models/pe-array/s2ta/s2ta.js";
import { s2taTable } from "../../hw-models/pe-array/s2ta/s2ta-parameters.js";
import { UnsupportedError } from "../../sim/core/errors.js";
import { withActivations, withBlocks } from "../helpers/blocked-layers.js";
import { cuts, randomLayers, sumsOf, tilesOf, wholeTile } from "../helpers/random-layers.js";
import { countsOfRun, countsOfTiming } from "../helpers/valued-counts.js";

const WIDE = { accumulatorBits: 32, overflow: "error", psumSpillBits: 32 } as const;

const count = (max: number) => fc.integer({ min: 1, max });

const parameters = fc
  .record({
    tpeRows: count(3),
    tpeCols: count(3),
    rowsPerTpe: count(4),
    columnsPerTpe: count(3),
    blockValues: fc.constantFrom(1, 4, 6, 8),
    part: count(8),
  })
  .map(({ part, ...sizes }) =>
    s2taTable.parse({
      kind: "s2ta",
      ...sizes,
      weightsPerBlock: Math.min(part, sizes.blockValues),
      activationBound: "measured",
      activationBits: 16,
      weightBits: 16,
    }),
  );

const blocks = fc
  .record({ m: fc.constantFrom(1, 2, 3, 4, 6, 8), part: count(8) })
  .map(({ m, part }) => ({ n: Math.min(part, m), m, axis: "channels" as const }));

/** Layers with weights and activations of any density. */
const layers: fc.Arbitrary<LayerValues> = fc
  .tuple(
    fc.oneof(
      randomLayers,
      fc.tuple(randomLayers, blocks).map(([layer, of]) => withBlocks(layer, of)),
    ),
    count(8),
  )
  .map(([layer, kept]) => withActivations(layer, kept, 8));

describe("S2TA", () => {
  it("takes the cycles and makes the counts of its closed form on tiles from any cut, with the sums of the definition", () => {
    fc.assert(
      fc.property(parameters, layers, cuts, (sizes, layer, steps) => {
        const prepared = new S2taArray(sizes, WIDE).prepare(layer);
        for (const tile of tilesOf(layer, steps)) {
          const run = prepared.runTile(tile);

          expect(countsOfRun(run)).toEqual(countsOfTiming(prepared.timeTile(tile)));
          expect([...run.ofmap]).toEqual(sumsOf(layer, tile));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("takes the bound that is really there, and refuses one that would prune", () => {
    fc.assert(
      fc.property(parameters, layers, count(8), (sizes, layer, activationBound) => {
        const measured = activationBoundOf(sizes, layer);
        const stated = { ...sizes, activationBound };
        const longest = Math.min(sizes.blockValues, layer.bounds.C);

        if (activationBound >= measured) {
          const timing = new S2taArray(stated, WIDE).prepare(layer).timeTile(wholeTile(layer));
          const other = new S2taArray(sizes, WIDE).prepare(layer).timeTile(wholeTile(layer));
          expect(activationBoundOf(stated, layer)).toBe(Math.min(activationBound, longest));
          expect(timing.computeCycles).toBeGreaterThanOrEqual(other.computeCycles);
        } else {
          expect(() => new S2taArray(stated, WIDE).prepare(layer).timeTile(wholeTile(layer))).toThrow(UnsupportedError);
        }
      }),
    );
  });

  it("does not look at a value under a bound of a whole block", () => {
    fc.assert(
      fc.property(parameters, layers, cuts, (sizes, layer, steps) => {
        const unread = Object.defineProperties(
          { ...layer },
          {
            ifmap: { get: () => expect.unreachable("ifmap read") },
            weight: { get: () => expect.unreachable("weights read") },
          },
        );
        const array = new S2taArray({ ...sizes, activationBound: 8 }, WIDE);
        for (const tile of tilesOf(layer, steps)) {
          expect(array.prepare(unread).timeTile(tile).coveredMacs).toBeGreaterThan(0);
        }
      }),
      { numRuns: 60 },
    );
  });
});
