/** Views of compressions of a model on designs. */
import { describe, expect, it } from "vitest";
import type { Codesign, CodesignFigures } from "../../../algorithms/explore/codesign.js";
import { renderCodesignCsv } from "../../../reports/codesign-csv.js";
import { renderCodesignHtml } from "../../../reports/codesign-html.js";
import { renderCodesign } from "../../../reports/codesign-table.js";
import { displayWidth } from "../../../reports/display-width.js";

const FIGURES: CodesignFigures = {
  accuracyFraction: 0.9312,
  cycles: 1_234_567,
  latencySeconds: 1.234_567e-3,
  energyPj: 5.5e8,
  energyLowPj: 5e8,
  energyHighPj: 9e8,
  dramBytes: 2e6,
  weightBytes: 85_300,
  metadataBytes: 12_600,
  areaUm2: 1.97e6,
  utilizationFraction: 0.5,
  sumsBitExact: 606_964,
};

const STUDY: Codesign = {
  schema: "picojoule/codesign@1",
  tool: { name: "picojoule", version: "0" },
  seed: "7",
  fidelity: "cycle",
  model: "m.onnx",
  data: { data: "fashion-mnist", source: "IDX", isGenerated: false, samples: 200, calibrationSamples: 32 },
  floatAccuracyFraction: 0.94,
  objectives: ["accuracy", "latency", "energy"],
  designs: [{ name: "diannao", array: "32 x 32", areaUm2: 1.97e6 }],
  entries: [
    { encoding: "int8", design: "diannao", figures: FIGURES, isOnFront: true },
    {
      encoding: "<script>alert(1)</script>",
      design: "shift-add",
      refusal: "encoding nm.axis: got x, want y",
      isOnFront: false,
    },
  ],
};

describe("a study of weights and designs", () => {
  it("is a table with the front marked, what was refused below it", () => {
    const text = renderCodesign(STUDY, 140);

    expect(text).toMatch(
      /^\* int8 +diannao +93\.12% +1\.23 ms +550 uJ +85\.3 kB +12\.6 kB +2\.00 MB +1 234 567 +606 964$/m,
    );
    expect(text).toMatch(/on shift-add +encoding nm\.axis: got x, want y/);
    expect(text).toContain("94.00%");
  });

  it.each([40, 80, 140])("keeps to %i columns", (width) => {
    const lines = renderCodesign(STUDY, width).split("\n");

    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(width);
    expect(lines.join()).toContain("93.12%");
  });

  it("is CSV with units in the header and nothing where a design refused", async () => {
    const [header, first, second] = (await renderCodesignCsv(STUDY)).split("\r\n");

    expect(header).toMatch(/^weights,design,on_front,accuracy_fraction,cycles,latency_seconds,energy_pj/);
    expect(first).toMatch(/^int8,diannao,true,0\.9312,1234567,/);
    expect(second).toMatch(/,shift-add,false,,,,/);
  });

  it("is a page in which names are inert", async () => {
    const page = await renderCodesignHtml(STUDY);

    expect(page).not.toContain("<script>alert");
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(page.match(/<svg/g)).toHaveLength(2);
  });
});
