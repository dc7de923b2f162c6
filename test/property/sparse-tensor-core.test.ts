/** Sparse tensor cores, cycle by cycle, against their closed form and the sums of the definition, on random small layers and tiles. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccumulatorParameters } from "../../hw-models/pe-array/arithmetic-parameters.js";
import type { LayerValues } from "../../hw-models/pe-array/layer-values.js";
import { SparseTensorCoreArray } from "../../hw-models/pe-array/sparse-tensor-core/sparse-tensor-core.js";
import { sparseTensorCoreTable } from "../../hw-models/pe-array/sparse-tensor-core/sparse-tensor-core-parameters.js";
import { groupedLayers, groupsOf, thinnedToGroups } from "../helpers/grouped-layers.js";
import { cuts, forEachProduct, placesOf, randomLayers, sumsOf, tilesOf, wholeTile } from "../helpers/random-layers.js";
import { countsOfRun, countsOfTiming } from "../helpers/valued-counts.js";

const WIDE: AccumulatorParameters = { accumulatorBits: 32, overflow: "error", psumSpillBits: 32 };

const small = (max: number) => fc.integer({ min: 1, max });
const parameters = fc
  .record({ channelCores: small(3), positionCores: small(3), rows: small(3), columns: small(3), pairs: small(4) })
  .map((sizes) =>
    sparseTensorCoreTable.parse({ kind: "sparse-tensor-core", activationBits: 16, weightBits: 16, ...sizes }),
  );
const layers = groupedLayers([2]);

describe("sparse tensor cores", () => {
  it("take the cycles and make the counts of their closed form on tiles from any cut, with the sums of the definition", () => {
    fc.assert(
      fc.property(parameters, layers, cuts, (sizes, layer, steps) => {
        const prepared = new SparseTensorCoreArray(sizes, WIDE).prepare(layer);
        for (const tile of tilesOf(layer, steps)) {
          const run = prepared.runTile(tile);

          expect(countsOfRun(run)).toEqual(countsOfTiming(prepared.timeTile(tile)));
          expect([...run.ofmap]).toEqual(sumsOf(layer, tile));
        }
      }),
      { numRuns: 400 },
    );
  });

  it("read no value to tell the time", () => {
    const refuse = (): never => {
      throw new Error("a value was read");
    };
    fc.assert(
      fc.property(parameters, layers, (sizes, { ifmap: _, weight: __, ...shape }) => {
        const layer: LayerValues = Object.defineProperties(shape as LayerValues, {
          ifmap: { get: refuse },
          weight: { get: refuse },
        });

        expect(() => new SparseTensorCoreArray(sizes, WIDE).prepare(layer).timeTile(wholeTile(layer))).not.toThrow();
      }),
    );
  });

  it("add in narrow accumulators step by step, and count every sum that did not fit", () => {
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
          for (let from = 0; from < products.length; from += 2 * sizes.pairs) {
            psum += products.slice(from, from + 2 * sizes.pairs).reduce((sum, product) => sum + product, 0);
            if (psum >= -half && psum < half) continue;
            overflows++;
            const wrapped = Number(BigInt.asIntN(arithmetic.accumulatorBits, BigInt(psum)));
            psum = arithmetic.overflow === "wrap" ? wrapped : Math.max(-half, Math.min(half - 1, psum));
          }
          return psum;
        });

        const { ofmap, overflowEvents } = new SparseTensorCoreArray(sizes, arithmetic).prepare(layer).runTile(tile);

        expect({ ofmap: [...ofmap], overflowEvents }).toEqual({ ofmap: sums, overflowEvents: overflows });
      }),
      { numRuns: 200 },
    );
  });

  it("refuse weights that are stored as 2:4 and are not", () => {
    fc.assert(
      fc.property(
        parameters,
        randomLayers,
        fc.constantFrom("filter" as const, "channels" as const),
        (sizes, layer, axis) => {
          const group = groupsOf(layer, axis)[0]!;
          fc.pre(group.length > 2);
          const { stored, weight } = thinnedToGroups(layer, 2, axis, 1);
          for (const place of group.slice(0, 3)) weight[place] = 1;
          const broken = { ...layer, weight, ...(stored && { stored }) };

          const run = () => new SparseTensorCoreArray(sizes, WIDE).prepare(broken).runTile(wholeTile(layer));

          expect(run).toThrow(/stored as 2:4[\s\S]*3 non-zeros|stored as 2:4[\s\S]*4 non-zeros/);
        },
      ),
      { numRuns: 50 },
    );
  });
});
