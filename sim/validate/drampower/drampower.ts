/**
 * Compares a table of DRAMPower runs with our command power model: counts, state times, core and interface energy, cell by
 * cell. Parameter sets and traces come from `drampower-specs.json` and `drampower-traces/` beside the table. Cells that a
 * known fault of the peer spoils, and interfaces that it could not run, are left out by rule and counted.
 */
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { quoteForMessage, TraceError, UserError } from "../../core/errors.js";
import { type Cell, Comparison } from "../comparison.js";
import { type ReferenceRow, readReferenceTable } from "../reference-table.js";
import type { ValidationOptions, ValidationResult } from "../validation-types.js";
import { coreFigures, type Figures, interfaceFigures, runDrampowerTrace, stateFigures } from "./drampower-figures.js";
import {
  checkNames,
  DRAMPOWER_COLUMNS,
  type DrampowerRow,
  EXCLUSION_RULES,
  readDrampowerRow,
} from "./drampower-row.js";
import { type ReferenceSet, readDrampowerSets } from "./drampower-sets.js";
import { type DrampowerTrace, readDrampowerTrace } from "./drampower-trace.js";

/** @throws TraceError when the table or a side file is malformed */
export async function validateDrampower(path: string, options: ValidationOptions): Promise<ValidationResult> {
  const comparison = new Comparison("drampower", options);
  const table = await readReferenceTable(path);
  table.requireColumns(DRAMPOWER_COLUMNS);
  const sets = await readDrampowerSets(join(dirname(path), "drampower-specs.json"));
  const traceFolder = join(dirname(path), "drampower-traces");
  await requireFolder(traceFolder);
  const rows = table.rows.filter((row) => checkNames(table, row));
  for (const { rule, holds } of EXCLUSION_RULES) for (const row of rows) if (holds(row)) comparison.exclude(rule);
  for (const row of rows) {
    const set = sets.get(row.text("spec"));
    const trace = set === undefined ? undefined : await readRowTrace(row, set, traceFolder);
    const subject = { standard: set?.parameters.standard, hasSelfRefresh: trace?.hasSelfRefresh };
    const expected = readDrampowerRow(table, row, subject);
    const name = row.text("case");
    if (set === undefined) comparison.missRow(name, `no set '${quoteForMessage(row.text("spec"))}'`);
    else if (trace === undefined) comparison.missRow(name, `no trace '${quoteForMessage(traceFile(row))}'`);
    else compareRow(comparison, name, expected, set, trace);
  }
  table.check();
  return comparison.result();
}

function compareRow(
  comparison: Comparison,
  name: string,
  row: DrampowerRow,
  set: ReferenceSet,
  trace: DrampowerTrace,
): void {
  try {
    const figures = figuresOf(row, set, trace);
    comparison.compareRow(
      name,
      row.expected.map((cell): Cell => ({ ...cell, got: figures[cell.column] ?? Number.NaN })),
    );
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    comparison.missRow(name, error.message);
  }
}

function figuresOf({ commandAddress }: DrampowerRow, set: ReferenceSet, trace: DrampowerTrace): Figures {
  const record = runDrampowerTrace(set, trace);
  return {
    ...stateFigures(set, trace, record),
    ...coreFigures(set, record),
    ...(commandAddress === undefined ? {} : interfaceFigures(set, record, commandAddress)),
  };
}

function traceFile(row: ReferenceRow): string {
  return `${row.text("spec")}__${row.text("trace")}.csv`;
}

function readRowTrace(row: ReferenceRow, set: ReferenceSet, folder: string): Promise<DrampowerTrace | undefined> {
  return readDrampowerTrace(join(folder, traceFile(row)), set.parameters.organization);
}

async function requireFolder(path: string): Promise<void> {
  const status = await stat(path).catch(() => undefined);
  if (status?.isDirectory()) return;
  throw new TraceError({
    where: quoteForMessage(path),
    got: status === undefined ? "no such folder" : "not a folder",
    want: "the folder of command traces",
    fix: "put the table's side files beside it",
  });
}
