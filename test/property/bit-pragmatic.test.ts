/** Bit-pragmatic and DaDianNao on random layers and tiles: the cycle-by-cycle run against the closed form and the sums. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BitPragmaticArray } from "../../hw-models/pe-array/bit-pragmatic/bit-pragmatic.js";
import {
  type BitPragmaticParameters,
  bitPragmaticTable,
} from "../../hw-models/pe-array/bit-pragmatic/bit-pragmatic-parameters.js";
import { DaDianNaoArray } from "../../hw-models/pe-array/dadiannao/dadiannao.js";
import { daDianNaoTable } from "../../hw-models/pe-array/dadiannao/dadiannao-parameters.js";
import type { LayerOnArray, LayerValues, TileBox } from "../../hw-models/pe-array/layer-values.js";
import { cuts, randomLayers, sumsOf, tilesOf, wholeTile } from "../helpers/random-layers.js";

const WIDE = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 } as const;

const machines: fc.Arbitrary<BitPragmaticParameters> = fc
  .record({
    tiles: fc.integer({ min: 1, max: 2 }),
    filtersPerTile: fc.integer({ min: 1, max: 3 }),
    windowsPerPallet: fc.integer({ min: 1, max: 5 }),
    lanes: fc.integer({ min: 1, max: 6 }),
    firstStageBits: fc.constantFrom(0, 1, 2, 3, 4, "full"),
    synapseSetRegisters: fc.option(fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(1 << 20)), { nil: undefined }),
  })
  .map(({ synapseSetRegisters, ...own }) =>
    bitPragmaticTable.parse({
      kind: "bit-pragmatic",
      activationBits: 16,
      weightBits: 16,
      ...own,
      ...(synapseSetRegisters === undefined
        ? { synchronisation: "pallet" }
        : { synchronisation: "column", synapseSetRegisters }),
    }),
  );

/** All counts that both the run and the closed form have. */
function expectAgreement(layer: LayerValues, onArray: LayerOnArray, tile: TileBox): void {
  const { ofmap, cycles, overflowEvents, ...counts } = onArray.runTile(tile);
  const { folds, preloadCycles, steadyCycles, drainCycles, computeCycles, ...timing } = onArray.timeTile(tile);
  const { ifmapFeed, weightFeed, ofmapFeed, ...timed } = timing;

  expect([...ofmap]).toEqual(sumsOf(layer, tile).map((sum) => sum | 0));
  expect(counts).toEqual(timed);
  expect(preloadCycles + steadyCycles + drainCycles).toBe(cycles);
  expect(computeCycles).toBe(steadyCycles);
  expect(folds).toBeGreaterThanOrEqual(1);
  for (const feed of [ifmapFeed, weightFeed]) expect(feed.beats).toBeLessThanOrEqual(steadyCycles);
  expect(ofmapFeed.beats * ofmapFeed.vectorElements).toBeGreaterThanOrEqual(timed.ofmapWrites);
  expect(overflowEvents).toBe(0);
}

describe("Bit-pragmatic", () => {
  it("takes the cycles and makes the counts of its closed form, and the sums of the definition, on any tile", () => {
    fc.assert(
      fc.property(machines, randomLayers, cuts, fc.nat(), (machine, layer, steps, pick) => {
        const onArray = new BitPragmaticArray(machine, WIDE).prepare(layer);
        const tiles = tilesOf(layer, steps);

        for (const tile of [tiles[pick % tiles.length]!, wholeTile(layer)]) expectAgreement(layer, onArray, tile);
      }),
      { numRuns: 250 },
    );
  });

  it("covers each product of the layer once, however its loops are cut", () => {
    fc.assert(
      fc.property(machines, randomLayers, cuts, (machine, layer, steps) => {
        const onArray = new BitPragmaticArray(machine, WIDE).prepare(layer);

        const timings = tilesOf(layer, steps).map((tile) => onArray.timeTile(tile));

        const { G, N, K, C, P, Q, R, S } = layer.bounds;
        const total = timings.reduce((sum, { coveredMacs }) => sum + coveredMacs, 0);
        const shiftAdds = timings.reduce((sum, { shiftAddOps }) => sum + shiftAddOps, 0);
        expect(total).toBe(G * N * K * C * P * Q * R * S);
        expect(shiftAdds).toBe(onArray.timeTile(wholeTile(layer)).shiftAddOps);
      }),
      { numRuns: 150 },
    );
  });

  it("changes no output bit with shifters and synchronisation, and is never slower for more of either", () => {
    fc.assert(
      fc.property(machines, randomLayers, (machine, layer) => {
        const tile = wholeTile(layer);
        const { synchronisation: _, synapseSetRegisters: __, ...shared } = { synapseSetRegisters: 0, ...machine };
        const runs = [
          { firstStageBits: 0, synchronisation: "pallet" },
          { firstStageBits: 2, synchronisation: "pallet" },
          { firstStageBits: 2, synchronisation: "column", synapseSetRegisters: 1 },
          { firstStageBits: 2, synchronisation: "column", synapseSetRegisters: 3 },
          { firstStageBits: 2, synchronisation: "column", synapseSetRegisters: 1 << 20 },
        ].map((own) =>
          new BitPragmaticArray(bitPragmaticTable.parse({ ...shared, ...own }), WIDE).prepare(layer).runTile(tile),
        );

        for (const [index, { ofmap, cycles, shiftAddOps }] of runs.entries()) {
          expect(ofmap).toEqual(runs[0]!.ofmap);
          expect(shiftAddOps).toBe(runs[0]!.shiftAddOps);
          if (index > 0) expect(cycles).toBeLessThanOrEqual(runs[index - 1]!.cycles);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe("DaDianNao", () => {
  const machine = fc.record({
    tiles: fc.integer({ min: 1, max: 2 }),
    filtersPerTile: fc.integer({ min: 1, max: 3 }),
    lanes: fc.integer({ min: 1, max: 6 }),
  });

  it("takes the cycles and makes the counts of its closed form, and the sums of the definition, on any tile", () => {
    fc.assert(
      fc.property(machine, randomLayers, cuts, fc.nat(), (own, layer, steps, pick) => {
        const parameters = daDianNaoTable.parse({ kind: "dadiannao", activationBits: 16, weightBits: 16, ...own });
        const onArray = new DaDianNaoArray(parameters, WIDE).prepare(layer);
        const tiles = tilesOf(layer, steps);

        for (const tile of [tiles[pick % tiles.length]!, wholeTile(layer)]) expectAgreement(layer, onArray, tile);
      }),
      { numRuns: 200 },
    );
  });
});
