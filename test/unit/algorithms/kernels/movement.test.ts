import { describe, expect, it } from "vitest";
import {
  gather,
  gatherElements,
  gatherNd,
  oneHot,
  scatterElements,
  scatterNd,
} from "../../../../algorithms/kernels/gather.js";
import { gridSample } from "../../../../algorithms/kernels/grid-sample.js";
import {
  copyStrided,
  keepTriangle,
  type PadMode,
  pad,
  placeAlong,
  takeAlong,
  tile,
  transpose,
} from "../../../../algorithms/kernels/movement.js";
import { inputCoordinate, nearestIndex, resizeInterpolated } from "../../../../algorithms/kernels/resize.js";
import { createTensor, type TensorData, tensorOf } from "../../../../sim/ir/tensor-data.js";
import { numbers, zeros } from "../../../helpers/kernel-tensors.js";

const SIX = tensorOf([2, 3], "int8", [1, 2, 3, 4, 5, 6]);

function made(shape: readonly number[], make: (y: TensorData) => void): number[] {
  const y = createTensor(shape, "int8");
  make(y);
  return Array.from<number | bigint, number>(y.values, Number);
}

describe("moving elements", () => {
  it("exchanges axes", () => {
    expect(made([3, 2], (y) => transpose(y, SIX, [1, 0]))).toEqual([1, 4, 2, 5, 3, 6]);
  });

  it("copies by strides, backwards as well", () => {
    expect(made([2, 2], (y) => copyStrided(y, SIX.values, [3, -2], 2))).toEqual([3, 1, 6, 4]);
  });

  it("places parts along an axis and takes them out again", () => {
    const y = createTensor([2, 4], "int8");
    placeAlong(y, SIX, 1, 1);
    expect([...y.values]).toEqual([0, 1, 2, 3, 0, 4, 5, 6]);
    expect(made([2, 1], (part) => takeAlong(part, y, 1, 2))).toEqual([2, 5]);
  });

  it("repeats a tensor", () => {
    expect(made([2, 6], (y) => tile(y, SIX))).toEqual([1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]);
  });

  it("pads in every mode, further than the tensor is long as well", () => {
    const line = tensorOf([3], "int8", [1, 2, 3]);
    const padded = (mode: PadMode) => made([9], (y) => pad(y, line, [4], mode, 9));

    expect(padded("constant")).toEqual([9, 9, 9, 9, 1, 2, 3, 9, 9]);
    expect(padded("edge")).toEqual([1, 1, 1, 1, 1, 2, 3, 3, 3]);
    expect(padded("reflect")).toEqual([1, 2, 3, 2, 1, 2, 3, 2, 1]);
    expect(padded("wrap")).toEqual([3, 1, 2, 3, 1, 2, 3, 1, 2]);
  });

  it("cuts off by negative padding", () => {
    expect(made([1, 2], (y) => pad(y, SIX, [-1, -1], "constant", 0))).toEqual([5, 6]);
  });

  it("keeps the part above or below a diagonal", () => {
    expect(made([2, 3], (y) => keepTriangle(y, SIX, true, 1))).toEqual([0, 2, 3, 0, 0, 6]);
    expect(made([2, 3], (y) => keepTriangle(y, SIX, false, 0))).toEqual([1, 0, 0, 4, 5, 0]);
  });
});

describe("picking and placing by index", () => {
  const long = (shape: readonly number[], values: readonly number[]) => tensorOf(shape, "int64", values);

  it("gathers slices, from the end for negative indices", () => {
    const split = { outer: 2, extent: 3, inner: 1 };
    expect(made([2, 2], (y) => gather(y, SIX, long([2], [-1, 0]), split))).toEqual([3, 1, 6, 4]);
  });

  it("refuses an index outside", () => {
    const split = { outer: 2, extent: 3, inner: 1 };
    for (const index of [3, -4]) {
      expect(() => made([2, 1], (y) => gather(y, SIX, long([1], [index]), split))).toThrow(/from -3 to 2/);
    }
  });

  it("gathers element by element", () => {
    expect(made([2, 2], (y) => gatherElements(y, SIX, long([2, 2], [2, 0, 1, 1]), 1))).toEqual([3, 1, 5, 5]);
    expect(made([1, 3], (y) => gatherElements(y, SIX, long([1, 3], [1, 0, -1]), 0))).toEqual([4, 2, 6]);
  });

  it("gathers by tuples, with shared leading axes", () => {
    expect(made([2], (y) => gatherNd(y, SIX, long([2, 2], [0, 2, 1, -3]), 0))).toEqual([3, 4]);
    expect(made([2], (y) => gatherNd(y, SIX, long([2, 1], [1, 2]), 1))).toEqual([2, 6]);
  });

  it("scatters, one after another where places meet", () => {
    const y = tensorOf([3], "int8", [1, 1, 1]);
    scatterElements(y, long([3], [0, 0, 2]), tensorOf([3], "int8", [5, 6, 7]), 0, "add");
    expect([...y.values]).toEqual([12, 1, 8]);
    scatterElements(y, long([2], [1, 1]), tensorOf([2], "int8", [5, 6]), 0, "none");
    expect([...y.values]).toEqual([12, 6, 8]);
    scatterElements(y, long([3], [0, 1, 2]), tensorOf([3], "int8", [3, 9, 8]), 0, "max");
    expect([...y.values]).toEqual([12, 9, 8]);
  });

  it("scatters slices by tuples", () => {
    const y = tensorOf([2, 2], "int64", [1n, 1n, 1n, 1n]);
    scatterNd(y, long([1, 1], [1]), tensorOf([1, 2], "int64", [3n, 4n]), "mul");

    expect([...y.values]).toEqual([1n, 1n, 3n, 4n]);
  });

  it("marks places, and leaves a line off whose index is outside", () => {
    const split = { outer: 1, extent: 3, inner: 3 };
    expect(made([3, 3], (y) => oneHot(y, long([3], [0, -1, 7]), split, 2, 5))).toEqual([5, 2, 2, 2, 2, 2, 2, 5, 2]);
  });
});

describe("resampling", () => {
  const axis = { input: 4, output: 2, scale: 0.5, coordinates: "half_pixel", region: [0, 1] } as const;

  it("places outputs by every rule of coordinates", () => {
    expect(inputCoordinate(1, axis)).toBe(2.5);
    expect(inputCoordinate(1, { ...axis, coordinates: "asymmetric" })).toBe(2);
    expect(inputCoordinate(1, { ...axis, coordinates: "align_corners" })).toBe(3);
    expect(inputCoordinate(0, { ...axis, output: 1, coordinates: "pytorch_half_pixel" })).toBe(0);
    expect(inputCoordinate(1, { ...axis, coordinates: "tf_half_pixel_for_nn" })).toBe(3);
    // A length of 2.4 has two outputs, which lie around the middle: 2 * (1 - 2/2.4) + 0.5/0.6 - 0.5.
    const odd = { ...axis, scale: 0.6, coordinates: "half_pixel_symmetric" } as const;
    expect(inputCoordinate(0, odd)).toBeCloseTo(1 / 3 + 1 / 3, 14);
    const crop = { ...axis, coordinates: "tf_crop_and_resize", region: [0.25, 0.5] } as const;
    expect([inputCoordinate(0, crop), inputCoordinate(1, crop)]).toEqual([0.75, 1.5]);
  });

  it("rounds to the nearest element by every rule, within the axis", () => {
    const at = (coordinate: number) =>
      (["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"] as const).map((mode) =>
        nearestIndex(coordinate, 4, mode),
      );

    expect(at(1.5)).toEqual([1, 2, 1, 2]);
    expect(at(-0.75)).toEqual([0, 0, 0, 0]);
    expect(at(3.2)).toEqual([3, 3, 3, 3]);
  });

  it("mixes neighbours in proportion, and goes on with the border element", () => {
    const y = zeros([4], "fp32");
    const up = { input: 2, output: 4, scale: 2, coordinates: "half_pixel", region: [0, 1] } as const;
    const linear = { kind: "linear", cubicA: -0.75, excludeOutside: false, outside: 0 } as const;
    resizeInterpolated(y, numbers([2], "fp32", [0, 8]), [up], linear);

    // Places -0.25, 0.25, 0.75, 1.25.
    expect([...y.values]).toEqual([0, 2, 6, 8]);
  });

  it("samples an image at given places, by every rule for what is outside", () => {
    const image = numbers([1, 1, 2, 2], "fp32", [1, 2, 3, 4]);
    const sampled = (
      padding: "zeros" | "border" | "reflection",
      x: number,
      y: number,
      mode: "nearest" | "linear" = "linear",
    ) => {
      const result = zeros([1, 1, 1, 1], "fp32");
      const grid = numbers([1, 1, 1, 2], "fp32", [x, y]);
      gridSample(result, image, grid, { mode, padding, alignCorners: true });
      return result.values[0];
    };

    // Corners at -1 and 1: the middle is the mean; x names the column.
    expect([sampled("zeros", 0, 0), sampled("zeros", 1, -1), sampled("zeros", -1, 1)]).toEqual([2.5, 2, 3]);
    // Half a column beyond the last: half of it, all of it, or half way back.
    expect([sampled("zeros", 2, -1), sampled("border", 2, -1), sampled("reflection", 2, -1)]).toEqual([1, 2, 1.5]);
    expect([sampled("border", 0.9, -1, "nearest"), sampled("zeros", 9, 9, "nearest")]).toEqual([2, 0]);
  });

  it("by cubics passes through the elements, and keeps a constant constant", () => {
    const up = { input: 4, output: 7, scale: 7 / 4, coordinates: "align_corners", region: [0, 1] } as const;
    const cubic = { kind: "cubic", cubicA: -0.75, excludeOutside: false, outside: 0 } as const;
    const [curve, flat] = [zeros([7], "fp64"), zeros([7], "fp64")];
    resizeInterpolated(curve, numbers([4], "fp64", [1, 5, 2, 7]), [up], cubic);
    resizeInterpolated(flat, numbers([4], "fp64", [3, 3, 3, 3]), [up], { ...cubic, excludeOutside: true });

    expect([curve.values[0], curve.values[2], curve.values[4], curve.values[6]]).toEqual([1, 5, 2, 7]);
    // Halfway between 5 and 2, with 1 and 7 outside: weights -3/32, 19/32, 19/32, -3/32.
    expect(curve.values[3]).toBeCloseTo((-3 * 1 + 19 * 5 + 19 * 2 - 3 * 7) / 32, 12);
    for (const value of flat.values) expect(value).toBeCloseTo(3, 12);
  });
});
