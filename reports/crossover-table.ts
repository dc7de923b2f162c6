/** A crossover study as text: where each design stops winning, the network density by density, and how unevenly types are dealt. */
import type { CrossoverEntry, CrossoverStudy } from "../algorithms/explore/crossover/crossover-types.js";
import { formatQuantity } from "../sim/core/units.js";
import {
  byScope,
  comparisonsOf,
  crossingText,
  densityText,
  energyCrossingText,
  figuresAt,
  shownDensities,
  spanText,
} from "./crossover-figures.js";
import { percent, squareMillimetres } from "./figures.js";
import { type Paint, PLAIN } from "./paint.js";
import { noteLines } from "./study-table.js";
import { type Column, pageWidth, renderColumns, renderPairs } from "./text-table.js";

const SCOPE_WIDTH = 13;
const DESIGN_WIDTH = 17;
const SPAN_WIDTH = 11;
const SHARE_WIDTH = 10;

const ANY_SOURCE =
  "energy with all its sources at their nominal, lowest or highest figures, at the densities tried for the rest";

/** The study as text, no line wider than the page. */
export function renderCrossover(study: CrossoverStudy, pageColumns: number, paint: Paint = PLAIN): string {
  const width = pageWidth(pageColumns);
  const { network, rival } = study;
  const size = `${formatQuantity(network.macs, "")} MACs, ${formatQuantity(network.parameters, "")} parameters`;
  const head = [
    [network.name, `${size}; ${study.fidelity}; synthetic values: ${valuesText(study)}; seed ${study.seed}`],
    [
      "wins up to",
      `largest density of weights that beats dense weights: on the design itself, and on ${rival} (rival)`,
    ],
  ] as const;
  const networks = study.entries.filter(({ scope }) => scope === "network");
  const parts = [
    renderPairs(head, width, paint.title),
    renderColumns(fitting(crossingColumns(study), width), byScope(study), paint),
    ...networks.map((entry) => designBlock(study, entry, width, paint)),
    renderPairs(legend(study), width, paint.title),
    renderPairs(noteLines(study), width, paint.warning),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function valuesText({ distributions }: CrossoverStudy): string {
  return distributions.map(({ name }) => name).join(", ");
}

function crossingColumns(study: CrossoverStudy): Column<CrossoverEntry>[] {
  return [
    { title: "layers", width: SCOPE_WIDTH, align: "left", cell: ({ scope }) => scope },
    { title: "design", width: DESIGN_WIDTH, align: "left", cell: ({ design }) => design },
    ...comparisonsOf(study).map((comparison): Column<CrossoverEntry> => {
      const title = `${comparison.name} ${comparison.over === "itself" ? "self" : "rival"}`;
      const cell = (entry: CrossoverEntry): string => crossingText(entry, comparison);
      return { title, width: Math.max(SPAN_WIDTH, title.length), align: "right", cell };
    }),
    ...(study.metrics.includes("energy") ? OPPONENTS.map(sourcesColumn) : []),
  ];
}

const OPPONENTS = ["itself", "rival"] as const;

/** Energy whatever its sources; wide pages have room for it. */
function sourcesColumn(over: (typeof OPPONENTS)[number]): Column<CrossoverEntry> {
  const title = `${over === "itself" ? "self" : "rival"}, any source`;
  return { title, width: title.length, align: "right", cell: (entry) => energyCrossingText(entry, over) };
}

/** What one design does with the network at each density, and with each type of layer. */
function designBlock(study: CrossoverStudy, network: CrossoverEntry, width: number, paint: Paint): string {
  const { name, array, peakMacsPerCycle, clockHz, areaUm2, stored, refused } = study.designs.find(
    (design) => design.name === network.design,
  )!;
  const speed = `${peakMacsPerCycle} MACs a cycle at ${formatQuantity(clockHz, "Hz")}`;
  const pairs: (readonly [string, string])[] = [
    [name, `${array}; ${speed}, ${squareMillimetres(areaUm2)}; weights stored ${stored}`],
    ...refused.map(({ density, reason }) => [`not ${densityText(density)}`, reason] as const),
  ];
  const shown = shownDensities(study, name);
  const types = study.entries.filter(({ design, scope }) => design === name && scope !== "network");
  return [
    `${renderPairs(pairs, width, paint.title)}\n`,
    `${renderColumns(fitting(densityColumns(study, network), width), shown, paint)}\n`,
    renderColumns(imbalanceColumns(shown, width), types, paint),
  ].join("\n");
}

type Shown = ReturnType<typeof shownDensities>[number];

function densityColumns(study: CrossoverStudy, entry: CrossoverEntry): Column<Shown>[] {
  const share = (title: string, figure: Parameters<typeof figuresAt>[2]): Column<Shown> => ({
    title,
    width: SHARE_WIDTH,
    align: "right",
    cell: ({ index }) => spanText(figuresAt(entry, index, figure), percent),
  });
  return [
    { title: "density", width: 7, align: "right", cell: ({ name }) => name },
    ...comparisonsOf(study).map(({ name, over, ratioOf }): Column<Shown> => {
      const title = `${name} ${over === "itself" ? "self" : "rival"}`;
      const cell = ({ index }: Shown): string => spanText(figuresAt(entry, index, ratioOf), twoDigits);
      return { title, width: Math.max(SPAN_WIDTH, title.length), align: "right", cell };
    }),
    share("metadata", ({ metadataFraction }) => metadataFraction),
    share("its energy", ({ metadataEnergyFraction }) => metadataEnergyFraction),
    share("its DRAM", ({ metadataDramFraction }) => metadataDramFraction),
  ];
}

/** As many densities as the page has room for, evenly over all that there are. */
function imbalanceColumns(densities: readonly Shown[], width: number): Column<CrossoverEntry>[] {
  const room = Math.max(1, Math.min(densities.length, Math.floor((width - SCOPE_WIDTH) / (SPAN_WIDTH + 1))));
  const chosen = Array.from({ length: room }, (_, at) =>
    room === 1 ? densities.length - 1 : Math.round((at * (densities.length - 1)) / (room - 1)),
  );
  return [
    { title: "imbalance at", width: SCOPE_WIDTH, align: "left", cell: ({ scope }) => scope },
    ...chosen.map((at): Column<CrossoverEntry> => {
      const { index, name } = densities[at]!;
      const figures = (entry: CrossoverEntry) => figuresAt(entry, index, ({ imbalanceRatio }) => imbalanceRatio);
      return { title: name, width: SPAN_WIDTH, align: "right", cell: (entry) => spanText(figures(entry), twoDigits) };
    }),
  ];
}

function twoDigits(value: number): string {
  return value < 99.5 ? value.toFixed(2) : value.toFixed(0);
}

/** As many columns from the left as the page has room for. */
function fitting<Row>(columns: readonly Column<Row>[], width: number): Column<Row>[] {
  let taken = -1;
  return columns.filter((column) => {
    taken += column.width + 1;
    return taken <= width;
  });
}

function legend({ resolution, marginFraction, entries, metrics }: CrossoverStudy): (readonly [string, string])[] {
  const lines: (readonly [string, string])[] = [
    ["self, rival", "time or energy over that of dense weights, below 1 wins; a range is over values"],
    ["wins up to", `to ${resolution} for unstructured weights, to 1/m for n of each m; the next step loses`],
    [
      "any source",
      "energy with all its sources at their nominal, lowest or highest, at the densities tried for the rest",
    ],
    ...(marginFraction > 0 ? [["wins", `by ${percent(marginFraction)} or more`] as const] : []),
    ["metadata", "of stored weight bits; its reads of the DRAM, of all energy and of all DRAM bytes"],
    [
      "imbalance",
      "cycles of computing over those of the same products dealt evenly to all multipliers; 1 is even. Also what of the array a " +
        "layer cannot fill, and digits that are taken one after another",
    ],
  ];
  if (metrics.includes("energy")) lines.push(["any source", ANY_SOURCE]);
  const isOdd = entries.some(({ runs }) =>
    runs.some(({ crossings }) => crossings.some(({ verdict }) => verdict === "mixed" || verdict === "above")),
  );
  return isOdd ? [...lines, ["*", "loses at some smaller density too: see firstCrossing in the JSON"]] : lines;
}
