/** The SmartExchange array on random small layers, whole and in tiles: its walk, its closed form, and the sums as they are defined. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LayerValues, TileBox, ValuedTiming } from "../../hw-models/pe-array/layer-values.js";
import { SmartExchangeArray } from "../../hw-models/pe-array/smartexchange/smartexchange.js";
import type { SmartExchangeParameters } from "../../hw-models/pe-array/smartexchange/smartexchange-parameters.js";
import { cuts, sumsOf, tilesOf, wholeTile } from "../helpers/random-layers.js";
import { layers, machines, WIDE } from "../helpers/smartexchange-layers.js";

function cyclesOf({ preloadCycles, steadyCycles, drainCycles }: ValuedTiming): number {
  return preloadCycles + steadyCycles + drainCycles;
}

function timeOf(machine: SmartExchangeParameters, layer: LayerValues, tile: TileBox): ValuedTiming {
  return new SmartExchangeArray(machine, WIDE).prepare(layer).timeTile(tile);
}

describe("the SmartExchange array on any tile of any layer", () => {
  it("takes the cycles and counts of its closed form, and gives the sums of the definition", () => {
    fc.assert(
      fc.property(machines, layers, cuts, (machine, layer, steps) => {
        const prepared = new SmartExchangeArray(machine, WIDE).prepare(layer);
        for (const tile of tilesOf(layer, steps)) {
          const { ofmap, cycles, overflowEvents, ...counts } = prepared.runTile(tile);

          const timing = prepared.timeTile(tile);
          expect([...ofmap]).toEqual(sumsOf(layer, tile));
          expect(timing).toMatchObject(counts);
          expect(cycles).toBe(cyclesOf(timing));
          expect(overflowEvents).toBe(0);
        }
      }),
      { numRuns: 400 },
    );
  });

  it("skips rows without changing an output bit, and lines on their own never take longer for it", () => {
    fc.assert(
      fc.property(machines, layers, (machine, layer) => {
        const tile = wholeTile(layer);
        const choices = (["none", "weights", "both"] as const).map((indexSelector) =>
          new SmartExchangeArray({ ...machine, indexSelector }, WIDE).prepare(layer),
        );

        const [none, weights, both] = choices.map((prepared) => prepared.runTile(tile));

        expect(weights!.ofmap).toEqual(none!.ofmap);
        expect(both!.ofmap).toEqual(none!.ofmap);
        // Lines that wait for one another may: without a row the steps of a line meet longer ones of the others.
        if (machine.synchronisation === "line") {
          expect(weights!.cycles).toBeLessThanOrEqual(none!.cycles);
          expect(both!.cycles).toBeLessThanOrEqual(weights!.cycles);
        }
        expect(both!.ifmapReads).toBeLessThanOrEqual(weights!.ifmapReads);
        expect(weights!.boothDigitOps).toBeLessThanOrEqual(none!.boothDigitOps);
      }),
      { numRuns: 200 },
    );
  });

  it("is never faster when the lines of a slice wait for one another at each step", () => {
    fc.assert(
      fc.property(machines, layers, (machine, layer) => {
        const line = timeOf({ ...machine, synchronisation: "line" }, layer, wholeTile(layer));
        const slice = timeOf({ ...machine, synchronisation: "slice" }, layer, wholeTile(layer));

        expect(cyclesOf(slice)).toBeGreaterThanOrEqual(cyclesOf(line));
        expect({ ...slice, steadyCycles: 0, computeCycles: 0 }).toEqual({ ...line, steadyCycles: 0, computeCycles: 0 });
      }),
      { numRuns: 300 },
    );
  });

  it("covers each product once, however the layer is cut", () => {
    fc.assert(
      fc.property(machines, layers, cuts, (machine, layer, steps) => {
        const { G, N, K, C, P, Q, R, S } = layer.bounds;
        const prepared = new SmartExchangeArray(machine, WIDE).prepare(layer);

        const times = tilesOf(layer, steps).map((tile) => prepared.timeTile(tile));

        const add = (of: (time: ValuedTiming) => number): number => times.reduce((sum, time) => sum + of(time), 0);
        expect(add(({ coveredMacs }) => coveredMacs)).toBe(G * N * K * C * P * Q * R * S);
        expect(add(({ boothDigitOps }) => boothDigitOps)).toBeLessThanOrEqual(
          8 * add(({ coveredMacs }) => coveredMacs),
        );
      }),
      { numRuns: 100 },
    );
  });

  it("wraps and saturates sums as its registers do", () => {
    const narrow = { accumulatorBits: 12, overflow: "wrap", psumSpillBits: 12 } as const;
    fc.assert(
      fc.property(machines, layers, (machine, layer) => {
        const tile = wholeTile(layer);

        const wrapped = new SmartExchangeArray(machine, narrow).prepare(layer).runTile(tile);
        const held = new SmartExchangeArray(machine, { ...narrow, overflow: "saturate" }).prepare(layer).runTile(tile);

        expect([...wrapped.ofmap]).toEqual(sumsOf(layer, tile).map((sum) => (sum << 20) >> 20));
        const sums = sumsOf(layer, tile);
        for (const [at, sum] of held.ofmap.entries()) {
          expect(Math.abs(sum)).toBeLessThanOrEqual(2048);
          if (held.overflowEvents === 0) expect(sum).toBe(sums[at]!);
        }
      }),
      { numRuns: 100 },
    );
  });
});
