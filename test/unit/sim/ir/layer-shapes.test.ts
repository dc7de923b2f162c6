/** Shapes and bounds against walks over windows and hand arithmetic; what is refused, and in which words. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NetworkError } from "../../../../sim/core/errors.js";
import { layerMacs } from "../../../../sim/ir/layer.js";
import {
  convLayer,
  convTransposeLayer,
  globalPoolLayer,
  linearLayer,
  matmulLayer,
  poolLayer,
} from "../../../../sim/ir/layer-shapes.js";
import type { Tensor } from "../../../../sim/ir/tensor.js";

function tensor(name: string, ...shape: number[]): Tensor {
  return { name, shape, precision: "fp32", role: "activation" };
}

const plain = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] } as const;
const named = (operator: string) => ({ name: "layer", operator, output: "y" });

function conv(ifmap: readonly number[], weight: readonly number[], geometry = {}) {
  return convLayer({
    ...named("Conv"),
    ifmap: tensor("x", ...ifmap),
    weight: tensor("w", ...weight),
    groups: 1,
    ...plain,
    ...geometry,
  });
}

/** Positions where a filter lies wholly inside the padded axis, found by walking. */
function walk(size: number, filter: number, stride: number, dilation: number, before: number, after: number): number {
  let positions = 0;
  for (let start = -before; start + dilation * (filter - 1) < size + after; start += stride) positions++;
  return positions;
}

const axis = fc.record({
  size: fc.integer({ min: 1, max: 12 }),
  filter: fc.integer({ min: 1, max: 5 }),
  stride: fc.integer({ min: 1, max: 4 }),
  dilation: fc.integer({ min: 1, max: 3 }),
  before: fc.integer({ min: 0, max: 3 }),
  after: fc.integer({ min: 0, max: 3 }),
});

describe("convLayer", () => {
  test("has as many outputs as a filter has places in the padded ifmap", () => {
    fc.assert(
      fc.property(axis, axis, (h, w) => {
        const count = (a: typeof h): number => walk(a.size, a.filter, a.stride, a.dilation, a.before, a.after);
        const geometry = {
          strides: [h.stride, w.stride],
          dilations: [h.dilation, w.dilation],
          pads: [h.before, w.before, h.after, w.after],
        };
        const build = () => conv([2, 3, h.size, w.size], [5, 3, h.filter, w.filter], geometry);
        if (count(h) === 0 || count(w) === 0) expect(build).toThrow(NetworkError);
        else expect(build().outputShape).toEqual([2, 5, count(h), count(w)]);
      }),
    );
  });

  test("bounds are per group", () => {
    const { layer, outputShape } = conv([1, 6, 8, 8], [12, 2, 3, 3], { groups: 3, pads: [1, 1, 1, 1] });

    expect(layer.bounds).toEqual({ G: 3, N: 1, K: 4, C: 2, P: 8, Q: 8, R: 3, S: 3 });
    expect(outputShape).toEqual([1, 12, 8, 8]);
    // 12 filters, each of 2*3*3 weights, at 64 places.
    expect(layerMacs(layer)).toBe(12 * 18 * 64);
  });

  test("one spatial axis is a width, height 1", () => {
    const { layer, outputShape } = conv([2, 4, 10], [8, 4, 3], { pads: [0, 1, 0, 1] });

    expect(layer.bounds).toEqual({ G: 1, N: 2, K: 8, C: 4, P: 1, Q: 10, R: 1, S: 3 });
    expect(outputShape).toEqual([2, 8, 10]);
  });

  test("inputs stand in the operator's order, the bias last", () => {
    const { layer } = conv([1, 1, 3, 3], [2, 1, 3, 3], { bias: tensor("b", 2) });

    expect(layer).toMatchObject({ inputs: ["x", "w", "b"], outputs: ["y"], ifmap: "x", weight: "w", bias: "b" });
  });

  test.each([
    ["channels that do not fit", [1, 4, 8, 8], [8, 3, 3, 3], {}, /weights \[8, 3, 3, 3\] in 1 groups.*\[1, 4, 8, 8\]/],
    ["filters that do not divide", [1, 4, 8, 8], [7, 2, 3, 3], { groups: 2 }, /multiple of groups/],
    ["a filter larger than the ifmap", [1, 4, 2, 8], [8, 4, 3, 3], {}, /window reaching over 3x3 on .* 2x8/],
    ["a dilated filter larger than the ifmap", [1, 4, 4, 4], [8, 4, 3, 3], { dilations: [2, 2] }, /reaching over 5x5/],
    ["a bias of another length", [1, 4, 8, 8], [8, 4, 3, 3], { bias: tensor("b", 7) }, /bias \[7\] for 8/],
    ["a stride of zero", [1, 4, 8, 8], [8, 4, 3, 3], { strides: [0, 1] }, /strides 0x1/],
    ["negative padding", [1, 4, 8, 8], [8, 4, 3, 3], { pads: [0, -1, 0, 0] }, /pads 0, -1, 0, 0/],
    ["no groups", [1, 4, 8, 8], [8, 4, 3, 3], { groups: 0 }, /0 groups/],
    ["an empty axis", [1, 4, 0, 8], [8, 4, 3, 3], {}, /extents 1, 4, 0, 8/],
    ["three spatial axes", [1, 4, 8, 8, 8], [8, 4, 3, 3, 3], {}, /\[N, C, H, W\] or \[N, C, W\]/],
    ["ranks that differ", [1, 4, 8, 8], [8, 4, 3], {}, /\[1, 4, 8, 8\] and \[8, 4, 3\]/],
  ])("refuses %s", (_, ifmap, weight, geometry, message) => {
    const build = () => conv(ifmap, weight, geometry);

    expect(build).toThrow(NetworkError);
    expect(build).toThrow(message);
    expect(build).toThrow(/where: layer layer \(Conv\)/);
  });
});

describe("convTransposeLayer", () => {
  const transposed = (ifmap: readonly number[], weight: readonly number[], geometry = {}) =>
    convTransposeLayer({
      ...named("ConvTranspose"),
      ifmap: tensor("x", ...ifmap),
      weight: tensor("w", ...weight),
      groups: 1,
      outputPadding: [0, 0],
      ...plain,
      ...geometry,
    });

  test("the ofmap holds every place that a tap of a pixel falls on", () => {
    fc.assert(
      fc.property(axis, ({ size, filter, stride, dilation }) => {
        let last = 0;
        for (let pixel = 0; pixel < size; pixel++) {
          for (let tap = 0; tap < filter; tap++) last = Math.max(last, pixel * stride + tap * dilation);
        }
        const geometry = { strides: [1, stride], dilations: [1, dilation] };
        const { outputShape } = transposed([1, 2, 1, size], [2, 3, 1, filter], geometry);
        expect(outputShape).toEqual([1, 3, 1, last + 1]);
      }),
    );
  });

  test("every pixel meets every tap of every filter once", () => {
    const geometry = { strides: [2, 2], pads: [1, 1, 1, 1], outputPadding: [1, 1], groups: 2 };
    const { layer, outputShape } = transposed([1, 4, 5, 7], [4, 3, 3, 3], geometry);

    expect(layer.bounds).toEqual({ G: 2, N: 1, K: 27, C: 2, P: 5, Q: 7, R: 1, S: 1 });
    // (5-1)*2 + 1 + 2 + 1 - 2 = 10, (7-1)*2 + 1 + 2 + 1 - 2 = 14.
    expect(outputShape).toEqual([1, 6, 10, 14]);
    expect(layerMacs(layer)).toBe(4 * 35 * 3 * 9);
  });

  test("refuses padding that leaves nothing, and channels that do not fit", () => {
    expect(() => transposed([1, 2, 1, 1], [2, 3, 3, 3], { pads: [2, 2, 2, 2] })).toThrow(/ofmap of -1x-1/);
    expect(() => transposed([1, 2, 4, 4], [3, 2, 3, 3])).toThrow(/as many weight channels as ifmap channels/);
  });
});

describe("linearLayer", () => {
  const linear = (ifmap: readonly number[], weight: readonly number[], weightIsTransposed = false) =>
    linearLayer({
      ...named("Linear"),
      ifmap: tensor("x", ...ifmap),
      weight: tensor("w", ...weight),
      weightIsTransposed,
    });

  test.each([
    [[7], { N: 1, P: 1 }, [3]],
    [[5, 7], { N: 5, P: 1 }, [5, 3]],
    [[2, 5, 7], { N: 2, P: 5 }, [2, 5, 3]],
    [[2, 4, 5, 7], { N: 2, P: 20 }, [2, 4, 5, 3]],
  ])("rows of %j are batch and tokens", (shape, rows, outputShape) => {
    const plainOrder = linear(shape, [7, 3]);
    const transposed = linear(shape, [3, 7], true);

    expect(plainOrder.layer.bounds).toEqual({ G: 1, K: 3, C: 7, Q: 1, R: 1, S: 1, ...rows });
    expect(plainOrder.outputShape).toEqual(outputShape);
    expect(transposed.layer.bounds).toEqual(plainOrder.layer.bounds);
  });

  test("refuses inner axes that differ", () => {
    expect(() => linear([5, 7], [3, 7])).toThrow(/\[5, 7\] times \[3, 7\]\n want: inner axes of one size/);
    expect(() => linear([5, 7], [7, 3], true)).toThrow(/\[7, 3\] transposed/);
    expect(() => linear([5, 7], [1, 7, 3])).toThrow(NetworkError);
  });
});

describe("matmulLayer", () => {
  const matmul = (first: readonly number[], second: readonly number[], weightIsTransposed = false) =>
    matmulLayer({
      ...named("MatMul"),
      ifmap: tensor("x", ...first),
      weight: tensor("w", ...second),
      weightIsTransposed,
    });

  test.each([
    ["a matrix for each head", [2, 12, 5, 64], [2, 12, 64, 9], { G: 24, P: 5 }, [2, 12, 5, 9]],
    ["one matrix for all", [2, 12, 5, 64], [64, 9], { G: 1, P: 120 }, [2, 12, 5, 9]],
    ["one matrix for four heads", [2, 8, 4, 5, 64], [2, 8, 1, 64, 9], { G: 16, P: 20 }, [2, 8, 4, 5, 9]],
    ["rows shared by all matrices", [5, 64], [3, 64, 9], { G: 3, P: 5 }, [3, 5, 9]],
  ])("%s", (_, first, second, bounds, outputShape) => {
    const made = matmul(first, second);

    expect(made.layer.bounds).toEqual({ N: 1, K: 9, C: 64, Q: 1, R: 1, S: 1, ...bounds });
    expect(made.outputShape).toEqual(outputShape);
    expect(layerMacs(made.layer)).toBe(outputShape.reduce((product, extent) => product * extent) * 64);
  });

  test("a transposed second operand swaps its last axes only", () => {
    expect(matmul([3, 5, 64], [3, 9, 64], true).layer.bounds).toEqual(matmul([3, 5, 64], [3, 64, 9]).layer.bounds);
  });

  test("refuses leading axes that do not broadcast, inner axes that differ, and vectors", () => {
    expect(() => matmul([2, 5, 64], [3, 64, 9])).toThrow(/equal or 1/);
    expect(() => matmul([2, 5, 64], [2, 63, 9])).toThrow(/inner axes/);
    expect(() => matmul([64], [64, 9])).toThrow(NetworkError);
  });
});

describe("pooling", () => {
  const pool = (ifmap: readonly number[], kernel: [number, number], geometry = {}) =>
    poolLayer({
      ...named("MaxPool"),
      function: "max-pool",
      ifmap: tensor("x", ...ifmap),
      kernel,
      ceilMode: false,
      ...plain,
      ...geometry,
    });

  test("elements are outputs times window", () => {
    const { layer, outputShape } = pool([1, 8, 7, 7], [3, 3], { strides: [2, 2] });

    expect(outputShape).toEqual([1, 8, 3, 3]);
    expect(layer.elements).toBe(8 * 9 * 9);
  });

  test("ceil mode keeps the last partial window", () => {
    expect(pool([1, 8, 6, 6], [3, 3], { strides: [2, 2] }).outputShape).toEqual([1, 8, 2, 2]);
    expect(pool([1, 8, 6, 6], [3, 3], { strides: [2, 2], ceilMode: true }).outputShape).toEqual([1, 8, 3, 3]);
  });

  test("global pooling reads every element once", () => {
    const made = globalPoolLayer({
      ...named("GlobalAveragePool"),
      function: "average-pool",
      ifmap: tensor("x", 2, 8, 7, 5),
    });

    expect(made.outputShape).toEqual([2, 8, 1, 1]);
    expect(made.layer.elements).toBe(2 * 8 * 35);
  });

  test("refuses a window larger than the ifmap, and planes that are not there", () => {
    const flat = { ...named("GlobalAveragePool"), function: "average-pool", ifmap: tensor("x", 2, 8) } as const;

    expect(() => pool([1, 8, 2, 2], [3, 3])).toThrow(NetworkError);
    expect(() => globalPoolLayer(flat)).toThrow(/at least one spatial axis/);
  });
});
