/** Compressions of a model on designs as one page that needs nothing else: two plots and the table that they are of. */
import type { Codesign, CodesignEntry } from "../algorithms/explore/codesign.js";
import { plotCodesign } from "./codesign-plot.js";
import { accuracyText, seconds } from "./codesign-table.js";
import { bytes, grouped, joules, squareMillimetres } from "./figures.js";
import { escapeHtml, htmlTableOf, PAGE_STYLE } from "./html.js";
import { COLOURS } from "./svg.js";

export async function renderCodesignHtml(study: Codesign): Promise<string> {
  const plots = await plotCodesign(study);
  const { data, designs, floatAccuracyFraction } = study;
  const figure = (svg: string, caption: string): string => `<figure>${svg}<figcaption>${caption}</figcaption></figure>`;
  const legend = designs
    .map(({ name, array, areaUm2 }, at) => {
      const text = `${escapeHtml(name)}: ${escapeHtml(array)}, ${squareMillimetres(areaUm2)}`;
      return `<li><span style="background:${COLOURS[at % COLOURS.length]}"></span>${text}</li>`;
    })
    .join("");
  const origin = data.isGenerated ? "GENERATED, not real" : data.source;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Weights and designs together</title><style>${PAGE_STYLE}</style></head><body>
<h1>Weights and designs together</h1>
<p>${escapeHtml(study.model)}, evaluated on ${data.samples} samples of ${escapeHtml(data.data)} (${escapeHtml(origin)}), ${accuracyText(floatAccuracyFraction)} in float. Filled points: no other pair is better in one of ${study.objectives.join(", ")} and as good in the others.</p>
<ul class="legend">${legend}</ul>
${figure(plots.latency, "Accuracy against latency; up and to the left is better.")}
${figure(plots.energy, "Accuracy against energy; up and to the left is better.")}
<p>On the front:</p><ol>${frontOf(study)}</ol>
<h2>Figures</h2><div class="scroll">${tableOf(study)}</div>
<p>picojoule ${escapeHtml(study.tool.version)}, seed ${escapeHtml(study.seed)}, ${study.fidelity} fidelity.</p>
</body></html>
`;
}

/** Pairs on the front, by the numbers that they have in the plots. */
function frontOf({ entries }: Codesign): string {
  return entries
    .filter(({ isOnFront }) => isOnFront)
    .map(({ encoding, design }) => `<li>${escapeHtml(encoding)} on ${escapeHtml(design)}</li>`)
    .join("");
}

const HEADS = ["weights", "design", "front", "accuracy", "latency", "energy", "stored", "metadata", "DRAM", "cycles"];

function tableOf({ entries }: Codesign): string {
  return htmlTableOf(HEADS, entries.map(cellsOf));
}

function cellsOf({ encoding, design, figures, refusal = "", isOnFront }: CodesignEntry): string {
  const names = `<td>${escapeHtml(encoding)}</td><td>${escapeHtml(design)}</td>`;
  if (figures === undefined) return `${names}<td colspan="${HEADS.length - 2}">${escapeHtml(refusal)}</td>`;
  const texts = [
    isOnFront ? "yes" : "",
    accuracyText(figures.accuracyFraction),
    seconds(figures.latencySeconds),
    joules(figures.energyPj),
    bytes(figures.weightBytes),
    bytes(figures.metadataBytes),
    bytes(figures.dramBytes),
    grouped(figures.cycles),
  ];
  return names + texts.map((text) => `<td>${text}</td>`).join("");
}
