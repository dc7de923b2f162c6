/** A resolved design, a parameter a row: value, unit, and where the value comes from. */
import { displayWidth } from "./display-width.js";
import { numberedSources } from "./numbered-sources.js";
import { type Paint, PLAIN } from "./paint.js";
import { type Column, pageWidth, renderColumns, renderPairs } from "./text-table.js";

interface Field {
  readonly path: string;
  readonly value: string | number | boolean;
  readonly unit: string;
  readonly description: string;
  readonly source: string;
}

const UNIT_WIDTH = 6;
const SOURCE_WIDTH = 4;
const LONGEST_VALUE = 20;
const LEAST_MEANING = 20;

/** A parameter a line, its source by number, and the numbered sources below. */
export function renderDesignTable(fields: readonly Field[], pageColumns: number, paint: Paint = PLAIN): string {
  const width = pageWidth(pageColumns);
  const sources = numberedSources(fields);
  const longest = (text: (field: Field) => string): number =>
    fields.reduce((most, field) => Math.max(most, displayWidth(text(field))), 5);
  const valueWidth = Math.min(
    LONGEST_VALUE,
    longest((field) => String(field.value)),
  );
  const free = width - valueWidth - UNIT_WIDTH - SOURCE_WIDTH - 3;
  const pathWidth = Math.min(
    free,
    longest((field) => field.path),
  );
  const columns: Column<Field>[] = [
    { title: "parameter", width: pathWidth, align: "left", cell: (field) => field.path, wrap: true },
    { title: "value", width: valueWidth, align: "right", cell: (field) => String(field.value), wrap: true },
    { title: "unit", width: UNIT_WIDTH, align: "left", cell: (field) => field.unit },
    { title: "src", width: SOURCE_WIDTH, align: "right", cell: sources.numberOf },
  ];
  const rest = free - pathWidth - 1;
  if (rest >= LEAST_MEANING)
    columns.push({ title: "meaning", width: rest, align: "left", cell: (field) => field.description, wrap: true });
  return `${renderColumns(columns, fields, paint)}\n\n${renderPairs(sources.pairs, width, paint.faint)}\n`;
}
