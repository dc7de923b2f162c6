/**
 * The values of one activation over many samples in a fixed number of bins. The bins cover -limit to limit with a limit that is
 * a power of two: where a value lies outside, the limit doubles and pairs of bins become one, so that the counts are the same in
 * whatever order the samples come, and memory does not grow with them.
 */

import { type ActivationRange, codesOfRange } from "../../../algorithms/compression/activation-codes.js";
import type { ActivationSettings } from "../../../algorithms/compression/method.js";
import { saturate } from "../../core/fixed-point.js";

const BINS = 2048;
const HALF = BINS / 2;
/** Ranges that are tried for the least squared error, as parts of the greatest magnitude. */
const TRIES = 100;

export class CalibrationHistogram {
  low = Number.POSITIVE_INFINITY;
  high = Number.NEGATIVE_INFINITY;
  #limit = 2 ** -149;
  #counts = new Float64Array(BINS);

  /** Counts finite numbers. @returns the first that is not finite; then none was counted */
  add(values: ArrayLike<number>): number | undefined {
    let [low, high] = [this.low, this.high];
    for (let at = 0; at < values.length; at++) {
      const value = values[at]!;
      if (!Number.isFinite(value)) return value;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    [this.low, this.high] = [low, high];
    while (this.#limit < Math.max(Math.abs(low), Math.abs(high)) && values.length > 0) this.#double();
    const perValue = HALF / this.#limit;
    for (let at = 0; at < values.length; at++) {
      this.#counts[Math.min(BINS - 1, Math.floor(values[at]! * perValue) + HALF)]!++;
    }
    return undefined;
  }

  #double(): void {
    const wider = new Float64Array(BINS);
    for (let bin = 0; bin < BINS; bin++) wider[(bin + HALF) >> 1]! += this.#counts[bin]!;
    this.#counts = wider;
    this.#limit *= 2;
  }

  /** The range that a way of calibration takes. */
  range({ calibration, percentile, precision }: ActivationSettings): ActivationRange {
    if (this.low > this.high) return { low: 0, high: 0 };
    switch (calibration) {
      case "minmax":
        return { low: this.low, high: this.high };
      case "percentile":
        return this.#withinPercentile(percentile);
      case "mse":
        return this.#leastError(precision);
    }
  }

  /** Cuts off magnitudes above the upper edge of the bin in which the percentile lies. */
  #withinPercentile(percentile: number): ActivationRange {
    let total = 0;
    for (const count of this.#counts) total += count;
    const wanted = (total * percentile) / 100;
    let seen = 0;
    let bins = 0;
    while (bins < HALF && seen < wanted) {
      seen += this.#counts[HALF + bins]! + this.#counts[HALF - 1 - bins]!;
      bins++;
    }
    return this.#within((bins * this.#limit) / HALF);
  }

  /** Cuts off magnitudes where the codes have the least squared error, each bin taken at its middle. */
  #leastError(precision: ActivationSettings["precision"]): ActivationRange {
    let best: ActivationRange = { low: this.low, high: this.high };
    let least = Number.POSITIVE_INFINITY;
    for (let part = TRIES; part > 0; part--) {
      const range = this.#within((Math.max(-this.low, this.high) * part) / TRIES);
      const error = this.#errorOf(range, precision);
      if (error < least) [best, least] = [range, error];
    }
    return best;
  }

  #within(cut: number): ActivationRange {
    return { low: Math.max(this.low, -cut), high: Math.min(this.high, cut) };
  }

  #errorOf(range: ActivationRange, precision: ActivationSettings["precision"]): number {
    const { scale, zero } = codesOfRange(range, precision);
    const [first, last] = precision === "uint8" ? [0, 255] : [-128, 127];
    let error = 0;
    for (let bin = 0; bin < BINS; bin++) {
      const count = this.#counts[bin]!;
      if (count === 0) continue;
      const middle = ((bin - HALF + 0.5) * this.#limit) / HALF;
      const code = saturate(Math.round(middle / scale) + zero, first, last);
      error += count * (middle - (code - zero) * scale) ** 2;
    }
    return error;
  }
}
