/** ExactOBS on layers: against pruning by magnitude, with and without a refit, and against plain sorting and least squares. */
import { describe, expect, it } from "vitest";
import { inverseOf } from "../../../../../algorithms/compression/obc/hessian.js";
import { type LayerFilters, layerFilters } from "../../../../../algorithms/compression/obc/layer-filters.js";
import { pruneGroupsBySize, prunePartBySize } from "../../../../../algorithms/compression/obc/prune-by-size.js";
import {
  countsOfCheapest,
  type PrunedLayer,
  pruneToGroups,
  pruneToSparsities,
} from "../../../../../algorithms/compression/obc/prune-layer.js";
import { pruneRow } from "../../../../../algorithms/compression/obc/prune-row.js";
import { RowState } from "../../../../../algorithms/compression/obc/row-state.js";
import { correlatedProducts, evenWeights, lossOfZeros, quadraticLoss, refit } from "../../../../helpers/obc-layers.js";

const [SIZE, FILTERS] = [32, 16];

function drawnLayer(seed: string, size = SIZE): LayerFilters {
  const products = correlatedProducts(size, seed);
  return layerFilters(evenWeights(size, FILTERS, seed), { groups: 1, products }, { damping: 0 });
}

/** Loss of a layer's outputs, summed over all pairs of each filter. */
function lossOf({ filters, hessians }: LayerFilters, pruned: readonly Float64Array[]): number {
  return filters.reduce((sum, weights, filter) => {
    const errors = weights.map((weight, at) => pruned[filter]![at]! - weight);
    return sum + quadraticLoss(hessians[0]!.values, errors);
  }, 0);
}

/** The same zeros with the other weights fitted. */
function refitted({ filters, hessians }: LayerFilters, { kept }: PrunedLayer): Float64Array[] {
  return filters.map((weights, filter) => {
    const zeros = [...kept[filter]!.keys()].filter((at) => kept[filter]![at] === 0);
    return refit(hessians[0]!.values, weights, new Map(zeros.map((at) => [at, 0])));
  });
}

const zerosIn = (filters: readonly Float64Array[]): number =>
  filters.reduce((sum, weights) => sum + weights.filter((weight) => weight === 0).length, 0);

describe("a layer pruned to 2:4", () => {
  it("loses less than by magnitude, and than by magnitude with the rest fitted, in 10 of 10 drawn layers", () => {
    for (let index = 0; index < 10; index++) {
      const layer = drawnLayer(`layer ${index}`);

      const exact = pruneToGroups(layer, { n: 2, m: 4 });

      const bySize = pruneGroupsBySize(layer.filters, { n: 2, m: 4 });
      const [ours, plain, fitted] = [exact.filters, bySize.filters, refitted(layer, bySize)].map((filters) =>
        lossOf(layer, filters),
      );
      expect(ours).toBeLessThan(fitted!);
      expect(fitted).toBeLessThan(plain!);
      expect(exact.loss / ours!).toBeCloseTo(1, 6);
      expect(zerosIn(exact.filters)).toBe((SIZE * FILTERS) / 2);
    }
  });
});

describe("a layer pruned by a part", () => {
  it.each([0, 0.1, 0.5, 0.77, 1])(
    "gives ceil(%f of all weights), and less loss than by magnitude with a refit",
    (part) => {
      const layer = drawnLayer("part");

      const [exact] = pruneToSparsities(layer, [part]);

      expect(zerosIn(exact!.filters)).toBe(Math.ceil(part * SIZE * FILTERS));
      const fitted = lossOf(layer, refitted(layer, prunePartBySize(layer.filters, part, 1)));
      expect(lossOf(layer, exact!.filters)).toBeLessThanOrEqual(fitted * (1 + 1e-9));
    },
  );

  it("takes the cheapest steps of all filters, each filter as it is after as many", () => {
    const layer = drawnLayer("global");
    const inverse = inverseOf(layer.hessians[0]!);
    const row = new RowState(SIZE);
    const steps = layer.filters.flatMap((weights, filter) => {
      row.start(inverse, weights);
      return [...pruneRow(row, SIZE).losses].map((loss) => ({ filter, loss }));
    });
    const cheapest = steps.toSorted((a, b) => a.loss - b.loss).slice(0, 256);

    const [exact] = pruneToSparsities(layer, [0.5]);

    for (const [filter, kept] of exact!.kept.entries()) {
      const gone = kept.filter((stays) => stays === 0).length;
      expect(gone).toBe(cheapest.filter((step) => step.filter === filter).length);
      const zeros = [...kept.keys()].filter((at) => kept[at] === 0);
      const errors = exact!.filters[filter]!.map((weight, at) => weight - layer.filters[filter]![at]!);
      const wanted = lossOfZeros(layer.hessians[0]!.values, layer.filters[filter]!, zeros);
      expect(quadraticLoss(layer.hessians[0]!.values, errors)).toBeCloseTo(wanted, 9);
    }
  });

  it("has at each level of several what it has at that level alone", () => {
    const layer = drawnLayer("levels");
    const levels = [0, 0.1, 0.5, 0.9, 0.99];

    const together = pruneToSparsities(layer, levels);

    for (const [index, level] of levels.entries()) {
      const [alone] = pruneToSparsities(layer, [level]);
      expect(together[index]!.filters).toEqual(alone!.filters);
      expect(together[index]!.kept).toEqual(alone!.kept);
      expect(together[index]!.loss).toBe(alone!.loss);
    }
  });

  it("takes whole blocks of neighbours", () => {
    const layer = drawnLayer("blocks", 30);

    const [exact] = pruneToSparsities(layer, [0.5], 4);

    // 8 blocks a filter, the last of two weights.
    let gone = 0;
    for (const kept of exact!.kept) {
      for (let from = 0; from < 30; from += 4) {
        const stays = new Set(kept.slice(from, from + 4));
        expect(stays.size).toBe(1);
        if (stays.has(0)) gone++;
      }
    }
    expect(gone).toBe(8 * FILTERS * 0.5);
    expect(exact!.loss / lossOf(layer, exact!.filters)).toBeCloseTo(1, 6);
  });

  it("takes of equal steps those of the first filter", () => {
    expect(countsOfCheapest(Float64Array.of(1, 2, 1, 2, 1, 2), 2, [0, 0.5, 0.6]).map((counts) => [...counts])).toEqual([
      [0, 0, 0],
      [1, 1, 1],
      [2, 1, 1],
    ]);
  });
});

describe("a layer worked on in blocks of columns", () => {
  const whole = drawnLayer("columns", 48);
  const cut = { ...whole, blockSize: 16 };

  it.each(["2:4", "half"])(
    "has the loss of its errors, between that of the whole and that of magnitude: %s",
    (kind) => {
      const pruned = [whole, cut].map((layer) =>
        kind === "2:4" ? pruneToGroups(layer, { n: 2, m: 4 }) : pruneToSparsities(layer, [0.5])[0]!,
      );

      const [exact, inBlocks] = pruned.map(({ filters }) => lossOf(whole, filters));
      expect(pruned[1]!.loss / inBlocks!).toBeCloseTo(1, 6);
      expect(zerosIn(pruned[1]!.filters)).toBe((48 * FILTERS) / 2);
      expect(exact).toBeLessThan(inBlocks!);
      expect(inBlocks).toBeLessThan(lossOf(whole, pruneGroupsBySize(whole.filters, { n: 2, m: 4 }).filters));
    },
  );

  it("leaves the last block fitted to what the blocks before became", () => {
    const { filters } = pruneToGroups(cut, { n: 2, m: 4 });
    for (const [filter, weights] of filters.entries()) {
      const fixed = new Map<number, number>();
      for (const [at, weight] of weights.entries()) if (at < 32 || weight === 0) fixed.set(at, weight);

      const solved = refit(whole.hessians[0]!.values, whole.filters[filter]!, fixed);

      for (const [at, weight] of weights.entries()) expect(weight).toBeCloseTo(solved[at]!, 8);
    }
  });
});

it("a layer with groups of channels takes each filter by the inputs of its own", () => {
  const products = new Float64Array([...correlatedProducts(8, "first"), ...correlatedProducts(8, "second")]);
  const both = layerFilters(evenWeights(8, 4, "grouped"), { groups: 2, products }, { damping: 0 });

  const { filters } = pruneToGroups(both, { n: 2, m: 4 });

  for (const group of [0, 1]) {
    const alone = { ...both, filters: both.filters.slice(2 * group, 2 * group + 2), hessians: [both.hessians[group]!] };
    expect(filters.slice(2 * group, 2 * group + 2)).toEqual(pruneToGroups(alone, { n: 2, m: 4 }).filters);
  }
});
