/**
 * Text in columns of fixed display width. Wide characters count twice, control and direction characters are shown as escapes,
 * what does not fit is cut with an ellipsis or, where a column asks for it, goes on in the next line. No line is wider than
 * the columns and the spaces between them.
 */
import { printableText } from "../sim/core/printable-text.js";
import { beginning, cutToWidth, displayWidth, padding } from "./display-width.js";
import { type Paint, PLAIN } from "./paint.js";

export interface Column<Row> {
  readonly title: string;
  readonly width: number;
  readonly align: "left" | "right";
  readonly cell: (row: Row) => string;
  /** Goes on in the next line instead of being cut. @default false */
  readonly wrap?: boolean;
  /** Colour of a cell, given its padded text. */
  readonly paint?: (text: string, row: Row) => string;
  /** Room between two tables in one: no rule under its title. @default false */
  readonly isGap?: boolean;
}

/** Narrowest page that tables are laid out for. */
export const MINIMUM_WIDTH = 40;

/** The width of a page as asked for, whole and not too narrow to lay out. */
export function pageWidth(width: number): number {
  return Math.max(MINIMUM_WIDTH, Math.floor(width));
}

/** Rows under a header line and a rule. */
export function renderColumns<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  paint: Paint = PLAIN,
): string {
  const header = columns.map((column) => paint.title(align(cutToWidth(column.title, column.width), column)));
  const rule = columns.map((column) => paint.faint((column.isGap ? " " : "-").repeat(column.width)));
  const lines = [joinCells(header), joinCells(rule)];
  for (const row of rows) lines.push(...rowLines(columns, row));
  return lines.join("\n");
}

function joinCells(cells: readonly string[]): string {
  return cells.join(" ").trimEnd();
}

function align<Row>(text: string, { width, align: side }: Column<Row>): string {
  return side === "right" ? padding(text, width) + text : text + padding(text, width);
}

function rowLines<Row>(columns: readonly Column<Row>[], row: Row): string[] {
  const cells = columns.map((column) => {
    const text = printableText(column.cell(row));
    return column.wrap ? wrapWords(text, column.width) : [cutToWidth(text, column.width)];
  });
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, index) =>
    joinCells(
      columns.map((column, at) => {
        const text = align(cells[at]![index] ?? "", column);
        return column.paint === undefined ? text : column.paint(text, row);
      }),
    ),
  );
}

/** A label and what is to be said, which may go on over several lines. */
export function renderPairs(
  pairs: readonly (readonly [label: string, text: string])[],
  width: number,
  paint: (label: string) => string = PLAIN.faint,
): string {
  if (pairs.length === 0) return "";
  const longest = Math.max(...pairs.map(([label]) => displayWidth(printableText(label))));
  const labelWidth = Math.min(longest, Math.max(8, Math.floor(width / 3)));
  return pairs
    .flatMap(([label, text]) =>
      wrapWords(printableText(text), width - labelWidth - 1).map((line, index) => {
        const shown = index === 0 ? cutToWidth(printableText(label), labelWidth) : "";
        return joinCells([paint(shown) + padding(shown, labelWidth), line]);
      }),
    )
    .join("\n");
}

/** Lines of at most `width` cells, broken at spaces; a longer word is broken where the line ends. */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const joined = line === "" ? word : `${line} ${word}`;
    if (displayWidth(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== "") lines.push(line);
    line = word;
    while (displayWidth(line) > width) {
      const head = beginning(line, width);
      if (head === "") break;
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  return [...lines, line];
}

/** A bar of `width` cells for a fraction, with eighths of a cell. */
export function bar(fraction: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, fraction)) * width * 8);
  const rest = eighths % 8;
  return "█".repeat(Math.floor(eighths / 8)) + (rest === 0 ? "" : " ▏▎▍▌▋▊▉"[rest]);
}
