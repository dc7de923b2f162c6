/** Networks on designs: ratios against separate simulations, ranges over values, equal areas. */
import { beforeAll, describe, expect, it } from "vitest";
import { compareDesigns, type Study } from "../../../../algorithms/explore/compare-designs.js";
import { areaOf, scaledToArea } from "../../../../algorithms/explore/equal-area.js";
import { isCalibrated } from "../../../../hw-models/presets/calibration.js";
import { loadDesign } from "../../../../sim/run/load-design.js";
import { loadNetwork } from "../../../../sim/run/load-network.js";
import { simulate } from "../../../../sim/run/simulate.js";

const ENCODING = "smartdeal:t=0.01";
const NAMES = ["diannao", "cambricon-x", "smartexchange"] as const;
const network = loadNetwork("lenet5");

describe("networks on designs", () => {
  let study: Study;

  beforeAll(async () => {
    const designs = await Promise.all(NAMES.map(async (name) => ({ name, design: await loadDesign(name) })));
    study = await compareDesigns([{ network: await network }], designs, { encoding: ENCODING });
  });

  it("give each design's own totals, and the first design's over them", async () => {
    const values = { distribution: "laplacian" } as const;
    const run = async (name: string) =>
      (await simulate(await network, await loadDesign(name), { encoding: ENCODING, storage: "native", values })).totals;
    const [base, own] = [await run("diannao"), await run("smartexchange")];

    const found = study.entries.find(({ design }) => design === "smartexchange")!.runs[1]!;

    expect(found).toMatchObject({
      values: "laplacian",
      cycles: own.cycles,
      energyPj: own.energyPj,
      dramBytes: own.dramBytes,
    });
    expect(found.speedup).toBeCloseTo(base.latencySeconds / own.latencySeconds, 12);
    expect(found.energyRatio).toBeCloseTo(base.energyPj / own.energyPj, 12);
    expect(found.dramRatio).toBeCloseTo(base.dramBytes / own.dramBytes, 12);
    expect(found.weightBits).toBe(own.weightBits + own.metadataBits);
  });

  it("have one run where values do not matter, and one for each distribution where they do", () => {
    const values = study.entries.map(({ design, runs }) => [design, runs.map((run) => run.values)]);

    expect(values).toEqual([
      ["diannao", ["any"]],
      ["cambricon-x", ["gaussian", "laplacian", "pp-ocr"]],
      ["smartexchange", ["gaussian", "laplacian", "pp-ocr"]],
    ]);
    expect(study.entries[0]!.runs[0]).toMatchObject({ speedup: 1, energyRatio: 1, dramRatio: 1 });
  });

  it("store weights as each design takes them", async () => {
    const report = async (name: string) =>
      simulate(await network, await loadDesign(name), {
        encoding: ENCODING,
        storage: "native",
        values: { distribution: "gaussian" },
      });
    const encodings = async (name: string) =>
      new Set((await report(name)).layers.filter(({ macs }) => macs > 0).map(({ encoding }) => encoding));

    expect(await encodings("diannao")).toEqual(new Set(["dense"]));
    expect(await encodings("cambricon-x")).toEqual(new Set(["run-length:stepBits=4"]));
    // The 5x5 kernels of LeNet-5 are left as they are; its linear layers are decomposed.
    expect(await encodings("smartexchange")).toEqual(new Set(["dense", ENCODING]));
  });
});

describe("a claim", () => {
  it("is met within a quarter, from either side", () => {
    const claim = { claim: "speed", source: "paper", published: 4 };

    expect([2.9, 3, 4, 5, 5.1].map((ours) => isCalibrated({ ...claim, ours }))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });
});

describe("equal areas", () => {
  it("are met from below, and one part more would be too much", async () => {
    const areaUm2 = areaOf(await loadDesign("diannao"));

    const scaled = scaledToArea(await loadDesign("smartexchange"), areaUm2);

    if (scaled.peArray.kind !== "smartexchange") throw new Error("expected the same kind of array");
    const more = { ...scaled, peArray: { ...scaled.peArray, slices: scaled.peArray.slices + 1 } };
    expect(scaled.peArray.slices).toBeLessThan(64);
    expect(areaOf(scaled)).toBeLessThanOrEqual(areaUm2);
    expect(areaOf(more)).toBeGreaterThan(areaUm2);
  });

  it("cannot be met by a chip whose buffers alone are larger", async () => {
    const design = await loadDesign("smartexchange");

    expect(() => scaledToArea(design, 1000)).toThrow(/with the smallest array[\s\S]*at most 0\.00100 mm2/);
  });
});
