/**
 * Folds of a tile in the order in which the array works them off:
 *
 *     for column folds of the extent across the columns
 *       for chunks of the streamed extent
 *         for row folds of the extent across the rows
 */
import { ceilDiv } from "../../sim/core/integers.js";

/** One entry a fold in each array: where it starts and how much it holds along each axis. */
export interface FoldList {
  readonly count: number;
  readonly rowStart: Int32Array;
  readonly rowCount: Int32Array;
  readonly columnStart: Int32Array;
  readonly columnCount: Int32Array;
  readonly streamStart: Int32Array;
  readonly streamCount: Int32Array;
}

/** An extent and the size of the pieces it is cut in. */
export interface CutAxis {
  readonly extent: number;
  readonly piece: number;
}

export function listFolds(rows: CutAxis, columns: CutAxis, stream: CutAxis): FoldList {
  const count =
    ceilDiv(rows.extent, rows.piece) * ceilDiv(columns.extent, columns.piece) * ceilDiv(stream.extent, stream.piece);
  const column = (): Int32Array => new Int32Array(count);
  const list = {
    count,
    rowStart: column(),
    rowCount: column(),
    columnStart: column(),
    columnCount: column(),
    streamStart: column(),
    streamCount: column(),
  };
  let fold = 0;
  for (let columnStart = 0; columnStart < columns.extent; columnStart += columns.piece) {
    for (let streamStart = 0; streamStart < stream.extent; streamStart += stream.piece) {
      for (let rowStart = 0; rowStart < rows.extent; rowStart += rows.piece) {
        list.rowStart[fold] = rowStart;
        list.rowCount[fold] = Math.min(rows.piece, rows.extent - rowStart);
        list.columnStart[fold] = columnStart;
        list.columnCount[fold] = Math.min(columns.piece, columns.extent - columnStart);
        list.streamStart[fold] = streamStart;
        list.streamCount[fold] = Math.min(stream.piece, stream.extent - streamStart);
        fold++;
      }
    }
  }
  return list;
}
