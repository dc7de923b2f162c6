/**
 * The product of packed panels of int16 numbers, summed as int32 that wrap: tiles of 4 rows and 8 columns, two steps of the
 * reduction at a time in one dot product of pairs. Panels hold numbers of at most 9 bits and a sign, so that no pair of
 * products passes int32.
 *
 *     for a block of the reduction                      a panel of B and one of A fit into the first cache
 *       for a block of rows                             its panels of A fit into the second
 *         for each panel of 8 columns
 *           for each panel of 4 rows
 *             sums[4 rows, 8 columns] += A panel x B panel
 */

const TILE_ROWS: i32 = 4;
const TILE_COLUMNS: i32 = 8;
const BLOCK_PAIRS: i32 = 512;
const BLOCK_ROWS: i32 = 256;

/**
 * sums [rows, stride] int32 = A x B. `rows` is a multiple of 4, `columns` of 8.
 * @param a panels of 4 rows: for each pair of the reduction, 4 times two int16
 * @param b panels of 8 columns: for each pair of the reduction, 8 times two int16
 */
export function gemmInt16(a: usize, b: usize, sums: usize, rows: i32, columns: i32, pairs: i32, stride: i32): void {
  memory.fill(sums, 0, (<usize>rows * <usize>stride) << 2);
  for (let pair: i32 = 0; pair < pairs; pair += BLOCK_PAIRS) {
    const count = min(BLOCK_PAIRS, pairs - pair);
    for (let block: i32 = 0; block < rows; block += BLOCK_ROWS) {
      const end = min(rows, block + BLOCK_ROWS);
      for (let column: i32 = 0; column < columns; column += TILE_COLUMNS) {
        const panelB = b + (((<usize>column * <usize>pairs + <usize>pair * TILE_COLUMNS)) << 2);
        for (let row: i32 = block; row < end; row += TILE_ROWS) {
          const panelA = a + ((<usize>row * <usize>pairs + <usize>pair * TILE_ROWS) << 2);
          multiplyTile(panelA, panelB, sums + ((<usize>row * <usize>stride + <usize>column) << 2), count, stride << 2);
        }
      }
    }
  }
}

/** Adds the product of one panel of A and one of B to a tile of the sums. */
function multiplyTile(a: usize, b: usize, sums: usize, pairs: i32, strideBytes: usize): void {
  const row1 = sums + strideBytes;
  const row2 = row1 + strideBytes;
  const row3 = row2 + strideBytes;
  let s00 = v128.load(sums);
  let s01 = v128.load(sums, 16);
  let s10 = v128.load(row1);
  let s11 = v128.load(row1, 16);
  let s20 = v128.load(row2);
  let s21 = v128.load(row2, 16);
  let s30 = v128.load(row3);
  let s31 = v128.load(row3, 16);
  const end = a + (<usize>pairs << 4);
  while (a < end) {
    const left = v128.load(b);
    const right = v128.load(b, 16);
    let factor = v128.load32_splat(a);
    s00 = i32x4.add(s00, i32x4.dot_i16x8_s(factor, left));
    s01 = i32x4.add(s01, i32x4.dot_i16x8_s(factor, right));
    factor = v128.load32_splat(a, 4);
    s10 = i32x4.add(s10, i32x4.dot_i16x8_s(factor, left));
    s11 = i32x4.add(s11, i32x4.dot_i16x8_s(factor, right));
    factor = v128.load32_splat(a, 8);
    s20 = i32x4.add(s20, i32x4.dot_i16x8_s(factor, left));
    s21 = i32x4.add(s21, i32x4.dot_i16x8_s(factor, right));
    factor = v128.load32_splat(a, 12);
    s30 = i32x4.add(s30, i32x4.dot_i16x8_s(factor, left));
    s31 = i32x4.add(s31, i32x4.dot_i16x8_s(factor, right));
    a += 16;
    b += 32;
  }
  v128.store(sums, s00);
  v128.store(sums, s01, 16);
  v128.store(row1, s10);
  v128.store(row1, s11, 16);
  v128.store(row2, s20);
  v128.store(row2, s21, 16);
  v128.store(row3, s30);
  v128.store(row3, s31, 16);
}
