/**
 * Output-stationary rows: the psum of each PE stays while both operands pass. Four cycles of a fold, row by row; columns that
 * are busy in all four keep their psums in lanes.
 */
import { accumulateCycle } from "./lanes";

/**
 * @param psums int32 [rows, cols]
 * @param east int16 operands of row 0, column 0 in the last of the four cycles; rows `eastStride` apart, earlier cycles one
 *   place further each
 * @param south int16 vectors [depth, cols] of the cycles in which they entered, in a ring
 * @param cycle of the block, modulo depth
 * @param delay cycles that operands wait in the multiplier
 * @param since cycles from the fold's first product to the block's first
 * @returns products added
 */
export function accumulateInPlaceBlock(
  psums: usize,
  east: usize,
  eastStride: i32,
  south: usize,
  depth: i32,
  cycle: i32,
  delay: i32,
  since: i32,
  reduction: i32,
  rowCount: i32,
  columnCount: i32,
  cols: i32,
): i32 {
  let products = 0;
  const firstRow = max(0, since - (reduction - 1) - (columnCount - 1));
  const rowEnd = min(rowCount, since + 4);
  for (let row = firstRow; row < rowEnd; row++) {
    const now = since - row;
    const psumRow = psums + (<usize>(row * cols) << 2);
    const eastRow = east + (<usize>(row * eastStride) << 1);
    const entered = cycle - delay - row + 2 * depth;
    const vector0 = south + (<usize>((entered % depth) * cols) << 1);
    const vector1 = south + (<usize>(((entered + 1) % depth) * cols) << 1);
    const vector2 = south + (<usize>(((entered + 2) % depth) * cols) << 1);
    const vector3 = south + (<usize>(((entered + 3) % depth) * cols) << 1);
    // Columns that are busy in all four cycles, in whole lanes; the others cycle by cycle.
    const steadyFrom = max(0, now + 4 - reduction);
    const lanes = max(0, min(columnCount - 1, now) - steadyFrom + 1) >> 3;
    const steadyEnd = steadyFrom + (lanes << 3);
    for (let column = steadyFrom; column < steadyEnd; column += 8) {
      const at = <usize>column << 1;
      const psum = psumRow + (at << 1);
      const operand = eastRow + at;
      const a0 = v128.load(operand, 6);
      const a1 = v128.load(operand, 4);
      const a2 = v128.load(operand, 2);
      const a3 = v128.load(operand);
      const b0 = v128.load(vector0 + at);
      const b1 = v128.load(vector1 + at);
      const b2 = v128.load(vector2 + at);
      const b3 = v128.load(vector3 + at);
      let low = i32x4.add(i32x4.extmul_low_i16x8_s(a0, b0), i32x4.extmul_low_i16x8_s(a1, b1));
      let high = i32x4.add(i32x4.extmul_high_i16x8_s(a0, b0), i32x4.extmul_high_i16x8_s(a1, b1));
      low = i32x4.add(low, i32x4.add(i32x4.extmul_low_i16x8_s(a2, b2), i32x4.extmul_low_i16x8_s(a3, b3)));
      high = i32x4.add(high, i32x4.add(i32x4.extmul_high_i16x8_s(a2, b2), i32x4.extmul_high_i16x8_s(a3, b3)));
      v128.store(psum, i32x4.add(v128.load(psum), low));
      v128.store(psum, i32x4.add(v128.load(psum, 16), high), 16);
    }
    products += (steadyEnd - steadyFrom) << 2;
    for (let step = 0; step < 4; step++) {
      const from = max(0, now + step - reduction + 1);
      const end = min(columnCount, now + step + 1);
      const vector = step == 0 ? vector0 : step == 1 ? vector1 : step == 2 ? vector2 : vector3;
      const operand = eastRow + (<usize>(3 - step) << 1);
      const before = lanes > 0 ? min(end, steadyFrom) : end;
      const after = lanes > 0 ? max(from, steadyEnd) : end;
      if (before > from) {
        const at = <usize>from << 1;
        accumulateCycle(psumRow + (at << 1), operand + at, vector + at, before - from);
        products += before - from;
      }
      if (end > after) {
        const at = <usize>after << 1;
        accumulateCycle(psumRow + (at << 1), operand + at, vector + at, end - after);
        products += end - after;
      }
    }
  }
  return products;
}
