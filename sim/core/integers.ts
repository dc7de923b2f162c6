/** Integer arithmetic that tiling, folds and packing share. */

/** Smallest integer not below `a / b`, for non-negative safe integers and b > 0. */
export function ceilDiv(a: number, b: number): number {
  return Math.ceil(a / b);
}

/** Smallest multiple of `step` not below `value`. */
export function roundUpTo(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

export function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** Product of the dimensions of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const dimension of shape) count *= dimension;
  return count;
}
