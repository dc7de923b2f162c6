/**
 * Convolution of one output channel straight from padded planes: for filters whose group has too few outputs for a product of
 * matrices, above all depthwise ones, and for pruned filters, of which only the taps that are left are listed (Chen 2018, Escort:
 * "stretched" offsets). Eight neighbouring columns at a time, of four rows where there are as many, which share the way to a tap; the
 * last eight of a single row may pass its end, which the next row writes over.
 */
import { firstPairs, lastPairs } from "./pairs";

/**
 * sums [rows, columns] int32. Element `column` of row r of tap k stands at source[starts[r] + offsets[k] + column].
 * @param factors for each pair of taps two int16; a last odd tap is paired with factor 0
 */
export function correlateInt16(
  source: usize, starts: usize, rows: i32, columns: i32, offsets: usize, factors: usize, taps: i32, sums: usize,
): void {
  let row: i32 = 0;
  if (columns >= 8) {
    for (; row + 4 <= rows; row += 4) {
      correlateFourRows(source, starts + (<usize>row << 2), columns, offsets, factors, taps, sums);
      sums += <usize>columns << 4;
    }
  }
  for (; row < rows; row++) {
    const start = source + (<usize>load<i32>(starts + (<usize>row << 2)) << 1);
    for (let column: i32 = 0; column < columns; column += 8) {
      const from = start + (<usize>column << 1);
      let left = i32x4.splat(0);
      let right = i32x4.splat(0);
      for (let k: i32 = 0; k < taps; k += 2) {
        const x = v128.load(from + (<usize>load<i32>(offsets + (<usize>k << 2)) << 1));
        const y = v128.load(from + (<usize>load<i32>(offsets + (<usize>min(k + 1, taps - 1) << 2)) << 1));
        const factor = v128.load32_splat(factors + (<usize>k << 1));
        left = i32x4.add(left, i32x4.dot_i16x8_s(firstPairs(x, y), factor));
        right = i32x4.add(right, i32x4.dot_i16x8_s(lastPairs(x, y), factor));
      }
      v128.store(sums + (<usize>column << 2), left);
      v128.store(sums + (<usize>column << 2), right, 16);
    }
    sums += <usize>columns << 2;
  }
}

/** Four rows of at least 8 columns: the last eight columns are those that end the rows, so that no row passes into the next. */
function correlateFourRows(
  source: usize, starts: usize, columns: i32, offsets: usize, factors: usize, taps: i32, sums: usize,
): void {
  const endOffsets = offsets + (<usize>taps << 2);
  const rowBytes = <usize>columns << 2;
  for (let next: i32 = 0; next < columns; next += 8) {
    const column = min(next, columns - 8);
    const from = source + (<usize>column << 1);
    const from0 = from + (<usize>load<i32>(starts) << 1);
    const from1 = from + (<usize>load<i32>(starts, 4) << 1);
    const from2 = from + (<usize>load<i32>(starts, 8) << 1);
    const from3 = from + (<usize>load<i32>(starts, 12) << 1);
    let left0 = i32x4.splat(0);
    let right0 = i32x4.splat(0);
    let left1 = i32x4.splat(0);
    let right1 = i32x4.splat(0);
    let left2 = i32x4.splat(0);
    let right2 = i32x4.splat(0);
    let left3 = i32x4.splat(0);
    let right3 = i32x4.splat(0);
    let at = factors;
    for (let offset = offsets; offset < endOffsets; offset += 8) {
      const first = <usize>load<i32>(offset) << 1;
      const second = <usize>load<i32>(min(offset + 4, endOffsets - 4)) << 1;
      const factor = v128.load32_splat(at);
      let x = v128.load(from0 + first);
      let y = v128.load(from0 + second);
      left0 = i32x4.add(left0, i32x4.dot_i16x8_s(firstPairs(x, y), factor));
      right0 = i32x4.add(right0, i32x4.dot_i16x8_s(lastPairs(x, y), factor));
      x = v128.load(from1 + first);
      y = v128.load(from1 + second);
      left1 = i32x4.add(left1, i32x4.dot_i16x8_s(firstPairs(x, y), factor));
      right1 = i32x4.add(right1, i32x4.dot_i16x8_s(lastPairs(x, y), factor));
      x = v128.load(from2 + first);
      y = v128.load(from2 + second);
      left2 = i32x4.add(left2, i32x4.dot_i16x8_s(firstPairs(x, y), factor));
      right2 = i32x4.add(right2, i32x4.dot_i16x8_s(lastPairs(x, y), factor));
      x = v128.load(from3 + first);
      y = v128.load(from3 + second);
      left3 = i32x4.add(left3, i32x4.dot_i16x8_s(firstPairs(x, y), factor));
      right3 = i32x4.add(right3, i32x4.dot_i16x8_s(lastPairs(x, y), factor));
      at += 4;
    }
    let to = sums + (<usize>column << 2);
    v128.store(to, left0);
    v128.store(to, right0, 16);
    to += rowBytes;
    v128.store(to, left1);
    v128.store(to, right1, 16);
    to += rowBytes;
    v128.store(to, left2);
    v128.store(to, right2, 16);
    to += rowBytes;
    v128.store(to, left3);
    v128.store(to, right3, 16);
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
