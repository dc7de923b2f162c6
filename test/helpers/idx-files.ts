/** IDX files written by hand, for tests. */

/** Header and values of one file: two zeros, type, rank, sizes big-endian. */
export function idxBytes(type: number, shape: readonly number[], values: readonly number[]): Uint8Array {
  const sizes = shape.flatMap((size) => [size >>> 24, (size >>> 16) & 255, (size >>> 8) & 255, size & 255]);
  return Uint8Array.from([0, 0, type, shape.length, ...sizes, ...values]);
}
