import { describe, expect, it } from "vitest";
import { filterMatrix } from "../../../../../algorithms/compression/smartdeal/filter-matrix.js";
import { UnsupportedError } from "../../../../../sim/core/errors.js";
import { placeInMatrix } from "../../../../../sim/ir/encodings/smartdeal-layout.js";
import { isMatrixLayer } from "../../../../../sim/ir/layer.js";
import { loadNetwork } from "../../../../../sim/run/load-network.js";

const vector = (channels: number) => filterMatrix({ channels, kernelHeight: 1, kernelWidth: 1 });
const kernel = (channels: number, side: number) => filterMatrix({ channels, kernelHeight: side, kernelWidth: side });

describe("the matrix of a filter", () => {
  it("has a row for each row of each kernel", () => {
    expect(kernel(16, 3)).toEqual({ size: 3, sliceRows: 48, slices: 1, isTurned: false });
    expect(kernel(4, 5)).toEqual({ size: 5, sliceRows: 20, slices: 1, isTurned: false });
    expect(kernel(1, 3)).toEqual({ size: 3, sliceRows: 3, slices: 1, isTurned: false });
  });

  it("is cut into slices of at most 64 rows a column, by the smallest factors", () => {
    // 64 channels: 192 rows stay whole. 65: 195 = 3 * 5 * 13, and 65 is left. 512: 1536 halves three times.
    expect(kernel(64, 3)).toMatchObject({ sliceRows: 192, slices: 1 });
    expect(kernel(65, 3)).toMatchObject({ sliceRows: 65, slices: 3 });
    expect(kernel(512, 3)).toMatchObject({ sliceRows: 192, slices: 8 });
    // 67 channels: 201 = 3 * 67.
    expect(kernel(67, 3)).toMatchObject({ sliceRows: 67, slices: 3 });
  });

  it("keeps a prime number of rows whole", () => {
    // 578 channels without a kernel are 193 rows, a prime, and so are 8363; 3 * 193 rows shrink to one.
    expect(vector(578)).toMatchObject({ sliceRows: 193, slices: 1 });
    expect(vector(25_088)).toMatchObject({ sliceRows: 8363, slices: 1 });
    expect(kernel(193, 3)).toMatchObject({ sliceRows: 193, slices: 3 });
  });

  it.each([
    [4096, 8, 171],
    [2048, 4, 171],
    [1280, 3, 143],
    [1024, 2, 171],
    [960, 2, 160],
    [576, 1, 192],
    [512, 1, 171],
    [384, 1, 128],
    [320, 1, 107],
    [256, 1, 86],
    [192, 1, 64],
    [160, 1, 54],
    [144, 1, 48],
    [128, 1, 43],
    [96, 1, 32],
    [64, 1, 22],
    [32, 1, 11],
    [24, 1, 8],
    [16, 1, 6],
  ])("of %i channels without a kernel has %i slices of %i rows", (channels, slices, sliceRows) => {
    expect(vector(channels)).toMatchObject({ slices, sliceRows, size: 3 });
  });

  it("of other channels without a kernel has as few rows of three as hold them", () => {
    expect(vector(100)).toMatchObject({ sliceRows: 34, slices: 1 });
    expect(vector(25)).toMatchObject({ sliceRows: 9, slices: 1 });
  });

  it("is turned when it has fewer rows than columns", () => {
    const matrix = vector(5);
    const shape = { ...matrix, filters: 1, channels: 5, kernelHeight: 1, kernelWidth: 1 };

    expect(matrix).toEqual({ size: 2, sliceRows: 3, slices: 1, isTurned: true });
    // [a b c; d e 0] turned is [a d; b e; c 0].
    expect([0, 1, 2, 3, 4].map((weight) => placeInMatrix(shape, weight))).toEqual([0, 2, 4, 1, 3]);
    expect(placeInMatrix({ ...shape, ...vector(100) }, 77)).toBe(77);
  });

  it("is none for kernels that are not square or too wide", () => {
    expect(() => filterMatrix({ channels: 8, kernelHeight: 1, kernelWidth: 3 })).toThrow(UnsupportedError);
    expect(() => kernel(8, 14)).toThrow(/14 x 14/);
    expect(kernel(8, 13).size).toBe(13);
  });
});

describe("bases of whole networks", () => {
  it.each([
    // Without the bases of the first convolution, which is 7x7.
    ["resnet50", 25_502_912, 53_280, 7],
    ["vgg19", 20_024_000, 34_826, undefined],
    ["resnet164", 1_679_024, 12_570, undefined],
    ["mobilenetv2", 3_469_760, 20_696, undefined],
    ["vgg11", 132_851_392, 60_928, undefined],
  ] as const)("%s: %i weights have %i bases", async (name, weights, bases, leftOut) => {
    const layers = (await loadNetwork(name)).layers.filter(isMatrixLayer).map(({ bounds }) => bounds);
    const total = (some: typeof layers, perFilter: (bounds: (typeof layers)[number]) => number) =>
      some.reduce((sum, bounds) => sum + bounds.G * bounds.K * perFilter(bounds), 0);
    const decomposed = layers.filter(({ R }) => R !== leftOut);

    expect(total(layers, ({ C, R, S }) => C * R * S)).toBe(weights);
    expect(
      total(decomposed, ({ C, R, S }) => filterMatrix({ channels: C, kernelHeight: R, kernelWidth: S }).slices),
    ).toBe(bases);
  });
});
