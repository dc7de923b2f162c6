/**
 * Products with columns of which few weights are left: for each weight its activations are picked by index, two weights at a time
 * in one dot product of pairs, 32 rows of activations side by side. Int32 that wraps.
 */

/**
 * sums [columns, 32] int32 of a block of 32 rows of activations.
 * @param source int16 activations [reduction, 32]
 * @param counts for each column how many weights it has
 * @param offsets for each weight k * 32
 * @param factors int16, an odd last weight of a column followed by 0
 */
export function sparseColumns(
  source: usize, columns: i32, counts: usize, offsets: usize, factors: usize, sums: usize,
): void {
  for (let column: i32 = 0; column < columns; column++) {
    const count = load<i32>(counts + (<usize>column << 2));
    for (let half: usize = 0; half < 2; half++) sparseHalf(source + 32 * half, count, offsets, factors, sums + 64 * half);
    offsets += <usize>count << 2;
    factors += <usize>((count + 1) >> 1) << 2;
    sums += 128;
  }
}

/** Sixteen rows of a block. */
function sparseHalf(source: usize, count: i32, offsets: usize, factors: usize, sums: usize): void {
  let s0 = i32x4.splat(0);
  let s1 = i32x4.splat(0);
  let s2 = i32x4.splat(0);
  let s3 = i32x4.splat(0);
  for (let index: i32 = 0; index < count; index += 2) {
    const first = source + (<usize>load<i32>(offsets + (<usize>index << 2)) << 1);
    const second = source + (<usize>load<i32>(offsets + (<usize>min(index + 1, count - 1) << 2)) << 1);
    const factor = v128.load32_splat(factors + (<usize>index << 1));
    let x = v128.load(first);
    let y = v128.load(second);
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.shuffle<i16>(x, y, 0, 8, 1, 9, 2, 10, 3, 11), factor));
    s1 = i32x4.add(s1, i32x4.dot_i16x8_s(v128.shuffle<i16>(x, y, 4, 12, 5, 13, 6, 14, 7, 15), factor));
    x = v128.load(first, 16);
    y = v128.load(second, 16);
    s2 = i32x4.add(s2, i32x4.dot_i16x8_s(v128.shuffle<i16>(x, y, 0, 8, 1, 9, 2, 10, 3, 11), factor));
    s3 = i32x4.add(s3, i32x4.dot_i16x8_s(v128.shuffle<i16>(x, y, 4, 12, 5, 13, 6, 14, 7, 15), factor));
  }
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
  v128.store(sums, s3, 48);
}
