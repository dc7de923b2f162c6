import { describe, expect, it } from "vitest";
import { ConfigError } from "../../../../sim/core/errors.js";
import { type Cell, Comparison } from "../../../../sim/validate/comparison.js";

const cell = (rule: Cell["rule"], expected: number, got: number): Cell => ({ column: "c", rule, expected, got });

describe("Comparison", () => {
  it("asks whole numbers to be equal and others to agree to 1e-9", () => {
    const comparison = new Comparison("kind", {});
    comparison.compareRow("a", [cell("integer", 1e12, 1e12 + 1)]);
    comparison.compareRow("b", [{ ...cell("float", 1, 1 + 9e-10), column: "d" }]);
    comparison.compareRow("c", [{ ...cell("float", 1, 1 + 2e-9), column: "d" }]);

    const result = comparison.result();
    expect(result).toMatchObject({ kind: "kind", rows: 3, compared: 3, matched: 1 });
    expect(result.misses.map((miss) => miss.case)).toEqual(["a", "c"]);
    expect(result.columns.c).toMatchObject({ compared: 1, matched: 0, tolerance: 0 });
    expect(result.columns.d).toMatchObject({ compared: 2, matched: 1, tolerance: 1e-9 });
    expect(result.columns.d!.worstRelativeError).toBeCloseTo(2e-9, 15);
  });

  it("widens every column by the caller's tolerance, and says so", () => {
    const comparison = new Comparison("kind", { tolerance: 0.01 });
    comparison.compareRow("a", [cell("integer", 100, 101)]);
    comparison.compareRow("b", [cell({ relativeTolerance: 0.05 }, 100, 104)]);

    expect(comparison.result()).toMatchObject({
      matched: 2,
      columns: { c: { matched: 2, tolerance: 0.05 } },
      misses: [],
    });
  });

  it("compares lists value by value as one cell, and never lists of different lengths", () => {
    const comparison = new Comparison("kind", { tolerance: 0.5 });
    const list = (expected: readonly number[], got: readonly number[]): Cell => ({
      ...{ column: "c", rule: "integer", expected, got },
    });
    comparison.compareRow("a", [list([100, 4], [110, 5])]);
    comparison.compareRow("b", [list([100, 4], [100, 7])]);
    comparison.compareRow("c", [list([100, 4], [100])]);
    comparison.compareRow("d", [list([0, 4], [0, Number.NaN])]);

    const { matched, columns, misses } = comparison.result();
    expect(matched).toBe(1);
    expect(columns.c).toMatchObject({ compared: 4, matched: 1, worstRelativeError: 1 });
    expect(misses.map(({ case: name, expected, got }) => [name, expected, got])).toEqual([
      ["b", "100|4", "100|7"],
      ["c", "100|4", "100"],
      ["d", "0|4", "0|NaN"],
    ]);
  });

  it("counts a row that could not be run as a miss, and a row without cells as a row only", () => {
    const comparison = new Comparison("kind", {});
    comparison.missRow("a", "no such device");
    comparison.compareRow("b", []);
    comparison.exclude("no figures");

    expect(comparison.result()).toEqual({
      kind: "kind",
      rows: 2,
      compared: 1,
      matched: 0,
      excluded: [{ rule: "no figures", rows: 1 }],
      columns: {},
      misses: [{ case: "a", column: "*", expected: "a run", got: "no such device" }],
    });
  });

  it("never lets a figure that is no number pass", () => {
    const comparison = new Comparison("kind", { tolerance: 10 });
    comparison.compareRow("a", [cell("float", 1, Number.NaN)]);
    comparison.compareRow("b", [cell("float", 0, 1e-300)]);

    expect(comparison.result()).toMatchObject({ compared: 2, matched: 1, columns: { c: { worstRelativeError: 1 } } });
    expect(new Comparison("kind", {}).result().matched).toBe(0);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("refuses a tolerance of %s", (tolerance) => {
    expect(() => new Comparison("kind", { tolerance })).toThrow(ConfigError);
  });
});
