/**
 * SmartDeal's container on the shapes of ResNet-50, all layers but the first: sizes worked out apart from the program, from the
 * number of weights. At 45.0 % of coefficients zero, in whole rows: 25,502,912 * 0.55 * 4 bits = 7.01 MB of coefficients, 53,280
 * bases of 9 bytes = 0.48 MB, a bit for each of a third as many rows = 1.06 MB; at 58.6 %: 5.28, 0.48 and 1.06 MB. Filling up of
 * filters to slices of equal height adds 0.1 % to rows and coefficients.
 */
import { describe, expect, it } from "vitest";
import { filterMatrix } from "../../algorithms/compression/smartdeal/filter-matrix.js";
import { smartDealBitsOfRows } from "../../sim/ir/encodings/smartdeal-layout.js";
import { isMatrixLayer } from "../../sim/ir/layer.js";
import { loadNetwork } from "../../sim/run/load-network.js";

describe("ResNet-50 in SmartDeal's container", () => {
  it.each([
    [0.45, 7.01, 8.55, 11.9],
    [0.586, 5.28, 6.82, 15.0],
  ])(
    "at a sparsity of %d has %d MB of coefficients and %d MB in all, a ratio of %d",
    async (sparsity, coefficientMb, totalMb, ratio) => {
      const layers = (await loadNetwork("resnet50")).layers
        .filter(isMatrixLayer)
        .filter(({ bounds }) => bounds.R !== 7);
      const bits = layers.map(({ bounds: { G, K, C, R, S } }) => {
        const filter = { channels: C, kernelHeight: R, kernelWidth: S };
        const shape = { filters: G * K, ...filter, ...filterMatrix(filter) };
        const rows = shape.filters * shape.slices * shape.sliceRows;
        return smartDealBitsOfRows(shape, rows, Math.round((1 - sparsity) * rows));
      });
      const megabytes = (part: keyof (typeof bits)[number]) => bits.reduce((sum, some) => sum + some[part], 0) / 8e6;

      expect(megabytes("basisBits")).toBe(0.47952);
      expect(Math.abs(megabytes("coefficientBits") / coefficientMb - 1)).toBeLessThan(0.003);
      expect(Math.abs(megabytes("indexBits") / 1.06 - 1)).toBeLessThan(0.01);
      expect(Math.abs(megabytes("totalBits") / totalMb - 1)).toBeLessThan(0.005);
      expect(Math.abs(102.01 / megabytes("totalBits") / ratio - 1)).toBeLessThan(0.01);
    },
  );
});
