import { describe, expect, it } from "vitest";
import {
  compressLayer,
  finishLayer,
  prepareLayer,
} from "../../../../../algorithms/compression/smartdeal/compress-layer.js";
import type { Decomposition } from "../../../../../algorithms/compression/smartdeal/decompose.js";
import { decomposeSlices } from "../../../../../algorithms/compression/smartdeal/decompose-layer.js";
import { Random } from "../../../../../sim/core/rng.js";
import { encodeSmartDeal } from "../../../../../sim/ir/encodings/smartdeal.js";
import {
  cutFilters,
  decomposeFilters,
  type FilterDecomposer,
} from "../../../../../sim/run/decomposition/decompose-filters.js";

function weightsOf(count: number, seed: string): Float64Array {
  const random = new Random(seed);
  return Float64Array.from({ length: count }, (_, at) => (random.fraction() - 0.5) * (at % 97 === 0 ? 1 : 0.2));
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe("filters cut into ranges", () => {
  it.each([
    [10, 4, [0, 2, 5, 7, 10]],
    [8, 4, [0, 2, 4, 6, 8]],
    [3, 8, [0, 1, 2, 3]],
    [7, 1, [0, 7]],
    [1, 64, [0, 1]],
  ])("%i filters in %i ranges", (filters, ranges, ends) => {
    expect(cutFilters(filters, ranges)).toEqual(ends.slice(1).map((to, index) => ({ from: ends[index], to })));
  });

  it("are all there, once each and in order, and differ by one filter at most", () => {
    for (let filters = 1; filters <= 40; filters++) {
      for (let ranges = 1; ranges <= 40; ranges++) {
        const cut = cutFilters(filters, ranges);
        const listed = cut.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, filter) => from + filter));
        const sizes = cut.map(({ from, to }) => to - from);

        expect(listed).toEqual(Array.from({ length: filters }, (_, filter) => filter));
        expect(cut).toHaveLength(Math.min(filters, ranges));
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }
    }
  });
});

describe("a layer that is decomposed in parts", () => {
  // 3x3 of 128 channels: 384 rows, two slices of 192; 1x1 of 512: one slice of 171 rows, filled up; 1x1 of 4: turned; 5x5.
  it.each([
    ["3x3, two slices a filter, rows cleared", 13, 128, 3, { decompose: { threshold: 0.02, clearsRows: true } }],
    ["3x3, rows pruned for groups of filters", 37, 8, 3, { rowRule: { kind: "population", fraction: 0.4 } }],
    ["1x1, scaled columns", 11, 512, 1, { decompose: { threshold: 0.05, scalesColumns: true } }],
    ["1x1, turned, a channel left out", 9, 4, 1, { keptChannels: Uint8Array.of(1, 0, 1, 1) }],
    ["5x5, few passes", 10, 6, 5, { decompose: { iterations: 4 } }],
  ] as const)("is the layer in one piece, however it is cut: %s", async (name, filters, channels, side, options) => {
    const weights = weightsOf(filters * channels * side * side, name);
    const filter = { channels, kernelHeight: side, kernelWidth: side };
    const whole = compressLayer(weights, filter, options);
    const { layer, chosen } = prepareLayer(weights, filter, options);
    const before = layer.matrices.slice();

    for (const [ranges, decomposers] of [
      [1, 1],
      [2, 2],
      [5, 3],
      [filters, 2],
      [64, 64],
    ] as const) {
      // The first ranges take longest, so that the last are done before them.
      let left = ranges;
      const decompose: FilterDecomposer = async (part) => {
        await turns(left--);
        return decomposeSlices(part, chosen);
      };
      const slices = await decomposeFilters(layer, cutFilters(filters, ranges), Array(decomposers).fill(decompose));
      const joined = finishLayer(weights, { ...layer, slices }, chosen);

      expect(encodeSmartDeal(joined.weights)).toEqual(encodeSmartDeal(whole.weights));
      expect(joined).toEqual(whole);
    }
    expect(layer.matrices).toEqual(before);
  });

  it("gives each decomposer a buffer to keep, and the next range when it is done with the last", async () => {
    const weights = weightsOf(12 * 18, "turns");
    const { layer, chosen } = prepareLayer(weights, { channels: 2, kernelHeight: 3, kernelWidth: 3 }, {});
    const taken: number[][] = [[], []];
    const busy = [false, false];
    const decomposers = taken.map(
      (mine, index): FilterDecomposer =>
        async (part) => {
          expect(busy[index]).toBe(false);
          busy[index] = true;
          mine.push(part.shape.filters);
          expect(part.matrices.buffer.byteLength).toBe(8 * 18 * part.shape.filters);
          const slices = decomposeSlices(part, chosen);
          part.matrices.fill(Number.NaN);
          await turns(index === 0 ? 1 : 50);
          busy[index] = false;
          return slices;
        },
    );
    const slices = await decomposeFilters(layer, cutFilters(12, 6), decomposers);

    expect(slices).toEqual(decomposeSlices(layer, chosen));
    // The slow one has its first range yet when the other has had the five that are left.
    expect(taken).toEqual([[2, 2, 2, 2, 2], [2]]);
  });

  it("fails as a part of it fails, and no range is taken after that by who failed", async () => {
    const { layer } = prepareLayer(weightsOf(72, "failure"), { channels: 2, kernelHeight: 3, kernelWidth: 3 }, {});
    let asked = 0;
    const failing = async (): Promise<Decomposition[]> => {
      asked++;
      throw new Error("no room");
    };

    await expect(decomposeFilters(layer, cutFilters(4, 4), [failing])).rejects.toThrow("no room");
    expect(asked).toBe(1);
  });
});
