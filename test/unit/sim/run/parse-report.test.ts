/** Reports from disk may be anything; what is not a report is refused with the path of what is wrong. */
import { describe, expect, it } from "vitest";
import { ConfigError } from "../../../../sim/core/errors.js";
import { parseReport } from "../../../../sim/run/parse-report.js";
import { testReport } from "../../../helpers/test-report.js";

const REPORT = testReport([{ name: "a", cyclesByCause: { compute: 1 } }, { name: "b" }]);
type Json = Record<string, unknown>;

/** The report as JSON with one thing changed. */
function changed(change: (report: Json & { totals: Json; network: Json; layers: Json[] }) => void): string {
  const copy = JSON.parse(JSON.stringify(REPORT));
  change(copy);
  return JSON.stringify(copy);
}

describe("a report from disk", () => {
  it("is the report that was written", () => {
    expect(parseReport(JSON.stringify(REPORT), "r.json")).toEqual(JSON.parse(JSON.stringify(REPORT)));
  });

  it("is refused with the path of each figure that is missing or of another kind", () => {
    const cases: Readonly<Record<string, string>> = {
      "totals.areaUm2": changed((report) => Object.assign(report.totals, { areaUm2: "x" })),
      "totals.latencySeconds": changed((report) => delete report.totals.latencySeconds),
      "totals.energyByComponentPj.mac": changed((report) => Object.assign(report.totals, { energyByComponentPj: {} })),
      "layers[1].name": changed((report) => Object.assign(report.layers[1]!, { name: 5 })),
      "layers[1].name, which another layer has": changed((report) => Object.assign(report.layers[1]!, { name: "a" })),
      "layers[0].cyclesByCause.compute": changed((report) =>
        Object.assign(report.layers[0]!, { cyclesByCause: { compute: null } }),
      ),
      "network.name": changed((report) => Object.assign(report.network, { name: {} })),
      layers: changed((report) => Object.assign(report, { layers: { length: 3 } })),
      "tool.version": changed((report) => Object.assign(report, { tool: "picojoule" })),
    };

    for (const [path, text] of Object.entries(cases)) {
      expect(() => parseReport(text, "r.json"), path).toThrow(ConfigError);
      expect(() => parseReport(text, "r.json")).toThrow(path);
    }
  });

  it("is refused when it is something else", () => {
    for (const text of ["", "{", "null", "[]", "5", '"x"', "{}", '{"schema":"picojoule/report@2"}']) {
      expect(() => parseReport(text, "r.json"), text).toThrow(ConfigError);
    }
    expect(() => parseReport('{"schema":"\\u001b[2J"}', "r.json")).toThrow("\\u001b[2J");
  });
});
