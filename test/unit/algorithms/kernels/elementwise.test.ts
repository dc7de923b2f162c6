import { describe, expect, it } from "vitest";
import { cast } from "../../../../algorithms/kernels/cast.js";
import {
  BINARY_OPERATIONS,
  COMPARISONS,
  mapBinary,
  mapComparison,
  select,
} from "../../../../algorithms/kernels/elementwise-binary.js";
import {
  clip,
  gelu,
  hardSigmoid,
  mapSigned,
  SIGNED_KERNELS,
  sigmoid,
  softplus,
  swish,
  tanhGelu,
} from "../../../../algorithms/kernels/elementwise-unary.js";
import { errorFunction } from "../../../../algorithms/kernels/error-function.js";
import type { Precision } from "../../../../sim/ir/tensor.js";
import { createTensor, tensorOf } from "../../../../sim/ir/tensor-data.js";

function binary(name: keyof typeof BINARY_OPERATIONS, precision: Precision, a: number[], b: number[]): unknown[] {
  const y = createTensor([a.length], precision);
  mapBinary(y, tensorOf([a.length], precision, a), tensorOf([b.length], precision, b), BINARY_OPERATIONS[name]);
  return [...y.values];
}

describe("arithmetic of two tensors", () => {
  it("repeats axes of size 1 and missing ones", () => {
    const y = createTensor([2, 3], "fp32");
    const [a, b] = [tensorOf([2, 1], "fp32", [10, 20]), tensorOf([3], "fp32", [1, 2, 3])];
    mapBinary(y, a, b, BINARY_OPERATIONS.add);

    expect([...y.values]).toEqual([11, 12, 13, 21, 22, 23]);
  });

  it("wraps integers modulo their width", () => {
    expect(binary("add", "int8", [127, -128], [1, -1])).toEqual([-128, 127]);
    expect(binary("subtract", "uint8", [0], [1])).toEqual([255]);
    expect(binary("multiply", "uint32", [2 ** 32 - 1], [2 ** 32 - 1])).toEqual([1]);
    expect(binary("multiply", "int64", [2 ** 62], [4])).toEqual([0n]);
  });

  it("cuts integer division towards zero, and refuses to divide by it", () => {
    expect(binary("divide", "int32", [-7, 7, -(2 ** 31)], [2, -2, -1])).toEqual([-3, -3, -(2 ** 31)]);
    expect(binary("divide", "int64", [-7], [2])).toEqual([-3n]);
    expect(() => binary("divide", "int32", [1], [0])).toThrow(/divided by 0/);
    expect(() => binary("modulo", "int64", [1], [0])).toThrow(/modulo 0/);
  });

  it("gives the modulus the divisor's sign, the remainder the dividend's", () => {
    expect(binary("modulo", "int32", [-4, 7, 5], [3, -3, 5])).toEqual([2, -2, 0]);
    expect(binary("remainder", "fp32", [-4.5, 4.5], [2, -2])).toEqual([-0.5, 0.5]);
    expect(binary("modulo", "int64", [-4], [3])).toEqual([2n]);
  });

  it("raises integers exactly, modulo their width", () => {
    expect(binary("power", "int32", [3, -2, 2, 7], [4, 3, 31, 0])).toEqual([81, -8, -(2 ** 31), 1]);
    expect(binary("power", "int64", [3], [35])).toEqual([3n ** 35n]);
    expect(binary("power", "int32", [2, -1], [-1, -3])).toEqual([0, -1]);
  });

  it("passes on what is no number, and follows IEEE 754 for powers of 1", () => {
    expect(binary("maximum", "fp32", [Number.NaN, 1], [1, Number.NaN])).toEqual([Number.NaN, Number.NaN]);
    expect(binary("power", "fp32", [1, -1], [Number.NaN, Number.POSITIVE_INFINITY])).toEqual([1, 1]);
    expect(binary("divide", "fp32", [1, 0], [0, 0])).toEqual([Number.POSITIVE_INFINITY, Number.NaN]);
  });

  it("rounds a float32 product once", () => {
    // (1 + 2^-23)(1 - 2^-24): the exact product rounds to 1.
    expect(binary("multiply", "fp32", [1 + 2 ** -23], [1 - 2 ** -24])).toEqual([1]);
  });

  it("shifts everything out when the width is reached", () => {
    expect(binary("shiftLeft", "uint8", [0x81, 1], [1, 40])).toEqual([2, 0]);
    expect(binary("shiftRight", "uint32", [2 ** 31, 1], [31, 32])).toEqual([1, 0]);
    expect(() => binary("shiftLeft", "fp32", [1], [1])).toThrow(/elements of fp32/);
  });
});

describe("comparison and choice", () => {
  it("gives 0 or 1, and compares 64-bit integers whole", () => {
    const y = createTensor([1], "bool");
    const [a, b] = [tensorOf([1], "int64", [2n ** 53n + 1n]), tensorOf([1], "int64", [2n ** 53n])];
    mapComparison(y, a, b, COMPARISONS.greater);

    expect([...y.values]).toEqual([1]);
  });

  it("takes the first where the condition holds", () => {
    const y = createTensor([2, 2], "int8");
    const condition = tensorOf([2, 1], "bool", [1, 0]);
    select(y, condition, tensorOf([2], "int8", [1, 2]), tensorOf([], "int8", [9]));

    expect([...y.values]).toEqual([1, 2, 9, 9]);
  });

  it("lets the upper bound win when bounds cross", () => {
    const y = createTensor([3], "fp32");
    clip(y, tensorOf([3], "fp32", [-2, 0, 6]), 2, 1);

    expect([...y.values]).toEqual([1, 1, 1]);
  });

  it("lets what is not a number pass bounds, and zeros keep their signs", () => {
    const y = createTensor([5], "fp32");
    clip(y, tensorOf([5], "fp32", [Number.NaN, -0, 0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]), 0, 6);

    expect([...y.values]).toEqual([Number.NaN, -0, 0, 0, 6]);
  });
});

describe("functions", () => {
  it("agree with tables: erf to 16 places", () => {
    // Abramowitz and Stegun, table 7.1, and OEIS A099286 for erf(1).
    expect(errorFunction(0.5)).toBeCloseTo(0.5204998778130465, 15);
    expect(errorFunction(1)).toBeCloseTo(0.8427007929497149, 15);
    expect(errorFunction(-2)).toBeCloseTo(-0.9953222650189527, 15);
    expect(errorFunction(3)).toBeCloseTo(0.9999779095030014, 15);
    expect([errorFunction(7), errorFunction(Number.NEGATIVE_INFINITY), errorFunction(0)]).toEqual([1, -1, 0]);
    expect(errorFunction(Number.NaN)).toBeNaN();
  });

  it("go over from one formula of erf to the other without a step", () => {
    const [below, above] = [errorFunction(3 - 2 ** -40), errorFunction(3 + 2 ** -40)];
    // Slope at 3: 2/sqrt(pi) * exp(-9) = 1.3925e-4.
    expect(above - below).toBeCloseTo(1.3925e-4 * 2 ** -39, 15);
  });

  it("do not overflow at the ends", () => {
    expect([sigmoid(-1000), sigmoid(1000), softplus(1000), softplus(-1000)]).toEqual([0, 1, 1000, 0]);
    expect(swish(Number.NEGATIVE_INFINITY, 1)).toBe(0);
    expect(hardSigmoid(10, 0.2, 0.5)).toBe(1);
  });

  it("have the values that their definitions give by hand", () => {
    // Phi(1) = 0.8413447460685429; tanh form: 0.5 (1 + tanh(0.7978845608 * 1.044715)) = 0.8411919906.
    expect(gelu(1)).toBeCloseTo(0.8413447460685429, 14);
    expect(tanhGelu(1)).toBeCloseTo(0.8411919906, 9);
    expect(sigmoid(Math.log(3))).toBeCloseTo(0.75, 15);
  });

  it("of signed types exist in 64 bits; the least value has no opposite", () => {
    const y = createTensor([2], "int64");
    mapSigned(y, tensorOf([2], "int64", [-(2n ** 63n), -5n]), SIGNED_KERNELS.Abs);

    expect([...y.values]).toEqual([-(2n ** 63n), 5n]);
  });
});

describe("casts", () => {
  const casted = (from: Precision, values: number[] | bigint[], to: Precision): unknown[] => {
    const y = createTensor([values.length], to);
    cast(y, tensorOf([values.length], from, values));
    return [...y.values];
  };

  it("cut the fraction off", () => {
    expect(casted("fp32", [2.9, -2.9], "int8")).toEqual([2, -2]);
    expect(casted("fp32", [2.9, -2.9], "int64")).toEqual([2n, -2n]);
  });

  it("wrap narrow integers, also those below a byte", () => {
    expect(casted("int32", [300, -1], "uint8")).toEqual([44, 255]);
    expect(casted("int32", [9, -9, 7], "int4")).toEqual([-7, 7, 7]);
    expect(casted("int64", [2n ** 32n + 5n, -1n], "uint32")).toEqual([5, 2 ** 32 - 1]);
    expect(casted("int8", [-1], "uint4")).toEqual([15]);
  });

  it("round 64-bit integers to float32 once", () => {
    // 2^53 + 2^29 + 1: a double would drop the 1 and leave a tie, which would round down to even.
    expect(casted("int64", [2n ** 53n + 2n ** 29n + 1n], "fp32")).toEqual([2 ** 53 + 2 ** 30]);
    expect(casted("int64", [2n ** 53n + 2n ** 29n], "fp32")).toEqual([2 ** 53]);
    expect(casted("uint64", [2n ** 64n - 1n], "fp64")).toEqual([2 ** 64]);
  });

  it("round to half precision and to truth", () => {
    expect(casted("fp32", [1 + 2 ** -11, 65_520], "fp16")).toEqual([1, Number.POSITIVE_INFINITY]);
    expect(casted("fp32", [0, -0, 0.1, Number.NaN], "bool")).toEqual([0, 0, 1, 1]);
    expect(casted("int64", [2n ** 40n, 0n], "bool")).toEqual([1, 0]);
  });

  it("give the least value where a number does not fit into int32 or int64", () => {
    expect(casted("fp64", [2 ** 31, 2 ** 31 - 0.5, -(2 ** 31) - 0.5], "int32")).toEqual([
      -(2 ** 31),
      2 ** 31 - 1,
      -(2 ** 31),
    ]);
    expect(casted("fp64", [2 ** 63, Number.NaN], "int64")).toEqual([-(2n ** 63n), -(2n ** 63n)]);
  });
});
