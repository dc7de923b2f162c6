/** Where the outputs of tensor PEs lie: groups, then folds of columns, then folds of rows follow each other. */
import type { GridSizes, TensorFolds } from "./tensor-folds.js";

/** Rows or columns of the tile that one tensor PE has in a fold. */
export interface Stretch {
  readonly first: number;
  readonly count: number;
}

export class FoldPlaces {
  readonly #sizes: GridSizes;
  readonly #work: TensorFolds;

  constructor(sizes: GridSizes, work: TensorFolds) {
    this.#sizes = sizes;
    this.#work = work;
  }

  groupOf(fold: number): number {
    return Math.floor(fold / (this.#work.rowFolds * this.#work.columnFolds));
  }

  rowsOf(fold: number, tpeRow: number): Stretch {
    const { tpeRows, rowsPerTpe } = this.#sizes;
    const first = ((fold % this.#work.rowFolds) * tpeRows + tpeRow) * rowsPerTpe;
    return { first, count: Math.max(0, Math.min(rowsPerTpe, this.#work.rows - first)) };
  }

  columnsOf(fold: number, tpeColumn: number): Stretch {
    const { tpeCols, columnsPerTpe } = this.#sizes;
    const columnFold = Math.floor(fold / this.#work.rowFolds) % this.#work.columnFolds;
    const first = (columnFold * tpeCols + tpeColumn) * columnsPerTpe;
    return { first, count: Math.max(0, Math.min(columnsPerTpe, this.#work.columns - first)) };
  }

  /** Place of an output in the ofmap [N, P, Q, G, K] of the tile. */
  ofmapAt(fold: number, row: number, column: number): number {
    return (row * this.#work.groups + this.groupOf(fold)) * this.#work.columns + column;
  }
}
