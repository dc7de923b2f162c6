/** Systolic tensor arrays, cycle by cycle, against their closed form and the sums of the definition, on random layers and tiles. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LayerValues } from "../../hw-models/pe-array/layer-values.js";
import { StaDbbArray } from "../../hw-models/pe-array/sta-dbb/sta-dbb.js";
import { staDbbTable } from "../../hw-models/pe-array/sta-dbb/sta-dbb-parameters.js";
import { withBlocks } from "../helpers/blocked-layers.js";
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
    staDbbTable.parse({
      kind: "sta-dbb",
      ...sizes,
      multipliersPerDot: Math.min(part, sizes.blockValues),
      activationBits: 16,
      weightBits: 16,
    }),
  );

const blocks = fc
  .record({
    m: fc.constantFrom(1, 2, 3, 4, 6, 8),
    part: count(8),
    axis: fc.constantFrom("filter" as const, "channels" as const),
  })
  .map(({ m, part, axis }) => ({ n: Math.min(part, m), m, axis }));

/** Dense layers, and layers of N:M that fit into blocks or not. */
const layers: fc.Arbitrary<LayerValues> = fc.oneof(
  randomLayers,
  fc.tuple(randomLayers, blocks).map(([layer, of]) => withBlocks(layer, of)),
);

describe("a systolic tensor array", () => {
  it("takes the cycles and makes the counts of its closed form on tiles from any cut, with the sums of the definition", () => {
    fc.assert(
      fc.property(parameters, layers, cuts, (sizes, layer, steps) => {
        const prepared = new StaDbbArray(sizes, WIDE).prepare(layer);
        for (const tile of tilesOf(layer, steps)) {
          const run = prepared.runTile(tile);

          expect(countsOfRun(run)).toEqual(countsOfTiming(prepared.timeTile(tile)));
          expect([...run.ofmap]).toEqual(sumsOf(layer, tile));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("times a tile without looking at a value", () => {
    fc.assert(
      fc.property(parameters, layers, cuts, (sizes, layer, steps) => {
        const unread = Object.defineProperties(
          { ...layer },
          {
            ifmap: { get: () => expect.unreachable("ifmap read") },
            weight: { get: () => expect.unreachable("weights read") },
          },
        );
        const array = new StaDbbArray(sizes, WIDE);
        for (const tile of tilesOf(layer, steps)) {
          expect(array.prepare(unread).timeTile(tile)).toEqual(array.prepare(layer).timeTile(tile));
        }
      }),
      { numRuns: 60 },
    );
  });

  it("adds a dot product at a time in narrow registers, which wrap to the sum that wide ones hold", () => {
    fc.assert(
      fc.property(parameters, layers, fc.integer({ min: 8, max: 24 }), (sizes, layer, accumulatorBits) => {
        const narrow = { accumulatorBits, overflow: "wrap", psumSpillBits: 32 } as const;

        const { ofmap } = new StaDbbArray(sizes, narrow).prepare(layer).runTile(wholeTile(layer));

        const sums = sumsOf(layer, wholeTile(layer));
        expect([...ofmap]).toEqual(sums.map((sum) => Number(BigInt.asIntN(accumulatorBits, BigInt(sum)))));
      }),
      { numRuns: 100 },
    );
  });

  it("multiplies as many weights for blocks that fit as are stored, and all of dense ones", () => {
    fc.assert(
      fc.property(parameters, randomLayers, blocks, (sizes, layer, of) => {
        const array = new StaDbbArray(sizes, WIDE);
        const { G, N, K, C, P, Q, R, S } = layer.bounds;
        const [lines, length] = of.axis === "filter" ? [1, C * R * S] : [R * S, C];
        const stored = lines * (Math.floor(length / of.m) * of.n + Math.min(of.n, length % of.m));
        const { blockValues, multipliersPerDot } = sizes;
        const fits =
          multipliersPerDot < blockValues &&
          blockValues % of.m === 0 &&
          (of.n * blockValues) / of.m <= multipliersPerDot;

        const sparse = array.prepare(withBlocks(layer, of)).timeTile(wholeTile(layer));
        const dense = array.prepare(layer).timeTile(wholeTile(layer));

        expect(dense.macOps).toBe(G * N * K * P * Q * C * R * S);
        expect(sparse.macOps).toBe(fits ? G * N * K * P * Q * stored : dense.macOps);
        expect(sparse.coveredMacs).toBe(dense.macOps);
        if (!fits) expect(sparse).toEqual(dense);
      }),
    );
  });
});
