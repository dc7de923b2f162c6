/**
 * Weights from coefficients that are zeros and signed powers of two, and a small basis, by shifts and additions: each row of the
 * basis is shifted once for each of the 16 codes, and a row of weights is a sum of as many of these as the basis has rows.
 *
 *     for a slice
 *       for i, code:    shifted[i, code] = 0 | basis[i] << code - 1 | -(basis[i] << code - 9)
 *       for row, i:     weights[row] += shifted[i, codes[row, i]]
 */

const CODES: usize = 16;

/** 1 when a code is 8 or more than 15. */
export function hasForeignCode(codes: usize, count: i32): i32 {
  let index: i32 = 0;
  let foreign = i8x16.splat(0);
  for (; index + 16 <= count; index += 16) {
    const some = v128.load(codes + index);
    foreign = v128.or(foreign, v128.or(i8x16.eq(some, i8x16.splat(8)), i8x16.gt_u(some, i8x16.splat(15))));
  }
  let isForeign = v128.any_true(foreign);
  for (; index < count; index++) {
    const code = load<u8>(codes + index);
    isForeign = isForeign || code == 8 || code > 15;
  }
  return isForeign ? 1 : 0;
}

/** shifted [size, 16, lanes] int32 of a basis [size, size] int16, for the lanes of whole vectors. */
function shiftBasis(basis: usize, size: i32, rowBytes: usize, shifted: usize): void {
  for (let i: i32 = 0; i < size; i++) {
    const zero = shifted + <usize>i * CODES * rowBytes;
    const positive = zero + rowBytes;
    memory.fill(zero, 0, CODES * rowBytes);
    for (let j: i32 = 0; j < size; j++) store<i32>(positive + (<usize>j << 2), load<i16>(basis + (<usize>(i * size + j) << 1)));
    for (let lane: usize = 0; lane < rowBytes; lane += 16) {
      const row = v128.load(positive + lane);
      for (let exponent: i32 = 0; exponent < 7; exponent++) {
        const power = i32x4.shl(row, exponent);
        v128.store(positive + <usize>exponent * rowBytes + lane, power);
        v128.store(positive + (<usize>exponent + 8) * rowBytes + lane, i32x4.neg(power));
      }
    }
  }
}

/**
 * weights [slices, rows, size] int32. Up to 12 bytes behind them are written too.
 * @param codes a byte each [slices, rows, size]
 * @param bases int16 [slices, size, size]
 * @param shifted room for [size, 16, size rounded up to 4] int32
 */
export function rebuildSlices(
  codes: usize, bases: usize, slices: i32, rows: i32, size: i32, shifted: usize, weights: usize,
): void {
  const rowBytes = <usize>((size + 3) >> 2) << 4;
  for (let slice: i32 = 0; slice < slices; slice++) {
    shiftBasis(bases, size, rowBytes, shifted);
    bases += <usize>(size * size) << 1;
    for (let row: i32 = 0; row < rows; row++) {
      for (let lane: usize = 0; lane < rowBytes; lane += 16) {
        let sum = i32x4.splat(0);
        let table = shifted + lane;
        for (let i: i32 = 0; i < size; i++) {
          sum = i32x4.add(sum, v128.load(table + <usize>load<u8>(codes + i) * rowBytes));
          table += CODES * rowBytes;
        }
        v128.store(weights + lane, sum);
      }
      codes += size;
      weights += <usize>size << 2;
    }
  }
}
