/**
 * A small CSV file as rows of trimmed cells that remember their line and column, for readers that report faults by place.
 * fast-csv takes the text apart (quotes, escapes); a trailing comma's empty last cell and empty lines are dropped.
 */
import { readFile, stat } from "node:fs/promises";
import { NetworkError, quoteForMessage } from "../../core/errors.js";
import { systemReason } from "./onnx-file.js";

export interface CsvRow {
  readonly cells: readonly string[];
  /** From 1. */
  readonly line: number;
  /** `file:line:column` of cell `index`, columns from 1. */
  readonly place: (index: number) => string;
}

const MAX_CSV_BYTES = 16 * 1024 * 1024;

/** Reads a table from disk. @throws NetworkError */
export async function readCsvTable(path: string): Promise<CsvRow[]> {
  const where = quoteForMessage(path);
  let text: string;
  try {
    const status = await stat(path);
    if (!status.isFile())
      throw new NetworkError({ where, got: "not a plain file", want: "a CSV file", fix: "name the file itself" });
    if (status.size > MAX_CSV_BYTES) {
      const got = `a file of ${status.size} bytes`;
      throw new NetworkError({
        where,
        got,
        want: `at most ${MAX_CSV_BYTES} bytes`,
        fix: "check that it is the CSV file",
      });
    }
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof NetworkError) throw error;
    throw new NetworkError({ where, got: systemReason(error), want: "a readable file", fix: "check the path" });
  }
  return parseCsvTable(text, where);
}

/**
 * Takes the text of a table apart. A cell may be quoted but may not contain a line break.
 * @throws NetworkError for broken quoting
 */
export async function parseCsvTable(text: string, file: string): Promise<CsvRow[]> {
  const { parseString } = await import("fast-csv");
  const clean = text.replace(/^\uFEFF/, "");
  const lines = clean.split(/\r\n|\n|\r/);
  const rows: CsvRow[] = [];
  let line = 0;
  await new Promise<void>((resolve, reject) => {
    parseString<string[], string[]>(clean, { headers: false })
      .on("error", (error: Error) => reject(brokenCsv(`${file}:${line + 1}`, quoteForMessage(error.message))))
      .on("data", (cells: string[]) => {
        line++;
        if (cells.some((cell) => /[\r\n]/.test(cell))) {
          reject(brokenCsv(`${file}:${line}`, "a cell with a line break"));
          return;
        }
        const trimmed = cells.map((cell) => cell.trim());
        if (trimmed.at(-1) === "") trimmed.pop();
        if (trimmed.every((cell) => cell === "")) return;
        const [own, source] = [line, lines[line - 1] ?? ""];
        rows.push({ cells: trimmed, line: own, place: (index) => `${file}:${own}:${columnOf(source, index)}` });
      })
      .on("end", () => resolve());
  });
  return rows;
}

/** Column, from 1, of the first character of cell `index`; of the line's end when the cell is missing. */
function columnOf(source: string, index: number): number {
  let cell = 0;
  let quoted = false;
  for (let at = 0; at < source.length; at++) {
    if (cell === index) return at + 1 + (/^\s*/.exec(source.slice(at))?.[0].length ?? 0);
    if (source[at] === '"') quoted = !quoted;
    else if (source[at] === "," && !quoted) cell++;
  }
  return source.length + 1;
}

function brokenCsv(where: string, got: string): NetworkError {
  return new NetworkError({
    where,
    got,
    want: "comma-separated cells, quotes closed and doubled inside quotes",
    fix: "repair the line",
  });
}
