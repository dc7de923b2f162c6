/** Views of a comparison of designs: text at fixed widths, CSV, plots and the page. */
import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import type { Study, StudyRun } from "../../../algorithms/explore/compare-designs.js";
import { ENERGY_COMPONENTS } from "../../../hw-models/energy/energy-types.js";
import { renderStudyCsv } from "../../../reports/study-csv.js";
import { renderStudyHtml } from "../../../reports/study-html.js";
import { plotStudy } from "../../../reports/study-plot.js";
import { renderStudy } from "../../../reports/study-table.js";

const none = Object.fromEntries(ENERGY_COMPONENTS.map((name) => [name, 0]));

function run(values: string, speedup: number, energyPj: number): StudyRun {
  return {
    values,
    cycles: 1e6 / speedup,
    latencySeconds: 1e-3 / speedup,
    energyPj,
    energyLowPj: energyPj / 2,
    energyHighPj: 2 * energyPj,
    energyByComponentPj: { ...none, mac: energyPj / 4, dram: (3 * energyPj) / 4 },
    dramBytes: 1e6,
    weightBits: 8e6,
    speedup,
    energyRatio: 4e9 / energyPj,
    dramRatio: 1,
    survivesAllSources: false,
  };
}

const HOSTILE = `<script>alert("x")</script>`;

const STUDY: Study = {
  schema: "picojoule/study@1",
  tool: { name: "picojoule", version: "1.2.3" },
  seed: "0",
  fidelity: "cycle",
  encoding: "smartdeal:t=0.004",
  designs: [
    { name: "base", array: "32 x 32", areaUm2: 2e6, notes: [] },
    {
      name: "other",
      array: "64 x 16",
      areaUm2: 4e6,
      notes: ["published: up to 7x"],
      calibration: { claim: "speed", published: 7, ours: 3, source: "paper", isCalibrated: false },
    },
  ],
  networks: [{ name: HOSTILE, macs: 1e9, parameters: 1e6 }],
  entries: [
    { network: HOSTILE, design: "base", runs: [run("any", 1, 4e9)] },
    { network: HOSTILE, design: "other", runs: [run("gaussian", 2, 2e9), run("laplacian", 2.5, 1.6e9)] },
  ],
};

describe("a comparison of designs as text", () => {
  it("gives ratios as ranges over values, and marks what is not calibrated", () => {
    const text = renderStudy(STUDY, 80);

    expect(text).toMatch(/^other \* +2\.00-2\.50x +2\.00-2\.50x +1\.00x +75\.0% no$/m);
    expect(text).toMatch(/^base +1\.00x +1\.00x +1\.00x +75\.0%$/m);
    expect(text).toContain("published 7, this model 3 (* uncalibrated)");
    expect(text).toContain("published: up to 7x");
    expect(text).toMatch(/values gaussian,\s+laplacian/);
  });

  it("keeps within the page, and has figures beside the ratios on a wide one", () => {
    for (const width of [40, 80, 140]) {
      const widest = Math.max(
        ...renderStudy(STUDY, width)
          .split("\n")
          .map((line) => line.length),
      );
      expect(widest).toBeLessThanOrEqual(width);
    }
    expect(renderStudy(STUDY, 140)).toContain("400 us-500 us");
  });
});

describe("a comparison of designs as CSV", () => {
  it("has a row a network, design and set of values", async () => {
    const [head, ...rows] = (await renderStudyCsv(STUDY)).trimEnd().split("\r\n");

    expect(head).toMatch(/^network,design,calibrated,values,speedup_ratio,energy_ratio/);
    expect(rows).toHaveLength(3);
    expect(rows[2]).toContain(",other,false,laplacian,2.5,2.5,1,false,400000,");
  });
});

describe("the plots", () => {
  it("are SVG that stands alone, a bar of each component for each design", async () => {
    const { speed, energy, dram } = await plotStudy(STUDY);

    for (const svg of [speed, energy, dram]) expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    const { document } = parseHTML(`<html><body>${energy}</body></html>`);
    expect(document.querySelectorAll("[aria-label=bar] rect").length).toBe(2 * ENERGY_COMPONENTS.length);
    expect(parseHTML(`<html><body>${speed}</body></html>`).document.querySelectorAll("circle").length).toBe(2);
  });
});

describe("the page", () => {
  it("holds the plots and a table of the same figures, with hostile names inert", async () => {
    const page = await renderStudyHtml(STUDY);

    const { document } = parseHTML(page);
    expect(document.querySelectorAll("script").length).toBe(0);
    expect(document.querySelectorAll("figure svg").length).toBe(3);
    expect(document.querySelectorAll("tbody tr").length).toBe(2);
    expect(document.querySelector("tbody td")?.textContent).toBe(HOSTILE);
    expect(page).not.toContain("<script>");
  });
});
