/**
 * Resize and Upsample by nearest, linear or cubic interpolation, without antialiasing, and GridSample by nearest or linear.
 * Source: ONNX Resize-10/11/13/18/19, Upsample-7/9, GridSample-16/20.
 */
import { gridSample } from "../../../../algorithms/kernels/grid-sample.js";
import {
  type CoordinateMode,
  type NearestMode,
  type ResizedAxis,
  resizeInterpolated,
  resizeNearest,
} from "../../../../algorithms/kernels/resize.js";
import { resizedShape } from "../../../ir/import/onnx-resize.js";
import { formatShape, normalizeAxes } from "../../../ir/import/onnx-shape-rules.js";
import { isLong, isNumberTensor, type TensorData } from "../../../ir/tensor-data.js";
import type { OperatorAdapter, OperatorCall } from "../operator-call.js";

const COORDINATES: readonly CoordinateMode[] = [
  "half_pixel",
  "half_pixel_symmetric",
  "pytorch_half_pixel",
  "align_corners",
  "asymmetric",
  "tf_half_pixel_for_nn",
  "tf_crop_and_resize",
];
const NEAREST: readonly NearestMode[] = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"];

/** Versions before 11 place the pixels at their corners and take the one before. */
function isOldForm(call: OperatorCall): boolean {
  return call.operator === "Upsample" || call.opset < 11;
}

function choose<Word extends string>(call: OperatorCall, name: string, words: readonly Word[], absent: Word): Word {
  const given = isOldForm(call) ? undefined : call.attributes.string(name);
  if (given === undefined) return absent;
  return words.find((word) => word === given) ?? call.fail(`${name} ${given}`, words.join(", "));
}

/** Scale of each axis of the data, as given or as the sizes have it. */
function scalesOf(call: OperatorCall, data: TensorData, shape: readonly number[], axes: readonly number[]): number[] {
  const scales = data.shape.map(() => 1);
  const given = scalesGiven(call);
  if (given !== undefined) {
    for (const [index, axis] of axes.entries()) scales[axis] = given[index]!;
    return scales;
  }
  const sizes = call.numbers(3, "sizes");
  const policy = call.attributes.string("keep_aspect_ratio_policy") ?? "stretch";
  const ratios = axes.map((axis, index) => (policy === "stretch" ? shape[axis]! : sizes[index]!) / data.shape[axis]!);
  const common = policy === "not_larger" ? Math.min(...ratios) : Math.max(...ratios);
  for (const [index, axis] of axes.entries()) scales[axis] = policy === "stretch" ? ratios[index]! : common;
  return scales;
}

function scalesGiven(call: OperatorCall): readonly number[] | undefined {
  if (call.operator === "Upsample" && call.opset < 9) return call.attributes.floats("scales");
  if (isOldForm(call)) return call.numbers(1, "scales");
  const sizes = call.optional(3);
  return sizes !== undefined && sizes.values.length > 0 ? undefined : call.numbers(2, "scales");
}

function regionOf(call: OperatorCall, axes: readonly number[], rank: number): (readonly [number, number])[] {
  const whole = Array.from({ length: rank }, () => [0, 1] as const);
  if (call.attributes.string("coordinate_transformation_mode") !== "tf_crop_and_resize") return whole;
  const region = call.numbers(1, "roi");
  if (region.length !== 2 * axes.length) call.fail(`${region.length} numbers in roi`, `${2 * axes.length}`);
  const regions: (readonly [number, number])[] = [...whole];
  for (const [index, axis] of axes.entries()) regions[axis] = [region[index]!, region[index + axes.length]!];
  return regions;
}

const resized: OperatorAdapter = (call) => {
  const data = call.input(0);
  if (call.flag("antialias")) call.unsupported("antialias 1", "antialias 0");
  const shape = resizedShape(call, data.shape);
  const rank = data.shape.length;
  const axes = normalizeAxes(
    (isOldForm(call) ? undefined : call.attributes.ints("axes")) ?? data.shape.map((_, axis) => axis),
    rank,
  );
  const coordinates = choose(
    call,
    "coordinate_transformation_mode",
    COORDINATES,
    isOldForm(call) ? "asymmetric" : "half_pixel",
  );
  const scales = scalesOf(call, data, shape, axes);
  const regions = regionOf(call, axes, rank);
  const resizedAxes = data.shape.map((input, axis): ResizedAxis => {
    return { input, output: shape[axis]!, scale: scales[axis]!, coordinates, region: regions[axis]! };
  });
  if (data.values.length === 0 && shape.every((size) => size > 0)) call.fail("an empty input", "elements to resize");
  interpolate(call, data, shape, resizedAxes);
};

function interpolate(
  call: OperatorCall,
  data: TensorData,
  shape: readonly number[],
  axes: readonly ResizedAxis[],
): void {
  const mode = call.attributes.string("mode") ?? "nearest";
  const outside = call.attributes.float("extrapolation_value") ?? 0;
  if (mode === "nearest") {
    const nearest = choose(call, "nearest_mode", NEAREST, isOldForm(call) ? "floor" : "round_prefer_floor");
    const fill = isLong(data.values) ? BigInt(Math.trunc(outside)) : outside;
    resizeNearest(call.create(0, shape, data.precision), data, axes, nearest, fill);
    return;
  }
  if (mode !== "linear" && mode !== "bilinear" && mode !== "cubic") call.fail(`mode ${mode}`, "nearest, linear, cubic");
  if (!isNumberTensor(data)) call.unsupported(`interpolated ${data.precision}`, "a type of at most 32 bits");
  resizeInterpolated(call.createNumbers(0, shape, data.precision), data, axes, {
    kind: mode === "cubic" ? "cubic" : "linear",
    cubicA: Math.fround(call.attributes.float("cubic_coeff_a") ?? -0.75),
    excludeOutside: call.flag("exclude_outside"),
    outside,
  });
}

/** The mode was named bilinear before version 20. */
const sampled: OperatorAdapter = (call) => {
  const [data, grid] = [call.real(0), call.real(1)];
  call.requireRank(data, 3, 5);
  const axes = data.shape.length - 2;
  if (grid.shape.length !== data.shape.length || grid.shape.at(-1) !== axes || grid.shape[0] !== data.shape[0]) {
    call.fail(`a grid of shape ${formatShape(grid.shape)}`, `coordinates for ${formatShape(data.shape)}`);
  }
  const mode = call.attributes.string("mode") ?? "linear";
  const padding = call.attributes.string("padding_mode") ?? "zeros";
  if (mode === "bicubic" || mode === "cubic") call.unsupported(`mode ${mode}`, "nearest or linear");
  if (mode !== "nearest" && mode !== "linear" && mode !== "bilinear") call.fail(`mode ${mode}`, "nearest or linear");
  if (padding !== "zeros" && padding !== "border" && padding !== "reflection") {
    return call.fail(`padding_mode ${padding}`, "zeros, border or reflection");
  }
  const y = call.createNumbers(0, [...data.shape.slice(0, 2), ...grid.shape.slice(1, -1)], data.precision);
  const isNearest = mode === "nearest";
  gridSample(y, data, grid, {
    mode: isNearest ? "nearest" : "linear",
    padding,
    alignCorners: call.flag("align_corners"),
  });
};

export const RESIZES: Readonly<Record<string, OperatorAdapter>> = {
  Resize: resized,
  Upsample: resized,
  GridSample: sampled,
};
