/**
 * Text laid out in columns of fixed display width: wide characters count twice, control and direction characters are shown as
 * escapes, what does not fit is cut with an ellipsis. Tables never exceed the width they are given.
 */
import Table from "cli-table3";
import { quoteForMessage } from "../sim/core/errors.js";

export interface Column<Row> {
  readonly title: string;
  readonly width: number;
  readonly align: "left" | "right";
  readonly cell: (row: Row) => string;
}

const NO_BORDERS = Object.fromEntries(
  [
    "top",
    "top-mid",
    "top-left",
    "top-right",
    "bottom",
    "bottom-mid",
    "bottom-left",
    "bottom-right",
    "left",
    "left-mid",
    "mid",
    "mid-mid",
    "right",
    "right-mid",
    "middle",
  ].map((name) => [name, ""]),
);

/** Text that is safe to print: no control, escape or direction characters. */
export function printable(text: string): string {
  return quoteForMessage(text);
}

function trimLines(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** Rows under a header line. The widths of the columns and one space between them make the line. */
export function renderColumns<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const table = new Table({
    chars: NO_BORDERS,
    style: { "padding-left": 0, "padding-right": 1, head: [], border: [], compact: true },
    colWidths: columns.map((column) => column.width + 1),
    colAligns: columns.map((column) => column.align),
    wordWrap: false,
  });
  table.push(columns.map((column) => column.title));
  table.push(columns.map((column) => "-".repeat(column.width)));
  for (const row of rows) table.push(columns.map((column) => printable(column.cell(row))));
  return trimLines(table.toString());
}

/** Two columns without a header: a label and what is to be said, which may go on over several lines. */
export function renderPairs(pairs: readonly (readonly [string, string])[], width: number): string {
  if (pairs.length === 0) return "";
  const labelWidth = Math.min(22, Math.max(...pairs.map(([label]) => label.length)));
  const table = new Table({
    chars: NO_BORDERS,
    style: { "padding-left": 0, "padding-right": 1, head: [], border: [], compact: true },
    colWidths: [labelWidth + 1, Math.max(10, width - labelWidth - 1)],
    wordWrap: true,
    wrapOnWordBoundary: false,
  });
  for (const [label, text] of pairs)
    table.push([printable(label), wrapWords(printable(text), Math.max(9, width - labelWidth - 2))]);
  return trimLines(table.toString());
}

/** Breaks at spaces; what is longer than a line is left to the table to cut. */
function wrapWords(text: string, width: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join("\n");
}

/** A bar of `width` cells for a fraction, with eighths of a cell. */
export function bar(fraction: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, fraction)) * width * 8);
  const rest = eighths % 8;
  return "█".repeat(Math.floor(eighths / 8)) + (rest === 0 ? "" : " ▏▎▍▌▋▊▉"[rest]);
}

/** An integer with thin grouping: `1 234 567`. */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, " ");
}

/** A fraction as percent with one decimal. */
export function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)}%`;
}
