/**
 * Convolutions and pools against their definitions written another way: the input is laid into a padded box, the filter is
 * spread out by its dilation, and every output is a plain sum over the whole box that a window covers. Integers are summed as
 * bigint and wrapped at the end.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conv } from "../../algorithms/kernels/conv.js";
import { convInteger } from "../../algorithms/kernels/conv-integer.js";
import { convTranspose } from "../../algorithms/kernels/conv-transpose.js";
import { averagePool, maxPool } from "../../algorithms/kernels/pool.js";
import type { NumberTensor } from "../../sim/ir/tensor-data.js";
import { geometry, numbers, zeros } from "../helpers/kernel-tensors.js";

const small = (least: number, most: number) => fc.integer({ min: least, max: most });
const pair = (least: number, most: number) => fc.tuple(small(least, most), small(least, most));

/** A two-dimensional case whose window fits; values are small integers, exact in every type. */
const CASE = fc
  .record({
    batch: small(1, 2),
    groups: small(1, 3),
    groupChannels: small(1, 2),
    groupOutputs: small(1, 2),
    kernel: pair(1, 3),
    strides: pair(1, 3),
    dilations: pair(1, 2),
    padBegins: pair(0, 2),
    padEnds: pair(0, 2),
    spare: pair(0, 4),
    seed: small(0, 1_000_000),
  })
  .map((one) => {
    const sizes = [0, 1].map((axis) => {
      const span = one.dilations[axis]! * (one.kernel[axis]! - 1) + 1;
      return Math.max(1, span - one.padBegins[axis]! - one.padEnds[axis]!) + one.spare[axis]!;
    }) as [number, number];
    return { ...one, sizes };
  });

/** Small integers that follow from a seed. */
function drawn(shape: readonly number[], seed: number, least: number, most: number): NumberTensor {
  let state = seed;
  const count = shape.reduce((product, size) => product * size, 1);
  const values = Array.from({ length: count }, () => {
    state = (state * 48_271 + 11) % 2_147_483_647;
    return least + (state % (most - least + 1));
  });
  return numbers(shape, "fp64", values);
}

function withType(tensor: NumberTensor, precision: "uint8" | "int8" | "fp32"): NumberTensor {
  return numbers(tensor.shape, precision, [...tensor.values]);
}

/** One channel in its padded box, as a function of row and column. */
function boxed(tensor: NumberTensor, channelAt: number, [height, width]: readonly number[], fill: number) {
  return (row: number, column: number): number => {
    const inside = row >= 0 && row < height! && column >= 0 && column < width!;
    return inside ? tensor.values[(channelAt * height! + row) * width! + column]! : fill;
  };
}

/** Output extents by the formula of the standard. */
function extents(one: {
  sizes: readonly number[];
  padBegins: readonly number[];
  padEnds: readonly number[];
  kernel: readonly number[];
  strides: readonly number[];
  dilations: readonly number[];
}): [number, number] {
  return [0, 1].map((axis) => {
    const span = one.sizes[axis]! + one.padBegins[axis]! + one.padEnds[axis]!;
    return Math.floor((span - one.dilations[axis]! * (one.kernel[axis]! - 1) - 1) / one.strides[axis]!) + 1;
  }) as [number, number];
}

describe("convolution", () => {
  it("is the sum over the padded box, in every group", () => {
    fc.assert(
      fc.property(CASE, (one) => {
        const { batch, groups, groupChannels, groupOutputs, kernel, strides, dilations, padBegins } = one;
        const [C, K] = [groups * groupChannels, groups * groupOutputs];
        const outputs = extents(one);
        const x = drawn([batch, C, ...one.sizes], one.seed, -8, 8);
        const w = drawn([K, groupChannels, ...kernel], one.seed + 1, -8, 8);
        const bias = drawn([K], one.seed + 2, -8, 8);
        const y = zeros([batch, K, ...outputs], "fp32");
        conv(
          y,
          withType(x, "fp32"),
          withType(w, "fp32"),
          withType(bias, "fp32"),
          geometry({ ...one, outputs }),
          groups,
        );

        let at = 0;
        for (let n = 0; n < batch; n++) {
          for (let k = 0; k < K; k++) {
            for (let p = 0; p < outputs[0]; p++) {
              for (let q = 0; q < outputs[1]; q++) {
                let sum = bias.values[k]!;
                for (let c = 0; c < groupChannels; c++) {
                  const channel = boxed(x, n * C + Math.floor(k / groupOutputs) * groupChannels + c, one.sizes, 0);
                  const filter = boxed(w, k * groupChannels + c, kernel, 0);
                  for (let r = 0; r < kernel[0]; r++) {
                    for (let s = 0; s < kernel[1]; s++) {
                      const row = p * strides[0] + r * dilations[0] - padBegins[0];
                      sum += filter(r, s) * channel(row, q * strides[1] + s * dilations[1] - padBegins[1]);
                    }
                  }
                }
                expect(y.values[at++]).toBe(sum);
              }
            }
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it("of integers equals the bigint sum over a box that is padded with the zero point", () => {
    fc.assert(
      fc.property(CASE, small(0, 255), small(-128, 127), (one, inputZero, weightZero) => {
        const { batch, groups, groupChannels, groupOutputs, kernel, strides, dilations, padBegins } = one;
        const [C, K] = [groups * groupChannels, groups * groupOutputs];
        const outputs = extents(one);
        const x = drawn([batch, C, ...one.sizes], one.seed, 0, 255);
        const w = drawn([K, groupChannels, ...kernel], one.seed + 1, -128, 127);
        const y = zeros([batch, K, ...outputs], "int32");
        convInteger(y, {
          input: withType(x, "uint8"),
          weight: withType(w, "int8"),
          inputZero,
          weightZeros: [weightZero],
          geometry: geometry({ ...one, outputs }),
          groups,
        });

        for (let at = 0; at < y.values.length; at++) {
          const [q, p] = [at % outputs[1], Math.floor(at / outputs[1]) % outputs[0]];
          const [k, n] = [
            Math.floor(at / (outputs[0] * outputs[1])) % K,
            Math.floor(at / (K * outputs[0] * outputs[1])),
          ];
          let sum = 0n;
          for (let c = 0; c < groupChannels; c++) {
            const channel = boxed(x, n * C + Math.floor(k / groupOutputs) * groupChannels + c, one.sizes, inputZero);
            const filter = boxed(w, k * groupChannels + c, kernel, Number.NaN);
            for (let tap = 0; tap < kernel[0] * kernel[1]; tap++) {
              const [r, s] = [Math.floor(tap / kernel[1]), tap % kernel[1]];
              const row = p * strides[0] + r * dilations[0] - padBegins[0];
              const code = channel(row, q * strides[1] + s * dilations[1] - padBegins[1]);
              sum += BigInt(filter(r, s) - weightZero) * BigInt(code - inputZero);
            }
          }
          expect(y.values[at]).toBe(Number(BigInt.asIntN(32, sum)));
        }
      }),
      { numRuns: 150 },
    );
  });

  it("wraps like 32-bit registers at the extremes", () => {
    // 40,000 products of 255 * 255 pass 2^31 once: 2,601,000,000 - 2^32.
    const many = 40_000;
    const y = zeros([1, 1, 1], "int32");
    convInteger(y, {
      input: numbers([1, many, 1], "uint8", new Array<number>(many).fill(255)),
      weight: numbers([1, many, 1], "uint8", new Array<number>(many).fill(255)),
      inputZero: 0,
      weightZeros: [0],
      geometry: geometry({ sizes: [1], kernel: [1], outputs: [1] }),
      groups: 1,
    });

    expect(y.values[0]).toBe(many * 255 * 255 - 2 ** 32);
  });
});

describe("transposed convolution", () => {
  it("is the adjoint of the convolution: the inner products <conv(a), b> and <a, transposed(b)> are equal", () => {
    fc.assert(
      fc.property(CASE, (one) => {
        const { batch, groups, groupChannels, groupOutputs, kernel } = one;
        const [C, K] = [groups * groupChannels, groups * groupOutputs];
        const outputs = extents(one);
        const a = drawn([batch, C, ...one.sizes], one.seed, -8, 8);
        const w = drawn([K, groupChannels, ...kernel], one.seed + 1, -8, 8);
        const b = drawn([batch, K, ...outputs], one.seed + 2, -8, 8);
        const forward = zeros([batch, K, ...outputs], "fp64");
        const backward = zeros([batch, C, ...one.sizes], "fp64");
        conv(forward, a, w, undefined, geometry({ ...one, outputs }), groups);
        convTranspose(backward, b, w, undefined, geometry({ ...one, sizes: outputs, outputs: one.sizes }), groups);

        const inner = (x: NumberTensor, y: NumberTensor) =>
          Array.from<number>(x.values).reduce((sum, value, at) => sum + value * y.values[at]!, 0);
        expect(inner(forward, b)).toBe(inner(a, backward));
      }),
      { numRuns: 150 },
    );
  });
});

describe("pools", () => {
  it("list the elements of each window: their largest, and their mean with or without the padding", () => {
    const fitting = CASE.filter(({ kernel, dilations, padBegins, padEnds }) =>
      [0, 1].every((axis) => {
        const span = dilations[axis]! * (kernel[axis]! - 1) + 1;
        return padBegins[axis]! < span && padEnds[axis]! < span && dilations[axis] === 1;
      }),
    );
    fc.assert(
      fc.property(fitting, (one) => {
        const { batch, groups: channels, kernel, strides, padBegins } = one;
        const outputs = extents(one);
        const x = drawn([batch, channels, ...one.sizes], one.seed, -8, 8);
        const where = geometry({ ...one, outputs });
        const [most, real, padded] = [0, 1, 2].map(() => zeros([batch, channels, ...outputs], "fp64"));
        maxPool(most!, x, where);
        averagePool(real!, x, where, false);
        averagePool(padded!, x, where, true);

        let at = 0;
        for (let channel = 0; channel < batch * channels; channel++) {
          const element = boxed(x, channel, one.sizes, Number.NaN);
          for (let p = 0; p < outputs[0]; p++) {
            for (let q = 0; q < outputs[1]; q++, at++) {
              const seen = [];
              for (let r = 0; r < kernel[0]; r++) {
                for (let s = 0; s < kernel[1]; s++) {
                  seen.push(element(p * strides[0] + r - padBegins[0], q * strides[1] + s - padBegins[1]));
                }
              }
              const own = seen.filter((value) => !Number.isNaN(value));
              const sum = own.reduce((total, value) => total + value, 0);
              expect(most!.values[at]).toBe(Math.max(...own));
              expect(real!.values[at]).toBe(sum / own.length);
              expect(padded!.values[at]).toBe(sum / seen.length);
            }
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});
