/**
 * Structural sparsity before the decomposition: filters are taken 32 at a time, and the kernel rows whose magnitudes, summed over
 * those filters, are smallest become zero in all of them, so that one row of the index serves the whole group. Whole channels go
 * where the scale that batch normalization gives them is small.
 * Source: SmartDeal (VITA-Group/SmartDeal, 8e1de77), structural pruning; Zhao et al., 'SmartExchange', ISCA 2020 (channels).
 */
import { ConfigError } from "../../../sim/core/errors.js";
import { countFilters, type FilterShape } from "./filter-matrix.js";

const GROUP_FILTERS = 32;

/**
 * Which rows of a group go: the smallest, as many as a fraction of them (rounded up); all whose sum is under a threshold; or all
 * but the fewest that hold a fraction of the magnitude.
 */
export type RowRule =
  | { readonly kind: "population"; readonly fraction: number }
  | { readonly kind: "value"; readonly threshold: number }
  | { readonly kind: "energy"; readonly keptFraction: number };

/**
 * A copy of the weights [filters, channels, kernelHeight, kernelWidth] with rows zeroed. Of equal rows the first go first.
 * @param shape of one filter of a convolution; linear layers are not pruned so
 * @throws ConfigError for a rule out of range, NetworkError when the weights are no whole number of filters
 */
export function pruneRows(weights: Float64Array, shape: FilterShape, rule: RowRule): Float64Array {
  const { channels, kernelHeight, kernelWidth } = shape;
  const rows = channels * kernelHeight;
  const filters = countFilters(weights, shape);
  requireRule(rule);
  const pruned = weights.slice();
  for (let first = 0; first < filters; first += GROUP_FILTERS) {
    const end = Math.min(filters, first + GROUP_FILTERS);
    const sums = new Float64Array(rows);
    for (let filter = first; filter < end; filter++) {
      for (let at = 0; at < rows * kernelWidth; at++) {
        sums[Math.floor(at / kernelWidth)]! += Math.abs(weights[filter * rows * kernelWidth + at]!);
      }
    }
    for (const row of rowsToClear(sums, rule)) {
      for (let filter = first; filter < end; filter++) {
        const from = (filter * rows + row) * kernelWidth;
        pruned.fill(0, from, from + kernelWidth);
      }
    }
  }
  return pruned;
}

function requireRule(rule: RowRule): void {
  if (rule.kind === "value") requireWithin("threshold", rule.threshold, Number.MAX_VALUE);
  else if (rule.kind === "population") requireWithin("fraction", rule.fraction, 1);
  else requireWithin("keptFraction", rule.keptFraction, 1);
}

function requireWithin(name: string, value: number, most: number): void {
  if (value >= 0 && value <= most) return;
  throw new ConfigError({
    where: `smartdeal, rule for rows, ${name}`,
    got: String(value),
    want: most === 1 ? "a fraction, 0 to 1" : "a finite number of at least 0",
    fix: "correct the rule",
  });
}

function rowsToClear(sums: Float64Array, rule: RowRule): readonly number[] {
  const rising = Array.from(sums, (_, row) => row).sort((a, b) => sums[a]! - sums[b]! || a - b);
  switch (rule.kind) {
    case "population":
      return rising.slice(0, Math.ceil(rule.fraction * sums.length));
    case "value":
      return rising.filter((row) => sums[row]! < rule.threshold);
    case "energy": {
      const wanted = rule.keptFraction * sums.reduce((total, sum) => total + sum, 0);
      let held = 0;
      let kept = 0;
      while (kept < rising.length && held < wanted) held += sums[rising[rising.length - 1 - kept++]!]!;
      return rising.slice(0, rising.length - kept);
    }
  }
}

/** 1 for each channel whose scale in batch normalization has at least the magnitude of the threshold. */
export function channelsAbove(scales: Float32Array, threshold: number): Uint8Array {
  return Uint8Array.from(scales, (scale) => (Math.abs(scale) >= threshold ? 1 : 0));
}
