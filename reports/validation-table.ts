/** A validation run: columns compared, rows left out by rule, and the first misses. */
import { type Column, renderColumns, renderPairs } from "./text-table.js";

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

export function renderValidation(result: ValidationData, width: number): string {
  const columns: Column<readonly [string, ColumnResult]>[] = [
    { title: "column", width: 30, align: "left", cell: ([name]) => name },
    { title: "compared", width: 9, align: "right", cell: ([, column]) => String(column.compared) },
    { title: "matched", width: 9, align: "right", cell: ([, column]) => String(column.matched) },
    { title: "worst error", width: 12, align: "right", cell: ([, column]) => column.worstRelativeError.toPrecision(3) },
    { title: "tolerance", width: 10, align: "right", cell: ([, column]) => String(column.tolerance) },
  ];
  const sections = [renderColumns(columns, Object.entries(result.columns))];
  if (result.excluded.length > 0) {
    sections.push(
      renderPairs(
        result.excluded.map(({ rule, rows }) => [`${rows} rows left out`, rule] as const),
        width,
      ),
    );
  }
  if (result.misses.length > 0) {
    const shown = result.misses.slice(0, SHOWN_MISSES);
    const lines = shown.map(
      (miss) =>
        [`miss ${miss.column}`, `${miss.case}: expected ${String(miss.expected)}, got ${String(miss.got)}`] as const,
    );
    sections.push(renderPairs(lines, width));
    if (result.misses.length > shown.length)
      sections.push(`... and ${result.misses.length - shown.length} more misses`);
  }
  sections.push(`${result.matched} of ${result.compared} compared rows match (${result.rows} rows in the table)`);
  return `${sections.join("\n\n")}\n`;
}
