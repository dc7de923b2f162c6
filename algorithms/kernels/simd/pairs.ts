/** Neighbouring numbers of two vectors of int16 side by side, as the dot product of pairs takes them. */

/** The first four of each. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function firstPairs(x: v128, y: v128): v128 {
  return v128.shuffle<i16>(x, y, 0, 8, 1, 9, 2, 10, 3, 11);
}

/** The last four of each. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function lastPairs(x: v128, y: v128): v128 {
  return v128.shuffle<i16>(x, y, 4, 12, 5, 13, 6, 14, 7, 15);
}
