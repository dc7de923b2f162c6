/** Eyeriss v2, cycle by cycle, against its closed form and the sums of the definition, on random small layers and tiles. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccumulatorParameters } from "../../hw-models/pe-array/arithmetic-parameters.js";
import { EyerissV2Array } from "../../hw-models/pe-array/eyeriss-v2/eyeriss-v2.js";
import { eyerissV2Table } from "../../hw-models/pe-array/eyeriss-v2/eyeriss-v2-parameters.js";
import type { LayerValues } from "../../hw-models/pe-array/layer-values.js";
import { ConfigError } from "../../sim/core/errors.js";
import { cuts, forEachProduct, placesOf, randomLayers, sumsOf, tilesOf, wholeTile } from "../helpers/random-layers.js";
import { drawFrom } from "../helpers/structured-weights.js";
import { countsOfRun, countsOfTiming } from "../helpers/valued-counts.js";

const WIDE: AccumulatorParameters = { accumulatorBits: 32, overflow: "error", psumSpillBits: 32 };

const parameters = fc
  .record({
    pes: fc.integer({ min: 1, max: 9 }),
    macsPerPe: fc.integer({ min: 1, max: 2 }),
    outputChannels: fc.integer({ min: 1, max: 5 }),
    more: fc.integer({ min: 0, max: 20 }),
    chainPes: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ more, ...sizes }) =>
    eyerissV2Table.parse({
      kind: "eyeriss-v2",
      activationBits: 16,
      weightBits: 16,
      weightEntries: sizes.outputChannels + more,
      ...sizes,
    }),
  );

/** Layers of whose weights and activations shares are zeros, from none to all. */
const layers: fc.Arbitrary<LayerValues> = fc
  .tuple(randomLayers, fc.nat({ max: 8 }), fc.nat({ max: 8 }), fc.nat())
  .map(([layer, pruned, silent, seed]) => {
    const draw = drawFrom(seed);
    const weight = layer.weight.map((value) => (draw(8) < pruned ? 0 : value));
    const ifmap = layer.ifmap.map((value) => (draw(8) < silent ? 0 : value));
    return { ...layer, weight, ifmap };
  });

describe("Eyeriss v2", () => {
  it("takes the cycles and makes the counts of its closed form on tiles from any cut, with the sums of the definition", () => {
    fc.assert(
      fc.property(parameters, layers, cuts, (sizes, layer, steps) => {
        const prepared = new EyerissV2Array(sizes, WIDE).prepare(layer);
        for (const tile of tilesOf(layer, steps)) {
          const run = prepared.runTile(tile);

          expect(countsOfRun(run)).toEqual(countsOfTiming(prepared.timeTile(tile)));
          expect([...run.ofmap]).toEqual(sumsOf(layer, tile));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("covers each product once, whatever the cut, and does those of two operands that are not zero", () => {
    fc.assert(
      fc.property(parameters, layers, cuts, (sizes, layer, steps) => {
        const prepared = new EyerissV2Array(sizes, WIDE).prepare(layer);
        const parts = tilesOf(layer, steps).map((tile) => prepared.timeTile(tile));
        let [all, useful] = [0, 0];
        for (const place of placesOf(wholeTile(layer))) {
          forEachProduct(layer, wholeTile(layer), place, (activation, weight) => {
            all++;
            if (activation * weight !== 0) useful++;
          });
        }

        expect(parts.reduce((sum, part) => sum + part.coveredMacs, 0)).toBe(all);
        expect(parts.reduce((sum, part) => sum + part.macOps, 0)).toBe(useful);
        for (const part of parts) {
          expect(part.steadyCycles * sizes.pes * sizes.macsPerPe).toBeGreaterThanOrEqual(part.macOps);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("adds in the order of the reduction in narrow registers, and counts every sum that did not fit", () => {
    const arithmetics = fc.record({
      accumulatorBits: fc.integer({ min: 8, max: 24 }),
      overflow: fc.constantFrom("wrap" as const, "saturate" as const),
    });
    fc.assert(
      fc.property(layers, cuts, arithmetics, (layer, steps, { accumulatorBits, overflow }) => {
        // One PE that holds everything: no chain, no psum in a buffer.
        const sizes = { pes: 1, macsPerPe: 2, outputChannels: 16, weightEntries: 65536, chainPes: 1 };
        const bits = { activationBits: 16, weightBits: 16 };
        const table = eyerissV2Table.parse({ kind: "eyeriss-v2", ...bits, ...sizes });
        const tile = tilesOf(layer, steps).at(-1)!;
        const half = 1n << BigInt(accumulatorBits - 1);
        let overflowEvents = 0;
        const sums = placesOf(tile).map((place) => {
          let psum = 0n;
          forEachProduct(layer, tile, place, (activation, weight) => {
            psum += BigInt(activation) * BigInt(weight);
            if (psum >= -half && psum < half) return;
            overflowEvents++;
            psum = overflow === "wrap" ? BigInt.asIntN(accumulatorBits, psum) : psum < 0n ? -half : half - 1n;
          });
          return Number(psum);
        });

        const arithmetic = { accumulatorBits, overflow, psumSpillBits: 32 };
        const run = new EyerissV2Array(table, arithmetic).prepare(layer).runTile(tile);

        expect({ ofmap: [...run.ofmap], overflowEvents: run.overflowEvents }).toEqual({ ofmap: sums, overflowEvents });
      }),
      { numRuns: 200 },
    );
  });

  it("wraps to the same sums however chains and passes cut the reduction", () => {
    fc.assert(
      fc.property(parameters, layers, fc.integer({ min: 8, max: 24 }), (sizes, layer, bits) => {
        const arithmetic = { accumulatorBits: bits, overflow: "wrap" as const, psumSpillBits: bits };
        const tile = wholeTile(layer);

        const { ofmap } = new EyerissV2Array(sizes, arithmetic).prepare(layer).runTile(tile);

        expect([...ofmap]).toEqual(sumsOf(layer, tile).map((sum) => Number(BigInt.asIntN(bits, BigInt(sum)))));
      }),
      { numRuns: 100 },
    );
  });

  it("refuses PEs that cannot hold the weights of one activation", () => {
    const sizes = { kind: "eyeriss-v2", pes: 1, macsPerPe: 1, activationBits: 8, weightBits: 8 };
    const create = () => new EyerissV2Array(eyerissV2Table.parse({ ...sizes, weightEntries: 31 }), WIDE);

    expect(create).toThrow(ConfigError);
    expect(create).toThrow(/peArray\.weightEntries[\s\S]*31 weights for 32 output channels/);
  });
});
