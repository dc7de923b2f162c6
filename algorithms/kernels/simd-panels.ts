/**
 * Products with dense weights that are laid out once, in panels of 8 columns and pairs of the reduction, for the product of int16
 * numbers. Sums are int32 that wrap.
 */
import { MemoryLayout } from "../../sim/core/web-assembly.js";
import { bytesOf } from "./simd-integer.js";
import { simdModule } from "./simd-module.js";
import { type ByteRows, checkRows, demand } from "./simd-rows.js";

/** Columns of a panel, and rows of a panel of activations. */
const [PANEL_COLUMNS, PANEL_ROWS] = [8, 4];
/** Columns whose panels take about half of a second cache of 1 MiB are multiplied at a time. */
const BLOCK_BYTES = 2 ** 19;

export interface ColumnPanels {
  readonly reduction: number;
  readonly columns: number;
  /** [panels, pairs of the reduction, 8, 2]; what columns or pairs lack is 0. */
  readonly panels: Int16Array;
}

/** @param weights row-major [reduction, columns] */
export function layOutPanels(weights: Int16Array, reduction: number, columns: number): ColumnPanels {
  demand(weights.length === reduction * columns, `${weights.length} weights for ${reduction} x ${columns}`);
  const pairs = Math.ceil(reduction / 2);
  const panels = new Int16Array(Math.ceil(columns / PANEL_COLUMNS) * pairs * 2 * PANEL_COLUMNS);
  let panel = 0;
  for (let first = 0; first < columns; first += PANEL_COLUMNS) {
    const width = Math.min(PANEL_COLUMNS, columns - first);
    for (let k = 0; k < reduction; k++) {
      const [from, to] = [k * columns + first, panel + (k >> 1) * 2 * PANEL_COLUMNS + (k & 1)];
      for (let column = 0; column < width; column++) panels[to + 2 * column] = weights[from + column]!;
    }
    panel += pairs * 2 * PANEL_COLUMNS;
  }
  return { reduction, columns, panels };
}

/** Sums [rows, columns]; undefined when the operands need more memory than a module has. */
export function multiplyPanels(
  activations: ByteRows,
  { reduction, columns, panels }: ColumnPanels,
): Int32Array | undefined {
  checkRows(activations);
  const { values, rows, zero } = activations;
  demand(activations.reduction === reduction, `activations of ${activations.reduction} for weights of ${reduction}`);
  const result = new Int32Array(rows * columns);
  if (result.length === 0 || reduction === 0) return result;
  const pairs = Math.ceil(reduction / 2);
  const panelBytes = PANEL_COLUMNS * pairs * 4;
  const blockPanels = Math.min(Math.ceil(columns / PANEL_COLUMNS), Math.max(8, Math.floor(BLOCK_BYTES / panelBytes)));
  const blockColumns = PANEL_COLUMNS * blockPanels;
  const paddedRows = PANEL_ROWS * Math.ceil(rows / PANEL_ROWS);
  const module = simdModule();
  const layout = new MemoryLayout(module);
  const [bytes, zeros] = [layout.take(values.length), layout.take(rows * 4)];
  const [rowPanels, columnPanels] = [layout.take(paddedRows * pairs * 4), layout.take(panels.byteLength)];
  const sums = layout.take(paddedRows * blockColumns * 4);
  if (!layout.fit()) return undefined;

  const { buffer } = module.memory;
  new Uint8Array(buffer, bytes, values.length).set(bytesOf(values, 0, values.length));
  new Int32Array(buffer, zeros, rows).fill(zero);
  new Int16Array(buffer, columnPanels, panels.length).set(panels);
  module.packRowsInt16(bytes, rowPanels, rows, reduction, zeros, Number(values instanceof Int8Array));
  for (let column = 0; column < columns; column += blockColumns) {
    const count = Math.min(blockColumns, columns - column);
    const width = PANEL_COLUMNS * Math.ceil(count / PANEL_COLUMNS);
    const block = columnPanels + (column / PANEL_COLUMNS) * panelBytes;
    module.gemmInt16(rowPanels, block, sums, paddedRows, width, pairs, width);
    for (let row = 0; row < rows; row++) {
      result.set(new Int32Array(buffer, sums + 4 * row * width, count), row * columns + column);
    }
  }
  return result;
}
