import { describe, expect, it } from "vitest";
import { compareReports } from "../../../reports/compare.js";
import { renderComparison } from "../../../reports/compare-table.js";
import { simulate } from "../../../sim/run/simulate.js";
import { convChain } from "../../helpers/small-networks.js";
import { testDesign } from "../../helpers/test-design.js";

const size = { N: 1, G: 1, K: 16, C: 16, H: 16, W: 16, R: 3, S: 3, stride: 1, pad: 1 };
const base = testDesign();
const slow = testDesign({ dram: { bytesPerClock: 4 } });
const three = convChain(size, 3);
const two = convChain(size, 2);

describe("comparison", () => {
  it("has ratio one and no difference between a run and itself", async () => {
    const report = await simulate(three, base);

    const comparison = compareReports([
      { name: "a", report },
      { name: "b", report },
    ]);

    for (const { ratios } of comparison.totals) expect(ratios[1]).toBe(1);
    expect(comparison.explains[0]!.layers.every(({ deltaCycles }) => deltaCycles === 0)).toBe(true);
    expect(comparison.energyRanking).toEqual([{ name: "b", lessThanBase: false, survivesAllSources: false }]);
  });

  it("explains the whole difference by layers, largest first", async () => {
    const a = await simulate(three, base);
    const b = await simulate(three, slow);

    const comparison = compareReports([
      { name: "a", report: a },
      { name: "b", report: b },
    ]);
    const explains = comparison.explains[0]!.layers;

    const sum = explains.reduce((total, { deltaCycles }) => total + deltaCycles, 0);
    expect(sum).toBe(b.totals.cycles - a.totals.cycles);
    expect(sum).toBeGreaterThan(0);
    for (let index = 1; index < explains.length; index++) {
      expect(Math.abs(explains[index]!.deltaCycles)).toBeLessThanOrEqual(Math.abs(explains[index - 1]!.deltaCycles));
    }
  });

  it("marks layers that one of the reports lacks", async () => {
    const a = await simulate(three, base);
    const b = await simulate(two, base);

    const { layers } = compareReports([
      { name: "a", report: a },
      { name: "b", report: b },
    ]);

    const missing = layers.find((layer) => layer.cycles.values[1] === undefined)!;
    expect(missing.name).toBe("conv2");
    expect(missing.cycles.ratios[1]).toBeUndefined();
  });

  it("fits its width with two and with four reports", async () => {
    const report = await simulate(three, base);
    const other = await simulate(three, slow);
    const many = [report, other, report, other].map((each, index) => ({ name: `run ${index}`, report: each }));

    for (const [reports, width] of [
      [many.slice(0, 2), 80],
      [many, 80],
      [many, 140],
    ] as const) {
      for (const line of renderComparison(compareReports(reports), width).split("\n")) {
        expect(line.length).toBeLessThanOrEqual(width);
      }
    }
  });
});
