/** One row of a SCALE-Sim table: what was run, without its figures. */
import { UnsupportedError } from "../../core/errors.js";
import type { ReferenceRow } from "../reference-table.js";

export type SparsityMode =
  | { readonly kind: "off" }
  | { readonly kind: "layer"; readonly kept: number; readonly group: number; readonly storage: SparseStorage }
  | { readonly kind: "row"; readonly block: number; readonly group: number; readonly storage: SparseStorage };

export type SparseStorage = "ellpack_block" | "csr" | "csc";

export interface ScalesimCase {
  readonly name: string;
  readonly rows: number;
  readonly cols: number;
  readonly dataflow: "os" | "ws" | "is";
  readonly M: number;
  readonly N: number;
  readonly K: number;
  /** CALC: memory never stalls. USER: the peer adds the stalls of its own memory model. */
  readonly bandwidthMode: "CALC" | "USER";
  readonly sparsity: SparsityMode;
}

/** Group of the ratio that row-wise runs name in their topology when the table leaves it empty (2:4). */
const DEFAULT_ROW_GROUP = 4;

/**
 * Reads what was run. Sizes that are no numbers are reported to the row's table.
 * @throws UnsupportedError for a word that we know no meaning of
 */
export function readScalesimCase(row: ReferenceRow): ScalesimCase {
  const sizes = {
    rows: row.count("array_rows", 1),
    cols: row.count("array_cols", 1),
    M: row.count("M", 1),
    N: row.count("N", 1),
    K: row.count("K", 1),
  };
  const dataflow = oneOf(row, "dataflow", ["os", "ws", "is"]);
  const bandwidthMode = oneOf(row, "bw_mode", ["CALC", "USER"]);
  const sparsity = readSparsity(row);
  if (sparsity.kind !== "off" && dataflow !== "ws") {
    throw new UnsupportedError({
      where: `line ${row.line} column dataflow`,
      got: `${dataflow} with sparsity`,
      want: "ws, the only dataflow in which the peer runs sparse layers",
      fix: "take the row out of the table",
    });
  }
  return { name: caseName(row), ...sizes, dataflow, bandwidthMode, sparsity };
}

/** Line, layer and array of a row, for messages. */
export function caseName(row: ReferenceRow): string {
  const array = `${row.text("array_rows")}x${row.text("array_cols")} ${row.text("dataflow")} ${row.text("bw_mode")}`;
  return `line ${row.line}: ${row.text("topology")}/${row.text("layer")} ${array}`;
}

function readSparsity(row: ReferenceRow): SparsityMode {
  const kind = oneOf(row, "sparsity", ["off", "layer", "row"]);
  if (kind === "off") return { kind };
  const storage = oneOf(row, "sparsity_rep", ["ellpack_block", "csr", "csc"]);
  const ratio = /^(\d{1,6}):(\d{1,6})$/.exec(row.text("sparsity_ratio"));
  if (kind === "row") {
    const group = ratio === null ? DEFAULT_ROW_GROUP : Number(ratio[2]);
    return { kind, block: row.count("sparsity_block", 2), group, storage };
  }
  if (ratio === null) {
    throw new UnsupportedError({
      where: `line ${row.line} column sparsity_ratio`,
      got: JSON.stringify(row.text("sparsity_ratio")),
      want: "N:M",
      fix: "write the ratio, e.g. 2:4",
    });
  }
  return { kind, kept: Number(ratio[1]), group: Number(ratio[2]), storage };
}

function oneOf<const Word extends string>(row: ReferenceRow, column: string, words: readonly Word[]): Word {
  const text = row.text(column);
  const word = words.find((candidate) => candidate === text);
  if (word !== undefined) return word;
  throw new UnsupportedError({
    where: `line ${row.line} column ${column}`,
    got: JSON.stringify(text),
    want: words.join(", "),
    fix: "correct the cell",
  });
}
