/** A comparison of designs as text: for each network a row a design, ratios to the first; ranges where values were drawn. */
import type { Study, StudyEntry, StudyRun } from "../algorithms/explore/compare-designs.js";
import { formatQuantity } from "../sim/core/units.js";
import { bytes, joules, percent, ratio } from "./figures.js";
import { type Paint, PLAIN } from "./paint.js";
import { type Column, pageWidth, renderColumns, renderPairs } from "./text-table.js";

const NAME_WIDTH = 15;
const RATIO_WIDTH = 12;
const FIGURE_WIDTH = 18;
/** Marks a design whose model is further than a quarter from its own paper's claim. */
const UNCALIBRATED = "*";

/** The least and the greatest of a figure over all values, once where they look alike. */
export function rangeText(
  runs: readonly StudyRun[],
  figure: (run: StudyRun) => number,
  text: (value: number) => string,
) {
  const values = runs.map(figure);
  const [least, most] = [text(Math.min(...values)), text(Math.max(...values))];
  return least === most ? least : `${least.replace(/x$/, "")}-${most}`;
}

function columnsOf(study: Study, width: number): Column<StudyEntry>[] {
  const marked = new Set(
    study.designs.filter(({ calibration }) => calibration?.isCalibrated === false).map(({ name }) => name),
  );
  const range = (title: string, figure: (run: StudyRun) => number): Column<StudyEntry> => ({
    title,
    width: RATIO_WIDTH,
    align: "right",
    cell: ({ runs }) => rangeText(runs, figure, ratio),
  });
  const wide = (title: string, figure: (run: StudyRun) => number, text: (value: number) => string) => ({
    title,
    width: FIGURE_WIDTH,
    align: "right" as const,
    cell: ({ runs }: StudyEntry) => rangeText(runs, figure, text),
  });
  const columns: Column<StudyEntry>[] = [
    {
      title: "design",
      width: NAME_WIDTH,
      align: "left",
      cell: ({ design }) => (marked.has(design) ? `${design} ${UNCALIBRATED}` : design),
    },
    range("speed", ({ speedup }) => speedup),
    range("energy", ({ energyRatio }) => energyRatio),
    range("DRAM", ({ dramRatio }) => dramRatio),
    {
      title: "DRAM share",
      width: RATIO_WIDTH,
      align: "right",
      cell: ({ runs }) => rangeText(runs, dramShare, percent),
    },
    { title: "sure", width: 5, align: "left", cell: ({ runs }) => sureText(runs) },
  ];
  const figures = [
    wide(
      "latency",
      ({ latencySeconds }) => latencySeconds,
      (value) => formatQuantity(value, "s"),
    ),
    wide("energy", ({ energyPj }) => energyPj, joules),
    wide("DRAM", ({ dramBytes }) => dramBytes, bytes),
  ];
  return fitting([...columns, ...figures], width);
}

/** As many columns from the left as the page has room for. */
function fitting(columns: readonly Column<StudyEntry>[], width: number): Column<StudyEntry>[] {
  let taken = -1;
  return columns.filter((column) => {
    taken += column.width + 1;
    return taken <= width;
  });
}

export function dramShare({ energyByComponentPj, energyPj }: StudyRun): number {
  return (energyByComponentPj.dram ?? 0) / energyPj;
}

/** Whether the ranking in energy survives every energy table, with all values, some or none. */
function sureText(runs: readonly StudyRun[]): string {
  const sure = runs.filter(({ survivesAllSources }) => survivesAllSources).length;
  if (runs.every(({ energyRatio }) => energyRatio === 1)) return "";
  if (sure === runs.length) return "yes";
  return sure === 0 ? "no" : "some";
}

/** The study as text, no line wider than the page. */
export function renderStudy(study: Study, pageColumns: number, paint: Paint = PLAIN): string {
  const width = pageWidth(pageColumns);
  const columns = columnsOf(study, width);
  const sections = study.networks.flatMap(({ name, macs, parameters }) => {
    const size = `${formatQuantity(macs, "")} MACs, ${formatQuantity(parameters, "")} parameters`;
    const entries = study.entries.filter(({ network }) => network === name);
    return [
      renderPairs([[name, `${size}; values ${valuesText(entries)}`]], width, paint.title),
      renderColumns(columns, entries, paint),
    ];
  });
  const legend = [
    [
      "speed, energy, DRAM",
      `${study.designs[0]!.name}'s over the design's: above 1 is better; weights ${study.encoding}, stored as each design takes them`,
    ],
    ["sure", "whether the difference in energy survives every energy source"],
  ] as const;
  const designs = study.designs.map(
    ({ name, array, areaUm2 }) => [name, `${array}, ${(areaUm2 / 1e6).toPrecision(3)} mm2`] as const,
  );
  return `${[...sections, renderPairs(designs, width, paint.title), renderPairs(legend, width, paint.title), renderPairs(noteLines(study), width, paint.warning)].filter((part) => part !== "").join("\n\n")}\n`;
}

function valuesText(entries: readonly StudyEntry[]): string {
  const names = new Set(entries.flatMap(({ runs }) => runs.map(({ values }) => values)));
  if (names.size > 1) names.delete("any");
  return [...names].join(", ");
}

/** What a reader must know of the models: calibrations, and what was published. */
export function noteLines({ designs }: Pick<Study, "designs">): (readonly [string, string])[] {
  return designs.flatMap(({ name, calibration, notes }) => {
    const lines: (readonly [string, string])[] = [];
    if (calibration !== undefined) {
      const { claim, published, ours, isCalibrated } = calibration;
      const verdict = isCalibrated ? "within a quarter" : `${UNCALIBRATED} uncalibrated`;
      lines.push([name, `${claim}: published ${published}, this model ${ours} (${verdict})`]);
    }
    return [...lines, ...notes.map((note) => [name, note] as const)];
  });
}
