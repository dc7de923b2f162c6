import { describe, expect, it } from "vitest";
import {
  batchNormalization,
  groupNormalization,
  layerNormalization,
  localResponseNormalization,
  normNormalization,
  rmsNormalization,
} from "../../../../algorithms/kernels/normalization.js";
import { hardmax, logSoftmax, softmax } from "../../../../algorithms/kernels/softmax.js";
import { numbers, zeros } from "../../../helpers/kernel-tensors.js";

const LINE = { outer: 1, extent: 3, inner: 1 };

describe("softmax", () => {
  it("gives the shares of exponentials, also far out", () => {
    const y = zeros([3], "fp64");
    const x = numbers([3], "fp64", [1000, 1000 + Math.log(2), 1000 + Math.log(5)]);
    softmax(y, x, LINE);

    expect(y.values[0]).toBeCloseTo(1 / 8, 12);
    expect(y.values[1]).toBeCloseTo(2 / 8, 12);
    expect(y.values[2]).toBeCloseTo(5 / 8, 12);
  });

  it("has a logarithm of its own that stays finite", () => {
    const y = zeros([3], "fp64");
    logSoftmax(y, numbers([3], "fp64", [0, -10_000, 0]), LINE);

    expect(y.values[0]).toBeCloseTo(-Math.log(2), 14);
    expect(y.values[1]).toBeCloseTo(-10_000 - Math.log(2), 10);
  });

  it("runs along an axis with others behind it", () => {
    const y = zeros([2, 2], "fp32");
    softmax(y, numbers([2, 2], "fp32", [0, 7, 0, 7]), { outer: 1, extent: 2, inner: 2 });

    expect([...y.values]).toEqual([0.5, 0.5, 0.5, 0.5]);
  });

  it("made hard marks the first largest element", () => {
    const y = zeros([3], "fp32");
    hardmax(y, numbers([3], "fp32", [1, 4, 4]), LINE);

    expect([...y.values]).toEqual([0, 1, 0]);
  });
});

describe("normalisations", () => {
  it("by given statistics: (x - mean) / sqrt(variance + epsilon) * scale + shift", () => {
    const y = zeros([1, 2, 2], "fp32");
    batchNormalization(y, numbers([1, 2, 2], "fp32", [3, 5, 10, 20]), {
      scale: [2, 1],
      shift: [1, 0],
      mean: [1, 10],
      variance: [3, 99],
      epsilon: 1,
    });

    // (2, 4) / 2 * 2 + 1; (0, 10) / 10.
    expect([...y.values]).toEqual([3, 5, 0, 1]);
  });

  it("of a layer, with the mean and the inverse deviation", () => {
    const [y, means, inverseDeviations] = [zeros([1, 4], "fp32"), zeros([1, 1], "fp32"), zeros([1, 1], "fp32")];
    layerNormalization(y, numbers([1, 4], "fp32", [1, 1, 5, 5]), {
      length: 4,
      scale: [10, 10, 10, 20],
      shift: [0, 1, 0, 0],
      scaleAt: (at) => at % 4,
      shiftAt: (at) => at % 4,
      epsilon: 0,
      means,
      inverseDeviations,
    });

    // Mean 3, variance 4.
    expect([...y.values]).toEqual([-10, -9, 10, 20]);
    expect([means.values[0], inverseDeviations.values[0]]).toEqual([3, 0.5]);
  });

  it("by the root of the mean square", () => {
    const y = zeros([2], "fp32");
    rmsNormalization(y, numbers([2], "fp32", [3, 4]), { length: 2, scale: [5], scaleAt: () => 0, epsilon: 12.5 });

    // Mean square 12.5, + 12.5: divided by 5.
    expect([...y.values]).toEqual([3, 4]);
  });

  it("of groups of channels, with a scale a channel or a group", () => {
    const x = numbers([1, 4, 1], "fp32", [1, 3, 10, 30]);
    const [perChannel, perGroup] = [zeros([1, 4, 1], "fp32"), zeros([1, 4, 1], "fp32")];
    groupNormalization(perChannel, x, { groups: 2, scale: [1, 2, 3, 4], shift: [0, 0, 0, 1], epsilon: 0 });
    groupNormalization(perGroup, x, { groups: 2, scale: [1, 2], shift: [0, 1], epsilon: 0 });

    expect([...perChannel.values]).toEqual([-1, 2, -3, 5]);
    expect([...perGroup.values]).toEqual([-1, 1, -1, 3]);
  });

  it("by the channels around", () => {
    const y = zeros([1, 3, 1], "fp32");
    localResponseNormalization(y, numbers([1, 3, 1], "fp32", [1, 2, 3]), { size: 2, alpha: 2, beta: 1, bias: 1 });

    // Size 2 sees the channel itself and the one after: 1 + (1+4), 1 + (4+9), 1 + 9.
    expect([...y.values]).toEqual([1 / 6, 2 / 14, 3 / 10].map(Math.fround));
  });

  it("by a norm, and a line of zeros stays zero", () => {
    const y = zeros([2, 2], "fp32");
    normNormalization(y, numbers([2, 2], "fp32", [3, -4, 0, 0]), { outer: 2, extent: 2, inner: 1 }, 2);

    expect([...y.values]).toEqual([0.6, -0.8, 0, 0].map(Math.fround));
  });
});
