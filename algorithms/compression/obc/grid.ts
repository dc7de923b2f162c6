/**
 * The grid of equal steps that a filter's weights go to: codes from `low` to `high`, 0 among them, times a scale. The scale is that
 * of the largest weight, or the range shrunk to p = 1, 0.99, ... 0.21 of itself with the least sum of |q - w|^2.4.
 * Source: Frantar and Alistarh, 'Optimal Brain Compression', NeurIPS 2022 (its published code): symmetric, all 2^bits codes.
 */
import { roundHalfEven, saturate } from "../../../sim/core/fixed-point.js";

export interface RowGrid {
  readonly scale: number;
  readonly low: number;
  readonly high: number;
}

const NORM = 2.4;
const SHRINKS = 80;
const SHRINKS_OF_ONE = 100;

/** The code nearest to a weight; of two the even one. */
export function codeOn({ scale, low, high }: RowGrid, weight: number): number {
  return saturate(roundHalfEven(weight / scale), low, high);
}

/** Codes of both signs in a width, -2^(bits-1) to 2^(bits-1) - 1. */
export function codesOf(bits: number): Pick<RowGrid, "low" | "high"> {
  return { low: -(2 ** (bits - 1)), high: 2 ** (bits - 1) - 1 };
}

/** The scale that the search finds for some weights; 0 for weights of nothing. */
export function searchScale(weights: Float64Array, bits: number): number {
  const greatest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  if (greatest === 0) return 0;
  const limits = codesOf(bits);
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  for (let shrink = 0; shrink < SHRINKS; shrink++) {
    const range = (1 - shrink / SHRINKS_OF_ONE) * 2 * greatest;
    const scale = Math.fround(range / (2 ** bits - 1));
    if (scale === 0) break;
    const grid = { scale, ...limits };
    let error = 0;
    for (let at = 0; at < weights.length && error < least; at++) {
      error += Math.abs(codeOn(grid, weights[at]!) * scale - weights[at]!) ** NORM;
    }
    if (error < least) [best, least] = [scale, error];
  }
  return best;
}
