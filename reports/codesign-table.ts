/** Compressions of a model on designs as text: a row a pair, the pairs that no other beats marked. */
import type { Codesign, CodesignEntry, CodesignFigures } from "../algorithms/explore/codesign.js";
import { formatQuantity } from "../sim/core/units.js";
import { displayWidth } from "./display-width.js";
import { bytes, grouped, joules, squareMillimetres } from "./figures.js";
import { type Paint, PLAIN } from "./paint.js";
import { type Column, pageWidth, renderColumns, renderPairs } from "./text-table.js";

const FRONT_MARK = "*";
const LONGEST_ENCODING = 34;
const LONGEST_DESIGN = 20;
/** Room for both names on a narrow page, which then shows fewer figures. */
const LEAST_NAMES = 20;

export function accuracyText(fraction: number): string {
  return `${(fraction * 100).toFixed(2)}%`;
}

export function seconds(value: number): string {
  return formatQuantity(value, "s");
}

/** Width of a column of names: as wide as the longest, up to a limit. */
function nameWidth(names: readonly string[], most: number): number {
  return Math.min(most, Math.max(8, ...names.map(displayWidth)));
}

function columnsOf({ entries }: Codesign, width: number): Column<CodesignEntry>[] {
  const figure = (title: string, columnWidth: number, text: (figures: CodesignFigures) => string) => ({
    title,
    width: columnWidth,
    align: "right" as const,
    cell: ({ figures }: CodesignEntry) => (figures === undefined ? "-" : text(figures)),
  });
  const fixed = 2 + 9 + 10 + 10 + 10;
  const names = Math.max(LEAST_NAMES, width - fixed);
  const design = nameWidth(
    entries.map((entry) => entry.design),
    Math.min(LONGEST_DESIGN, Math.floor(names / 2)),
  );
  const encoding = nameWidth(
    entries.map((entry) => entry.encoding),
    Math.min(LONGEST_ENCODING, names - design - 1),
  );
  const columns: Column<CodesignEntry>[] = [
    { title: "", width: 1, align: "left", cell: ({ isOnFront }) => (isOnFront ? FRONT_MARK : "") },
    { title: "weights", width: encoding, align: "left", wrap: true, cell: (entry) => entry.encoding },
    { title: "design", width: design, align: "left", wrap: true, cell: (entry) => entry.design },
  ];
  const figures = [
    figure("accuracy", 8, ({ accuracyFraction }) => accuracyText(accuracyFraction)),
    figure("latency", 9, ({ latencySeconds }) => seconds(latencySeconds)),
    figure("energy", 9, ({ energyPj }) => joules(energyPj)),
    figure("stored", 9, ({ weightBytes }) => bytes(weightBytes)),
    figure("metadata", 9, ({ metadataBytes }) => bytes(metadataBytes)),
    figure("DRAM", 9, ({ dramBytes }) => bytes(dramBytes)),
    figure("cycles", 12, ({ cycles }) => grouped(cycles, 12)),
    figure("sums exact", 11, ({ sumsBitExact }) => (sumsBitExact === undefined ? "-" : grouped(sumsBitExact, 11))),
  ];
  let taken = columns.reduce((sum, column) => sum + column.width + 1, -1);
  return [
    ...columns,
    ...figures.filter((column) => {
      taken += column.width + 1;
      return taken <= width;
    }),
  ];
}

/** The study as text, no line wider than the page. */
export function renderCodesign(study: Codesign, pageColumns: number, paint: Paint = PLAIN): string {
  const width = pageWidth(pageColumns);
  const { data, floatAccuracyFraction, entries, designs } = study;
  const origin = data.isGenerated ? "GENERATED, not real" : data.source;
  const head = [
    ["model", study.model],
    ["evaluated on", `${data.samples} samples of ${data.data} (${origin})`],
    ["in float", accuracyText(floatAccuracyFraction)],
    ["run", `${study.fidelity} fidelity, seed ${study.seed}`],
  ] as const;
  const legend = [
    [FRONT_MARK, `no other pair is better in one of ${study.objectives.join(", ")} and as good in the others`],
    ["accuracy", "in the arithmetic of the design, with the weights that it runs"],
    ["stored", "weights as the design stores them, metadata among them"],
  ] as const;
  const arrays = designs.map(({ name, array, areaUm2 }) => [name, `${array}, ${squareMillimetres(areaUm2)}`] as const);
  const refusals = entries.flatMap(({ encoding, design, refusal }) =>
    refusal === undefined ? [] : [[`${encoding} on ${design}`, refusal] as const],
  );
  const parts = [
    renderPairs(head, width, paint.title),
    renderColumns(columnsOf(study, width), entries, paint),
    renderPairs(arrays, width, paint.title),
    renderPairs(legend, width, paint.title),
    ...(refusals.length === 0 ? [] : [renderPairs(refusals, width, paint.warning)]),
  ];
  return `${parts.join("\n\n")}\n`;
}
