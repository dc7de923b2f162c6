/**
 * Resampling along axes: where an output index lies on the input, which neighbours it takes, and with what weights. Axes are
 * independent, so a resize is one pass an axis. Coordinates and sums in double precision, rounded once at the end.
 * Source: ONNX Resize-19 (coordinate modes, nearest modes, cubic coefficients after Keys, IEEE ASSP 29, 1981).
 */
import type { NumberTensor, TensorData } from "../../sim/ir/tensor-data.js";
import { copyMapped } from "./movement.js";

export type CoordinateMode =
  | "half_pixel"
  | "half_pixel_symmetric"
  | "pytorch_half_pixel"
  | "align_corners"
  | "asymmetric"
  | "tf_half_pixel_for_nn"
  | "tf_crop_and_resize";

export type NearestMode = "round_prefer_floor" | "round_prefer_ceil" | "floor" | "ceil";

export interface ResizedAxis {
  readonly input: number;
  readonly output: number;
  readonly scale: number;
  readonly coordinates: CoordinateMode;
  /** Begin and end of the cropped region as fractions of the axis. */
  readonly region: readonly [begin: number, end: number];
}

/** The place on the input's axis, in elements, of an output index. */
export function inputCoordinate(index: number, axis: ResizedAxis): number {
  const { input, scale, region } = axis;
  // The standard keeps the resized length as input * scale, though the output has only its whole part.
  const resized = input * scale;
  switch (axis.coordinates) {
    case "half_pixel":
      return (index + 0.5) / scale - 0.5;
    case "half_pixel_symmetric":
      return (input / 2) * (1 - axis.output / resized) + (index + 0.5) / scale - 0.5;
    case "pytorch_half_pixel":
      return axis.output > 1 ? (index + 0.5) / scale - 0.5 : 0;
    case "align_corners":
      return resized === 1 ? 0 : (index * (input - 1)) / (resized - 1);
    case "asymmetric":
      return index / scale;
    case "tf_half_pixel_for_nn":
      return (index + 0.5) / scale;
    case "tf_crop_and_resize": {
      const [begin, end] = region;
      if (axis.output <= 1) return 0.5 * (begin + end) * (input - 1);
      return begin * (input - 1) + (index * (end - begin) * (input - 1)) / (axis.output - 1);
    }
  }
}

/** The input index that a coordinate is nearest to, clamped to the axis. */
export function nearestIndex(coordinate: number, extent: number, mode: NearestMode): number {
  const rounded = {
    round_prefer_floor: () => Math.ceil(coordinate - 0.5),
    round_prefer_ceil: () => Math.floor(coordinate + 0.5),
    floor: () => Math.floor(coordinate),
    ceil: () => Math.ceil(coordinate),
  }[mode]();
  return Math.min(Math.max(rounded, 0), extent - 1);
}

/** output = the input element nearest to each output's place; any element type. Places beyond the axis give `outside`. */
export function resizeNearest(
  output: TensorData,
  input: TensorData,
  axes: readonly ResizedAxis[],
  mode: NearestMode,
  outside: number | bigint,
): void {
  let stride = input.values.length;
  const maps = axes.map((axis) => {
    stride /= Math.max(1, axis.input);
    return Int32Array.from({ length: axis.output }, (_, index) => {
      const place = inputCoordinate(index, axis);
      return isOutside(place, axis) ? -1 : nearestIndex(place, axis.input, mode) * stride;
    });
  });
  copyMapped(output, input, maps, outside);
}

/** Only a cropped region has an outside; elsewhere the border element goes on. */
function isOutside(place: number, axis: ResizedAxis): boolean {
  return axis.coordinates === "tf_crop_and_resize" && (place < 0 || place > axis.input - 1);
}

/** Neighbours of one output index. */
interface Taps {
  readonly indices: readonly number[];
  readonly weights: readonly number[];
}

export interface Interpolation {
  readonly kind: "linear" | "cubic";
  /** Coefficient of the cubic. */
  readonly cubicA: number;
  /** Neighbours outside the axis get no weight, and the others are scaled up. */
  readonly excludeOutside: boolean;
  /** Value of places outside a cropped region. */
  readonly outside: number;
}

/** Weights of a place `fraction` behind the second of four neighbours. */
function cubicWeights(fraction: number, a: number): number[] {
  const [r, s] = [fraction, 1 - fraction];
  const near = (t: number) => ((a + 2) * t - (a + 3)) * t * t + 1;
  const far = (t: number) => ((a * (t + 1) - 5 * a) * (t + 1) + 8 * a) * (t + 1) - 4 * a;
  return [far(r), near(r), near(s), far(s)];
}

function tapsAt(place: number, extent: number, { kind, cubicA, excludeOutside }: Interpolation): Taps {
  const base = Math.floor(place);
  const fraction = place - base;
  const first = kind === "linear" ? base : base - 1;
  let weights = kind === "linear" ? [1 - fraction, fraction] : cubicWeights(fraction, cubicA);
  if (excludeOutside) {
    const kept = weights.map((weight, tap) => (first + tap >= 0 && first + tap < extent ? weight : 0));
    const sum = kept.reduce((total, weight) => total + weight, 0);
    weights = kept.map((weight) => weight / sum);
  }
  return { indices: weights.map((_, tap) => Math.min(Math.max(first + tap, 0), extent - 1)), weights };
}

/** output = input interpolated along every axis whose entry is not trivial; floating-point arithmetic. */
export function resizeInterpolated(
  output: NumberTensor,
  input: NumberTensor,
  axes: readonly ResizedAxis[],
  interpolation: Interpolation,
): void {
  let values: ArrayLike<number> = input.values;
  const shape = axes.map((axis) => axis.input);
  // The axes that shrink go first, so that nothing between is larger than the input or the output.
  const order = [...axes.entries()].toSorted(([, a], [, b]) => a.output * b.input - b.output * a.input);
  for (const [at, axis] of order) {
    if (axis.input === axis.output && axis.scale === 1 && axis.coordinates !== "tf_crop_and_resize") continue;
    values = interpolateAxis(values, shape, at, axis, interpolation);
    shape[at] = axis.output;
  }
  output.values.set(values);
}

function interpolateAxis(
  x: ArrayLike<number>,
  shape: readonly number[],
  at: number,
  axis: ResizedAxis,
  interpolation: Interpolation,
): Float64Array {
  let inner = 1;
  for (let index = at + 1; index < shape.length; index++) inner *= shape[index]!;
  const outer = x.length / Math.max(1, axis.input * inner);
  const y = new Float64Array(outer * axis.output * inner);
  for (let index = 0; index < axis.output; index++) {
    const place = inputCoordinate(index, axis);
    const outside = isOutside(place, axis);
    const { indices, weights } = tapsAt(place, axis.input, interpolation);
    for (let block = 0; block < outer; block++) {
      const to = (block * axis.output + index) * inner;
      for (let offset = 0; offset < inner; offset++) {
        let sum = 0;
        for (let tap = 0; tap < weights.length; tap++) {
          sum += weights[tap]! * x[(block * axis.input + indices[tap]!) * inner + offset]!;
        }
        y[to + offset] = outside ? interpolation.outside : sum;
      }
    }
  }
  return y;
}
