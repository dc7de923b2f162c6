/** A crossover study as one page that needs nothing else: panels a type of layer, the tables that they are of, and what to know. */
import type { CrossoverPoint, CrossoverStudy } from "../algorithms/explore/crossover/crossover-types.js";
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
import { type PanelFigure, plotPanels, SERIES_COLOURS, SYMBOLS, seriesColour } from "./crossover-plot.js";
import { percent, squareMillimetres } from "./figures.js";
import { escapeHtml, htmlTable, PAGE_STYLE } from "./html.js";
import { noteLines } from "./study-table.js";

function seriesVariables(mode: "light" | "dark"): string {
  return SERIES_COLOURS.map((colours, index) => `--series-${index}: ${colours[mode]};`).join(" ");
}

const STYLE = `${PAGE_STYLE}
:root { ${seriesVariables("light")} --page: #fff; --text: #1a1a1a; }
@media (prefers-color-scheme: dark) { :root { ${seriesVariables("dark")} --page: #16181b; --text: #e8e8e8; } }
body { background: var(--page); color: var(--text); }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(264px, 1fr)); gap: 0.5rem 1rem; }
.panels div { min-width: 0; }
.panels h3 { font-size: 0.85rem; font-weight: 600; margin: 0 0 0 38px; }
.panels svg { display: block; max-width: 100%; height: auto; }
.legend span { width: auto; height: auto; }
figcaption { font-size: 0.9rem; margin-top: 0.4rem; }
`;

export async function renderCrossoverHtml(study: CrossoverStudy): Promise<string> {
  const { network, rival } = study;
  const figures: string[] = [];
  for (const { figure, caption } of figuresOf(study)) figures.push(await figureOf(study, figure, caption));
  const legend = study.designs
    .map(({ name, array, stored, areaUm2 }, at) => {
      const text = `${name}: ${array}, ${squareMillimetres(areaUm2)}; weights stored ${stored}`;
      const mark = SYMBOLS[at % SYMBOLS.length]!.text;
      return `<li><span style="color:${seriesColour(at)}">${mark}</span>${escapeHtml(text)}</li>`;
    })
    .join("");
  const refused = study.designs.flatMap(({ name, refused: some }) =>
    some.map(({ density, reason }) => [name, `not at ${densityText(density)}: ${reason}`] as const),
  );
  const notes = [...refused, ...noteLines(study)]
    .map(([name, text]) => `<li><strong>${escapeHtml(name)}</strong>: ${escapeHtml(text)}</li>`)
    .join("");
  const values = study.distributions.map(({ name, description }) => `${name} (${description})`).join(", ");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Where sparse weights win</title><style>${STYLE}</style></head><body>
<h1>Where sparse weights win: ${escapeHtml(network.name)}</h1>
<p>Time and energy at a density of weights over those of dense weights, on the design itself and on the rival, ${escapeHtml(rival)}. Below the dashed line the sparse weights win. Values are synthetic, drawn from ${escapeHtml(values)}; where they matter a band is the range over them.</p>
<ul class="legend">${legend}</ul>
<h2>Wins up to</h2><p>Largest density that beats dense weights; * where a smaller one loses too.${study.marginFraction > 0 ? ` A win is one by ${percent(study.marginFraction)} or more.` : ""}</p><div class="scroll">${crossingTable(study)}</div>
${figures.join("\n")}
<h2>The network, density by density</h2><div class="scroll">${densityTable(study)}</div>
${notes === "" ? "" : `<h2>What to know of them</h2><ul>${notes}</ul>`}
<p>picojoule ${escapeHtml(study.tool.version)}, seed ${escapeHtml(study.seed)}, ${escapeHtml(study.fidelity)} fidelity.</p>
</body></html>
`;
}

interface Figure {
  readonly figure: PanelFigure;
  readonly caption: string;
}

function figuresOf(study: CrossoverStudy): Figure[] {
  const ratios = comparisonsOf(study).map(({ name, over, ratioOf }): Figure => {
    const opponent = over === "itself" ? "the same design" : study.rival;
    const title = `${name} over dense weights on ${opponent}`;
    return { figure: { title, of: ratioOf, kind: "ratio" }, caption: "Times; below 1 the sparse weights win." };
  });
  const imbalance: PanelFigure = { title: "load imbalance", of: ({ imbalanceRatio }) => imbalanceRatio, kind: "ratio" };
  const metadata: PanelFigure = {
    title: "metadata in stored weights",
    of: ({ metadataFraction }) => 100 * metadataFraction,
    kind: "percent",
  };
  return [
    ...ratios,
    {
      figure: imbalance,
      caption:
        "Cycles of computing over those of the same products dealt evenly to all multipliers; 1 is even. Layers that cannot fill an array, and digits that are taken one after another, count as well.",
    },
    { figure: metadata, caption: "Percent of the stored bits that say where weights are." },
  ];
}

async function figureOf(study: CrossoverStudy, figure: PanelFigure, caption: string): Promise<string> {
  const panels = (await plotPanels(study, figure))
    .map(({ scope, svg }) => `<div><h3>${escapeHtml(scope)}</h3>${svg}</div>`)
    .join("");
  const title = `${figure.title.charAt(0).toUpperCase()}${figure.title.slice(1)}`;
  return `<h2>${escapeHtml(title)}</h2><figure><div class="panels">${panels}</div><figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}

function crossingTable(study: CrossoverStudy): string {
  const comparisons = comparisonsOf(study);
  const opponents = study.metrics.includes("energy") ? (["itself", "rival"] as const) : [];
  const heads = [
    "layers",
    "design",
    ...comparisons.map(({ name, over }) => `${name} over ${over}`),
    ...opponents.map((over) => `energy over ${over}, any source`),
  ];
  const rows = byScope(study).map((entry) => [
    `${entry.scope} (${entry.layers})`,
    entry.design,
    ...comparisons.map((comparison) => crossingText(entry, comparison)),
    ...opponents.map((over) => energyCrossingText(entry, over)),
  ]);
  return htmlTable(heads, rows);
}

function densityTable(study: CrossoverStudy): string {
  const times = (value: number): string => value.toFixed(2);
  const columns = [
    ...comparisonsOf(study).map(({ name, over, ratioOf }) => ({
      head: `${name} over ${over}`,
      of: ratioOf,
      text: times,
    })),
    { head: "metadata of stored bits", of: (point: CrossoverPoint) => point.metadataFraction, text: percent },
    { head: "of DRAM bytes", of: (point: CrossoverPoint) => point.metadataDramFraction, text: percent },
    { head: "of energy", of: (point: CrossoverPoint) => point.metadataEnergyFraction, text: percent },
    { head: "imbalance", of: (point: CrossoverPoint) => point.imbalanceRatio, text: times },
  ];
  const rows = study.entries
    .filter(({ scope }) => scope === "network")
    .flatMap((entry) =>
      shownDensities(study, entry.design).map(({ index, name }) => [
        entry.design,
        name,
        ...columns.map(({ of, text }) => spanText(figuresAt(entry, index, of), text)),
      ]),
    );
  return htmlTable(["design", "density", ...columns.map(({ head }) => head)], rows);
}
