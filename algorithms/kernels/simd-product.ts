/**
 * A product of matrices on SIMD by blocks of columns: rows are packed once by the caller, each block of columns is packed and
 * multiplied, and its sums are handed on. Serves integers, which go in pairs of the reduction, and float32.
 */
import type { MemoryLayout } from "../../sim/core/web-assembly.js";
import type { SimdModule } from "./simd-module.js";

/** Columns of a block are packed into about half of a second cache of 1 MiB. */
const BLOCK_BYTES = 2 ** 19;

export type PanelKind = "int16" | "float32";

/** A row of sums, or part of it: its address, its row of the product, its first column and how many there are. */
export type TakeSums = (address: number, row: number, column: number, count: number) => void;

/** Extents of a product and the addresses of its panels and tables. */
export interface BlockedProduct {
  readonly kind: PanelKind;
  readonly rows: number;
  readonly columns: number;
  readonly reduction: number;
  /** Steps of the innermost loop: pairs of the reduction for int16. */
  readonly steps: number;
  readonly blockColumns: number;
  /** Panels of 4 rows. */
  readonly rowPanels: number;
  /** Panels of 8 columns. */
  readonly columnPanels: number;
  readonly sums: number;
  /** Int32 tables of the second operand: element (k, n) is at offsets[k] + bases[n] of its source. */
  readonly offsets: number;
  readonly bases: number;
}

/** Takes the places of a product; one whose rows are wanted whole is not cut into blocks of columns. */
export function layOutProduct(
  layout: MemoryLayout,
  kind: PanelKind,
  [rows, columns, reduction]: readonly [rows: number, columns: number, reduction: number],
  inWholeRows = false,
): BlockedProduct {
  const steps = kind === "int16" ? Math.ceil(reduction / 2) : reduction;
  const blockPanels = Math.max(8, Math.floor(BLOCK_BYTES / (32 * steps)));
  const panels = Math.min(Math.ceil(columns / 8), inWholeRows ? Number.POSITIVE_INFINITY : blockPanels);
  const blockColumns = 8 * panels;
  const paddedRows = 4 * Math.ceil(rows / 4);
  return {
    kind,
    rows,
    columns,
    reduction,
    steps,
    blockColumns,
    rowPanels: layout.take(paddedRows * steps * 4),
    columnPanels: layout.take(blockColumns * steps * 4),
    sums: layout.take(paddedRows * blockColumns * 4),
    offsets: layout.take(reduction * 4),
    bases: layout.take(columns * 4),
  };
}

/** Gives every row of sums of the packed rows with the second operand at `source`. */
export function multiplyBlocks(module: SimdModule, product: BlockedProduct, source: number, take: TakeSums): void {
  const { kind, rows, columns, reduction, steps, blockColumns, rowPanels, columnPanels, sums, offsets, bases } =
    product;
  const [pack, multiply] =
    kind === "int16" ? [module.packColumnsInt16, module.gemmInt16] : [module.packColumnsFloat32, module.gemmFloat32];
  for (let column = 0; column < columns; column += blockColumns) {
    const count = Math.min(blockColumns, columns - column);
    const width = 8 * Math.ceil(count / 8);
    pack(source, columnPanels, bases + 4 * column, count, offsets, reduction);
    multiply(rowPanels, columnPanels, sums, 4 * Math.ceil(rows / 4), width, steps, width);
    for (let row = 0; row < rows; row++) take(sums + 4 * row * width, row, column, count);
  }
}
