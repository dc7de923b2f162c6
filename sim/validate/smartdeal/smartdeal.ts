/**
 * Decomposes the matrices of a file and compares what comes out. A case is a row, its fields are the columns: coefficients,
 * passes and counts are equal, bases and errors agree to 1e-9. Where a value is what cancellation leaves (a thousandth of the
 * largest in its basis, or of the matrix's norm), rounding is relative to what cancelled, and so is the error here.
 */
import {
  countNonZeros,
  Decomposer,
  type Decomposition,
  type DecompositionRecord,
  distance,
} from "../../../algorithms/compression/smartdeal/decompose.js";
import type { DecomposeOptions } from "../../../algorithms/compression/smartdeal/options.js";
import { quoteForMessage, UnsupportedError, UserError } from "../../core/errors.js";
import { type Cell, Comparison } from "../comparison.js";
import type { ValidationOptions, ValidationResult } from "../validation-types.js";
import { type GoldenCase, listUnknownFields, listUnknownOptions, readGolden } from "./smartdeal-golden.js";

/** Part of a matrix's magnitude under which a difference of its values is mostly rounding. */
const CANCELLED = 1e-3;

/** @throws TraceError when the table is malformed, ConfigError for a bad tolerance */
export async function validateSmartdeal(path: string, options: ValidationOptions): Promise<ValidationResult> {
  const comparison = new Comparison("smartdeal", options);
  for (const one of await readGolden(path)) {
    for (const field of listUnknownFields(one)) comparison.exclude(`field ${quoteForMessage(field)} is not known`);
    const name = quoteForMessage(one.id);
    try {
      comparison.compareRow(name, compareCase(one, decomposeCase(one)));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      comparison.missRow(name, error.message);
    }
  }
  return comparison.result();
}

type Recorded = Decomposition & DecompositionRecord & { readonly error: number };

function decomposeCase(one: GoldenCase): Recorded {
  const { rows, cols, options } = one;
  requireRunnable(one);
  const matrix = Float64Array.from(one.A.flat());
  const record = { errorHistory: [], nonZeroHistory: [] };
  const found = new Decomposer(rows, cols).decompose(matrix, decomposeOptionsOf(options), undefined, record);
  return { ...found, ...record, error: distance(matrix, found) };
}

function decomposeOptionsOf(options: GoldenCase["options"]): DecomposeOptions {
  return {
    iterations: options.decompose_iternum,
    threshold: options.decompose_threshold,
    clearsRows: options.threshold_row,
    scalesColumns: options.decompose_scale,
    tolerance: options.decompose_tol,
    cutoff: options.decompose_rcond,
    decay: options.decompose_decay,
    greatest: options.max_C,
  };
}

/** @throws UnsupportedError for a matrix or an option that the decomposition does not know */
function requireRunnable(one: GoldenCase): void {
  const where = `case ${quoteForMessage(one.id)}`;
  const { rows, cols, A } = one;
  const [unknown] = listUnknownOptions(one);
  if (unknown !== undefined) {
    const got = `option ${quoteForMessage(unknown)}: ${quoteForMessage(one.options[unknown])}`;
    throw new UnsupportedError({ where, got, want: "the options of the core decomposition", fix: "leave it out" });
  }
  if (rows >= cols && A.length === rows && A.every((row) => row.length === cols)) return;
  throw new UnsupportedError({
    where,
    got: `A of ${A.length} rows for ${rows} x ${cols}`,
    want: "as many rows and columns as stated, and no more columns than rows",
    fix: "correct rows and cols, or turn the matrix",
  });
}

function compareCase(one: GoldenCase, found: Recorded): Cell[] {
  const { coefficients, basis, passes, error, errorHistory, nonZeroHistory } = found;
  const norm = Math.sqrt(one.A.flat().reduce((sum, value) => sum + value ** 2, 0));
  const exponents = [...new Set(coefficients)]
    .filter((value) => value !== 0)
    .map((value) => Math.log2(Math.abs(value)));
  const zeroRows = (): number => {
    const rows = Array.from({ length: one.rows }, (_, row) =>
      coefficients.subarray(row * one.cols, (row + 1) * one.cols),
    );
    return rows.filter((row) => row.every((value) => value === 0)).length;
  };
  const largest = Math.max(...(one.B ?? []).flat().map(Math.abs), 0);
  const real = (column: string, expected: Cell["expected"] | undefined, got: Cell["got"], magnitude: number): Cell[] =>
    expected === undefined ? [] : [{ column, rule: "float", expected, got, leastMagnitude: CANCELLED * magnitude }];
  return [
    ...exact("Ce", one.Ce?.flat(), [...coefficients]),
    ...exact("updates", one.updates, passes),
    ...exact("nnz_hist", one.nnz_hist, nonZeroHistory),
    ...exact("nnz", one.nnz, countNonZeros(coefficients)),
    ...exact("zero_rows", one.zero_rows, zeroRows()),
    ...exact("min_exp", one.min_exp, Math.min(...exponents)),
    ...exact("max_exp", one.max_exp, Math.max(...exponents)),
    ...real("B", one.B?.flat(), [...basis], largest),
    ...real("err_hist", one.err_hist, errorHistory, norm),
    ...real("final_err", one.final_err, error, norm),
    ...real("rel_err", one.rel_err, norm === 0 ? 0 : error / norm, 1),
  ];
}

/** The cell of a field that must be equal to the last bit, or none where the table leaves it out. */
function exact(column: string, expected: Cell["expected"] | null | undefined, got: Cell["got"]): Cell[] {
  return expected === undefined || expected === null ? [] : [{ column, rule: { relativeTolerance: 0 }, expected, got }];
}
