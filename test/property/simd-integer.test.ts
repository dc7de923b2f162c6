/**
 * The integer kernels on SIMD have the bits of the plain loops: random shapes in one to three axes, strides, dilations, uneven
 * padding, groups down to depthwise, and codes and zero points at the ends of their ranges.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Accumulator } from "../../algorithms/kernels/accumulator.js";
import { REFERENCE_KERNELS, SIMD_KERNELS } from "../../algorithms/kernels/kernel-set.js";
import type { LineNumbers } from "../../algorithms/kernels/matmul-integer.js";
import { type RequantizeMode, scalingOf } from "../../algorithms/kernels/requantization.js";
import { geometry, zeros } from "../helpers/kernel-tensors.js";
import {
  CONV,
  type ConvCase,
  coded,
  firstDifference,
  LIMITS,
  list,
  outputsOf,
  PRECISION,
  SEED,
  stream,
} from "../helpers/simd-cases.js";

function convOperands(one: ConvCase) {
  const draw = stream(one.seed);
  const outputs = outputsOf(one);
  const outChannels = one.groups * one.groupOutputs;
  const operands = {
    input: coded([one.batch, one.groups * one.groupChannels, ...one.sizes], one.inputType, draw),
    weight: coded([outChannels, one.groupChannels, ...one.kernel], one.weightType, draw),
    inputZero: draw(...LIMITS[one.inputType]),
    weightZeros: list(one.perChannel ? outChannels : 1, () => draw(...LIMITS[one.weightType])),
    geometry: geometry({ ...one, outputs }),
    groups: one.groups,
  };
  return {
    draw,
    operands,
    outChannels,
    shape: [one.batch, outChannels, ...outputs],
    fits: outputs.every((p) => p > 0),
  };
}

describe("integer convolution on SIMD", () => {
  it("gives the sums of the plain loops", () => {
    let compared = 0;
    fc.assert(
      fc.property(CONV, (one) => {
        const { operands, shape, fits } = convOperands(one);
        fc.pre(fits);
        const [plain, simd] = [zeros(shape, "int32"), zeros(shape, "int32")];

        REFERENCE_KERNELS.convInteger(plain, operands);
        SIMD_KERNELS.convInteger(simd, operands);

        expect(firstDifference(simd, plain)).toBeUndefined();
        compared++;
      }),
      { numRuns: 400 },
    );
    expect(compared).toBeGreaterThanOrEqual(300);
  });

  it("gives the codes of the plain loops, whatever the scaling and the register", () => {
    const modes = fc.constantFrom<RequantizeMode>(
      "onnx-float32",
      "onnx-float32",
      "fixed-point-double",
      "fixed-point-single",
      "pow2-shift",
    );
    fc.assert(
      fc.property(CONV, modes, fc.constantFrom(undefined, 12, 20, 32), (one, mode, accumulatorBits) => {
        const { draw, operands, shape, outChannels, fits } = convOperands(one);
        fc.pre(fits);
        const scales = list(one.perChannel ? outChannels : 1, () => Math.fround(draw(1, 1000) / 10_000));
        const requantization = {
          scaling: scalingOf(mode, Math.fround(0.02), scales, Math.fround(0.7)),
          bias: one.hasBias ? Int32Array.from(list(outChannels, () => draw(-100_000, 100_000))) : undefined,
          outputZero: draw(...LIMITS[one.outputType]),
          limits: LIMITS[one.outputType],
        };
        const register = () =>
          accumulatorBits === undefined
            ? undefined
            : new Accumulator({ accumulatorBits, overflow: "saturate", psumSpillBits: accumulatorBits }, "here");
        const [plainRegister, simdRegister] = [register(), register()];
        const [plain, simd] = [zeros(shape, one.outputType), zeros(shape, one.outputType)];

        REFERENCE_KERNELS.qlinearConv(plain, { ...operands, accumulator: plainRegister }, requantization);
        SIMD_KERNELS.qlinearConv(simd, { ...operands, accumulator: simdRegister }, requantization);

        expect(firstDifference(simd, plain)).toBeUndefined();
        expect(simdRegister?.overflowEvents).toBe(plainRegister?.overflowEvents);
        expect(simdRegister?.leastSum).toBe(plainRegister?.leastSum);
      }),
      { numRuns: 400 },
    );
  });

  it("wraps where the sums pass 32 bits: 40,000 products of 255 * 255", () => {
    const many = 40_000;
    const full = (shape: readonly number[]) => {
      const tensor = zeros(shape, "uint8");
      tensor.values.fill(255);
      return tensor;
    };
    const y = zeros([1, 4, 1], "int32");

    SIMD_KERNELS.convInteger(y, {
      input: full([1, many, 1]),
      weight: full([4, many, 1]),
      inputZero: 0,
      weightZeros: [0],
      geometry: geometry({ sizes: [1], kernel: [1], outputs: [1] }),
      groups: 1,
    });

    expect([...y.values]).toEqual(new Array<number>(4).fill(many * 255 * 255 - 2 ** 32));
  });
});

const PRODUCT = fc.record({
  batch: fc.constantFrom([], [1], [2], [3, 1]),
  secondBatch: fc.constantFrom([], [1], [2]),
  rows: fc.integer({ min: 1, max: 21 }),
  reduction: fc.integer({ min: 1, max: 40 }),
  columns: fc.integer({ min: 1, max: 35 }),
  firstType: PRECISION,
  secondType: PRECISION,
  outputType: PRECISION,
  perLine: fc.boolean(),
  hasBias: fc.boolean(),
  seed: SEED,
});

type ProductCase = typeof PRODUCT extends fc.Arbitrary<infer T> ? T : never;

function productOperands(one: ProductCase) {
  const draw = stream(one.seed);
  const { rows, reduction, columns, perLine } = one;
  const secondBatch = one.batch.length === 0 || one.batch.at(-1) !== 2 ? [] : one.secondBatch;
  const lines = (count: number, number: () => number): LineNumbers =>
    perLine ? { values: list(count, number), perMatrix: count } : { values: [number()], perMatrix: 1 };
  return {
    draw,
    lines,
    shape: [...one.batch, rows, columns],
    operands: {
      first: coded([...one.batch, rows, reduction], one.firstType, draw),
      second: coded([...secondBatch, reduction, columns], one.secondType, draw),
      firstZeros: lines(rows, () => draw(...LIMITS[one.firstType])),
      secondZeros: lines(columns, () => draw(...LIMITS[one.secondType])),
    },
  };
}

describe("integer products on SIMD", () => {
  it("give the sums of the plain loops", () => {
    fc.assert(
      fc.property(PRODUCT, (one) => {
        const { operands, shape } = productOperands(one);
        const [plain, simd] = [zeros(shape, "int32"), zeros(shape, "int32")];

        REFERENCE_KERNELS.matmulInteger(plain, operands);
        SIMD_KERNELS.matmulInteger(simd, operands);

        expect(firstDifference(simd, plain)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  it("give the codes and the real numbers of the plain loops", () => {
    fc.assert(
      fc.property(PRODUCT, (one) => {
        const { draw, lines, operands, shape } = productOperands(one);
        const scale = () => Math.fround(draw(1, 1000) / 20_000);
        const scaling = {
          mode: "onnx-float32" as const,
          firstScales: lines(one.rows, scale),
          secondScales: lines(one.columns, scale),
          outputScale: Math.fround(0.31),
          outputZero: draw(...LIMITS[one.outputType]),
          limits: LIMITS[one.outputType],
          biasOf: one.hasBias ? (m: number, n: number) => 1000 * m - 777 * n : undefined,
        };
        const [plain, simd] = [zeros(shape, one.outputType), zeros(shape, one.outputType)];
        const [plainReal, simdReal] = [zeros(shape, "fp32"), zeros(shape, "fp32")];

        REFERENCE_KERNELS.qlinearMatmul(plain, operands, scaling);
        SIMD_KERNELS.qlinearMatmul(simd, operands, scaling);
        REFERENCE_KERNELS.scaledMatmul(plainReal, operands, scaling);
        SIMD_KERNELS.scaledMatmul(simdReal, operands, scaling);

        expect(firstDifference(simd, plain)).toBeUndefined();
        expect(firstDifference(simdReal, plainReal)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  it("cross the blocks of rows, columns and reduction: 270 x 1101 x 241", () => {
    const draw = stream(7);
    const operands = {
      first: coded([270, 1101], "int8", draw),
      second: coded([1101, 241], "uint8", draw),
      firstZeros: { values: [-128], perMatrix: 1 },
      secondZeros: { values: [255], perMatrix: 1 },
    };
    const [plain, simd] = [zeros([270, 241], "int32"), zeros([270, 241], "int32")];

    REFERENCE_KERNELS.matmulInteger(plain, operands);
    SIMD_KERNELS.matmulInteger(simd, operands);

    expect(firstDifference(simd, plain)).toBeUndefined();
  });

  it("round halves to even, hold the limits, and take what is not a number for the least code", () => {
    // Sums 1..8 times 0.5: 0.5 -> 0, 1, 1.5 -> 2, 2, 2.5 -> 2, 3, 3.5 -> 4, 4; plus the zero point 3.
    const operands = {
      first: coded([1, 1], "int8", () => 1),
      second: coded([1, 8], "int8", stream(1)),
      firstZeros: { values: [0], perMatrix: 1 },
      secondZeros: { values: [0], perMatrix: 1 },
    };
    operands.second.values.set([1, 2, 3, 4, 5, 6, 7, 8]);
    const scaled = (outputScale: number) => {
      const y = zeros([1, 8], "int8");
      const one = { values: [1], perMatrix: 1 };
      SIMD_KERNELS.qlinearMatmul(y, operands, {
        mode: "onnx-float32",
        firstScales: one,
        secondScales: one,
        outputScale,
        outputZero: 3,
        limits: [-128, 127],
      });
      return [...y.values];
    };

    expect(scaled(2)).toEqual([3, 4, 5, 5, 5, 6, 7, 7]);
    expect(scaled(1e-9)).toEqual(new Array(8).fill(127));
    expect(scaled(-1e-9)).toEqual(new Array(8).fill(-128));
    expect(scaled(Number.NaN)).toEqual(new Array(8).fill(-128));
  });
});
