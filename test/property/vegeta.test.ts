/** VEGETA's engine, cycle by cycle, against its closed form and the sums of the definition, on random small layers and tiles. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccumulatorParameters } from "../../hw-models/pe-array/arithmetic-parameters.js";
import type { LayerValues } from "../../hw-models/pe-array/layer-values.js";
import { VegetaArray } from "../../hw-models/pe-array/vegeta/vegeta.js";
import { vegetaTable } from "../../hw-models/pe-array/vegeta/vegeta-parameters.js";
import { groupedLayers, groupsOf, thinnedToGroups } from "../helpers/grouped-layers.js";
import { cuts, forEachProduct, placesOf, randomLayers, sumsOf, tilesOf, wholeTile } from "../helpers/random-layers.js";
import { countsOfRun, countsOfTiming } from "../helpers/valued-counts.js";

const WIDE: AccumulatorParameters = { accumulatorBits: 32, overflow: "error", psumSpillBits: 32 };

const small = (max: number) => fc.integer({ min: 1, max });
const parameters = fc
  .record({
    rows: small(5),
    peColumns: small(3),
    lanesPerPe: fc.constantFrom(4, 8),
    accumulatorChannels: small(6),
    accumulatorPositions: small(9),
  })
  .map((sizes) => vegetaTable.parse({ kind: "vegeta", activationBits: 16, weightBits: 16, ...sizes }));

/** Some are thinned without being stored so: what filters keep is then a matter of their values. */
const layers: fc.Arbitrary<LayerValues> = fc
  .tuple(groupedLayers([1, 2, 4]), fc.boolean(), fc.nat())
  .map(([layer, isUnstructured, seed]) => {
    if (!isUnstructured) return layer;
    let state = seed;
    const weight = layer.weight.map((value) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state >>> 16) % 8 < seed % 9 ? 0 : value;
    });
    const { stored: _, ...rest } = layer;
    return { ...rest, weight };
  });

describe("VEGETA", () => {
  it("takes the cycles and makes the counts of its closed form on tiles from any cut, with the sums of the definition", () => {
    fc.assert(
      fc.property(parameters, layers, cuts, (sizes, layer, steps) => {
        const prepared = new VegetaArray(sizes, WIDE).prepare(layer);
        for (const tile of tilesOf(layer, steps)) {
          const run = prepared.runTile(tile);

          expect(countsOfRun(run)).toEqual(countsOfTiming(prepared.timeTile(tile)));
          expect([...run.ofmap]).toEqual(sumsOf(layer, tile));
        }
      }),
      { numRuns: 400 },
    );
  });

  it("reads no value to tell the time of weights stored as N:4", () => {
    const refuse = (): never => {
      throw new Error("a value was read");
    };
    fc.assert(
      fc.property(parameters, randomLayers, fc.constantFrom(1, 2, 4), (sizes, layer, n) => {
        const { ifmap: _, weight: __, ...shape } = thinnedToGroups(layer, n, "channels", 1);
        const blind = Object.defineProperties(shape as LayerValues, {
          ifmap: { get: refuse },
          weight: { get: refuse },
        });

        expect(() => new VegetaArray(sizes, WIDE).prepare(blind).timeTile(wholeTile(layer))).not.toThrow();
      }),
    );
  });

  it("adds to narrow accumulators stretch by stretch, and counts every sum that did not fit", () => {
    const arithmetics = fc.record({
      accumulatorBits: fc.integer({ min: 8, max: 24 }),
      overflow: fc.constantFrom("wrap" as const, "saturate" as const),
      psumSpillBits: fc.constant(32),
    });
    fc.assert(
      fc.property(parameters, randomLayers, arithmetics, (sizes, layer, arithmetic) => {
        const tile = wholeTile(layer);
        const half = 2 ** (arithmetic.accumulatorBits - 1);
        let overflows = 0;
        const sums = placesOf(tile).map((place) => {
          const products: number[] = [];
          forEachProduct(layer, tile, place, (activation, weight) => products.push(activation * weight));
          let psum = 0;
          for (let from = 0; from < products.length; from += 4 * sizes.rows) {
            psum += products.slice(from, from + 4 * sizes.rows).reduce((sum, product) => sum + product, 0);
            if (psum >= -half && psum < half) continue;
            overflows++;
            const wrapped = Number(BigInt.asIntN(arithmetic.accumulatorBits, BigInt(psum)));
            psum = arithmetic.overflow === "wrap" ? wrapped : Math.max(-half, Math.min(half - 1, psum));
          }
          return psum;
        });

        const { ofmap, overflowEvents } = new VegetaArray(sizes, arithmetic).prepare(layer).runTile(tile);

        expect({ ofmap: [...ofmap], overflowEvents }).toEqual({ ofmap: sums, overflowEvents: overflows });
      }),
      { numRuns: 200 },
    );
  });

  it("takes weights stored as N:4 for filters that keep N, whatever of them is zero", () => {
    fc.assert(
      fc.property(parameters, randomLayers, fc.constantFrom(1, 2), (sizes, layer, n) => {
        const thin = thinnedToGroups(layer, n, "filter", 7);
        const zeros = { ...thin, weight: thin.weight.map(() => 0) };
        const timeOf = (one: LayerValues) => new VegetaArray(sizes, WIDE).prepare(one).timeTile(wholeTile(one));

        expect(timeOf(zeros)).toEqual(timeOf(thin));
      }),
    );
  });

  it("refuses weights that are stored as 1:4 and are not", () => {
    fc.assert(
      fc.property(parameters, randomLayers, (sizes, layer) => {
        const group = groupsOf(layer, "filter")[0]!;
        fc.pre(group.length > 1);
        const { stored, weight } = thinnedToGroups(layer, 1, "filter", 1);
        for (const place of group.slice(0, 2)) weight[place] = 1;
        const broken = { ...layer, weight, ...(stored && { stored }) };

        expect(() => new VegetaArray(sizes, WIDE).prepare(broken).runTile(wholeTile(layer))).toThrow(
          /stored as 1:4[\s\S]*[23] non-zeros/,
        );
      }),
      { numRuns: 50 },
    );
  });
});
