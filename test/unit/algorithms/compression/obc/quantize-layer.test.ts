/** OBQ on layers and rows: against rounding to the nearest, with pruned weights, and with weights pushed off the grid. */
import { describe, expect, it } from "vitest";
import { codeOn, codesOf, searchScale } from "../../../../../algorithms/compression/obc/grid.js";
import { gridsOf } from "../../../../../algorithms/compression/obc/grids.js";
import { hessianOf, inverseOf } from "../../../../../algorithms/compression/obc/hessian.js";
import { type LayerFilters, layerFilters } from "../../../../../algorithms/compression/obc/layer-filters.js";
import { pruneToGroups } from "../../../../../algorithms/compression/obc/prune-layer.js";
import { quantizeFilters } from "../../../../../algorithms/compression/obc/quantize-layer.js";
import { quantizeRow } from "../../../../../algorithms/compression/obc/quantize-row.js";
import { RowState } from "../../../../../algorithms/compression/obc/row-state.js";
import { correlatedProducts, evenWeights, quadraticLoss } from "../../../../helpers/obc-layers.js";

const [SIZE, FILTERS] = [32, 16];
const leastScales = new Float64Array(FILTERS);

function drawnLayer(seed: string): LayerFilters {
  const products = correlatedProducts(SIZE, seed);
  return layerFilters(evenWeights(SIZE, FILTERS, seed), { groups: 1, products }, { damping: 0 });
}

function lossOfCodes(layer: LayerFilters, codes: readonly Int32Array[], scales: readonly number[]): number {
  return layer.filters.reduce((sum, weights, filter) => {
    const errors = weights.map((weight, at) => codes[filter]![at]! * scales[filter]! - weight);
    return sum + quadraticLoss(layer.hessians[0]!.values, errors);
  }, 0);
}

describe("a layer on grids", () => {
  it.each([2, 3, 4])("loses less than by rounding to the nearest in %i bits, in 10 of 10 drawn layers", (bits) => {
    for (let index = 0; index < 10; index++) {
      const layer = drawnLayer(`grid ${index}`);
      const { grids } = gridsOf(layer.filters, { bits, granularity: "channel", scale: "search", leastScales });
      const scales = grids.map(({ scale }) => scale);

      const { codes, loss } = quantizeFilters(layer, grids);

      const nearest = layer.filters.map((weights, filter) =>
        Int32Array.from(weights, (weight) => codeOn(grids[filter]!, weight)),
      );
      const ours = lossOfCodes(layer, codes, scales);
      expect(ours).toBeLessThan(lossOfCodes(layer, nearest, scales));
      expect(loss / ours).toBeCloseTo(1, 6);
      for (const own of codes) {
        expect(Math.min(...own)).toBeGreaterThanOrEqual(-(2 ** (bits - 1)));
        expect(Math.max(...own)).toBeLessThan(2 ** (bits - 1));
      }
    }
  });

  it("loses less in blocks of columns than by rounding to the nearest, too", () => {
    const layer = { ...drawnLayer("cut"), blockSize: 8 };
    const { grids } = gridsOf(layer.filters, { bits: 3, granularity: "channel", scale: "max", leastScales });
    const scales = grids.map(({ scale }) => scale);

    const { codes, loss } = quantizeFilters(layer, grids);

    const nearest = layer.filters.map((weights, filter) =>
      Int32Array.from(weights, (weight) => codeOn(grids[filter]!, weight)),
    );
    const ours = lossOfCodes(layer, codes, scales);
    expect(loss / ours).toBeCloseTo(1, 6);
    expect(ours).toBeLessThan(lossOfCodes(layer, nearest, scales));
  });

  it("keeps pruned weights at 0, and gives the others what they get without them", () => {
    const layer = drawnLayer("compound");
    const pruned = pruneToGroups(layer, { n: 2, m: 4 });
    const { grids } = gridsOf(pruned.filters, { bits: 4, granularity: "channel", scale: "search", leastScales });

    const { codes } = quantizeFilters({ ...layer, filters: pruned.filters }, grids, pruned.kept);

    for (const [filter, kept] of pruned.kept.entries()) {
      const left = [...kept.keys()].filter((at) => kept[at] === 1);
      expect(left).toHaveLength(SIZE / 2);
      const { values } = layer.hessians[0]!;
      const part = Float64Array.from(left.flatMap((i) => left.map((j) => values[i * SIZE + j]!)));
      const row = new RowState(left.length);
      row.start(
        inverseOf(hessianOf(part, left.length, 0)),
        left.map((at) => pruned.filters[filter]![at]!),
      );
      const alone = new Int32Array(left.length);
      quantizeRow(row, grids[filter]!, alone);
      for (const [place, at] of left.entries()) expect(codes[filter]![at]).toBe(alone[place]);
      for (const [at, stays] of kept.entries()) if (stays === 0) expect(codes[filter]![at]).toBe(0);
    }
  });
});

describe("a row on a grid", () => {
  const independent = inverseOf(hessianOf(Float64Array.of(2, 0, 0, 0, 2, 0, 0, 0, 2), 3, 0));

  it("takes a weight that is off the grid by more than half a step before all others", () => {
    // Codes -2 to 1: 5 is off by 4, -2.6 by 0.6, 0.1 costs least. The order shows in the losses: 4^2, 0.6^2, 0.1^2.
    const row = new RowState(3);
    row.start(independent, [0.1, 5, -2.6]);
    const codes = new Int32Array(3);
    const added: number[] = [];
    const fix = row.fix.bind(row);
    row.fix = (index, value) => {
      added.push(index);
      return fix(index, value);
    };

    quantizeRow(row, { scale: 1, ...codesOf(2) }, codes);

    expect(added).toEqual([1, 2, 0]);
    expect([...codes]).toEqual([0, 1, -2]);
  });

  it("takes the first of weights that cost alike", () => {
    const row = new RowState(3);
    row.start(independent, [0.25, -0.25, 0.25]);
    const seen: number[] = [];
    const fix = row.fix.bind(row);
    row.fix = (index, value) => {
      seen.push(index);
      return fix(index, value);
    };

    quantizeRow(row, { scale: 1, ...codesOf(4) }, new Int32Array(3));

    expect(seen).toEqual([0, 1, 2]);
  });
});

describe("the search for a scale", () => {
  it("finds the least sum of |error|^2.4 of 80 shrunken ranges", () => {
    const weights = Float64Array.from(evenWeights(40, 1, "scale").values);
    weights[0] = 4;
    const errors = Array.from({ length: 80 }, (_, at) => {
      const scale = Math.fround(((1 - at / 100) * 8) / 15);
      let error = 0;
      for (const weight of weights) {
        const gaps = Array.from({ length: 16 }, (_, code) => Math.abs((code - 8) * scale - weight));
        error += Math.min(...gaps) ** 2.4;
      }
      return { scale, error };
    });
    const best = errors.reduce((least, next) => (next.error < least.error ? next : least));

    expect(searchScale(weights, 4)).toBe(best.scale);
    expect(best.scale).toBeLessThan(Math.fround(8 / 15));
  });

  it("gives 0 for nothing, and one scale for all filters where it is asked to", () => {
    expect(searchScale(new Float64Array(4), 4)).toBe(0);
    const filters = [Float64Array.of(0, 0), Float64Array.of(7, -7)];
    const least = new Float64Array(2);
    const each = gridsOf(filters, { bits: 4, granularity: "channel", scale: "max", leastScales: least });
    const whole = gridsOf(filters, { bits: 4, granularity: "tensor", scale: "max", leastScales: least });

    expect([...each.scales]).toEqual([1, 1]);
    expect([...whole.scales]).toEqual([1]);
    expect(whole.grids.map(({ scale }) => scale)).toEqual([1, 1]);
  });
});
