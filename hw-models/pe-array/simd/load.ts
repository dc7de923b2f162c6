/** Loading of stationary operands: they enter at the top and shift down one row a cycle, each until it has come to its row. */

/**
 * Four cycles of a load; column c does in cycle t + c what column 0 does in cycle t.
 * @param chain int16 [rows, cols]
 * @param entering int16 [4, cols], what the top row takes in each cycle
 * @param since cycles from the load's first to the block's first
 * @returns operands latched
 */
export function shiftSouthBlock(
  chain: usize,
  entering: usize,
  since: i32,
  rows: i32,
  rowCount: i32,
  columnCount: i32,
  cols: i32,
): i32 {
  let latched = 0;
  const rowBytes = <usize>cols << 1;
  for (let step = max(0, -since); step < 4; step++) {
    const now = since + step;
    for (let row = min(rows - 1, now); row >= 0; row--) {
      const from = max(0, now - row - min(rows - 1 - row, rowCount - 1));
      const end = min(columnCount, now - row + 1);
      if (from >= end) continue;
      const to = chain + <usize>row * rowBytes;
      const source = row > 0 ? to - rowBytes : entering + <usize>step * rowBytes;
      copyOperands(to + (<usize>from << 1), source + (<usize>from << 1), end - from);
      latched += end - from;
    }
  }
  return latched;
}

function copyOperands(to: usize, source: usize, count: i32): void {
  const end = to + (<usize>count << 1);
  const vectorEnd = to + (<usize>(count & -8) << 1);
  while (to < vectorEnd) {
    v128.store(to, v128.load(source));
    to += 16;
    source += 16;
  }
  while (to < end) {
    store<i16>(to, load<i16>(source));
    to += 2;
    source += 2;
  }
}
