/**
 * Folds of a tile over a grid of tensor PEs, M x N of them with A rows and C columns of outputs each. Steps enter at the edges and
 * move on one tensor PE a cycle; the outputs of a tensor PE leave together, and those of a column of tensor PEs one after the other
 * on one bus. The sequencer is static: a ragged fold takes as long as a full one.
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import type { TileBox } from "../layer-values.js";

export interface GridSizes {
  readonly tpeRows: number;
  readonly tpeCols: number;
  readonly rowsPerTpe: number;
  readonly columnsPerTpe: number;
}

export interface TensorFolds {
  readonly groups: number;
  /** N*P*Q of the tile. */
  readonly rows: number;
  /** K of the tile. */
  readonly columns: number;
  readonly rowFolds: number;
  readonly columnFolds: number;
  readonly folds: number;
  /** Tensor PEs that rows pass, and columns, in all folds of one column or one row: those that have outputs. */
  readonly tpesOfColumns: number;
  readonly tpesOfRows: number;
}

export function tensorFolds(sizes: GridSizes, { extent: { G, N, K, P, Q } }: TileBox): TensorFolds {
  const { tpeRows, tpeCols, rowsPerTpe, columnsPerTpe } = sizes;
  const rows = N * P * Q;
  const rowFolds = ceilDiv(rows, tpeRows * rowsPerTpe);
  const columnFolds = ceilDiv(K, tpeCols * columnsPerTpe);
  return {
    groups: G,
    rows,
    columns: K,
    rowFolds,
    columnFolds,
    folds: G * rowFolds * columnFolds,
    tpesOfColumns: ceilDiv(K, columnsPerTpe),
    tpesOfRows: ceilDiv(rows, rowsPerTpe),
  };
}

/** Cycles from a fold's entry to the next one's: its steps, or the tensor PEs of a column that give their outputs to one bus. */
export function foldInterval({ tpeRows }: GridSizes, stepsPerFold: number): number {
  return Math.max(stepsPerFold, tpeRows);
}

/** Cycles of all folds, and from the last one's steps to the last output. */
export function foldCycles(sizes: GridSizes, folds: number, stepsPerFold: number) {
  const interval = foldInterval(sizes, stepsPerFold);
  const span = stepsPerFold + sizes.tpeRows + sizes.tpeCols - 2;
  return {
    folds,
    preloadCycles: 0,
    steadyCycles: folds * interval,
    drainCycles: span - interval,
    computeCycles: folds * stepsPerFold,
  };
}
