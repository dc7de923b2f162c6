/** A layer's matrix through the decomposition to codes: what is exact, what stays at int8, rows that go, and biases that need room. */
import { describe, expect, it } from "vitest";
import type { InputStatistics } from "../../../../../algorithms/compression/layer-inputs.js";
import {
  compressMatrix,
  isDecomposable,
  type MatrixSettings,
} from "../../../../../algorithms/compression/smartdeal/compress-matrix.js";
import { pruneFilterRows } from "../../../../../algorithms/compression/smartdeal/prune-filter-rows.js";
import { scaleOfColumn, type WeightMatrix } from "../../../../../algorithms/compression/weight-matrix.js";
import { Random } from "../../../../../sim/core/rng.js";
import { roundSmartDealWeights } from "../../../../../sim/ir/encodings/smartdeal-rounding.js";

const SETTINGS: MatrixSettings = {
  ...{ iterations: 30, threshold: 1e-3, clearsRows: false, weightBits: 8, fit: "weights", takesEvery: false },
  granularity: "channel",
};

function matrixOf(reduction: number, columns: number, valueAt: (row: number, column: number) => number): WeightMatrix {
  const values = Float32Array.from({ length: reduction * columns }, (_, at) =>
    valueAt(Math.floor(at / columns), at % columns),
  );
  const filter = { channels: reduction, kernelHeight: 1, kernelWidth: 1, isConvolution: true };
  return { reduction, columns, values, leastScales: new Float64Array(columns), filter };
}

function random(reduction: number, columns: number): WeightMatrix {
  const draw = new Random("matrix");
  return matrixOf(reduction, columns, () => draw.between(-1, 1));
}

describe("a matrix compressed by smartdeal", () => {
  it("is exact in 16 bits where every weight is a power of two of a window of seven", () => {
    const matrix = matrixOf(30, 4, (row, column) => (row % 2 === 0 ? 1 : -1) * 2 ** (((row + column) % 7) - 1));

    const { codes, scales, smartdeal } = compressMatrix(
      matrix,
      { ...SETTINGS, granularity: "tensor", weightBits: 16 },
      undefined,
    );

    // The basis is 127 on the diagonal, so that 2^5, six powers above the least, has the code 127 * 64.
    expect(Math.max(...codes)).toBe(127 * 64);
    expect(scales).toHaveLength(1);
    expect(smartdeal!.statistics.relativeError).toBeLessThan(1e-6);
    expect(smartdeal!.statistics).toMatchObject({ coefficientsLowered: 0, coefficientsCleared: 0 });
  });

  it("has the codes of its container, and a scale for each filter that takes filters of other sizes alike", () => {
    const matrix = random(48, 6);
    const uneven = { ...matrix, values: matrix.values.map((value, at) => value * 2 ** (at % 6)) };

    const [even, other] = [compressMatrix(matrix, SETTINGS, undefined), compressMatrix(uneven, SETTINGS, undefined)];

    const filters = roundSmartDealWeights(even.smartdeal!.weights, 8).codes;
    expect([...even.codes]).toEqual(
      Array.from(even.codes, (_, at) => filters[(at % 6) * 48 + Math.floor(at / 6)]! + 0),
    );
    // Brought to the root mean square of the layer, filters that differ by powers of two alone are the same.
    const ratios = Array.from(other.scales, (scale, column) => scale / even.scales[column]!);
    for (const [column, ratio] of ratios.entries()) expect(ratio / ratios[0]!).toBeCloseTo(2 ** column, 4);
  });

  it("says how large the error is, as a plain sum over the weights finds it", () => {
    const matrix = random(40, 5);

    const compressed = compressMatrix(matrix, SETTINGS, undefined);

    let [signal, noise] = [0, 0];
    for (const [at, value] of matrix.values.entries()) {
      signal += value ** 2;
      noise += (value - compressed.codes[at]! * scaleOfColumn(compressed, at % 5)) ** 2;
    }
    expect(compressed.smartdeal!.statistics.relativeError).toBeCloseTo(Math.sqrt(noise / signal), 12);
  });

  it("leaves filters that are all but nothing to vanish, and gives them a scale that their bias can have", () => {
    const matrix = matrixOf(12, 3, (row, column) => (column === 1 ? 1e-9 : 1 - row / 6));
    const leastScales = Float64Array.of(0, 0.5, 0);

    const { codes, scales } = compressMatrix({ ...matrix, leastScales }, SETTINGS, undefined);

    expect([...codes].filter((_, at) => at % 3 === 1)).toEqual(new Array(12).fill(0));
    expect(scales[1]).toBe(0.5);
  });

  it("stays at int8 where a bias needs a coarser scale than the container has", () => {
    const leastScales = Float64Array.of(0, 0.5);

    const { encoding, scales } = compressMatrix({ ...random(12, 2), leastScales }, SETTINGS, undefined);

    expect(encoding.name).toBe("dense");
    expect(scales[1]).toBe(0.5);
  });

  it("loses as many rows of all filters as it is told to, and never the threshold's alone", () => {
    const { statistics } = compressMatrix(random(48, 10), { ...SETTINGS, rowFraction: 0.25 }, undefined).smartdeal!;

    // 48 channels are 16 rows a filter, 160 in all, of which 40 go.
    expect(statistics.zeroRowFraction).toBe(0.25);
    expect(statistics.rowFraction).toBe(0.25);
  });

  it.each([
    [16, 3, 3, true],
    [16, 1, 1, true],
    [1, 3, 3, false],
    [16, 5, 5, false],
    [16, 1, 3, false],
  ])("takes %i channels of %i x %i: %s", (channels, kernelHeight, kernelWidth, takes) => {
    const filter = { channels, kernelHeight, kernelWidth, isConvolution: true };

    expect(isDecomposable(filter, false)).toBe(takes);
    expect(isDecomposable(filter, true)).toBe(kernelHeight === kernelWidth);
  });
});

describe("rows that go for the little energy that they give outputs", () => {
  const shape = {
    ...{ filters: 2, channels: 6, kernelHeight: 1, kernelWidth: 1 },
    ...{ size: 3, sliceRows: 2, slices: 1, isTurned: false },
  };
  // Rows of filter 0: (1, 1, 1) and (2, 2, 2); of filter 1: (3, 0, 0) and (0, 0, 1).
  const weights = () => Float64Array.of(1, 1, 1, 2, 2, 2, 3, 0, 0, 0, 0, 1);

  it("are those of the least sum of squares without samples", () => {
    const pruned = weights();

    pruneFilterRows(pruned, shape, 0.5, { factors: Float64Array.of(1, 1), inputs: undefined });

    // Energies 3, 12, 9, 1: the last and the first go.
    expect([...pruned]).toEqual([0, 0, 0, 2, 2, 2, 3, 0, 0, 0, 0, 0]);
  });

  it("count by what they meet, and by what filters were divided by", () => {
    const pruned = weights();
    const diagonal = [1, 1, 1, 0.1, 0.1, 10];
    const products = Float64Array.from({ length: 36 }, (_, at) => (at % 7 === 0 ? diagonal[at / 7]! : 0));
    const inputs: InputStatistics = { groups: 1, reduction: 6, means: new Float64Array(6), products };

    pruneFilterRows(pruned, shape, 0.5, { factors: Float64Array.of(1, 2), inputs });

    // 3; 4 * (0.1 + 0.1 + 10) = 40.8; 4 * 9 = 36; 4 * 10 = 40: the first and the third go.
    expect([...pruned]).toEqual([0, 0, 0, 2, 2, 2, 0, 0, 0, 0, 0, 1]);
  });
});
