/**
 * Products with weights that are powers of two, by additions and shifts alone: all activations that meet the same power are added
 * up, each sum is shifted once, and no multiplier is used. Int32 that wraps.
 *
 *     for a column
 *       for a run of one exponent and one sign
 *         part = 0
 *         for each weight of the run:  part += activations[k]
 *         sums +-= part << exponent
 */

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
    let endOffsets = offsets;
    for (let half: usize = 0; half < 2; half++) {
      endOffsets = shiftAddHalf(source + 32 * half, runs, endRuns, offsets, sums + 64 * half);
    }
    runs = endRuns;
    offsets = endOffsets;
    sums += 128;
  }
}

/** Sixteen rows of a block; returns where the offsets of the next column are. */
function shiftAddHalf(source: usize, runs: usize, endRuns: usize, offsets: usize, sums: usize): usize {
  let s0 = i32x4.splat(0);
  let s1 = i32x4.splat(0);
  let s2 = i32x4.splat(0);
  let s3 = i32x4.splat(0);
  for (; runs < endRuns; runs += 12) {
    const exponent = load<i32>(runs);
    const isNegative = load<i32>(runs, 4) < 0;
    const end = offsets + (<usize>load<i32>(runs, 8) << 2);
    let p0 = i32x4.splat(0);
    let p1 = i32x4.splat(0);
    let p2 = i32x4.splat(0);
    let p3 = i32x4.splat(0);
    for (; offsets < end; offsets += 4) {
      const x = source + (<usize>load<i32>(offsets) << 1);
      p0 = i32x4.add(p0, v128.load_ext<i16>(x));
      p1 = i32x4.add(p1, v128.load_ext<i16>(x, 8));
      p2 = i32x4.add(p2, v128.load_ext<i16>(x, 16));
      p3 = i32x4.add(p3, v128.load_ext<i16>(x, 24));
    }
    p0 = i32x4.shl(p0, exponent);
    p1 = i32x4.shl(p1, exponent);
    p2 = i32x4.shl(p2, exponent);
    p3 = i32x4.shl(p3, exponent);
    if (isNegative) {
      s0 = i32x4.sub(s0, p0);
      s1 = i32x4.sub(s1, p1);
      s2 = i32x4.sub(s2, p2);
      s3 = i32x4.sub(s3, p3);
    } else {
      s0 = i32x4.add(s0, p0);
      s1 = i32x4.add(s1, p1);
      s2 = i32x4.add(s2, p2);
      s3 = i32x4.add(s3, p3);
    }
  }
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
  v128.store(sums, s3, 48);
  return offsets;
}
