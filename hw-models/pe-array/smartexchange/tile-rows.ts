/**
 * How the rows of a tile come to the lines of a slice. A line takes a channel and goes over the rows of its kernel; where a filter
 * has one channel (depth-wise layers) or no kernel, or rows are assigned one by one, a line takes one row. All lines of a slice work
 * with the same basis, so that a pass never holds rows of two of them, and the next basis can be loaded once for all.
 *
 *     for basis, for lines' worth of channels (or rows) in it        passes, one after the other
 *       parallel over lines
 *         for rows of the channel, for weights of the row
 */
import type { LayerValues, TileBox } from "../layer-values.js";
import type { SmartExchangeParameters } from "./smartexchange-parameters.js";
import type { WeightRows } from "./weight-rows.js";

/** One entry more than there are things, so that thing i has what lies from entry i to entry i + 1. */
export interface TileRows {
  readonly bases: number;
  /** [bases]: the basis that rows share, -1 where weights are not rebuilt. */
  readonly basis: Int32Array;
  /** [bases + 1]: first line's worth with a basis. */
  readonly firstUnit: Int32Array;
  /** [lines' worths + 1]: first row of each. */
  readonly firstRow: Int32Array;
  /** [rows]: index of the row in its filter. */
  readonly row: Int32Array;
  /** [rows + 1]: first step of a row. Places outside the tile's channels, and filling, are no steps. */
  readonly firstStep: Int32Array;
  /** [steps]: place in the row, channel, and offsets of the window's row and column on the ifmap. */
  readonly place: Int32Array;
  readonly channel: Int32Array;
  readonly rowOffset: Int32Array;
  readonly columnOffset: Int32Array;
}

export function tileRows(
  { bounds, window }: LayerValues,
  rows: WeightRows,
  tile: TileBox,
  lineAssignment: SmartExchangeParameters["lineAssignment"],
): TileRows {
  const { C, R, S } = bounds;
  const takesWholeChannel = lineAssignment === "channel" && rows.areKernelRows && C > 1;
  const list = {
    basis: [] as number[],
    firstUnit: [] as number[],
    firstRow: [] as number[],
    row: [] as number[],
    firstStep: [] as number[],
    place: [] as number[],
    channel: [] as number[],
    rowOffset: [] as number[],
    columnOffset: [] as number[],
  };
  let [unit, basis] = [-1, -1];
  for (let row = 0; row < rows.count; row++) {
    const firstStep = list.place.length;
    for (let place = 0; place < rows.size; place++) {
      const at = rows.places[row * rows.size + place]!;
      const channel = Math.floor(at / (R * S));
      if (at < 0 || channel < tile.from.C || channel >= tile.from.C + tile.extent.C) continue;
      list.place.push(place);
      list.channel.push(channel);
      list.rowOffset.push((Math.floor(at / S) % R) * window.dilationHeight);
      list.columnOffset.push((at % S) * window.dilationWidth);
    }
    if (list.place.length === firstStep) continue;
    const ownUnit = takesWholeChannel ? Math.floor(row / R) : row;
    const ownBasis = Math.floor(row / rows.rowsPerBasis);
    if (ownUnit !== unit || ownBasis !== basis) {
      if (ownBasis !== basis) {
        list.basis.push(rows.rebuilt === undefined ? -1 : ownBasis);
        list.firstUnit.push(list.firstRow.length);
      }
      list.firstRow.push(list.row.length);
      [unit, basis] = [ownUnit, ownBasis];
    }
    list.row.push(row);
    list.firstStep.push(firstStep);
  }
  return {
    bases: list.basis.length,
    basis: Int32Array.from(list.basis),
    firstUnit: Int32Array.from([...list.firstUnit, list.firstRow.length]),
    firstRow: Int32Array.from([...list.firstRow, list.row.length]),
    row: Int32Array.from(list.row),
    firstStep: Int32Array.from([...list.firstStep, list.place.length]),
    place: Int32Array.from(list.place),
    channel: Int32Array.from(list.channel),
    rowOffset: Int32Array.from(list.rowOffset),
    columnOffset: Int32Array.from(list.columnOffset),
  };
}
