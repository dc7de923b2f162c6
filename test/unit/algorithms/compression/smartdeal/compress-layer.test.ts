import { describe, expect, it } from "vitest";
import { compressLayer } from "../../../../../algorithms/compression/smartdeal/compress-layer.js";
import { decomposeTable } from "../../../../../algorithms/compression/smartdeal/options.js";
import { ConfigError } from "../../../../../sim/core/errors.js";
import { Random } from "../../../../../sim/core/rng.js";
import { decodeSmartDeal, encodeSmartDeal } from "../../../../../sim/ir/encodings/smartdeal.js";

const FILTER = { channels: 16, kernelHeight: 3, kernelWidth: 3 };

/** Weights with some large ones, so that every option has something to do. */
function weightsOf(seed: string): Float64Array {
  const random = new Random(seed);
  return Float64Array.from({ length: 8 * 144 }, (_, at) => (random.fraction() - 0.5) * (at % 97 === 0 ? 1 : 0.2));
}

const compressed = (decompose: Record<string, number | boolean>) =>
  encodeSmartDeal(compressLayer(weightsOf("options"), FILTER, { decompose }).weights);

describe("a layer from weights to the container", () => {
  it("counts the bits of the bytes, and the ratio to float32", () => {
    const { weights, bits, statistics } = compressLayer(weightsOf("bits"), FILTER);

    expect(encodeSmartDeal(weights)).toHaveLength(Math.ceil(bits.totalBits / 8));
    expect(statistics.compressionRatio).toBe((32 * 8 * 144) / bits.totalBits);
    expect(statistics.coefficientSparsityFraction).toBe(weights.codes.filter((code) => code === 0).length / (8 * 144));
  });

  it("is the same every time, and what the bytes say", () => {
    const [first, second] = [compressLayer(weightsOf("twice"), FILTER), compressLayer(weightsOf("twice"), FILTER)];

    expect(second).toEqual(first);
    expect(encodeSmartDeal(second.weights)).toEqual(encodeSmartDeal(first.weights));
    expect(decodeSmartDeal(encodeSmartDeal(first.weights))).toEqual(first.weights);
  });

  it("has a lower error for more passes, and none for weights of nothing", () => {
    const weights = weightsOf("error");
    const errorOf = (iterations: number) =>
      compressLayer(weights, FILTER, { decompose: { iterations, threshold: 0.001 } }).statistics.relativeError;

    expect(errorOf(30)).toBeLessThan(errorOf(1));
    expect(errorOf(30)).toBeLessThan(0.2);
    expect(compressLayer(new Float64Array(144), FILTER).statistics).toMatchObject({ relativeError: 0, mostPasses: 0 });
  });

  it("clears rows for groups of filters where it is asked to", () => {
    const all = compressLayer(weightsOf("rows"), FILTER);
    const half = compressLayer(weightsOf("rows"), FILTER, { rowRule: { kind: "population", fraction: 0.5 } });

    expect(half.bits.coefficientBits).toBeLessThanOrEqual(0.5 * all.bits.coefficientBits);
    expect(half.statistics.compressionRatio).toBeGreaterThan(all.statistics.compressionRatio);
  });

  it("has smaller indices without some channels", () => {
    const keptChannels = Uint8Array.from({ length: 16 }, (_, channel) => (channel % 4 === 0 ? 0 : 1));
    const { bits } = compressLayer(weightsOf("channels"), FILTER, { keptChannels });

    // Twelve of sixteen channels of three rows, in eight filters.
    expect(bits.indexBits).toBe(8 * 12 * 3);
  });

  it.each([
    ["iterations", 2],
    ["threshold", 0.03],
    ["clearsRows", true],
    ["scalesColumns", true],
    ["tolerance", 1],
    ["cutoff", 0.99],
    ["greatest", 0.25],
    ["decay", 0.3],
  ])("gives other bytes for another %s", (name, value) => {
    // Decay takes a threshold that clears whole columns, and columns that are scaled.
    const base = name === "decay" ? { threshold: 60, scalesColumns: true } : { threshold: 0.02 };

    expect(compressed({ ...base, [name]: value })).not.toEqual(compressed(base));
  });

  it("knows no other options, and says which it knows", () => {
    expect(Object.keys(decomposeTable.shape).sort()).toEqual([
      "clearsRows",
      "cutoff",
      "decay",
      "greatest",
      "iterations",
      "scalesColumns",
      "threshold",
      "tolerance",
    ]);
    const run = (decompose: Record<string, number | boolean>) => () =>
      compressLayer(weightsOf("wrong"), FILTER, { decompose });
    expect(run({ momentum: 1 })).toThrow(ConfigError);
    expect(run({ momentum: 1 })).toThrow(/use some of iterations/);
    expect(run({ iterations: 0 })).toThrow(/smartdeal\.iterations/);
    expect(run({ threshold: Number.NaN })).toThrow(ConfigError);
    expect(run({ decay: 1 })).toThrow(/smartdeal\.decay/);
  });
});
