import { describe, expect, it } from "vitest";
import { renderCompressionLayers } from "../../../reports/compression-table.js";
import type { CompressionReport, LayerCompression } from "../../../sim/run/compression/compression-report.js";

const LAYER: LayerCompression = {
  ...{ name: "conv", operator: "Conv", weight: "w", storedAs: "w_codes", method: "smartdeal", encoding: "smartdeal" },
  ...{ reduction: 48, columns: 10, groups: 1, storedValues: 400, valueBits: 1600, metadataBits: 320 },
  ...{ sparsityFraction: 0.25, meanSquaredError: 0.01, signalToNoiseDecibels: 12.34 },
  smartdeal: {
    ...{ compressionRatio: 8, relativeError: 0.2416, coefficientSparsityFraction: 0.305, zeroRowFraction: 0.25 },
    ...{ coefficientsLowered: 3, coefficientsCleared: 39, mostPasses: 17, threshold: 0.001 },
  },
};
const DENSE = { ...LAYER, name: "depthwise", valueBits: 3840, metadataBits: 320, signalToNoiseDecibels: 45 };
const { smartdeal: _, ...PLAIN } = DENSE;

const reportOf = (...layers: readonly LayerCompression[]) => ({ layers }) as unknown as CompressionReport;

describe("the layers of a compressed model as text", () => {
  it("have what coefficients and bases cost, and nothing of it where there are none", () => {
    // 480 weights of 32 bits are 15360 bits: over 1920 they are 8 times as many, over 4160 3.69 times.
    expect(renderCompressionLayers(reportOf(LAYER, PLAIN), { width: 74 })).toBe(
      [
        "layer              rate  weights Ce zeros no rows  error clipped passes",
        "---------------- ------ -------- -------- ------- ------ ------- ------",
        "conv              8.00x  12.3 dB    30.5%   25.0%  24.2%      42     17",
        "depthwise         3.69x  45.0 dB",
      ]
        .map((line) => line.replace(/^(.{16})/, "$1   ").trimEnd())
        .map((line) => line.replace(/^-{16} {3}/, "-".repeat(19)))
        .join("\n"),
    );
  });

  it("have the signal to noise of the outputs with one layer alone, where it was measured", () => {
    const alone = { ...PLAIN, outputsAlone: [{ name: "y", meanSquaredError: 1, signalToNoiseDecibels: 33.3 }] };

    expect(renderCompressionLayers(reportOf(alone), { width: 60 }).split("\n").at(-1)).toMatch(
      /3\.69x +33\.3 dB +45\.0 dB$/,
    );
  });

  it("are never wider than the page", () => {
    for (const width of [40, 60, 80]) {
      for (const line of renderCompressionLayers(reportOf(LAYER, PLAIN), { width }).split("\n")) {
        expect(line.length).toBeLessThanOrEqual(width);
      }
    }
  });
});
