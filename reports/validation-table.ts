/** A validation run: columns compared, rows left out by rule, and the first misses. */
import { type Paint, PLAIN } from "./paint.js";
import { type Column, pageWidth, renderColumns, renderPairs, wrapWords } from "./text-table.js";

interface ColumnResult {
  readonly compared: number;
  readonly matched: number;
  readonly worstRelativeError: number;
  readonly tolerance: number;
}

export interface ValidationData {
  readonly kind: string;
  readonly rows: number;
  readonly compared: number;
  readonly matched: number;
  readonly excluded: readonly { readonly rule: string; readonly rows: number }[];
  readonly columns: Readonly<Record<string, ColumnResult>>;
  readonly misses: readonly {
    readonly case: string;
    readonly column: string;
    readonly expected: unknown;
    readonly got: unknown;
  }[];
}

const SHOWN_MISSES = 20;

type ResultRow = readonly [name: string, result: ColumnResult];

function resultColumns(width: number, warning: (text: string) => string): Column<ResultRow>[] {
  const columns: Column<ResultRow>[] = [
    { title: "compared", width: 9, align: "right", cell: ([, column]) => String(column.compared) },
    {
      title: "matched",
      width: 9,
      align: "right",
      cell: ([, column]) => String(column.matched),
      paint: (text, [, column]) => (column.matched === column.compared ? text : warning(text)),
    },
    { title: "worst error", width: 11, align: "right", cell: ([, column]) => column.worstRelativeError.toPrecision(3) },
    { title: "tolerance", width: 9, align: "right", cell: ([, column]) => String(column.tolerance) },
  ];
  const shown = width < 60 ? columns.slice(0, 2) : columns;
  const free = width - shown.reduce((sum, column) => sum + column.width + 1, 0);
  return [{ title: "column", width: Math.min(34, free), align: "left", cell: ([name]) => name, wrap: true }, ...shown];
}

/** The result of a validation as text. */
export function renderValidation(result: ValidationData, pageColumns: number, paint: Paint = PLAIN): string {
  const width = pageWidth(pageColumns);
  const excluded = result.excluded.map(({ rule, rows }) => [`${rows} rows left out`, rule] as const);
  const shown = result.misses.slice(0, SHOWN_MISSES);
  const misses = shown.map(
    (miss) =>
      [`miss ${miss.column}`, `${miss.case}: expected ${String(miss.expected)}, got ${String(miss.got)}`] as const,
  );
  const rest = result.misses.length - shown.length;
  const verdict = `${result.matched} of ${result.compared} compared rows match (${result.rows} rows in the table)`;
  const allMatch = result.matched === result.compared;
  const sections = [
    renderColumns(resultColumns(width, paint.warning), Object.entries(result.columns), paint),
    renderPairs(excluded, width, paint.faint),
    renderPairs(misses, width, paint.warning),
    rest > 0 ? `... and ${rest} more misses` : "",
    wrapWords(verdict, width)
      .map((line) => (allMatch ? line : paint.warning(line)))
      .join("\n"),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}
