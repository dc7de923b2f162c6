/**
 * Products with weights that are powers of two, by additions and shifts alone: all activations that meet the same power are added
 * up, each sum is shifted once, and no multiplier is used. Int32 that wraps.
 *
 *     for a column
 *       for a run of one exponent and one sign
 *         part = 0                                             int16: a run has at most 64 weights, activations have 9 bits and a sign
 *         for each weight of the run:  part += activations[k]
 *         sums +-= part << exponent                            int32
 */

/** sum + (part << exponent), or less it. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function addShifted(sum: v128, part: v128, exponent: i32, isNegative: bool): v128 {
  const shifted = i32x4.shl(part, exponent);
  return isNegative ? i32x4.sub(sum, shifted) : i32x4.add(sum, shifted);
}

/**
 * sums [columns, 32] int32 of a block of 32 rows of activations.
 * @param source int16 activations [reduction, 32]
 * @param counts for each column how many runs it has
 * @param runs for each run three int32: exponent, 1 or -1, how many weights
 * @param offsets for each weight k * 32, in the order of the runs
 */
export function shiftAddColumns(
  source: usize, columns: i32, counts: usize, runs: usize, offsets: usize, sums: usize,
): void {
  for (let column: i32 = 0; column < columns; column++) {
    const endRuns = runs + <usize>(load<i32>(counts + (<usize>column << 2)) * 12);
    let s0 = i32x4.splat(0);
    let s1 = i32x4.splat(0);
    let s2 = i32x4.splat(0);
    let s3 = i32x4.splat(0);
    let s4 = i32x4.splat(0);
    let s5 = i32x4.splat(0);
    let s6 = i32x4.splat(0);
    let s7 = i32x4.splat(0);
    for (; runs < endRuns; runs += 12) {
      const exponent = load<i32>(runs);
      const isNegative = load<i32>(runs, 4) < 0;
      const end = offsets + (<usize>load<i32>(runs, 8) << 2);
      let p0 = i16x8.splat(0);
      let p1 = i16x8.splat(0);
      let p2 = i16x8.splat(0);
      let p3 = i16x8.splat(0);
      for (; offsets < end; offsets += 4) {
        const x = source + (<usize>load<i32>(offsets) << 1);
        p0 = i16x8.add(p0, v128.load(x));
        p1 = i16x8.add(p1, v128.load(x, 16));
        p2 = i16x8.add(p2, v128.load(x, 32));
        p3 = i16x8.add(p3, v128.load(x, 48));
      }
      s0 = addShifted(s0, i32x4.extend_low_i16x8_s(p0), exponent, isNegative);
      s1 = addShifted(s1, i32x4.extend_high_i16x8_s(p0), exponent, isNegative);
      s2 = addShifted(s2, i32x4.extend_low_i16x8_s(p1), exponent, isNegative);
      s3 = addShifted(s3, i32x4.extend_high_i16x8_s(p1), exponent, isNegative);
      s4 = addShifted(s4, i32x4.extend_low_i16x8_s(p2), exponent, isNegative);
      s5 = addShifted(s5, i32x4.extend_high_i16x8_s(p2), exponent, isNegative);
      s6 = addShifted(s6, i32x4.extend_low_i16x8_s(p3), exponent, isNegative);
      s7 = addShifted(s7, i32x4.extend_high_i16x8_s(p3), exponent, isNegative);
    }
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
