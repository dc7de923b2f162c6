/**
 * How many windows of a tile meet a non-zero activation under each tap of the filter. A tap sees every strideHeight-th row and
 * strideWidth-th column of a channel's plane; sums over all rectangles that start in the corner of such a grid are kept, so that
 * a tile of any position takes four of them.
 */
import type { LayerValues, TileBox } from "../layer-values.js";

/** The pixels of all planes that taps of one phase see. */
interface Grid {
  readonly rows: number;
  readonly columns: number;
  /** [N, G*C, rows, columns]: non-zeros up to a row and a column, both included. */
  readonly sums: Int32Array;
}

export class NonZeroInputs {
  readonly #layer: LayerValues;
  readonly #grids = new Map<number, Grid>();

  constructor(layer: LayerValues) {
    this.#layer = layer;
  }

  /** Windows of the tile with a non-zero at each place of its reduction, [C, R, S] of the tile. */
  countsOf(group: number, { from, extent }: TileBox): Float64Array {
    const { window, bounds } = this.#layer;
    const { C, R, S } = extent;
    const counts = new Float64Array(C * R * S);
    for (let r = 0; r < R; r++) {
      const down = tapOf(r * window.dilationHeight - window.padTop, window.strideHeight);
      for (let s = 0; s < S; s++) {
        const across = tapOf(s * window.dilationWidth - window.padLeft, window.strideWidth);
        const grid = this.#gridOf(down.phase, across.phase);
        const [top, bottom] = clipped(from.P + down.offset, extent.P, grid.rows);
        const [left, right] = clipped(from.Q + across.offset, extent.Q, grid.columns);
        if (top >= bottom || left >= right) continue;
        for (let c = 0; c < C; c++) {
          let found = 0;
          for (let n = from.N; n < from.N + extent.N; n++) {
            const plane = (n * bounds.G + group) * bounds.C + from.C + c;
            found += inRectangle(grid, plane, top, bottom, left, right);
          }
          counts[(c * R + r) * S + s] = found;
        }
      }
    }
    return counts;
  }

  #gridOf(rowPhase: number, columnPhase: number): Grid {
    const { strideWidth } = this.#layer.window;
    const key = rowPhase * strideWidth + columnPhase;
    const known = this.#grids.get(key);
    if (known !== undefined) return known;
    const grid = gridSums(this.#layer, rowPhase, columnPhase);
    this.#grids.set(key, grid);
    return grid;
  }
}

/** Pixel offset + p * stride as a pixel of a grid: p + offset of the grid with that phase. */
function tapOf(offset: number, stride: number): { readonly phase: number; readonly offset: number } {
  const phase = ((offset % stride) + stride) % stride;
  return { phase, offset: (offset - phase) / stride };
}

function clipped(from: number, extent: number, size: number): [number, number] {
  return [Math.max(0, from), Math.min(size, from + extent)];
}

function inRectangle(grid: Grid, plane: number, top: number, bottom: number, left: number, right: number): number {
  const base = plane * grid.rows * grid.columns;
  const upTo = (row: number, column: number): number =>
    row < 0 || column < 0 ? 0 : grid.sums[base + row * grid.columns + column]!;
  const [above, before] = [top - 1, left - 1];
  return upTo(bottom - 1, right - 1) - upTo(above, right - 1) - upTo(bottom - 1, before) + upTo(above, before);
}

function gridSums({ window, bounds, ifmap }: LayerValues, rowPhase: number, columnPhase: number): Grid {
  const { ifmapHeight: H, ifmapWidth: W, strideHeight, strideWidth } = window;
  const rows = Math.max(0, Math.ceil((H - rowPhase) / strideHeight));
  const columns = Math.max(0, Math.ceil((W - columnPhase) / strideWidth));
  const planes = bounds.N * bounds.G * bounds.C;
  const sums = new Int32Array(planes * rows * columns);
  for (let plane = 0, at = 0; plane < planes; plane++) {
    for (let row = 0; row < rows; row++) {
      const line = (plane * H + rowPhase + row * strideHeight) * W + columnPhase;
      let inLine = 0;
      for (let column = 0; column < columns; column++, at++) {
        if (ifmap[line + column * strideWidth] !== 0) inLine++;
        sums[at] = inLine + (row > 0 ? sums[at - columns]! : 0);
      }
    }
  }
  return { rows, columns, sums };
}
