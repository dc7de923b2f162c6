import { describe, expect, it } from "vitest";
import { checkAll, parseCount, parseList, parsePairs, parsePoints, parseShapes } from "../../../cli/option-values.js";
import { ConfigError } from "../../../index.js";

function issuesOf(action: () => unknown) {
  try {
    action();
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
  return [];
}

describe("option values", () => {
  it("tells every complaint at once, in the order of the options", () => {
    const issues = issuesOf(() =>
      checkAll({
        batch: () => parseCount("--batch", "0"),
        layers: () => parseList("--layers", "a,b"),
        shapes: () => parseShapes(["x=a,b"]),
      }),
    );

    expect(issues.map(({ where }) => where)).toEqual(["--batch", "--shape"]);
  });

  it("does not take a fault of ours for one of the user's", () => {
    const broken = (): never => {
      throw new TypeError("ours");
    };

    expect(() => checkAll({ broken })).toThrow(TypeError);
  });

  it("reads shapes, and names that hold an equals sign or mean something to JavaScript", () => {
    const shapes = parseShapes(["x=1,3,224,224", "a=b=7", "__proto__=2"]);

    expect(Object.entries(shapes)).toEqual([
      ["x", [1, 3, 224, 224]],
      ["a=b", [7]],
      ["__proto__", [2]],
    ]);
  });

  it("refuses a name given twice, since one of the two would be lost", () => {
    expect(issuesOf(() => parseShapes(["x=1", "x=2"]))[0]).toMatchObject({ where: "--shape", got: "'x'" });
    expect(issuesOf(() => parsePairs("--option", ["a=1", "a=2"]))[0]).toMatchObject({ where: "--option", got: "'a'" });
  });

  it("takes a list's items once each", () => {
    expect(parseList("--formats", "csv, json,csv")).toEqual(["csv", "json"]);
  });

  it("takes all operating points, or some, not both", () => {
    expect(parsePoints("all")).toBe("all");
    expect(parsePoints("low,high")).toEqual(["low", "high"]);
    expect(issuesOf(() => parsePoints("all,low"))).toHaveLength(1);
  });

  it("shows control characters of what was typed as escapes", () => {
    expect(issuesOf(() => parseCount("--batch", "\u001b[2J"))[0]?.got).toBe("'\\u001b[2J'");
  });
});
