/**
 * OBQ on one filter: the weight whose rounding costs least, (q(w_p) - w_p)^2 / H^-1_pp, is put on the grid, the first of equal ones,
 * and the others make up for it. A weight that has been pushed off the grid by more than half a step goes first, the farthest of
 * them: later it could only be worse.
 * Source: Frantar and Alistarh, 'Optimal Brain Compression', NeurIPS 2022, algorithm 3 and section 5.
 */
import type { RowGrid } from "./grid.js";
import { codeOn } from "./grid.js";
import type { RowState } from "./row-state.js";

/** Puts all weights that are left on a grid. @param codes where they go, by index */
export function quantizeRow(row: RowState, grid: RowGrid, codes: Int32Array): void {
  const { weights, diagonal, left } = row;
  while (row.count > 0) {
    let [best, least] = [-1, Number.POSITIVE_INFINITY];
    let [farthest, most] = [-1, grid.scale / 2];
    for (let place = 0; place < row.count; place++) {
      const index = left[place]!;
      const gap = Math.abs(weights[index]! - codeOn(grid, weights[index]!) * grid.scale);
      const score = (gap * gap) / diagonal[index]!;
      if (score < least) [best, least] = [index, score];
      if (gap > most) [farthest, most] = [index, gap];
    }
    const index = farthest === -1 ? best : farthest;
    const code = codeOn(grid, weights[index]!);
    codes[index] = code;
    row.fix(index, code * grid.scale);
  }
}
