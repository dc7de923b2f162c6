/** A resolved design, a parameter a row: value, unit, and where the value comes from. */
import { type Column, renderColumns } from "./text-table.js";

interface Field {
  readonly path: string;
  readonly value: string | number | boolean;
  readonly unit: string;
  readonly description: string;
  readonly source: string;
}

export function renderDesignTable(fields: readonly Field[], width: number): string {
  const pathWidth = Math.max(...fields.map((field) => field.path.length));
  const valueWidth = Math.min(24, Math.max(...fields.map((field) => String(field.value).length)));
  const rest = Math.max(10, width - pathWidth - valueWidth - 10);
  const columns: Column<Field>[] = [
    { title: "parameter", width: pathWidth, align: "left", cell: (field) => field.path },
    { title: "value", width: valueWidth, align: "right", cell: (field) => String(field.value) },
    { title: "unit", width: 6, align: "left", cell: (field) => field.unit },
  ];
  const sourceWidth = rest >= 60 ? Math.floor(rest / 2) : rest;
  if (rest >= 60) {
    columns.push({
      title: "meaning",
      width: rest - sourceWidth - 1,
      align: "left",
      cell: (field) => field.description,
    });
  }
  columns.push({ title: "source", width: sourceWidth, align: "left", cell: (field) => field.source });
  return `${renderColumns(columns, fields)}\n`;
}
