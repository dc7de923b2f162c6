/**
 * From int32 sums to 8-bit codes: saturate(nearest(f32(f32(sum + bias) * multiplier)) + zero), halves to even; what is not a
 * number becomes the least code.
 */

/**
 * codes [count] from sums [count].
 * @param biases int32, and `multipliers` float32: one for each column, or one 4 times over
 * @param low and high: the limits of a code less the zero point
 */
export function requantizeRow(
  sums: usize, codes: usize, count: i32, biases: usize, multipliers: usize, isPerColumn: bool, zero: i32, low: f32, high: f32,
): void {
  const step: usize = isPerColumn ? 16 : 0;
  const least = f32x4.splat(low);
  const most = f32x4.splat(high);
  const zeros = i32x4.splat(zero);
  for (let index: i32 = 0; index < count; index += 4) {
    const sum = i32x4.add(v128.load(sums), v128.load(biases));
    const scaled = f32x4.nearest(f32x4.mul(f32x4.convert_i32x4_s(sum), v128.load(multipliers)));
    const held = f32x4.pmin(most, f32x4.pmax(least, scaled));
    const words = i32x4.add(i32x4.trunc_sat_f32x4_s(held), zeros);
    const bytes = v128.shuffle<i8>(words, words, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12);
    let four = i32x4.extract_lane(bytes, 0);
    if (index + 4 <= count) store<i32>(codes, four);
    else {
      for (let rest = count - index; rest > 0; rest--) {
        store<i8>(codes++, <i8>four);
        four >>= 8;
      }
    }
    sums += 16;
    codes += 4;
    biases += step;
    multipliers += step;
  }
}
