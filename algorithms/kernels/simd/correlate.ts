/**
 * Convolution of one output channel straight from padded planes: for filters whose group has too few outputs for a product of
 * matrices, above all depthwise ones, and for pruned filters, of which only the taps that are left are listed (Chen 2018, Escort:
 * "stretched" offsets). Eight neighbouring columns at a time; the last eight of a row may pass its end, which the next row writes
 * over.
 */

/**
 * sums [rows, columns] int32. Element `column` of row r of tap k stands at source[starts[r] + offsets[k] + column].
 * @param factors for each pair of taps two int16; a last odd tap is paired with factor 0
 */
export function correlateInt16(
  source: usize, starts: usize, rows: i32, columns: i32, offsets: usize, factors: usize, taps: i32, sums: usize,
): void {
  for (let row: i32 = 0; row < rows; row++) {
    const start = source + (<usize>load<i32>(starts + (<usize>row << 2)) << 1);
    for (let column: i32 = 0; column < columns; column += 8) {
      const from = start + (<usize>column << 1);
      let left = i32x4.splat(0);
      let right = i32x4.splat(0);
      for (let k: i32 = 0; k < taps; k += 2) {
        const x = v128.load(from + (<usize>load<i32>(offsets + (<usize>k << 2)) << 1));
        const y = v128.load(from + (<usize>load<i32>(offsets + (<usize>min(k + 1, taps - 1) << 2)) << 1));
        const factor = v128.load32_splat(factors + (<usize>k << 1));
        left = i32x4.add(left, i32x4.dot_i16x8_s(v128.shuffle<i16>(x, y, 0, 8, 1, 9, 2, 10, 3, 11), factor));
        right = i32x4.add(right, i32x4.dot_i16x8_s(v128.shuffle<i16>(x, y, 4, 12, 5, 13, 6, 14, 7, 15), factor));
      }
      v128.store(sums + (<usize>column << 2), left);
      v128.store(sums + (<usize>column << 2), right, 16);
    }
    sums += <usize>columns << 2;
  }
}

/** The same for float32: each product and each sum is rounded, taps in order. */
export function correlateFloat32(
  source: usize, starts: usize, rows: i32, columns: i32, offsets: usize, factors: usize, taps: i32, sums: usize,
): void {
  for (let row: i32 = 0; row < rows; row++) {
    const start = source + (<usize>load<i32>(starts + (<usize>row << 2)) << 2);
    for (let column: i32 = 0; column < columns; column += 8) {
      const from = start + (<usize>column << 2);
      let left = f32x4.splat(0);
      let right = f32x4.splat(0);
      for (let k: i32 = 0; k < taps; k++) {
        const at = from + (<usize>load<i32>(offsets + (<usize>k << 2)) << 2);
        const factor = v128.load32_splat(factors + (<usize>k << 2));
        left = f32x4.add(left, f32x4.mul(factor, v128.load(at)));
        right = f32x4.add(right, f32x4.mul(factor, v128.load(at, 16)));
      }
      v128.store(sums + (<usize>column << 2), left);
      v128.store(sums + (<usize>column << 2), right, 16);
    }
    sums += <usize>columns << 2;
  }
}
