/**
 * The product of packed panels of float32 numbers: every product and every sum is rounded to float32, in the order of the
 * reduction, as the plain loop does it; eight columns are summed side by side, never across. Blocked as gemm-int16.ts, with
 * panels of twice the bytes; a sum that waits in memory between two blocks stays what it is.
 */

const TILE_ROWS: i32 = 4;
const TILE_COLUMNS: i32 = 8;
const BLOCK_REDUCTION: i32 = 256;
const BLOCK_ROWS: i32 = 128;

/**
 * sums [rows, stride] = A x B. `rows` is a multiple of 4, `columns` of 8.
 * @param a panels of 4 rows: for each k, 4 numbers
 * @param b panels of 8 columns: for each k, 8 numbers
 */
export function gemmFloat32(a: usize, b: usize, sums: usize, rows: i32, columns: i32, reduction: i32, stride: i32): void {
  memory.fill(sums, 0, (<usize>rows * <usize>stride) << 2);
  for (let k: i32 = 0; k < reduction; k += BLOCK_REDUCTION) {
    const count = min(BLOCK_REDUCTION, reduction - k);
    for (let block: i32 = 0; block < rows; block += BLOCK_ROWS) {
      const end = min(rows, block + BLOCK_ROWS);
      for (let column: i32 = 0; column < columns; column += TILE_COLUMNS) {
        const panelB = b + ((<usize>column * <usize>reduction + <usize>k * TILE_COLUMNS) << 2);
        for (let row: i32 = block; row < end; row += TILE_ROWS) {
          const panelA = a + ((<usize>row * <usize>reduction + <usize>k * TILE_ROWS) << 2);
          multiplyTile(panelA, panelB, sums + ((<usize>row * <usize>stride + <usize>column) << 2), count, stride << 2);
        }
      }
    }
  }
}

/** Adds the product of one panel of A and one of B to a tile of the sums. */
function multiplyTile(a: usize, b: usize, sums: usize, count: i32, strideBytes: usize): void {
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
  const end = a + (<usize>count << 4);
  while (a < end) {
    const left = v128.load(b);
    const right = v128.load(b, 16);
    let factor = v128.load32_splat(a);
    s00 = f32x4.add(s00, f32x4.mul(factor, left));
    s01 = f32x4.add(s01, f32x4.mul(factor, right));
    factor = v128.load32_splat(a, 4);
    s10 = f32x4.add(s10, f32x4.mul(factor, left));
    s11 = f32x4.add(s11, f32x4.mul(factor, right));
    factor = v128.load32_splat(a, 8);
    s20 = f32x4.add(s20, f32x4.mul(factor, left));
    s21 = f32x4.add(s21, f32x4.mul(factor, right));
    factor = v128.load32_splat(a, 12);
    s30 = f32x4.add(s30, f32x4.mul(factor, left));
    s31 = f32x4.add(s31, f32x4.mul(factor, right));
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
