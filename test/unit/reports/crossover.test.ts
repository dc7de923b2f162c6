/** Views of a crossover study: text at fixed widths, CSV, panels and the page. */
import { parseString } from "fast-csv";
import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import type {
  CrossoverPoint,
  CrossoverStudy,
  CrossoverValues,
  FoundCrossing,
} from "../../../algorithms/explore/crossover/crossover-types.js";
import { renderCrossoverCsv } from "../../../reports/crossover-csv.js";
import { renderCrossoverHtml } from "../../../reports/crossover-html.js";
import { plotPanels } from "../../../reports/crossover-plot.js";
import { renderCrossover } from "../../../reports/crossover-table.js";

const HOSTILE = `<script>alert("x")</script>`;

const COSTS = {
  cycles: 1000,
  latencySeconds: 1e-6,
  energyPj: 4000,
  energyLowPj: 2000,
  energyHighPj: 8000,
  macs: 1e6,
  products: 1e6,
  computeCycles: 900,
  balancedCycles: 600,
  valueBits: 8000,
  metadataBits: 0,
  dramBytes: 1000,
  dramMetadataBytes: 0,
  dramEnergyPj: 3000,
  metadataEnergyPj: 0,
};

function point(density: number, ratio: number, cycles: number): CrossoverPoint {
  const ratios = {
    latencyRatio: ratio,
    energyRatio: ratio / 2,
    energyLowRatio: ratio / 2,
    energyHighRatio: ratio,
    energyWithoutMetadataRatio: ratio / 4,
  };
  return {
    ...COSTS,
    cycles,
    density,
    encoding: `=form:density=${density}`,
    metadataFraction: 0.25,
    metadataDramFraction: 0.2,
    metadataEnergyFraction: 0.1,
    imbalanceRatio: 1.5 * ratio,
    over: { itself: ratios, rival: ratios },
  };
}

function values(name: string, ratio: number, crossing: Omit<FoundCrossing, "over" | "measure">): CrossoverValues {
  return {
    values: name,
    dense: COSTS,
    points: [point(0.5, ratio, 400), point(1, 2 * ratio, 800)],
    crossings: (["itself", "rival"] as const).flatMap((over) =>
      (["latency", "energy", "energyLow", "energyHigh"] as const).map((measure) => ({ over, measure, ...crossing })),
    ),
  };
}

const NEVER = { verdict: "never", crossings: 0 } as const;
const BELOW = { verdict: "below", crossings: 1, largestDensity: 0.53, losesAtDensity: 0.54 } as const;
const MIXED = { ...BELOW, verdict: "mixed", crossings: 3, largestDensity: 0.61 } as const;

const flat = { ...values("any", 1, NEVER), points: [point(0.5, 1, 700), point(1, 1, 700)] };

const STUDY: CrossoverStudy = {
  schema: "picojoule/crossover@1",
  tool: { name: "picojoule", version: "1.2.3" },
  seed: "0",
  fidelity: "analytic",
  network: { name: HOSTILE, macs: 1e9, parameters: 1e6 },
  metrics: ["cycles", "energy"],
  rival: "base",
  resolution: 0.01,
  marginFraction: 0,
  statistics: "synthetic",
  distributions: [
    { name: "gaussian", description: "Gaussian" },
    { name: "laplacian", description: "Laplacian" },
  ],
  designs: ["sparse", "base"].map((name) => ({
    name,
    array: "32 x 32",
    clockHz: 1e9,
    peakMacsPerCycle: 1024,
    areaUm2: 2e6,
    pattern: "unstructured",
    stored: name === "base" ? "dense" : "bitmap:density=<d>",
    densities: [0.5, 1],
    refused: name === "base" ? [] : [{ density: 0.25, reason: HOSTILE }],
    notes: [],
  })),
  entries: [
    {
      design: "sparse",
      scope: "network",
      layers: 3,
      runs: [values("gaussian", 0.7, BELOW), values("laplacian", 0.8, MIXED)],
    },
    {
      design: "sparse",
      scope: HOSTILE,
      layers: 2,
      runs: [values("gaussian", 0.7, NEVER), values("laplacian", 0.8, BELOW)],
    },
    { design: "base", scope: "network", layers: 3, runs: [flat] },
    { design: "base", scope: HOSTILE, layers: 2, runs: [flat] },
  ],
};

describe("a crossover study as text", () => {
  const text = renderCrossover(STUDY, 80);

  it("says up to which density a design wins, over all values, and marks a smaller one that loses", () => {
    expect(text).toMatch(/^network +sparse +0\.53-0\.61\* +0\.53-0\.61\* +0\.53-0\.61\* +0\.53-0\.61\*$/m);
    expect(text).toMatch(/ sparse +never-0\.53 +never-0\.53 +never-0\.53 +never-0\.53$/m);
    expect(text).toMatch(/^network +base +never +never +never +never$/m);
    expect(text).toContain("loses at some smaller density too");
    expect(text).toMatch(/synthetic\s+values: gaussian, laplacian/);
  });

  it("gives densities of a design that sees them, and one for all of a design that does not", () => {
    expect(text).toMatch(/^ +0\.5 +0\.70-0\.80 +0\.70-0\.80 +0\.35-0\.40 +0\.35-0\.40 +25\.0% +10\.0%$/m);
    expect(text).toMatch(/^ +any +1\.00 +1\.00 +0\.50 +0\.50 +25\.0% +10\.0%$/m);
    expect(text).toMatch(/not 0\.25 +<script>/);
  });

  it("keeps within the page, and has all sources of energy on a wide one", () => {
    for (const width of [40, 80, 140]) {
      const lines = renderCrossover(STUDY, width).split("\n");
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    }
    expect(renderCrossover(STUDY, 140)).toContain("rival, any source");
  });

  it("has only the metric that was asked for", () => {
    const energy = renderCrossover({ ...STUDY, metrics: ["energy"] }, 140);

    expect(energy).toContain("energy rival");
    expect(energy).not.toContain("time rival");
  });
});

describe("a crossover study as CSV", () => {
  it("has a row a design, type, set of values and density, with units, and formulas defused", async () => {
    const rows: Record<string, string>[] = [];
    const csv = await renderCrossoverCsv(STUDY);
    await new Promise((resolve, reject) => {
      parseString(csv, { headers: true })
        .on("data", (row: Record<string, string>) => rows.push(row))
        .on("end", resolve)
        .on("error", reject);
    });

    expect(rows).toHaveLength(2 * 2 * 2 + 2 * 2);
    expect(rows[0]).toMatchObject({
      design: "sparse",
      layer_type: "network",
      density: "0.5",
      encoding: "'=form:density=0.5",
      latency_over_rival_ratio: "0.7",
      latency_over_itself_verdict: "below",
      latency_over_itself_wins_up_to_density: "0.53",
      energy_low_over_rival_verdict: "below",
    });
    expect(rows.at(-1)!.latency_over_rival_wins_up_to_density).toBe("");
  });
});

describe("a crossover study as a page", () => {
  it("has a panel a type of layer, a curve a design and a line at 1, in the colours of the page", async () => {
    const figure = { title: "time", of: ({ density }: CrossoverPoint) => 2 * density, kind: "ratio" } as const;

    const panels = await plotPanels(STUDY, figure);

    expect(panels.map(({ scope }) => scope)).toEqual(["network", HOSTILE]);
    const { document } = parseHTML(panels[0]!.svg);
    expect(document.querySelectorAll("[aria-label=line] path")).toHaveLength(2);
    expect(document.querySelectorAll("[aria-label=rule] line, [aria-label=rule]")).not.toHaveLength(0);
    expect(panels[0]!.svg).toContain("var(--series-1)");
  });

  it("needs nothing else, runs nothing, and escapes every name", async () => {
    const html = await renderCrossoverHtml(STUDY);

    expect(html).not.toContain("<script");
    expect(html).not.toMatch(/\b(src|href)=/);
    expect(html).toContain("&lt;script&gt;");
    expect(html).toContain("prefers-color-scheme: dark");
    const { document } = parseHTML(html);
    expect(document.querySelectorAll("svg")).toHaveLength(2 * 6);
    expect(document.querySelectorAll("table")).toHaveLength(2);
  });
});
