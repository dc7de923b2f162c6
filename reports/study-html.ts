/** A comparison of designs as one page that needs nothing else: the plots, the table that they are of, and what to know of them. */
import type { Study } from "../algorithms/explore/compare-designs.js";
import { formatQuantity } from "../sim/core/units.js";
import { bytes, joules, percent, ratio } from "./figures.js";
import { escapeHtml, htmlTable, PAGE_STYLE } from "./html.js";
import { COMPONENT_COLOURS, plotStudy } from "./study-plot.js";
import { dramShare, noteLines, rangeText } from "./study-table.js";

export async function renderStudyHtml(study: Study): Promise<string> {
  const plots = await plotStudy(study);
  const base = escapeHtml(study.designs[0]!.name);
  const figure = (svg: string, caption: string): string => `<figure>${svg}<figcaption>${caption}</figcaption></figure>`;
  const legend = COMPONENT_COLOURS.map(
    ({ component, colour }) => `<li><span style="background:${colour}"></span>${component}</li>`,
  ).join("");
  const notes = noteLines(study)
    .map(([name, text]) => `<li><strong>${escapeHtml(name)}</strong>: ${escapeHtml(text)}</li>`)
    .join("");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Designs compared</title><style>${PAGE_STYLE}</style></head><body>
<h1>Designs compared</h1>
<p>${study.networks.length} networks on ${study.designs.length} designs, weights ${escapeHtml(study.encoding)}, each design storing them in its own form. Ratios are to ${base}: above 1 is better. Where values are drawn, a bar is the range over distributions.</p>
${figure(plots.speed, `Speed over ${base} (times; above 1 is faster).`)}
${figure(plots.energy, `Energy by component, as a part of ${base}'s (mean over values).`)}
<ul class="legend">${legend}</ul>
${figure(plots.dram, `DRAM bytes of ${base} over the design's (times; above 1 is less traffic).`)}
<h2>Figures</h2><div class="scroll">${tableOf(study)}</div>
<h2>What to know of them</h2><ul>${notes}</ul>
<p>picojoule ${escapeHtml(study.tool.version)}, seed ${escapeHtml(study.seed)}, ${escapeHtml(study.fidelity)} fidelity.</p>
</body></html>
`;
}

function tableOf(study: Study): string {
  const heads = [
    "network",
    "design",
    "values",
    "speed",
    "energy",
    "DRAM",
    "DRAM share",
    "latency",
    "energy",
    "DRAM bytes",
  ];
  const rows = study.entries.map(({ network, design, runs }) => {
    const cells = [
      network,
      design,
      runs.map(({ values }) => values).join(", "),
      rangeText(runs, ({ speedup }) => speedup, ratio),
      rangeText(runs, ({ energyRatio }) => energyRatio, ratio),
      rangeText(runs, ({ dramRatio }) => dramRatio, ratio),
      rangeText(runs, dramShare, percent),
      rangeText(
        runs,
        ({ latencySeconds }) => latencySeconds,
        (value) => formatQuantity(value, "s"),
      ),
      rangeText(runs, ({ energyPj }) => energyPj, joules),
      rangeText(runs, ({ dramBytes }) => dramBytes, bytes),
    ];
    return cells;
  });
  return htmlTable(heads, rows);
}
