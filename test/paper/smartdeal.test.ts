/**
 * SmartDeal's container on layers of the shapes of ResNet-50 and VGG-19: the size by the published fields (8-bit bases, 4-bit
 * coefficients of rows that are not zero, a bit of index for each row), counted from what was stored, against the bytes that are
 * written. Source: Zhao et al., 'SmartExchange', ISCA 2020, section III; header of 200 bits and a bit a channel are ours.
 */
import { describe, expect, it } from "vitest";
import { compressLayer } from "../../algorithms/compression/smartdeal/compress-layer.js";
import { decodeSmartDeal, encodeSmartDeal } from "../../sim/ir/encodings/smartdeal.js";
import { drawFrom } from "../helpers/structured-weights.js";

/** Slices of a filter and rows of each, worked out by hand from the rule of slices. */
const LAYERS = [
  // 3x3, 64 channels: 192 rows, which is 64 a column: one slice.
  { name: "3x3, 64 channels", channels: 64, side: 3, slices: 1, rows: 192 },
  // 128 channels: 384 rows are halved once.
  { name: "3x3, 128 channels", channels: 128, side: 3, slices: 2, rows: 192 },
  // 256 channels without a kernel: 86 rows of three, two places of them empty.
  { name: "1x1, 256 channels", channels: 256, side: 1, slices: 1, rows: 86 },
  // 1024 channels: 342 rows in two slices.
  { name: "1x1, 1024 channels", channels: 1024, side: 1, slices: 2, rows: 171 },
];
const FILTERS = 8;
const HEADER_BITS = 200;

function normalWeights(count: number, seed: number): Float64Array {
  const draw = drawFrom(seed);
  const fraction = () => (draw(2 ** 24) + 0.5) / 2 ** 24;
  return Float64Array.from(
    { length: count },
    () => 0.05 * Math.sqrt(-2 * Math.log(fraction())) * Math.cos(2 * Math.PI * fraction()),
  );
}

function compressed({ channels, side }: (typeof LAYERS)[number], threshold: number) {
  const filter = { channels, kernelHeight: side, kernelWidth: side };
  const weights = normalWeights(FILTERS * channels * side * side, channels);
  const rowRule = { kind: "population", fraction: 0.4 } as const;
  return compressLayer(weights, filter, { decompose: { threshold }, ...(side === 3 && { rowRule }) });
}

describe.each(LAYERS)("SmartDeal's container of $name", (layer) => {
  it.each([0.004, 0.03, 0.1])("container size formula equals real encoded bytes (threshold %d)", (threshold) => {
    const { weights, bits } = compressed(layer, threshold);

    const rows = FILTERS * layer.slices * layer.rows;
    let nonZeroRows = 0;
    for (let row = 0; row < rows; row++)
      if (weights.codes.subarray(3 * row, 3 * row + 3).some((code) => code > 0)) nonZeroRows++;
    const formula = 8 * 9 * layer.slices * FILTERS + rows + 4 * 3 * nonZeroRows + layer.channels + HEADER_BITS;
    expect(bits.totalBits).toBe(formula);
    expect(encodeSmartDeal(weights).length).toBe(Math.ceil(formula / 8));
    if (layer.side === 3) expect(nonZeroRows).toBeLessThanOrEqual(0.6 * rows);
  });

  it("decode(encode) is identity on Ce inside the window; clipping is counted and reported", () => {
    const { weights, statistics } = compressed(layer, 0.0001);

    expect(decodeSmartDeal(encodeSmartDeal(weights))).toEqual(weights);
    // A threshold of 10^-4 leaves exponents down to -14, far below seven of them from the greatest on.
    expect(statistics.coefficientsLowered + statistics.coefficientsCleared).toBeGreaterThan(0);
    const zeros = weights.codes.filter((code) => code === 0).length;
    expect(statistics.coefficientSparsityFraction).toBe(zeros / weights.codes.length);
    expect(zeros).toBeGreaterThanOrEqual(statistics.coefficientsCleared);
  });
});
