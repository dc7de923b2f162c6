/** Cambricon-X, cycle by cycle, against its closed form and the sums of the definition, on random small layers and tiles. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccumulatorParameters } from "../../hw-models/pe-array/arithmetic-parameters.js";
import { CambriconXArray } from "../../hw-models/pe-array/cambricon-x/cambricon-x.js";
import { cambriconXTable } from "../../hw-models/pe-array/cambricon-x/cambricon-x-parameters.js";
import type { LayerValues, TileBox, ValuedRun, ValuedTiming } from "../../hw-models/pe-array/layer-values.js";
import { cuts, forEachProduct, placesOf, randomLayers, sumsOf, tilesOf, wholeTile } from "../helpers/random-layers.js";

const WIDE: AccumulatorParameters = { accumulatorBits: 32, overflow: "error", psumSpillBits: 32 };

const parameters = fc
  .record({
    pes: fc.integer({ min: 1, max: 5 }),
    multipliersPerPe: fc.integer({ min: 1, max: 5 }),
    windowNeurons: fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constant(256)),
    stepBits: fc.integer({ min: 1, max: 5 }),
  })
  .map((sizes) => cambriconXTable.parse({ kind: "cambricon-x", activationBits: 16, weightBits: 16, ...sizes }));

/** Layers of which a share of the weights is pruned, from none to all. */
const layers: fc.Arbitrary<LayerValues> = fc
  .tuple(randomLayers, fc.integer({ min: 0, max: 8 }), fc.nat())
  .map(([layer, pruned, seed]) => {
    let state = seed;
    const weight = layer.weight.map((value) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state >>> 16) % 8 < pruned ? 0 : value;
    });
    return { ...layer, weight };
  });

const TIMES = ["folds", "preloadCycles", "steadyCycles", "drainCycles", "computeCycles"] as const;
const FEEDS = ["ifmapFeed", "weightFeed", "ofmapFeed"] as const;

/** A record of either sort as cycles and counts. */
function countsOfTiming(timing: ValuedTiming) {
  const counts: Record<string, unknown> = { ...timing };
  for (const name of [...TIMES, ...FEEDS]) delete counts[name];
  return { ...counts, cycles: timing.preloadCycles + timing.steadyCycles + timing.drainCycles };
}

function countsOfRun({ ofmap: _, overflowEvents: __, ...counts }: ValuedRun) {
  return counts;
}

/**
 * The sums of a tile with a register of few bits. Products of stored synapses are added up to `picks` at a time, windows apart;
 * stored zeros take places among them.
 */
function orderedSums(
  layer: LayerValues,
  tile: TileBox,
  { multipliersPerPe, windowNeurons, stepBits }: { multipliersPerPe: number; windowNeurons: number; stepBits: number },
  { accumulatorBits, overflow }: AccumulatorParameters,
) {
  const half = 1n << BigInt(accumulatorBits - 1);
  let overflowEvents = 0;
  const whole = wholeTile(layer);
  const { R, S } = layer.bounds;
  const [first, end] = [tile.from.C * R * S, (tile.from.C + tile.extent.C) * R * S];
  const sums = placesOf(tile).map((place) => {
    const products: { product: bigint; isStored: boolean }[] = [];
    forEachProduct(layer, whole, place, (activation, weight) => {
      products.push({ product: BigInt(activation * weight), isStored: weight !== 0 });
    });
    // A stored zero stands at every 2^stepBits-th zero of a run that a synapse ends.
    for (let at = products.length - 1, synapse = -1; at >= 0; at--) {
      if (products[at]!.isStored) synapse = at;
      if (synapse < 0 || products[at]!.isStored) continue;
      let start = at;
      while (start > 0 && !products[start - 1]!.isStored) start--;
      for (let zero = start + 2 ** stepBits - 1; zero <= at; zero += 2 ** stepBits) products[zero]!.isStored = true;
      at = start;
    }
    let psum = 0n;
    for (let from = first; from < end; from += windowNeurons) {
      const stored = products.slice(from, Math.min(from + windowNeurons, end)).filter(({ isStored }) => isStored);
      for (let pick = 0; pick < stored.length; pick += multipliersPerPe) {
        for (const { product } of stored.slice(pick, pick + multipliersPerPe)) psum += product;
        if (psum >= -half && psum < half) continue;
        overflowEvents++;
        psum = overflow === "wrap" ? BigInt.asIntN(accumulatorBits, psum) : psum < 0n ? -half : half - 1n;
      }
    }
    return Number(psum);
  });
  return { ofmap: sums, overflowEvents };
}

describe("Cambricon-X", () => {
  it("takes the cycles and makes the counts of its closed form on tiles from any cut, with the sums of the definition", () => {
    fc.assert(
      fc.property(parameters, layers, cuts, (sizes, layer, steps) => {
        const prepared = new CambriconXArray(sizes, WIDE).prepare(layer);
        for (const tile of tilesOf(layer, steps)) {
          const run = prepared.runTile(tile);

          expect(countsOfRun(run)).toEqual(countsOfTiming(prepared.timeTile(tile)));
          expect([...run.ofmap]).toEqual(sumsOf(layer, tile));
        }
      }),
      { numRuns: 400 },
    );
  });

  it("adds in narrow registers in the order in which it picks, and counts every sum that did not fit", () => {
    const arithmetics = fc.record({
      accumulatorBits: fc.integer({ min: 8, max: 24 }),
      overflow: fc.constantFrom("wrap" as const, "saturate" as const),
      psumSpillBits: fc.constant(32),
    });
    fc.assert(
      fc.property(parameters, layers, cuts, arithmetics, (sizes, layer, steps, arithmetic) => {
        const tile = tilesOf(layer, steps).at(-1)!;

        const { ofmap, overflowEvents } = new CambriconXArray(sizes, arithmetic).prepare(layer).runTile(tile);

        expect({ ofmap: [...ofmap], overflowEvents }).toEqual(orderedSums(layer, tile, sizes, arithmetic));
      }),
      { numRuns: 300 },
    );
  });

  it("covers each product once, whatever the cut, and does as many as are stored", () => {
    fc.assert(
      fc.property(parameters, layers, cuts, (sizes, layer, steps) => {
        const prepared = new CambriconXArray(sizes, WIDE).prepare(layer);
        const whole = prepared.timeTile(wholeTile(layer));
        const parts = tilesOf(layer, steps).map((tile) => prepared.timeTile(tile));
        const sum = (name: "coveredMacs" | "macOps") => parts.reduce((total, part) => total + part[name], 0);

        const { G, N, K, C, P, Q, R, S } = layer.bounds;
        expect(whole.coveredMacs).toBe(G * N * K * C * P * Q * R * S);
        expect(sum("coveredMacs")).toBe(whole.coveredMacs);
        expect(sum("macOps")).toBe(whole.macOps);
      }),
    );
  });

  it("is not slower for pruning under windows that hold all, does no more products, and gives the same sums", () => {
    fc.assert(
      fc.property(parameters, randomLayers, fc.nat(), (sizes, layer, seed) => {
        // A weight of 0 in place of one whose products add up to nothing: all activations it meets are zeros.
        const { C, R, S } = layer.bounds;
        const channel = seed % C;
        const plane = layer.window.ifmapHeight * layer.window.ifmapWidth;
        const ifmap = layer.ifmap.map((value, at) => (Math.floor(at / plane) % C === channel ? 0 : value));
        const weight = layer.weight.map((value, at) => (Math.floor(at / (R * S)) % C === channel ? 0 : value));
        const array = new CambriconXArray({ ...sizes, windowNeurons: 256 }, WIDE);
        const kept = { ...layer, ifmap };

        const before = array.prepare(kept).runTile(wholeTile(layer));
        const after = array.prepare({ ...kept, weight }).runTile(wholeTile(layer));

        expect(after.ofmap).toEqual(before.ofmap);
        expect(after.cycles).toBeLessThanOrEqual(before.cycles);
        expect(after.macOps).toBeLessThanOrEqual(before.macOps);
        expect(after.coveredMacs).toBe(before.coveredMacs);
      }),
      { numRuns: 200 },
    );
  });
});
