/**
 * Compares a table of SCALE-Sim runs with our array model. Compared: cycles without memory stalls, utilisations, SRAM
 * accesses of the array, and sparse storage. Left out, and counted: columns of the peer's memory model (request times, DRAM
 * traffic, bandwidths, stalls), which differs from ours by design.
 */
import { UserError } from "../../core/errors.js";
import { type Cell, type ColumnRule, Comparison } from "../comparison.js";
import { type ReferenceRow, readReferenceTable } from "../reference-table.js";
import type { ValidationOptions, ValidationResult } from "../validation-types.js";
import { caseName, readScalesimCase, type ScalesimCase } from "./scalesim-case.js";
import { type ScalesimFigures, scalesimFigures } from "./scalesim-figures.js";

const RUN_COLUMNS = [
  ...["topology", "layer", "M", "N", "K", "array_rows", "array_cols", "dataflow", "bw_mode"],
  ...["sparsity", "sparsity_ratio", "sparsity_rep", "sparsity_block", "stall_cycles"],
];

const COLUMN_RULES: Readonly<Record<keyof ScalesimFigures, ColumnRule>> = {
  total_cycles: "integer",
  mapping_eff_pct: "float",
  overall_util_pct: "float",
  compute_util_pct: "float",
  sram_ifmap_reads: "integer",
  sram_filter_reads: "integer",
  sram_ofmap_writes: "integer",
  sparse_original_filter_storage: "float",
  sparse_new_storage: "float",
  sparse_metadata_storage: "float",
};
const COLUMNS = Object.keys(COLUMN_RULES) as (keyof ScalesimFigures)[];

/** What a run with the peer's memory stalls is compared in. */
const USER_COLUMNS: ReadonlySet<string> = new Set<keyof ScalesimFigures>([
  "total_cycles",
  "mapping_eff_pct",
  "sram_ifmap_reads",
  "sram_filter_reads",
  "sram_ofmap_writes",
]);

const USER_RULE =
  "USER rows are compared in total_cycles without stall_cycles, mapping_eff_pct and SRAM counts only: the peer's stalls are " +
  "in its other figures";

/** @throws TraceError when the table is malformed */
export async function validateScalesim(path: string, options: ValidationOptions): Promise<ValidationResult> {
  const comparison = new Comparison("scalesim", options);
  const table = await readReferenceTable(path);
  table.requireColumns([...RUN_COLUMNS, ...COLUMNS]);
  const known = new Set<string>([...RUN_COLUMNS, ...COLUMNS, ...DESCRIPTIVE_COLUMNS]);
  const leftOut = table.columnNames().filter((name) => !known.has(name));
  const cases = table.rows.map((row) => ({ row, ...readRow(row) }));
  const expected = cases.map(({ row, run }) => (run === undefined ? [] : expectedFigures(row, run)));
  table.check();
  for (const [index, { row, run, reason }] of cases.entries()) {
    if (leftOut.length > 0)
      comparison.exclude(`columns of the peer's memory model are not compared: ${leftOut.join(", ")}`);
    if (run?.bandwidthMode === "USER") comparison.exclude(USER_RULE);
    if (run === undefined) {
      comparison.missRow(caseName(row), reason);
      continue;
    }
    const figures = runCase(run);
    if ("reason" in figures) {
      comparison.missRow(run.name, figures.reason);
      continue;
    }
    const cells = expected[index]!.map(({ column, value }): Cell => {
      return { column, rule: COLUMN_RULES[column], expected: value, got: figures[column] ?? Number.NaN };
    });
    comparison.compareRow(run.name, cells);
  }
  return comparison.result();
}

/** Columns that say what was run or how, without effect on what is compared. */
const DESCRIPTIVE_COLUMNS = [
  ...["source", "input_format", "ifmap_h", "ifmap_w", "filter_h", "filter_w", "channels", "num_filters", "stride"],
  ...["ifmap_kb", "filter_kb", "ofmap_kb", "ifmap_bw", "filter_bw", "ofmap_bw"],
];

/** What a row asks for, or why we cannot tell. */
type ReadRow =
  | { readonly run: ScalesimCase; readonly reason?: undefined }
  | { readonly run?: undefined; readonly reason: string };

function readRow(row: ReferenceRow): ReadRow {
  try {
    return { run: readScalesimCase(row) };
  } catch (error) {
    if (error instanceof UserError) return { reason: error.message };
    throw error;
  }
}

function runCase(run: ScalesimCase): ScalesimFigures | { readonly reason: string } {
  try {
    return scalesimFigures(run);
  } catch (error) {
    if (error instanceof UserError) return { reason: error.message };
    throw error;
  }
}

function expectedFigures(row: ReferenceRow, run: ScalesimCase): { column: keyof ScalesimFigures; value: number }[] {
  const columns = COLUMNS.filter((column) => {
    if (run.bandwidthMode === "USER") return USER_COLUMNS.has(column);
    return run.sparsity.kind !== "off" || !column.startsWith("sparse_");
  });
  return columns.map((column) => {
    const stalls = column === "total_cycles" && run.bandwidthMode === "USER" ? row.number("stall_cycles") : 0;
    return { column, value: row.number(column) - stalls };
  });
}
