/** Products of eight neighbouring PEs of a row: int16 operands, int32 psums that wrap. */

/** Adds eight products to eight psums in memory. */
// @ts-ignore: decorator
@inline
export function addProducts(psums: usize, first: v128, second: v128): void {
  v128.store(psums, i32x4.add(v128.load(psums), i32x4.extmul_low_i16x8_s(first, second)));
  v128.store(psums, i32x4.add(v128.load(psums, 16), i32x4.extmul_high_i16x8_s(first, second)), 16);
}

/** Adds twice eight products to eight psums in memory. */
// @ts-ignore: decorator
@inline
export function addTwoProducts(psums: usize, first: v128, second: v128, third: v128, fourth: v128): void {
  const low = i32x4.add(i32x4.extmul_low_i16x8_s(first, second), i32x4.extmul_low_i16x8_s(third, fourth));
  const high = i32x4.add(i32x4.extmul_high_i16x8_s(first, second), i32x4.extmul_high_i16x8_s(third, fourth));
  v128.store(psums, i32x4.add(v128.load(psums), low));
  v128.store(psums, i32x4.add(v128.load(psums, 16), high), 16);
}

/** One cycle of `length` neighbouring PEs. */
export function accumulateCycle(psums: usize, first: usize, second: usize, length: i32): void {
  const end = psums + (<usize>length << 2);
  const vectorEnd = psums + (<usize>(length & -8) << 2);
  while (psums < vectorEnd) {
    addProducts(psums, v128.load(first), v128.load(second));
    psums += 32;
    first += 16;
    second += 16;
  }
  if (psums + 16 <= end) {
    const products = i32x4.extmul_low_i16x8_s(v128.load64_zero(first), v128.load64_zero(second));
    v128.store(psums, i32x4.add(v128.load(psums), products));
    psums += 16;
    first += 8;
    second += 8;
  }
  while (psums < end) {
    store<i32>(psums, load<i32>(psums) + <i32>load<i16>(first) * <i32>load<i16>(second));
    psums += 4;
    first += 2;
    second += 2;
  }
}
