/** Bits shared out among layers: hulls by hand, choices against every combination, and a rate that is kept. */
import { describe, expect, it } from "vitest";
import { createMethod, parseMethodChoice } from "../../../../../algorithms/compression/index.js";
import type { InputStatistics } from "../../../../../algorithms/compression/layer-inputs.js";
import type { LayerCost } from "../../../../../algorithms/compression/method.js";
import { outputNoise, weightErrors } from "../../../../../algorithms/compression/output-noise.js";
import { chooseTries, lowerHull, type Try } from "../../../../../algorithms/compression/smartdeal/choose-settings.js";
import { storedBitsOf } from "../../../../../algorithms/compression/stored-bits.js";
import { ConfigError } from "../../../../../sim/core/errors.js";
import { Random } from "../../../../../sim/core/rng.js";

const tries = (...pairs: readonly (readonly [cost: number, noise: number])[]): Try[] =>
  pairs.map(([cost, noise]) => ({ cost, noise }));

describe("the lower convex hull of tries", () => {
  it("leaves out what costs more and errs more, and what a mix of two others beats", () => {
    // Between (10, 0) and (2, 8) noise rises by 1 a unit of cost: (6, 3) lies below that line, (4, 7) above it, (7, 9) errs more
    // than the cheaper (6, 3).
    const hull = lowerHull(tries([2, 8], [7, 9], [10, 0], [6, 3], [4, 7]));

    expect(hull).toEqual(tries([10, 0], [6, 3], [2, 8]));
  });

  it("is one try where the cheapest errs least, and keeps one of two alike", () => {
    expect(lowerHull(tries([5, 2], [4, 1], [9, 3]))).toEqual(tries([4, 1]));
    expect(lowerHull(tries([4, 1], [4, 1], [4, 2]))).toEqual(tries([4, 1]));
  });
});

describe("tries of several layers within a budget", () => {
  function drawLadders(seed: string): Try[][] {
    const random = new Random(seed);
    return Array.from({ length: 4 }, () =>
      Array.from({ length: 5 }, (_, at) => ({
        cost: 10 + Math.floor(random.fraction() * 90),
        noise: random.fraction() * 2 ** at,
      })),
    );
  }

  const totalOf = (some: readonly Try[], key: keyof Try): number => some.reduce((sum, one) => sum + one[key], 0);

  it.each(["a", "b", "c", "d", "e", "f"])(
    "are within it, and none of all combinations beats a sum of hulls (%s)",
    (seed) => {
      const ladders = drawLadders(seed);
      const all = ladders.reduce<Try[][]>(
        (some, ladder) => some.flatMap((part) => ladder.map((one) => [...part, one])),
        [[]],
      );
      const cheapest = Math.min(...all.map((some) => totalOf(some, "cost")));
      const dearest = ladders.reduce((sum, ladder) => sum + lowerHull(ladder)[0]!.cost, 0);

      for (let budget = cheapest; budget <= dearest; budget += 7) {
        const chosen = chooseTries(ladders, budget)!;

        expect(totalOf(chosen, "cost")).toBeLessThanOrEqual(budget);
        // Where the whole budget is used the choice has the least noise of all that cost no more.
        const best = Math.min(
          ...all.filter((some) => totalOf(some, "cost") <= budget).map((some) => totalOf(some, "noise")),
        );
        // What a greedy choice may lose is less than its last step, since steps lie on hulls.
        const steps = ladders.flatMap((ladder) => {
          const hull = lowerHull(ladder);
          return hull.slice(1).map((one, at) => one.noise - hull[at]!.noise);
        });
        expect(totalOf(chosen, "noise")).toBeLessThanOrEqual(best + Math.max(0, ...steps));
      }
      expect(chooseTries(ladders, cheapest - 1)).toBeUndefined();
      expect(totalOf(chooseTries(ladders, dearest)!, "noise")).toBeCloseTo(
        ladders.reduce((sum, ladder) => sum + Math.min(...ladder.map(({ noise }) => noise)), 0),
        12,
      );
    },
  );
});

describe("the noise of a layer's outputs", () => {
  it("is the error in the norm of the inputs' energy over the weights' own", () => {
    // One column w = (1, 2), codes (1, 1) at scale 1: e = (0, 1). H = [[2, 1], [1, 3]]: e^T H e = 3, w^T H w = 2 + 4 + 12 = 18.
    const matrix = { reduction: 2, columns: 1, values: Float32Array.of(1, 2), leastScales: new Float64Array(1) };
    const compressed = {
      ...{ codes: Int32Array.of(1, 1), scales: Float32Array.of(1), zero: 0, codeBits: 8 },
      encoding: { name: "dense", parameters: {} },
    };
    const inputs: InputStatistics = {
      ...{ groups: 1, reduction: 2, means: new Float64Array(2) },
      products: Float64Array.of(2, 1, 1, 3),
    };

    expect(outputNoise(matrix, weightErrors(matrix, compressed), inputs)).toBeCloseTo(3 / 18, 12);
    // Without samples the norm of the weights counts: 1 of 5.
    expect(outputNoise(matrix, weightErrors(matrix, compressed), undefined)).toBeCloseTo(1 / 5, 12);
  });
});

describe("smartdeal at a rate", () => {
  const random = new Random("rate");
  const layers = [12, 48, 96].map((reduction, index) => {
    const columns = 16;
    const values = Float32Array.from({ length: reduction * columns }, () => random.between(-1, 1) / (index + 1));
    const filter = { channels: reduction, kernelHeight: 1, kernelWidth: 1, isConvolution: true };
    const matrix = { reduction, columns, values, leastScales: new Float64Array(columns), filter };
    return { name: `layer${index}`, matrix, inputs: undefined, isCorrected: false, sensitivity: 1 };
  });
  const kept = { weights: 500, bits: 4200 };
  const weights = layers.reduce((sum, { matrix }) => sum + matrix.values.length, kept.weights);
  const bitsAt = (rate: number): number => {
    const compressed = createMethod(parseMethodChoice(`smartdeal:rate=${rate}`)).compressLayers!(
      layers,
      kept,
      undefined,
    );
    return compressed.reduce((sum, one, index) => {
      const { valueBits, metadataBits } = storedBitsOf(layers[index]!.matrix, one);
      return sum + valueBits + metadataBits;
    }, kept.bits);
  };

  it.each([3, 4, 5, 6])(
    "stores all layers, those that are kept included, in no more bits than a rate of %d allows",
    (rate) => {
      const bits = bitsAt(rate);

      expect(bits).toBeLessThanOrEqual((32 * weights) / rate);
      expect(bits).toBeGreaterThan((0.8 * 32 * weights) / rate);
    },
  );

  it("says what is within reach where a rate is not", () => {
    expect(() => bitsAt(100)).toThrow(ConfigError);
    expect(() => bitsAt(100)).toThrow(/want: at most \d+\.\d\d, which this model reaches/);
  });

  it("goes by a cost that is handed in, in four times that of int8 over the rate", () => {
    // Only the second layer costs anything: its cost alone is cut, and the others stay at int8, which has the least noise.
    const method = createMethod(parseMethodChoice("smartdeal:rate=6"));
    const costOf: LayerCost = ({ name }, compressed) =>
      name === "layer1" ? compressed.codes.filter(Boolean).length : 0;

    const compressed = method.compressLayers!(layers, kept, costOf);

    const nonZeros = (codes: Int32Array): number => codes.filter(Boolean).length;
    const dense = createMethod(parseMethodChoice("int8")).compressWeights(layers[1]!.matrix);
    expect(nonZeros(compressed[1]!.codes)).toBeLessThanOrEqual((4 * nonZeros(dense.codes)) / 6);
    expect([compressed[0]!, compressed[2]!].map(({ encoding }) => encoding.name)).toEqual(["dense", "dense"]);
    expect(() => method.compressLayers!(layers, kept, () => Number.NaN)).toThrow(/cost of layer layer0[\s\S]*NaN/);
  });

  it("lets layers whose noise counts for more have more bits", () => {
    const bitsOfLast = (sensitivity: number): number => {
      const touchy = layers.map((layer, index) => (index === 2 ? { ...layer, sensitivity } : layer));
      const method = createMethod(parseMethodChoice("smartdeal:rate=5"));
      const { valueBits, metadataBits } = storedBitsOf(
        touchy[2]!.matrix,
        method.compressLayers!(touchy, kept, undefined)[2]!,
      );
      return valueBits + metadataBits;
    };

    expect(bitsOfLast(1000)).toBeGreaterThan(bitsOfLast(1));
    expect(bitsOfLast(1)).toBeGreaterThanOrEqual(bitsOfLast(0.001));
  });
});
