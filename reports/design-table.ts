/** A resolved design, a parameter a row: value, unit, and where the value comes from. */
import { type Column, renderColumns, renderPairs } from "./text-table.js";

interface Field {
  readonly path: string;
  readonly value: string | number | boolean;
  readonly unit: string;
  readonly description: string;
  readonly source: string;
}

/** A parameter a line, its source by number, and the numbered sources below. */
export function renderDesignTable(fields: readonly Field[], width: number): string {
  const sources = [...new Set(fields.map((field) => field.source))];
  const pathWidth = Math.max(...fields.map((field) => field.path.length));
  const valueWidth = Math.min(20, Math.max(...fields.map((field) => String(field.value).length)));
  const columns: Column<Field>[] = [
    { title: "parameter", width: pathWidth, align: "left", cell: (field) => field.path },
    { title: "value", width: valueWidth, align: "right", cell: (field) => String(field.value) },
    { title: "unit", width: 6, align: "left", cell: (field) => field.unit },
    { title: "src", width: 4, align: "right", cell: (field) => `[${sources.indexOf(field.source) + 1}]` },
  ];
  const rest = width - columns.reduce((sum, column) => sum + column.width + 1, 0) - 1;
  if (rest >= 20) columns.push({ title: "meaning", width: rest, align: "left", cell: (field) => field.description });
  const notes = renderPairs(
    sources.map((source, index) => [`[${index + 1}]`, source] as const),
    width,
  );
  return `${renderColumns(columns, fields)}\n\n${notes}\n`;
}
