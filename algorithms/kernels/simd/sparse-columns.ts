/**
 * Products with columns of which few weights are left: for each weight its activations are picked by index, two weights at a time
 * in one dot product of pairs, 32 rows of activations side by side. Int32 that wraps.
 */
import { firstPairs, lastPairs } from "./pairs";

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
    const end = offsets + (<usize>load<i32>(counts + (<usize>column << 2)) << 2);
    let s0 = i32x4.splat(0);
    let s1 = i32x4.splat(0);
    let s2 = i32x4.splat(0);
    let s3 = i32x4.splat(0);
    let s4 = i32x4.splat(0);
    let s5 = i32x4.splat(0);
    let s6 = i32x4.splat(0);
    let s7 = i32x4.splat(0);
    for (; offsets < end; offsets += 8) {
      const first = source + (<usize>load<i32>(offsets) << 1);
      const second = source + (<usize>load<i32>(min(offsets + 4, end - 4)) << 1);
      const factor = v128.load32_splat(factors);
      let x = v128.load(first);
      let y = v128.load(second);
      s0 = i32x4.add(s0, i32x4.dot_i16x8_s(firstPairs(x, y), factor));
      s1 = i32x4.add(s1, i32x4.dot_i16x8_s(lastPairs(x, y), factor));
      x = v128.load(first, 16);
      y = v128.load(second, 16);
      s2 = i32x4.add(s2, i32x4.dot_i16x8_s(firstPairs(x, y), factor));
      s3 = i32x4.add(s3, i32x4.dot_i16x8_s(lastPairs(x, y), factor));
      x = v128.load(first, 32);
      y = v128.load(second, 32);
      s4 = i32x4.add(s4, i32x4.dot_i16x8_s(firstPairs(x, y), factor));
      s5 = i32x4.add(s5, i32x4.dot_i16x8_s(lastPairs(x, y), factor));
      x = v128.load(first, 48);
      y = v128.load(second, 48);
      s6 = i32x4.add(s6, i32x4.dot_i16x8_s(firstPairs(x, y), factor));
      s7 = i32x4.add(s7, i32x4.dot_i16x8_s(lastPairs(x, y), factor));
      factors += 4;
    }
    offsets = end;
    v128.store(sums, s0);
    v128.store(sums, s1, 16);
    v128.store(sums, s2, 32);
    v128.store(sums, s3, 48);
    v128.store(sums, s4, 64);
    v128.store(sums, s5, 80);
    v128.store(sums, s6, 96);
    v128.store(sums, s7, 112);
    sums += 128;
  }
}
