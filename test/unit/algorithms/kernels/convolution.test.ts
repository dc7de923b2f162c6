import { describe, expect, it } from "vitest";
import { conv } from "../../../../algorithms/kernels/conv.js";
import { convInteger, qlinearConv } from "../../../../algorithms/kernels/conv-integer.js";
import { convTranspose } from "../../../../algorithms/kernels/conv-transpose.js";
import { geometry, numbers, zeros } from "../../../helpers/kernel-tensors.js";

describe("convolution", () => {
  it("is the sum over the window, with asymmetric padding that adds nothing", () => {
    // x = [1 2 3], one zero on the left: windows (0 1) (1 2) (2 3) by the filter (10, 1).
    const y = zeros([1, 1, 3], "fp32");
    const where = geometry({ sizes: [3], kernel: [2], outputs: [3], padBegins: [1] });
    conv(y, numbers([1, 1, 3], "fp32", [1, 2, 3]), numbers([1, 1, 2], "fp32", [10, 1]), undefined, where, 1);

    expect([...y.values]).toEqual([1, 12, 23]);
  });

  it("takes rows before columns, strides, dilations and a bias", () => {
    // 3x4 input 0..11, filter [[1, 100]] with columns 2 apart, row stride 2, column stride 1.
    const y = zeros([1, 1, 2, 2], "fp32");
    const where = geometry({ sizes: [3, 4], kernel: [1, 2], outputs: [2, 2], strides: [2, 1], dilations: [1, 2] });
    const x = numbers([1, 1, 3, 4], "fp32", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    conv(y, x, numbers([1, 1, 1, 2], "fp32", [1, 100]), numbers([1], "fp32", [0.5]), where, 1);

    // (0 + 200), (1 + 300), (8 + 1000), (9 + 1100), each + 0.5.
    expect([...y.values]).toEqual([200.5, 301.5, 1008.5, 1109.5]);
  });

  it("keeps groups apart", () => {
    // Channels 2 and 3, weights 10 and 100: depthwise.
    const y = zeros([1, 2, 1], "fp32");
    const where = geometry({ sizes: [1], kernel: [1], outputs: [1] });
    conv(y, numbers([1, 2, 1], "fp32", [2, 3]), numbers([2, 1, 1], "fp32", [10, 100]), undefined, where, 2);

    expect([...y.values]).toEqual([20, 300]);
  });

  it("rounds every sum to float32, in the order of the window; float64 keeps more", () => {
    // 2^24 + 1 + 1: in float32 steps both ones are lost.
    const y = zeros([1, 1, 1], "fp32");
    const where = geometry({ sizes: [3], kernel: [3], outputs: [1] });
    conv(y, numbers([1, 1, 3], "fp32", [2 ** 24, 1, 1]), numbers([1, 1, 3], "fp32", [1, 1, 1]), undefined, where, 1);

    expect(y.values[0]).toBe(2 ** 24);

    const exact = zeros([1, 1, 1], "fp64");
    conv(
      exact,
      numbers([1, 1, 3], "fp64", [2 ** 24, 1, 1]),
      numbers([1, 1, 3], "fp64", [1, 1, 1]),
      undefined,
      where,
      1,
    );

    expect(exact.values[0]).toBe(2 ** 24 + 2);
  });
});

describe("convolution of integers", () => {
  const where = geometry({ sizes: [2], kernel: [2], outputs: [2], padEnds: [1] });
  const operands = {
    input: numbers([1, 1, 2], "uint8", [10, 20]),
    weight: numbers([2, 1, 2], "int8", [3, -1, 5, 5]),
    inputZero: 4,
    weightZeros: [1, 2],
    geometry: where,
    groups: 1,
  };

  it("takes the zero points off, those of the weights by output channel; padding is the input's zero point", () => {
    const y = zeros([1, 2, 2], "int32");
    convInteger(y, operands);

    // x - 4 = (6, 16, 0); w - zero = (2, -2) and (3, 3): 12 - 32, 32 - 0; 18 + 48, 48 + 0.
    expect([...y.values]).toEqual([-20, 32, 66, 48]);
  });

  it("adds the bias in integers, then scales by the channel's multiplier and adds the zero point after rounding", () => {
    const y = zeros([1, 2, 2], "uint8");
    const scaling = { kind: "onnx-float32", multipliers: Float32Array.of(0.5, 0.25) } as const;
    qlinearConv(y, operands, { bias: [25, 0], scaling, outputZero: 3, limits: [0, 255] });

    // (5, 57) * 0.5 = 2.5 -> 2, 28.5 -> 28; (66, 48) * 0.25 = 16.5 -> 16, 12; each + 3.
    expect([...y.values]).toEqual([5, 31, 19, 15]);
  });

  it("wraps a sum beyond 32 bits", () => {
    const y = zeros([1, 1, 1], "int32");
    const point = geometry({ sizes: [1], kernel: [1], outputs: [1] });
    const x = numbers([1, 2, 1], "int32", [65_536, 1]);
    convInteger(y, {
      input: x,
      weight: numbers([1, 2, 1], "int32", [32_768, -1]),
      inputZero: 0,
      weightZeros: [0],
      geometry: point,
      groups: 1,
    });

    // 2^31 - 1 fits, since 2^31 wraps to -2^31 and -1 more wraps back.
    expect(y.values[0]).toBe(2 ** 31 - 1);
  });
});

describe("transposed convolution", () => {
  it("spreads each element over the output and cuts the padding off", () => {
    // x = [1 2], filter (1, 10, 100), stride 2: 1 10 100+2 20 200; a pad of 1 on either side leaves the middle three.
    const y = zeros([1, 1, 3], "fp32");
    const where = geometry({ sizes: [2], kernel: [3], outputs: [3], strides: [2], padBegins: [1], padEnds: [1] });
    convTranspose(y, numbers([1, 1, 2], "fp32", [1, 2]), numbers([1, 1, 3], "fp32", [1, 10, 100]), undefined, where, 1);

    expect([...y.values]).toEqual([10, 102, 20]);
  });

  it("has its weights by input channel, then output channel of the group", () => {
    const y = zeros([1, 4, 1], "fp32");
    const where = geometry({ sizes: [1], kernel: [1], outputs: [1] });
    const weight = numbers([2, 2, 1], "fp32", [1, 10, 100, 1000]);
    convTranspose(y, numbers([1, 2, 1], "fp32", [2, 3]), weight, numbers([4], "fp32", [0, 0, 0, 0.5]), where, 2);

    expect([...y.values]).toEqual([2, 20, 300, 3000.5]);
  });
});
