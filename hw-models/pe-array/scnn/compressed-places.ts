/**
 * Places of a list that compression keeps: those that are not zero, and every 2^indexBits-th zero of a run before a non-zero,
 * since an index counts no more zeros. Zeros at the end are not kept.
 */
import type { Codes } from "../layer-values.js";

/**
 * @param at where each place of the list stands in the values, from `offset` on
 * @param kept takes the places, rising
 * @returns how many
 */
export function compressedPlaces(
  values: Codes,
  at: Int32Array,
  offset: number,
  length: number,
  indexBits: number,
  kept: Int32Array,
): number {
  const reach = 1 << indexBits;
  let count = 0;
  let last = -1;
  for (let place = 0; place < length; place++) {
    if (values[at[place]! + offset] === 0) continue;
    for (let zero = last + reach; zero < place; zero += reach) kept[count++] = zero;
    kept[count++] = place;
    last = place;
  }
  return count;
}
