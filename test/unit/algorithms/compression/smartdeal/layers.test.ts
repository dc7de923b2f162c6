/** Whole layers: cut into slices, decomposed, rebuilt, and brought into the numbers of the container. */
import { describe, expect, it } from "vitest";
import { Decomposer } from "../../../../../algorithms/compression/smartdeal/decompose.js";
import {
  decomposeLayer,
  type LayerDecomposition,
  rebuildLayer,
} from "../../../../../algorithms/compression/smartdeal/decompose-layer.js";
import { decomposeOptions } from "../../../../../algorithms/compression/smartdeal/options.js";
import { pruneRows } from "../../../../../algorithms/compression/smartdeal/prune-rows.js";
import { storeLayer } from "../../../../../algorithms/compression/smartdeal/store-layer.js";
import { ConfigError, NetworkError, UnsupportedError } from "../../../../../sim/core/errors.js";
import { Random } from "../../../../../sim/core/rng.js";
import { decodeSmartDeal, effectiveWeights, encodeSmartDeal } from "../../../../../sim/ir/encodings/smartdeal.js";

const OPTIONS = decomposeOptions({ threshold: 4e-3 });

/** Values from -0.1 to 0.1, denser in the middle. */
function weightsOf(count: number, seed: string): Float64Array {
  const random = new Random(seed);
  return Float64Array.from(
    { length: count },
    () => (random.fraction() + random.fraction() + random.fraction() - 1.5) / 15,
  );
}

const norm = (values: Float64Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
const lack = (a: Float64Array, b: Float64Array): number => norm(a.map((value, at) => value - b[at]!)) / norm(a);

describe("the decomposition of a layer", () => {
  it("takes the slices of each filter apart", () => {
    // 128 channels of 3x3: 384 rows of 3, two slices of 192.
    const weights = weightsOf(2 * 128 * 9, "slices");
    const layer = decomposeLayer(weights, { channels: 128, kernelHeight: 3, kernelWidth: 3 }, OPTIONS);

    expect(layer.shape).toMatchObject({ filters: 2, size: 3, sliceRows: 192, slices: 2 });
    for (const [slice, found] of layer.slices.entries()) {
      const own = new Decomposer(192, 3).decompose(weights.slice(slice * 576, (slice + 1) * 576), OPTIONS);
      expect(found).toEqual(own);
    }
  });

  it.each([
    ["3x3", { channels: 20, kernelHeight: 3, kernelWidth: 3 }],
    ["5x5", { channels: 6, kernelHeight: 5, kernelWidth: 5 }],
    ["1x1", { channels: 64, kernelHeight: 1, kernelWidth: 1 }],
    ["1x1 with few channels", { channels: 5, kernelHeight: 1, kernelWidth: 1 }],
  ])("rebuilds weights %s near the given ones", (_, filter) => {
    const weights = weightsOf(4 * filter.channels * filter.kernelHeight * filter.kernelWidth, "near");
    const layer = decomposeLayer(weights, filter, OPTIONS);

    expect(lack(weights, rebuildLayer(layer))).toBeLessThan(0.2);
  });

  it("clears whole rows of 3x3 kernels alone", () => {
    const clearing = { ...OPTIONS, threshold: 0.02, clearsRows: true };
    const run = (side: number, options: typeof clearing) =>
      decomposeLayer(
        weightsOf(4 * 12 * side * side, "rows"),
        { channels: 12, kernelHeight: side, kernelWidth: side },
        options,
      ).slices.map(({ coefficients }) => [...coefficients]);
    const plain = { ...clearing, clearsRows: false };

    expect(run(3, clearing)).not.toEqual(run(3, plain));
    expect(run(5, clearing)).toEqual(run(5, plain));
    expect(run(1, clearing)).toEqual(run(1, plain));
  });

  it("has nothing in channels that are not kept", () => {
    const filter = { channels: 6, kernelHeight: 1, kernelWidth: 1 };
    const keptChannels = Uint8Array.of(1, 0, 1, 0, 0, 0);
    const weights = weightsOf(8 * 6, "channels");
    const layer = decomposeLayer(weights, filter, OPTIONS, keptChannels);
    const { weights: stored } = storeLayer(layer, 1e-10);

    const channelsLeft = new Set([...rebuildLayer(layer)].flatMap((weight, at) => (weight === 0 ? [] : [at % 6])));
    expect([...channelsLeft].sort()).toEqual([0, 2]);
    expect(decodeSmartDeal(encodeSmartDeal(stored))).toEqual(stored);
    const effective = effectiveWeights(stored);
    for (const channel of [1, 3, 4, 5]) {
      expect([...effective.subarray(channel * 8, (channel + 1) * 8)]).toEqual(new Array(8).fill(0));
    }
  });

  it("keeps rows that were pruned for a group of filters at zero", () => {
    const filter = { channels: 8, kernelHeight: 3, kernelWidth: 3 };
    const pruned = pruneRows(weightsOf(40 * 72, "pruned"), filter, { kind: "population", fraction: 0.4 });
    const layer = decomposeLayer(pruned, filter, OPTIONS);

    // 24 rows, of which ten go (0.4 * 24 = 9.6).
    for (const { coefficients } of layer.slices) {
      const rows = Array.from({ length: 24 }, (_, row) => coefficients.subarray(3 * row, 3 * row + 3));
      expect(rows.filter((row) => row.every((value) => value === 0)).length).toBeGreaterThanOrEqual(10);
    }
  });

  it("refuses weights that are no numbers, and kernels without rows", () => {
    const filter = { channels: 2, kernelHeight: 3, kernelWidth: 3 };
    const broken = weightsOf(18, "broken");
    broken[7] = Number.NaN;

    expect(() => decomposeLayer(broken, filter, OPTIONS)).toThrow(NetworkError);
    expect(() => decomposeLayer(broken, filter, OPTIONS)).toThrow(/weight 7\n {2}got: NaN/);
    expect(() => decomposeLayer(new Float64Array(6), { ...filter, kernelWidth: 1 }, OPTIONS)).toThrow(UnsupportedError);
    expect(() => decomposeLayer(new Float64Array(17), filter, OPTIONS)).toThrow(/17 weights for filters of 2 x 3 x 3/);
    expect(() => decomposeLayer(new Float64Array(0), filter, OPTIONS)).toThrow(NetworkError);
    expect(() => decomposeLayer(new Float64Array(18), { ...filter, channels: -2 }, OPTIONS)).toThrow(NetworkError);
    for (const kept of [[1], [1, 2]]) {
      expect(() => decomposeLayer(new Float64Array(18), filter, OPTIONS, Uint8Array.from(kept))).toThrow(ConfigError);
    }
  });
});

/** A layer of one slice of one column, with such coefficients. */
function column(values: readonly number[], basis = 1): LayerDecomposition {
  const coefficients = Float64Array.from(values);
  const shape = {
    filters: 1,
    channels: 1,
    kernelHeight: values.length,
    kernelWidth: 1,
    size: 1,
    sliceRows: values.length,
  };
  return {
    shape: { ...shape, slices: 1, isTurned: false },
    keptChannels: Uint8Array.of(1),
    matrices: coefficients,
    slices: [{ coefficients, basis: Float64Array.of(basis), passes: 0, threshold: 0 }],
  };
}

describe("a layer in the numbers of the container", () => {
  it("loses nothing when all exponents fit the window, which begins at the least", () => {
    const { weights, coefficientsLowered, coefficientsCleared } = storeLayer(column([0.125, -8, 0, 1]), 1e-10);

    // 2^-3 to 2^3: code 1 is 2^-3; 8 is code 7, negative 15; 1 is code 4.
    expect(weights).toMatchObject({ basePower: -3, codes: Uint8Array.of(1, 15, 0, 4), bases: Int8Array.of(127) });
    expect(weights.basisScale).toBe(Math.fround(1 / 127));
    expect([coefficientsLowered, coefficientsCleared]).toEqual([0, 0]);
  });

  it("clears what is below the window and reports it", () => {
    // The window from 2^-3 loses 2^-4 twice; in the one from 2^-4 the 8 would be a 4 beside the 4, and no basis makes both.
    const layer = column([0.0625, -0.0625, 8, 4, 2, 1]);
    const { weights, coefficientsLowered, coefficientsCleared, squaredError } = storeLayer(layer, 1e-10);

    expect(weights).toMatchObject({ basePower: -3, codes: Uint8Array.of(0, 0, 7, 6, 5, 4) });
    expect([coefficientsLowered, coefficientsCleared]).toEqual([0, 2]);
    expect(squaredError).toBeCloseTo(2 * 0.0625 ** 2, 12);
  });

  it("takes zeros of either sign for nothing that could be lost", () => {
    const { weights, coefficientsCleared } = storeLayer(column([1, -0, 0]), 1e-10);

    expect([[...weights.codes], coefficientsCleared]).toEqual([[1, 0, 0], 0]);
  });

  it("lowers what is above the window when that loses less, and fits the basis again", () => {
    // The window from 2 would lose ten thousand ones; from 1 on, 128 becomes 64, and a larger basis makes up for half of it.
    const values = [128, ...new Array<number>(10_000).fill(1)];
    const { weights, coefficientsLowered, coefficientsCleared } = storeLayer(column(values), 1e-10);

    expect([weights.basePower, weights.codes[0], weights.codes[1]]).toEqual([0, 7, 1]);
    expect([coefficientsLowered, coefficientsCleared]).toEqual([1, 0]);
    // (64 * 128 + 10000) / (64^2 + 10000), as 127 units.
    expect(weights.basisScale * 127).toBeCloseTo(18_192 / 14_096, 6);
  });

  it("has the nearest exponent for a magnitude that ended at no power of two", () => {
    // Logarithms: -1.74 goes to -2, -0.515 to -1, -0.494 to 0.
    const codesOf = (least: number) => [...storeLayer(column([1, least, -least]), 1e-10).weights.codes];

    expect(codesOf(0.3)).toEqual([3, 1, 9]);
    expect(codesOf(0.7)).toEqual([2, 1, 9]);
    expect(codesOf(0.71)).toEqual([1, 1, 9]);
  });

  it("of zeros has a scale all the same", () => {
    const { weights } = storeLayer(column([0, 0, 0], 0), 1e-10);

    expect(weights).toMatchObject({ basePower: 0, basisScale: 1, codes: new Uint8Array(3) });
    expect(decodeSmartDeal(encodeSmartDeal(weights))).toEqual(weights);
  });

  it("stays near the weights, in integers of 16 bits", () => {
    const filter = { channels: 64, kernelHeight: 3, kernelWidth: 3 };
    const weights = weightsOf(8 * 576, "stored");
    const { weights: stored } = storeLayer(decomposeLayer(weights, filter, OPTIONS), 1e-10);
    const unit = stored.basisScale * 2 ** stored.basePower;
    const effective = effectiveWeights(stored);
    const real = Float64Array.from(weights, (_, at) => effective[(at % 576) * 8 + Math.floor(at / 576)]! * unit);

    expect(lack(weights, real)).toBeLessThan(0.2);
    expect(effective.every((weight) => Math.abs(weight) < 2 ** 15)).toBe(true);
  });
});
