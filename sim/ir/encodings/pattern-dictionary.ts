/**
 * The dictionary of a matrix's kernel patterns. The places of non-zeros of all kernels are gathered, those with most places
 * first (then in the order of their places), and each goes into the first pattern that has room for what it adds, or begins a
 * pattern of its own. This finds the dictionary of weights that were pruned to one; it is no smallest cover of any weights.
 */
import type { WeightMatrixShape } from "./encoding.js";

/** Places of a kernel's non-zeros, rising. */
export function supportOf(values: Int32Array, shape: WeightMatrixShape, column: number, from: number): number[] {
  const { columns, kernelSize = 1 } = shape;
  const places: number[] = [];
  for (let position = 0; position < kernelSize; position++) {
    if (values[(from + position) * columns + column] !== 0) places.push(position);
  }
  return places;
}

/** The first pattern that has all places of a support, or -1. */
export function patternFor(support: readonly number[], dictionary: readonly (readonly number[])[]): number {
  return dictionary.findIndex((pattern) => support.every((place) => pattern.includes(place)));
}

/**
 * A dictionary of exactly `patterns` patterns with exactly `entries` places each, rising. Supports for which there is no room
 * are left out.
 */
export function choosePatterns(
  values: Int32Array,
  shape: WeightMatrixShape,
  entries: number,
  patterns: number,
): number[][] {
  const { kernelSize = 1 } = shape;
  const dictionary: Set<number>[] = [];
  for (const support of distinctSupports(values, shape, entries)) {
    const home = dictionary.find((pattern) => new Set([...pattern, ...support]).size <= entries);
    if (home !== undefined) for (const place of support) home.add(place);
    else if (dictionary.length < patterns) dictionary.push(new Set(support));
  }
  while (dictionary.length < patterns) dictionary.push(new Set());
  for (const pattern of dictionary) {
    for (let place = 0; place < kernelSize && pattern.size < entries; place++) pattern.add(place);
  }
  return dictionary.map((pattern) => [...pattern].sort((a, b) => a - b));
}

function distinctSupports(values: Int32Array, shape: WeightMatrixShape, entries: number): number[][] {
  const { reduction, columns, kernelSize = 1 } = shape;
  const supports = new Map<string, number[]>();
  for (let column = 0; column < columns; column++) {
    for (let from = 0; from < reduction; from += kernelSize) {
      const support = supportOf(values, shape, column, from);
      if (support.length <= entries) supports.set(support.join(","), support);
    }
  }
  return [...supports.values()].sort((a, b) => b.length - a.length || compareLists(a, b));
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((place, index) => place !== b[index]);
  return at === -1 ? 0 : a[at]! - b[at]!;
}
