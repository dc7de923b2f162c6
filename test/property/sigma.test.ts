/** The SIGMA-like array, cycle by cycle, against its closed form and the sums of the definition, on random layers and tiles. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccumulatorParameters } from "../../hw-models/pe-array/arithmetic-parameters.js";
import type { LayerValues } from "../../hw-models/pe-array/layer-values.js";
import { SigmaArray } from "../../hw-models/pe-array/sigma/sigma.js";
import { type SigmaParameters, sigmaTable } from "../../hw-models/pe-array/sigma/sigma-parameters.js";
import { cuts, randomLayers, sumsOf, tilesOf, wholeTile } from "../helpers/random-layers.js";
import { countsOfRun, countsOfTiming } from "../helpers/valued-counts.js";

const WIDE: AccumulatorParameters = { accumulatorBits: 32, overflow: "error", psumSpillBits: 32 };

const parameters: fc.Arbitrary<SigmaParameters> = fc
  .record(
    {
      multipliers: fc.integer({ min: 2, max: 40 }),
      readPorts: fc.integer({ min: 1, max: 45 }),
      writePorts: fc.integer({ min: 1, max: 6 }),
      loadWords: fc.integer({ min: 1, max: 12 }),
      reductionBlock: fc.integer({ min: 1, max: 30 }),
      adderTap: fc.constantFrom("row", "root"),
      stationary: fc.constantFrom("weights", "activations"),
    },
    { requiredKeys: ["multipliers", "readPorts", "writePorts", "loadWords", "adderTap", "stationary"] },
  )
  .map((sizes) => sigmaTable.parse({ kind: "sigma", activationBits: 16, weightBits: 16, ...sizes }));

/** Layers of which a share of both operands is zeros, from few to all. */
const layers: fc.Arbitrary<LayerValues> = fc
  .tuple(randomLayers, fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 8 }), fc.nat())
  .map(([layer, fewerWeights, fewerInputs, seed]) => {
    let state = seed;
    const drops = (share: number): boolean => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state >>> 16) % 8 < share;
    };
    const weight = layer.weight.map((value) => (drops(fewerWeights) ? 0 : value));
    const ifmap = layer.ifmap.map((value) => (drops(fewerInputs) ? 0 : value));
    return { ...layer, weight, ifmap };
  });

describe("the SIGMA-like array", () => {
  it("takes the cycles and makes the counts of its closed form on tiles from any cut, with the sums of the definition", () => {
    fc.assert(
      fc.property(parameters, layers, cuts, (sizes, layer, steps) => {
        const prepared = new SigmaArray(sizes, WIDE).prepare(layer);
        for (const tile of tilesOf(layer, steps)) {
          const run = prepared.runTile(tile);

          expect(countsOfRun(run)).toEqual(countsOfTiming(prepared.timeTile(tile)));
          expect([...run.ofmap]).toEqual(sumsOf(layer, tile));
        }
      }),
      { numRuns: 400 },
    );
  });

  it("multiplies the pairs without a zero and no others, and covers each product once, whatever the cut", () => {
    fc.assert(
      fc.property(parameters, layers, cuts, (sizes, layer, steps) => {
        const prepared = new SigmaArray(sizes, WIDE).prepare(layer);
        const ones = { ...layer, weight: layer.weight.map(Math.sign), ifmap: layer.ifmap.map((value) => value && 1) };
        const nonZeroPairs = sumsOf({ ...ones, weight: ones.weight.map(Math.abs) }, wholeTile(layer));
        const parts = tilesOf(layer, steps).map((tile) => prepared.timeTile(tile));
        const sum = (name: "coveredMacs" | "macOps") => parts.reduce((total, part) => total + part[name], 0);

        const { G, N, K, C, P, Q, R, S } = layer.bounds;
        expect(sum("coveredMacs")).toBe(G * N * K * C * P * Q * R * S);
        expect(sum("macOps")).toBe(nonZeroPairs.reduce((total, pairs) => total + pairs, 0));
      }),
      { numRuns: 150 },
    );
  });

  it("takes the same cycles whatever the streaming operand has of zeros", () => {
    fc.assert(
      fc.property(parameters, layers, (sizes, layer) => {
        const array = new SigmaArray({ ...sizes, stationary: "weights" }, WIDE);
        const full = { ...layer, ifmap: layer.ifmap.map(() => 1) };

        const sparse = array.prepare(layer).timeTile(wholeTile(layer));
        const dense = array.prepare(full).timeTile(wholeTile(layer));

        expect(sparse.steadyCycles).toBe(dense.steadyCycles);
        expect(sparse.ifmapReads).toBeLessThanOrEqual(dense.ifmapReads);
      }),
      { numRuns: 150 },
    );
  });

  it("holds what its psum buffer and its last sum hold when they are narrow", () => {
    // 6 products of 100 x 1 over 3 multipliers: pieces of 3, 2 and 1, with psums of 300, 500 and 600; 8 bits hold 127.
    const layer: LayerValues = {
      name: "narrow",
      bounds: { G: 1, N: 1, K: 1, C: 6, P: 1, Q: 1, R: 1, S: 1 },
      window: {
        ...{ ifmapHeight: 1, ifmapWidth: 1, strideHeight: 1, strideWidth: 1, dilationHeight: 1, dilationWidth: 1 },
        ...{ padTop: 0, padLeft: 0, padBottom: 0, padRight: 0 },
      },
      ifmap: new Int8Array(6).fill(100),
      weight: new Int8Array(6).fill(1),
    };
    const sizes = { multipliers: 3, readPorts: 3, writePorts: 1, loadWords: 3, adderTap: "row", stationary: "weights" };
    const array = new SigmaArray(sigmaTable.parse({ kind: "sigma", activationBits: 8, weightBits: 8, ...sizes }), {
      accumulatorBits: 10,
      overflow: "saturate",
      psumSpillBits: 8,
    });

    const run = array.prepare(layer).runTile(wholeTile(layer));

    // 300 -> 127; 127 + 200 -> 127; 127 + 100 = 227, which 10 bits hold.
    expect([...run.ofmap]).toEqual([227]);
    expect(run).toMatchObject({ overflowEvents: 2, psumReads: 2, ofmapWrites: 3 });
  });
});
