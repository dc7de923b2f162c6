/**
 * SCNN, cycle by cycle, against its timing and the sums of the definition, on random small layers and tiles; the loops in lanes
 * against the plain ones.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccumulatorParameters } from "../../hw-models/pe-array/arithmetic-parameters.js";
import type { LayerValues } from "../../hw-models/pe-array/layer-values.js";
import { ScnnArray } from "../../hw-models/pe-array/scnn/scnn.js";
import { scnnTable } from "../../hw-models/pe-array/scnn/scnn-parameters.js";
import { cuts, randomLayers, sumsOf, tilesOf, wholeTile } from "../helpers/random-layers.js";
import { countsOfRun, countsOfTiming } from "../helpers/valued-counts.js";

const WIDE: AccumulatorParameters = { accumulatorBits: 32, overflow: "error", psumSpillBits: 32 };

const count = (max: number) => fc.integer({ min: 1, max });

const parameters = fc
  .record({
    peRows: count(4),
    peCols: count(4),
    activationVector: count(5),
    weightVector: count(5),
    accumulatorBanks: count(40),
    bankEntries: count(20),
    queueEntries: count(5),
    outputChannelGroup: count(5),
    indexBits: count(4),
    weightFifoVectors: count(8),
  })
  .map((sizes) => scnnTable.parse({ kind: "scnn", activationBits: 16, weightBits: 16, ...sizes }));

/** Layers of whose operands a share is pruned, from none to all. */
const layers: fc.Arbitrary<LayerValues> = fc
  .tuple(randomLayers, fc.nat({ max: 8 }), fc.nat({ max: 8 }), fc.nat())
  .map(([layer, activations, weights, seed]) => {
    let state = seed;
    const draw = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state >>> 16) % 8;
    };
    return {
      ...layer,
      ifmap: layer.ifmap.map((value) => (draw() < activations ? 0 : value)),
      weight: layer.weight.map((value) => (draw() < weights ? 0 : value)),
    };
  });

describe("SCNN", () => {
  it("takes the cycles and makes the counts of its timing on tiles from any cut, with the sums of the definition", () => {
    fc.assert(
      fc.property(parameters, layers, cuts, (sizes, layer, steps) => {
        const prepared = new ScnnArray(sizes, WIDE).prepare(layer);
        for (const tile of tilesOf(layer, steps)) {
          const run = prepared.runTile(tile);

          expect(countsOfRun(run)).toEqual(countsOfTiming(prepared.timeTile(tile)));
          expect([...run.ofmap]).toEqual(sumsOf(layer, tile));
        }
      }),
      { numRuns: 400 },
    );
  });

  it("has the same timing in lanes and in plain loops", () => {
    fc.assert(
      fc.property(parameters, layers, cuts, (sizes, layer, steps) => {
        const lanes = new ScnnArray(sizes, WIDE).prepare(layer);
        const plain = new ScnnArray(sizes, WIDE, false).prepare(layer);
        for (const tile of tilesOf(layer, steps)) expect(lanes.timeTile(tile)).toEqual(plain.timeTile(tile));
      }),
      { numRuns: 200 },
    );
  });

  it("wraps in narrow registers, whatever the order of additions", () => {
    fc.assert(
      fc.property(parameters, layers, cuts, fc.integer({ min: 8, max: 24 }), (sizes, layer, steps, accumulatorBits) => {
        const narrow = { accumulatorBits, overflow: "wrap", psumSpillBits: 32 } as const;
        const tile = tilesOf(layer, steps).at(-1)!;

        const { ofmap } = new ScnnArray(sizes, narrow).prepare(layer).runTile(tile);

        const wrapped = sumsOf(layer, tile).map((sum) => Number(BigInt.asIntN(accumulatorBits, BigInt(sum))));
        expect([...ofmap]).toEqual(wrapped);
      }),
      { numRuns: 100 },
    );
  });

  it("covers each product once, whatever the cut", () => {
    fc.assert(
      fc.property(parameters, layers, cuts, (sizes, layer, steps) => {
        const prepared = new ScnnArray(sizes, WIDE).prepare(layer);
        const parts = tilesOf(layer, steps).map((tile) => prepared.timeTile(tile));

        const { G, N, K, C, P, Q, R, S } = layer.bounds;
        expect(parts.reduce((sum, { coveredMacs }) => sum + coveredMacs, 0)).toBe(G * N * K * C * P * Q * R * S);
        expect(prepared.timeTile(wholeTile(layer)).coveredMacs).toBe(G * N * K * C * P * Q * R * S);
      }),
      { numRuns: 100 },
    );
  });
});
