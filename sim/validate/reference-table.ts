/**
 * A reference table: a CSV file with a header line. Cells are read by column name; whatever is malformed is gathered with
 * its line and column and thrown together.
 */
import { readFile, stat } from "node:fs/promises";
import { type Issue, quoteForMessage, TraceError } from "../core/errors.js";

const MAX_TABLE_BYTES = 256 * 1024 * 1024;
const MAX_ISSUES = 20;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** One row, its cells by column name. Malformed cells read as NaN and are reported by `ReferenceTable.check`. */
export class ReferenceRow {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly #table: ReferenceTable;
  readonly #cells: readonly string[];

  constructor(table: ReferenceTable, line: number, cells: readonly string[]) {
    this.line = line;
    this.#table = table;
    this.#cells = cells;
  }

  text(column: string): string {
    return this.#cells[this.#table.indexOf(column)]?.trim() ?? "";
  }

  number(column: string): number {
    return this.#readNumber(column, this.text(column));
  }

  /** A whole number of at least `minimum`. */
  count(column: string, minimum: number): number {
    return this.#readCount(column, this.text(column), minimum);
  }

  /** Numbers joined by `|`. */
  numbers(column: string): number[] {
    return this.#parts(column).map((text) => this.#readNumber(column, text));
  }

  /** Whole numbers of at least `minimum`, joined by `|`. */
  counts(column: string, minimum: number): number[] {
    return this.#parts(column).map((text) => this.#readCount(column, text, minimum));
  }

  #parts(column: string): string[] {
    return this.text(column).split("|");
  }

  #readNumber(column: string, text: string): number {
    if (NUMBER.test(text)) return Number(text);
    this.#table.report(this.line, column, quoteCell(text), "a number");
    return Number.NaN;
  }

  #readCount(column: string, text: string, minimum: number): number {
    const value = NUMBER.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= minimum) return value;
    this.#table.report(this.line, column, quoteCell(text), `a whole number, ${minimum} or more`);
    return Number.NaN;
  }
}

function quoteCell(text: string): string {
  return text === "" ? "an empty cell" : quoteForMessage(text);
}

export class ReferenceTable {
  readonly file: string;
  readonly rows: readonly ReferenceRow[];
  readonly #columns: ReadonlyMap<string, number>;
  readonly #issues: Issue[] = [];

  constructor(file: string, header: readonly string[], body: readonly { line: number; cells: readonly string[] }[]) {
    this.file = file;
    this.#columns = new Map(header.map((name, index) => [name, index]));
    this.rows = body.map(({ line, cells }) => new ReferenceRow(this, line, cells));
    if (this.#columns.size < header.length) {
      const repeated = header.find((name, index) => header.indexOf(name) < index) ?? "";
      this.report(1, repeated, "a second column of that name", "column names, each once");
    }
    for (const { line, cells } of body) {
      if (cells.length === header.length) continue;
      this.report(line, header.at(-1) ?? "", `${cells.length} cells`, `${header.length} cells, as the header has`);
    }
  }

  has(column: string): boolean {
    return this.#columns.has(column);
  }

  indexOf(column: string): number {
    return this.#columns.get(column) ?? Number.NaN;
  }

  /** Names of all columns, in order. */
  columnNames(): string[] {
    return [...this.#columns.keys()];
  }

  report(line: number, column: string, got: string, want: string): void {
    const where = `${quoteForMessage(this.file)}:${line} column ${quoteForMessage(column)}`;
    this.#issues.push({ where, got, want, fix: "correct the cell, or the header, of the table" });
  }

  /** @throws TraceError naming every column of the list that the table lacks */
  requireColumns(columns: readonly string[]): void {
    for (const column of columns) if (!this.has(column)) this.report(1, column, "no such column", "that column");
    this.check();
  }

  /** @throws TraceError with everything malformed that was met so far (the first twenty) */
  check(): void {
    if (this.#issues.length > 0) throw new TraceError(this.#issues.slice(0, MAX_ISSUES));
  }
}

/**
 * Reads a table from disk.
 * @throws TraceError when the file is missing, a directory, empty, or no CSV
 */
export async function readReferenceTable(path: string): Promise<ReferenceTable> {
  const text = await readTableText(path);
  const { parseString } = await import("fast-csv");
  const lines: { line: number; cells: string[] }[] = [];
  await new Promise<void>((resolve, reject) => {
    let line = 0;
    parseString<string[], string[]>(text.replace(/^\uFEFF/, ""), { headers: false })
      .on("error", (error: Error) => reject(unreadable(`${quoteForMessage(path)}:${line + 1}`, error.message)))
      .on("data", (cells: string[]) => {
        line++;
        if (cells.some((cell) => cell.trim() !== "")) lines.push({ line, cells });
      })
      .on("end", () => resolve());
  });
  const [header, ...body] = lines;
  if (header === undefined || body.length === 0) {
    throw new TraceError({
      where: quoteForMessage(path),
      got: header === undefined ? "an empty file" : "a header without rows",
      want: "a header line and at least one row",
      fix: "check that the file was written in full",
    });
  }
  const table = new ReferenceTable(
    path,
    header.cells.map((name) => name.trim()),
    body,
  );
  table.check();
  return table;
}

async function readTableText(path: string): Promise<string> {
  const where = quoteForMessage(path);
  try {
    const status = await stat(path);
    if (!status.isFile()) throw unreadable(where, status.isDirectory() ? "a directory" : "not a plain file");
    if (status.size > MAX_TABLE_BYTES) throw unreadable(where, `a file of ${status.size} bytes`);
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof TraceError) throw error;
    throw unreadable(where, error instanceof Error && "code" in error ? String(error.code) : String(error));
  }
}

function unreadable(where: string, got: string): TraceError {
  return new TraceError({
    where,
    got: quoteForMessage(got),
    want: `a readable CSV table of at most ${MAX_TABLE_BYTES / (1024 * 1024)} MB`,
    fix: "name the table itself, e.g. references/scalesim.csv",
  });
}
