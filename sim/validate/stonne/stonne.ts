/**
 * Compares a table of STONNE runs with our arrays. The mesh and the SIGMA-like fabric are compared in cycles and every count; the other
 * fabrics in what shapes and drawn zeros decide. What has no known rule is left out by a rule that is named.
 */
import { UserError } from "../../core/errors.js";
import { type Cell, Comparison } from "../comparison.js";
import { type ReferenceRow, type ReferenceTable, readReferenceTable } from "../reference-table.js";
import type { ValidationOptions, ValidationResult } from "../validation-types.js";
import { bitmapFigures } from "./bitmap-figures.js";
import { convolutionFigures, flexDenseFigures, sparseDenseFigures } from "./fabric-figures.js";
import { meshFigures } from "./mesh-figures.js";
import { drawOperands, lengthsOf, type SparseOperands } from "./sparse-operands.js";
import { caseName, checkSizes, readStonneCase, type StonneCase } from "./stonne-case.js";
import { missingRule, ruleOf } from "./stonne-exclusions.js";
import type { OperandFigures, StonneFigures } from "./stonne-figures.js";

const FIGURE_COLUMNS = [
  "cycles",
  "sram_weight_reads",
  "sram_input_reads",
  "sram_psum_reads",
  "sram_psum_writes",
  "reconfigurations",
  "multiplications",
  "adder_ops",
  "accumulator_ops",
] as const satisfies readonly (keyof StonneFigures)[];
const COUNT_COLUMNS = ["nnz_mk", "nnz_kn"] as const;
const LIST_COLUMNS = ["mk_row_nnz", "kn_col_nnz"] as const;

const RUN_COLUMNS = [
  ...["id", "group", "op", "M", "N", "K", "R", "S", "C", "G", "F", "X", "Y", "stride"],
  ...["T_M", "T_N", "T_K", "T_R", "T_S", "T_C", "T_G", "T_F", "T_Xo", "T_Yo"],
  ...["num_ms", "ms_rows", "ms_cols", "dn_bw", "rn_bw", "reduce", "acc_buffer"],
  ...["mk_sparsity_arg", "kn_sparsity_arg", "stationary", "reorder"],
];

type Figures = Partial<StonneFigures & OperandFigures>;

/** @throws TraceError when the table is malformed */
export async function validateStonne(path: string, options: ValidationOptions): Promise<ValidationResult> {
  const comparison = new Comparison("stonne", options);
  const table = await readReferenceTable(path);
  table.requireColumns([...RUN_COLUMNS, ...FIGURE_COLUMNS, ...COUNT_COLUMNS, ...LIST_COLUMNS]);
  const rows = table.rows.map((row) => {
    const run = readStonneCase(row, table);
    return { run, name: caseName(row), expected: readExpected(row, run, table) };
  });
  table.check();
  for (const { run, name, expected } of rows) {
    try {
      compare(comparison, run, expected);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      comparison.missRow(name, error.message);
    }
  }
  return comparison.result();
}

function compare(comparison: Comparison, run: StonneCase, expected: Figures): void {
  checkSizes(run);
  const operands = "mkSparsity" in run ? drawOperands(run) : undefined;
  const rule = ruleOf(run, operands);
  if (rule !== undefined) {
    comparison.exclude(rule);
    comparison.compareRow(run.name, []);
    return;
  }
  const figures = { ...figuresOf(run, operands), ...(operands && operandFigures(operands)) };
  const cells: Cell[] = [];
  for (const column of [...FIGURE_COLUMNS, ...COUNT_COLUMNS, ...LIST_COLUMNS]) {
    const [wanted, got] = [expected[column], figures[column]];
    if (wanted !== undefined && got !== undefined) cells.push({ column, rule: "integer", expected: wanted, got });
  }
  for (const left of missingRule(run)) comparison.exclude(left);
  comparison.compareRow(run.name, cells);
}

function figuresOf(run: StonneCase, operands: SparseOperands | undefined): Partial<StonneFigures> {
  switch (run.group) {
    case "os_mesh":
      return meshFigures(run);
    case "sparse_bitmap":
      return bitmapFigures(run, operands!);
    case "flex_dense":
      return flexDenseFigures(run);
    case "flex_conv":
      return convolutionFigures(run);
    case "sparse_dense":
      return sparseDenseFigures(run, operands!);
  }
}

function operandFigures({ mk, kn }: SparseOperands): OperandFigures {
  return {
    nnz_mk: mk.starts.at(-1)!,
    nnz_kn: kn.starts.at(-1)!,
    mk_row_nnz: lengthsOf(mk),
    kn_col_nnz: lengthsOf(kn),
  };
}

function readExpected(row: ReferenceRow, run: StonneCase, table: ReferenceTable): Figures {
  const figures: Record<string, number | number[]> = {};
  for (const column of FIGURE_COLUMNS) figures[column] = row.count(column, 0);
  if (!("mkSparsity" in run)) return figures;
  for (const column of COUNT_COLUMNS) figures[column] = row.count(column, 0);
  for (const column of LIST_COLUMNS) figures[column] = readList(row, column, table);
  return figures;
}

/** Whole numbers joined by `;`. */
function readList(row: ReferenceRow, column: string, table: ReferenceTable): number[] {
  const parts = row.text(column).split(";");
  const bad = parts.find((part) => !/^\d{1,9}$/.test(part.trim()));
  if (bad !== undefined) table.report(row.line, column, JSON.stringify(bad.slice(0, 40)), "whole numbers joined by ;");
  return parts.map(Number);
}
