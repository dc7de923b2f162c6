/**
 * The float32 kernels on SIMD have the bits of the plain loops, signs of zeros included: numbers whose sums depend on the order
 * and on every rounding, from below the normal range to sums that overflow.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { REFERENCE_KERNELS, SIMD_KERNELS } from "../../algorithms/kernels/kernel-set.js";
import type { NumberTensor } from "../../sim/ir/tensor-data.js";
import { geometry, numbers, zeros } from "../helpers/kernel-tensors.js";
import { CONV, firstDifference, outputsOf, SEED, stream } from "../helpers/simd-cases.js";

/** Numbers of every size: fractions of 24 bits times powers of two, some of them zeros of either sign. */
function real(shape: readonly number[], draw: ReturnType<typeof stream>, exponent: number): NumberTensor {
  const tensor = zeros(shape, "fp32");
  for (let at = 0; at < tensor.values.length; at++) {
    const value = draw(-(2 ** 22), 2 ** 22) * 2 ** (draw(-exponent, exponent) - 22);
    tensor.values[at] = draw(0, 9) === 3 ? -0 : value;
  }
  return tensor;
}

/** Exponents: sums near one another, sums that swallow small terms, products below the normal range or past the largest number. */
const EXPONENT = fc.constantFrom(0, 12, 74);

describe("float32 convolution on SIMD", () => {
  it("gives the bits of the plain loops", () => {
    let compared = 0;
    fc.assert(
      fc.property(CONV, EXPONENT, (one, exponent) => {
        const outputs = outputsOf(one);
        fc.pre(outputs.every((extent) => extent > 0));
        const draw = stream(one.seed);
        const outChannels = one.groups * one.groupOutputs;
        const x = real([one.batch, one.groups * one.groupChannels, ...one.sizes], draw, exponent);
        const w = real([outChannels, one.groupChannels, ...one.kernel], draw, exponent);
        const bias = one.hasBias ? real([outChannels], draw, exponent) : undefined;
        const shape = [one.batch, outChannels, ...outputs];
        const [plain, simd] = [zeros(shape, "fp32"), zeros(shape, "fp32")];

        REFERENCE_KERNELS.conv(plain, x, w, bias, geometry({ ...one, outputs }), one.groups);
        SIMD_KERNELS.conv(simd, x, w, bias, geometry({ ...one, outputs }), one.groups);

        expect(firstDifference(simd, plain)).toBeUndefined();
        compared++;
      }),
      { numRuns: 500 },
    );
    expect(compared).toBeGreaterThanOrEqual(400);
  });

  it("leaves padding out of sums with weights that are infinite or not a number", () => {
    const where = geometry({ sizes: [3], kernel: [3], outputs: [3], padBegins: [1], padEnds: [1] });
    const x = numbers([1, 1, 3], "fp32", [1, 2, 3]);
    const w = numbers([1, 1, 3], "fp32", [Number.NaN, 1, Number.POSITIVE_INFINITY]);
    const y = zeros([1, 1, 3], "fp32");

    SIMD_KERNELS.conv(y, x, w, undefined, where, 1);

    // The first output has no left neighbour: 1 * 1 + inf * 2. The others have the factor that is not a number.
    expect([...y.values]).toEqual([Number.POSITIVE_INFINITY, Number.NaN, Number.NaN]);
  });
});

describe("what is larger than a module's memory", () => {
  it("goes through the plain loops: two outputs, 600 million columns of padding apart", () => {
    const far = 600_000_000;
    const where = geometry({ sizes: [2], kernel: [1], outputs: [2], padBegins: [far], strides: [far] });
    const [plain, simd] = [zeros([1, 1, 2], "fp32"), zeros([1, 1, 2], "fp32")];
    const [x, w] = [numbers([1, 1, 2], "fp32", [3, 5]), numbers([1, 1, 1], "fp32", [7])];

    REFERENCE_KERNELS.conv(plain, x, w, undefined, where, 1);
    SIMD_KERNELS.conv(simd, x, w, undefined, where, 1);

    // The first output stands over padding, the second over the first element.
    expect([...plain.values]).toEqual([0, 21]);
    expect([...simd.values]).toEqual([0, 21]);
  });
});

describe("float32 products on SIMD", () => {
  it("give the bits of the plain loops, batched and transposed", () => {
    const cases = fc.record({
      batch: fc.constantFrom([], [2], [2, 1]),
      rows: fc.integer({ min: 1, max: 13 }),
      reduction: fc.integer({ min: 1, max: 30 }),
      columns: fc.integer({ min: 1, max: 27 }),
      transposeFirst: fc.boolean(),
      transposeSecond: fc.boolean(),
      alpha: fc.constantFrom(1, 0.3),
      hasAddend: fc.boolean(),
      exponent: EXPONENT,
      seed: SEED,
    });
    fc.assert(
      fc.property(cases, ({ batch, rows, reduction, columns, exponent, seed, hasAddend, ...options }) => {
        const draw = stream(seed);
        const [a, b] = [real([...batch, rows, reduction], draw, exponent), real([reduction, columns], draw, exponent)];
        const [plain, simd] = [zeros([...batch, rows, columns], "fp32"), zeros([...batch, rows, columns], "fp32")];
        const first = real(options.transposeFirst ? [reduction, rows] : [rows, reduction], draw, exponent);
        const second = real(options.transposeSecond ? [columns, reduction] : [reduction, columns], draw, exponent);
        const addend = hasAddend ? real([columns], draw, exponent) : undefined;
        const [plainGemm, simdGemm] = [zeros([rows, columns], "fp32"), zeros([rows, columns], "fp32")];
        const factors = { ...options, beta: 0.7 };

        REFERENCE_KERNELS.matmul(plain, a, b);
        SIMD_KERNELS.matmul(simd, a, b);
        REFERENCE_KERNELS.gemm(plainGemm, first, second, addend, factors);
        SIMD_KERNELS.gemm(simdGemm, first, second, addend, factors);

        expect(firstDifference(simd, plain)).toBeUndefined();
        expect(firstDifference(simdGemm, plainGemm)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  it("cross the blocks of rows, columns and reduction: 260 x 1030 x 270", () => {
    const draw = stream(11);
    const [a, b] = [real([260, 1030], draw, 3), real([1030, 270], draw, 3)];
    const [plain, simd] = [zeros([260, 270], "fp32"), zeros([260, 270], "fp32")];

    REFERENCE_KERNELS.matmul(plain, a, b);
    SIMD_KERNELS.matmul(simd, a, b);

    expect(firstDifference(simd, plain)).toBeUndefined();
  });

  it("round each product and each sum: 2^24 + 1 - 2^24, and (1 + 2^-12)^2 - 1", () => {
    const multiply = (first: readonly number[], second: readonly number[]) => {
      const y = zeros([1, 1], "fp32");
      SIMD_KERNELS.matmul(y, numbers([1, first.length], "fp32", first), numbers([first.length, 1], "fp32", second));
      return y.values[0];
    };

    // 2^24 + 1 is halfway between two numbers, and goes to the even one, 2^24.
    expect(multiply([2 ** 24, 1, -(2 ** 24)], [1, 1, 1])).toBe(0);
    // 1 + 2^-11 + 2^-24 is rounded to 1 + 2^-11 before 1 is taken away.
    expect(multiply([1 + 2 ** -12, -1], [1 + 2 ** -12, 1])).toBe(2 ** -11);
  });

  it("leave other element types to the plain loops: float64 keeps its bits", () => {
    const y = zeros([1, 1], "fp64");

    SIMD_KERNELS.matmul(y, numbers([1, 2], "fp64", [2 ** 24, 1]), numbers([2, 1], "fp64", [1, 1]));

    expect(y.values[0]).toBe(2 ** 24 + 1);
  });
});
