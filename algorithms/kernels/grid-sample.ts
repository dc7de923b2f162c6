/**
 * Samples of an image at places that another tensor gives, in one to three spatial axes: nearest or linear interpolation, and
 * what lies outside taken as zeros, as the border, or as a mirror image. Double precision, rounded once.
 * Source: ONNX GridSample-16/20.
 */
import { roundHalfEven } from "../../sim/core/fixed-point.js";
import type { NumberTensor } from "../../sim/ir/tensor-data.js";

export interface GridSampling {
  readonly mode: "nearest" | "linear";
  readonly padding: "zeros" | "border" | "reflection";
  /** -1 and 1 are the centres of the corner elements, or their outer edges. */
  readonly alignCorners: boolean;
}

/** Place in elements of a grid coordinate from -1 to 1. */
function placeOf(coordinate: number, extent: number, alignCorners: boolean): number {
  return alignCorners ? ((coordinate + 1) / 2) * (extent - 1) : ((coordinate + 1) * extent - 1) / 2;
}

/** A place mirrored into the range until it lies within. */
function reflect(place: number, low: number, high: number): number {
  const range = high - low;
  if (range <= 0) return low;
  const period = 2 * range;
  const phase = (((place - low) % period) + period) % period;
  return low + Math.min(phase, period - phase);
}

function settle(place: number, extent: number, { padding, alignCorners }: GridSampling): number {
  if (padding === "zeros") return place;
  const mirrored =
    padding === "reflection"
      ? reflect(place, alignCorners ? 0 : -0.5, alignCorners ? extent - 1 : extent - 0.5)
      : place;
  return Math.min(Math.max(mirrored, 0), extent - 1);
}

/**
 * output [N, C, ...places] = samples of input [N, C, ...sizes] at grid [N, ...places, axes], whose last axis names the innermost
 * spatial axis first.
 */
export function gridSample(
  output: NumberTensor,
  input: NumberTensor,
  grid: NumberTensor,
  sampling: GridSampling,
): void {
  const [batch, channels, ...sizes] = input.shape as [number, number, ...number[]];
  const axes = sizes.length;
  const area = sizes.reduce((product, size) => product * size, 1);
  const places = output.values.length / Math.max(1, batch * channels);
  const [bases, fractions] = [new Array<number>(axes).fill(0), new Array<number>(axes).fill(0)];
  for (let n = 0; n < batch; n++) {
    for (let at = 0; at < places; at++) {
      for (let axis = 0; axis < axes; axis++) {
        const coordinate = grid.values[(n * places + at) * axes + axes - 1 - axis]!;
        const place = settle(placeOf(coordinate, sizes[axis]!, sampling.alignCorners), sizes[axis]!, sampling);
        const base = sampling.mode === "nearest" ? roundHalfEven(place) : Math.floor(place);
        bases[axis] = base;
        fractions[axis] = sampling.mode === "nearest" ? 0 : place - base;
      }
      for (let c = 0; c < channels; c++) {
        const start = (n * channels + c) * area;
        output.values[(n * channels + c) * places + at] = mixCorners(input.values, start, sizes, bases, fractions);
      }
    }
  }
}

/** The sum over all corners of the cell, each by the product of its distances; corners outside add nothing. */
function mixCorners(
  x: ArrayLike<number>,
  start: number,
  sizes: readonly number[],
  bases: readonly number[],
  fractions: readonly number[],
): number {
  let sum = 0;
  for (let corner = 0; corner < 2 ** sizes.length; corner++) {
    let weight = 1;
    let at = 0;
    for (let axis = 0; axis < sizes.length; axis++) {
      const isUpper = (corner >> axis) % 2 === 1;
      const index = bases[axis]! + Number(isUpper);
      weight *= isUpper ? fractions[axis]! : 1 - fractions[axis]!;
      if (!(index >= 0 && index < sizes[axis]!)) weight = 0;
      at = at * sizes[axis]! + index;
    }
    if (weight !== 0) sum += weight * x[start + at]!;
  }
  return sum;
}
