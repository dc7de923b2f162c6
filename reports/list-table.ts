/** Entries of a registry: name, what it is, where it comes from. Nothing is cut: long texts go on in the next line. */
import { displayWidth } from "./display-width.js";
import { numberedSources } from "./numbered-sources.js";
import { type Paint, PLAIN } from "./paint.js";
import { type Column, pageWidth, renderColumns, renderPairs } from "./text-table.js";

interface Entry {
  readonly name: string;
  readonly description: string;
  readonly source: string;
}

const LONGEST_NAME = 28;
const DESCRIPTION_SHARE = 0.55;

function longest(entries: readonly Entry[], text: (entry: Entry) => string): number {
  return entries.reduce((most, entry) => Math.max(most, displayWidth(text(entry))), 4);
}

/** A table of entries. Sources that entries share are numbered and said once, below. */
export function renderList(entries: readonly Entry[], pageColumns: number, paint: Paint = PLAIN): string {
  const width = pageWidth(pageColumns);
  const sources = numberedSources(entries);
  const isShared = sources.pairs.length < entries.length;
  const nameWidth = Math.min(
    longest(entries, (entry) => entry.name),
    LONGEST_NAME,
  );
  const rest = width - nameWidth - 1;
  const descriptionWidth = isShared
    ? rest - 5
    : Math.min(
        longest(entries, (entry) => entry.description),
        Math.floor(rest * DESCRIPTION_SHARE),
      );
  const columns: Column<Entry>[] = [
    { title: "name", width: nameWidth, align: "left", cell: (entry) => entry.name, wrap: true },
    { title: "what", width: descriptionWidth, align: "left", cell: (entry) => entry.description, wrap: true },
    isShared
      ? { title: "src", width: 4, align: "right", cell: sources.numberOf }
      : {
          title: "source",
          width: rest - descriptionWidth - 1,
          align: "left",
          cell: ({ source }) => source,
          wrap: true,
        },
  ];
  const table = renderColumns(columns, entries, paint);
  return isShared ? `${table}\n\n${renderPairs(sources.pairs, width, paint.faint)}\n` : `${table}\n`;
}
