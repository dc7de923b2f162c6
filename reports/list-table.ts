/** Entries of a registry: name, what it is, where it comes from. */
import { type Column, renderColumns } from "./text-table.js";

interface Entry {
  readonly name: string;
  readonly description: string;
  readonly source: string;
}

export function renderList(entries: readonly Entry[], width: number): string {
  const nameWidth = Math.max(4, ...entries.map((entry) => entry.name.length));
  const rest = Math.max(30, width - nameWidth - 2);
  const descriptionWidth = Math.floor(rest * 0.55);
  const columns: Column<Entry>[] = [
    { title: "name", width: nameWidth, align: "left", cell: (entry) => entry.name },
    { title: "what", width: descriptionWidth, align: "left", cell: (entry) => entry.description },
    { title: "source", width: rest - descriptionWidth - 1, align: "left", cell: (entry) => entry.source },
  ];
  return `${renderColumns(columns, entries)}\n`;
}
