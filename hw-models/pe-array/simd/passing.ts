/**
 * Rows with a stationary operand: it stays in each PE while streamed operands pass east and psums south. Four cycles of a fold,
 * row by row from the top; columns that are busy in all four keep the stationary operands in lanes.
 */
import { accumulateCycle, addProducts, addTwoProducts } from "./lanes";

/**
 * @param psums int32 vectors [depth, cols] of the cycles in which row 0 met them, in a ring
 * @param east int16 operands of row 0, column 0 in the last of the four cycles; rows `eastStride` apart, earlier cycles one
 *   place further each
 * @param held int16 [rows, cols]
 * @param cycle of the block, modulo depth
 * @param since cycles from row 0 of column 0 meeting the fold's first element to the block's first
 * @param stages cycles from row to row
 * @returns products added
 */
export function accumulatePassingBlock(
  psums: usize,
  depth: i32,
  east: usize,
  eastStride: i32,
  held: usize,
  cycle: i32,
  since: i32,
  streamed: i32,
  stages: i32,
  firstRow: i32,
  rows: i32,
  columnCount: i32,
  cols: i32,
): i32 {
  let products = 0;
  for (let row = firstRow; row < rows; row++) {
    const now = since - row * stages;
    if (now + 4 <= 0) break;
    if (now >= streamed + columnCount - 1) continue;
    const heldRow = held + (<usize>(row * cols) << 1);
    const eastRow = east + (<usize>(row * eastStride) << 1);
    const entered = cycle - row * stages + depth;
    const psum0 = psums + (<usize>((entered % depth) * cols) << 2);
    const psum1 = psums + (<usize>(((entered + 1) % depth) * cols) << 2);
    const psum2 = psums + (<usize>(((entered + 2) % depth) * cols) << 2);
    const psum3 = psums + (<usize>(((entered + 3) % depth) * cols) << 2);
    const below = row + 1;
    const bothBusy = now > columnCount - 1 && now + 4 <= streamed && below < rows;
    if (stages == 1 && bothBusy && (columnCount & 7) == 0) {
      const psumBefore = psums + (<usize>(((entered + depth - 1) % depth) * cols) << 2);
      passTwoRows(psumBefore, psum0, psum1, psum2, psum3, eastRow, eastStride, heldRow, cols, columnCount);
      products += columnCount << 3;
      row = below;
      continue;
    }
    // Columns that are busy in all four cycles, in whole lanes; the others cycle by cycle.
    const steadyFrom = max(0, now + 4 - streamed);
    const lanes = max(0, min(columnCount - 1, now) - steadyFrom + 1) >> 3;
    const steadyEnd = steadyFrom + (lanes << 3);
    for (let column = steadyFrom; column < steadyEnd; column += 8) {
      const at = <usize>column << 1;
      const stationary = v128.load(heldRow + at);
      const operand = eastRow + at;
      addProducts(psum0 + (at << 1), v128.load(operand, 6), stationary);
      addProducts(psum1 + (at << 1), v128.load(operand, 4), stationary);
      addProducts(psum2 + (at << 1), v128.load(operand, 2), stationary);
      addProducts(psum3 + (at << 1), v128.load(operand), stationary);
    }
    products += (steadyEnd - steadyFrom) << 2;
    for (let step = 0; step < 4; step++) {
      const from = max(0, now + step - streamed + 1);
      const end = min(columnCount, now + step + 1);
      const vector = step == 0 ? psum0 : step == 1 ? psum1 : step == 2 ? psum2 : psum3;
      const operand = eastRow + (<usize>(3 - step) << 1);
      const before = lanes > 0 ? min(end, steadyFrom) : end;
      const after = lanes > 0 ? max(from, steadyEnd) : end;
      if (before > from) {
        const at = <usize>from << 1;
        accumulateCycle(vector + (at << 1), operand + at, heldRow + at, before - from);
        products += before - from;
      }
      if (end > after) {
        const at = <usize>after << 1;
        accumulateCycle(vector + (at << 1), operand + at, heldRow + at, end - after);
        products += end - after;
      }
    }
  }
  return products;
}

/** Four cycles of two rows that are busy all along: each psum is loaded once for both that it passes in these cycles. */
function passTwoRows(
  psumBefore: usize,
  psum0: usize,
  psum1: usize,
  psum2: usize,
  psum3: usize,
  upperEast: usize,
  eastStride: i32,
  upperHeld: usize,
  cols: i32,
  columnCount: i32,
): void {
  const lowerEast = upperEast + (<usize>eastStride << 1);
  const lowerHeld = upperHeld + (<usize>cols << 1);
  for (let column = 0; column < columnCount; column += 8) {
    const at = <usize>column << 1;
    const upper = v128.load(upperHeld + at);
    const lower = v128.load(lowerHeld + at);
    const psumAt = at << 1;
    addProducts(psumBefore + psumAt, v128.load(lowerEast + at, 6), lower);
    addTwoProducts(psum0 + psumAt, v128.load(upperEast + at, 6), upper, v128.load(lowerEast + at, 4), lower);
    addTwoProducts(psum1 + psumAt, v128.load(upperEast + at, 4), upper, v128.load(lowerEast + at, 2), lower);
    addTwoProducts(psum2 + psumAt, v128.load(upperEast + at, 2), upper, v128.load(lowerEast + at), lower);
    addProducts(psum3 + psumAt, v128.load(upperEast + at), upper);
  }
}
