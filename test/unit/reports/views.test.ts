/** The other views: comparison, CSV, designs, lists, parameters, validation, operating points. All from plain data. */
import { parseString } from "fast-csv";
import { describe, expect, it } from "vitest";
import { compareReports } from "../../../reports/compare.js";
import { renderComparison } from "../../../reports/compare-table.js";
import { renderDesignTable } from "../../../reports/design-table.js";
import { renderLayerCsv } from "../../../reports/layer-csv.js";
import { renderList } from "../../../reports/list-table.js";
import { renderOperatingPoints } from "../../../reports/operating-points-table.js";
import { renderValidation } from "../../../reports/validation-table.js";
import { testReport } from "../../helpers/test-report.js";

/** 100 + 300 cycles and 1 + 3 nJ. */
const BASE = testReport([
  { name: "a", cyclesByCause: { compute: 100 }, energyByComponentPj: { mac: 1_000 } },
  { name: "b", cyclesByCause: { compute: 200, waitIfmap: 100 }, energyByComponentPj: { dram: 3_000 } },
]);
/** 50 + 500 cycles and 1 + 99 nJ; `b` is gone, `c` is new. */
const OTHER = testReport(
  [
    { name: "a", cyclesByCause: { compute: 50 }, energyByComponentPj: { mac: 1_000 } },
    { name: "c", cyclesByCause: { compute: 500 }, energyByComponentPj: { dram: 99_000 } },
  ],
  { fidelity: "analytic", network: { name: "other", source: "test", macs: 0, parameters: 0 } },
);
const NAMED = [
  { name: "before.json", report: BASE },
  { name: "after.json", report: OTHER },
];

function longestLine(text: string): number {
  return Math.max(...text.split("\n").map((line) => line.length));
}

describe("comparison", () => {
  it("explains the difference by the layers that make it, missing ones as nothing", () => {
    const { explains, layers, caveats } = compareReports(NAMED);

    // 550 - 400 = 150 = 500 (c is new) - 300 (b is gone) - 50 (a).
    expect(explains).toEqual([
      {
        name: "after.json",
        deltaCycles: 150,
        deltaEnergyPj: 96_000,
        layers: [
          { layer: "c", deltaCycles: 500, deltaEnergyPj: 99_000 },
          { layer: "b", deltaCycles: -300, deltaEnergyPj: -3_000 },
          { layer: "a", deltaCycles: -50, deltaEnergyPj: 0 },
        ],
      },
    ]);
    expect(layers.map(({ name, cycles }) => [name, cycles.values, cycles.ratios])).toEqual([
      ["a", [100, 50], [1, 0.5]],
      ["b", [300, undefined], [1, undefined]],
      ["c", [undefined, 500], [undefined, undefined]],
    ]);
    expect(caveats).toEqual(["the networks differ", "the fidelities differ: analytic figures have fewer stalls"]);
  });

  it("explains each of several reports against the first", () => {
    const { explains } = compareReports([...NAMED, { name: "same", report: BASE }]);

    expect(explains.map(({ name, deltaCycles }) => [name, deltaCycles])).toEqual([
      ["after.json", 150],
      ["same", 0],
    ]);
  });

  it("says which energy ranking survives every source", () => {
    // Low is half and high ten times the nominal figure: 4 nJ reaches 40 nJ, 100 nJ comes down to 50 nJ.
    expect(compareReports(NAMED).energyRanking).toEqual([
      { name: "after.json", lessThanBase: false, survivesAllSources: true },
    ]);
  });

  it("shows layers side by side with ratios, and what they make of the difference", () => {
    const text = renderComparison(compareReports(NAMED), 80);

    expect(text).toMatch(/^\[1\] before\.json: net on test, dense weights, cycle$/m);
    expect(text).toMatch(/^caution the networks differ$/m);
    expect(text).toMatch(/^cycles +400 +550 +1\.38x$/m);
    expect(text).toMatch(/^mac +1\.00 nJ +1\.00 nJ +1\.00x$/m);
    expect(text).toMatch(/^b +300 +missing +-$/m);
    expect(text).toMatch(/^c +missing +500 +-$/m);
    expect(text).toContain("[2] 150 cycles more than [1]; the layers above make 100% of that");
    expect(text).toContain("[2] takes no less energy than [1], whatever the energy source");
  });

  it("gives reports that do not fit beside each other tables of their own", () => {
    const many = Array.from({ length: 9 }, (_, index) => ({ name: `run ${index}`, report: index % 2 ? OTHER : BASE }));

    for (const width of [40, 80, 140]) {
      const text = renderComparison(compareReports(many), width);

      expect(longestLine(text)).toBeLessThanOrEqual(width);
      for (let index = 1; index <= 9; index++) expect(text).toMatch(new RegExp(`^(total|  ).*\\[${index}\\]`, "m"));
    }
  });
});

describe("CSV", () => {
  it("has a row a layer with every figure of it, and an empty cell where it has none", async () => {
    const report = testReport([
      { name: "conv", shape: { K: 16, C: 3 }, assumed: true, cyclesByCause: { waitIfmap: 7 } },
      { name: "add", kind: "add", shape: { elements: 12 } },
    ]);
    const text = await renderLayerCsv(report);
    const rows: Record<string, string>[] = [];

    await new Promise((resolve, reject) =>
      parseString(text, { headers: true })
        .on("data", (row: Record<string, string>) => rows.push(row))
        .on("error", reject)
        .on("end", resolve),
    );

    expect(rows[0]).toMatchObject({ layer: "conv", shape_K: "16", shape_C: "3", shape_elements: "", assumed: "true" });
    expect(rows[0]).toMatchObject({ cycles: "7", wait_ifmap_cycles: "7", dram_weight_read_bytes: "0" });
    expect(rows[1]).toMatchObject({ layer: "add", shape_K: "", shape_elements: "12", mac_ops_count: "0" });
    expect(text.split("\r\n")).toHaveLength(4);
  });
});

describe("lists", () => {
  const entry = (name: string, source: string) => ({ name, description: "what it is ".repeat(8).trim(), source });

  it("say everything, sources of their own beside, shared ones once below", () => {
    for (const width of [40, 80, 140]) {
      const apart = renderList([entry("a", "source one of this"), entry("b", "source two of this")], width);
      const shared = renderList([entry("a", "the one source"), entry("b", "the one source")], width);

      for (const text of [apart, shared]) {
        expect(longestLine(text)).toBeLessThanOrEqual(width);
        expect(text.match(/is/g)!.length).toBeGreaterThanOrEqual(16);
        expect(text).not.toContain("…");
      }
      expect(shared.match(/the one source/g)).toHaveLength(1);
      expect(shared).toMatch(/^\[1\] the one source$/m);
    }
  });
});

describe("design table", () => {
  it("gives each parameter its unit and the number of its source", () => {
    const fields = [
      { path: "clockHz", value: 1e9, unit: "Hz", description: "Clock of the array", source: "paper" },
      { path: "peArray.rows", value: 32, unit: "", description: "Rows", source: "paper" },
      { path: "dram.technology", value: "DDR4", unit: "", description: "Memory", source: "assumed" },
    ];
    const text = renderDesignTable(fields, 80);

    expect(text).toMatch(/^clockHz +1000000000 Hz +\[1\] Clock of the array$/m);
    expect(text).toMatch(/^dram\.technology +DDR4 +\[2\] Memory$/m);
    expect(text).toMatch(/^\[2\] assumed$/m);
    expect(longestLine(renderDesignTable(fields, 40))).toBeLessThanOrEqual(40);
  });
});

describe("validation table", () => {
  const misses = Array.from({ length: 23 }, (_, index) => ({
    case: `row ${index}`,
    column: "cycles",
    expected: 1,
    got: 2,
  }));
  const result = {
    kind: "k",
    rows: 25,
    compared: 24,
    matched: 1,
    excluded: [{ rule: "a rule ".repeat(40).trim(), rows: 1 }],
    columns: { cycles: { compared: 24, matched: 1, worstRelativeError: 1, tolerance: 0 } },
    misses,
  };

  it("shows columns, whole rules, twenty misses and the verdict", () => {
    const text = renderValidation(result, 80);

    expect(text).toMatch(/^cycles +24 +1 +1\.00 +0$/m);
    expect(text.match(/rule/g)).toHaveLength(40);
    expect(text).toContain("row 19: expected 1, got 2");
    expect(text).not.toContain("row 20:");
    expect(text).toContain("... and 3 more misses");
    expect(text).toContain("1 of 24 compared rows match (25 rows in the table)");
    for (const width of [40, 80]) expect(longestLine(renderValidation(result, width))).toBeLessThanOrEqual(width);
  });
});

describe("operating points", () => {
  it("show what each costs, the range where there is room", () => {
    const point = {
      name: "low",
      clockHz: 4e8,
      supplyVolts: 0.8,
      cycles: 1_673,
      latencySeconds: 4.18e-6,
      averagePowerWatts: 0.349,
      energyPj: 1.46e6,
      energyLowPj: 1e6,
      energyHighPj: 2e7,
    };
    const report = testReport([], { operatingPoints: [point] });

    const text = renderOperatingPoints(report, { width: 80 });

    expect(text).toMatch(/^low +4\.18 us +1\.46 uJ +349 mW +400 MHz +800 mV +1 673$/m);
    expect(renderOperatingPoints(report, { width: 100 })).toContain("1.00 uJ .. 20.0 uJ");
    for (const width of [40, 80, 100])
      expect(longestLine(renderOperatingPoints(report, { width }))).toBeLessThanOrEqual(width);
  });
});
