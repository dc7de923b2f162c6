/** The source shown beside a value is the source of that value. */
import { describe, expect, it } from "vitest";
import type { Design } from "../../../hw-models/design.js";
import { describeDesign } from "../../../hw-models/design-description.js";
import { PRESETS } from "../../../hw-models/presets/index.js";
import { loadDesign } from "../../../sim/run/load-design.js";
import { testDesign } from "../../helpers/test-design.js";

function field(design: Design, path: string) {
  return describeDesign(design).find((one) => one.path === path);
}

describe("describeDesign", () => {
  it("takes the longest path that a preset gives a source for, then the preset's own", async () => {
    const design = await loadDesign("tpu-like");
    const { source, fieldSources } = PRESETS["tpu-like"]!;

    expect(field(design, "technology.nodeNm")?.source).toBe(fieldSources?.["technology.nodeNm"]);
    expect(field(design, "technology.supplyVolts")?.source).toBe(fieldSources?.technology);
    expect(field(design, "technology.operatingPoints[1].clockHz")?.source).toBe(fieldSources?.technology);
    expect(field(design, "peArray.rows")?.source).toBe(source);
  });

  it("does not lend a preset's source to a value that the user changed", async () => {
    const design = await loadDesign("tpu-like", { set: ["technology.nodeNm=45", "clockHz=500 MHz"] });

    expect(field(design, "technology.nodeNm")?.source).toBe("the user; preset tpu-like has 32");
    expect(field(design, "clockHz")).toMatchObject({
      value: 500e6,
      unit: "Hz",
      source: "the user; preset tpu-like has 700000000",
    });
    expect(field(design, "peArray.rows")?.source).toBe(PRESETS["tpu-like"]!.source);
  });

  it("says of a value that the preset lacks that the preset has none", async () => {
    const design = await loadDesign("systolic-8x8-ws", { set: ["peArray.accumulatorRows=64"] });

    expect(field(design, "peArray.accumulatorRows")?.source).toBe("the user; preset systolic-8x8-ws has none");
  });

  it("shows the source that an energy override states", async () => {
    const design = await loadDesign("eyeriss", {
      set: ["energy.overrides.mac={ energyPj: 2 pJ, source: post-layout }"],
    });

    expect(field(design, "energy.overrides.mac.energyPj")).toMatchObject({
      value: 2,
      unit: "pJ",
      source: "post-layout",
    });
  });

  it("takes a design's own source where no preset has its name, also for the names that objects have", () => {
    for (const name of ["mine", "constructor", "toString"]) {
      const design: Design = { ...testDesign(), name, source: "my notebook" };
      expect(field(design, "peArray.rows")?.source).toBe("my notebook");
    }
  });
});
