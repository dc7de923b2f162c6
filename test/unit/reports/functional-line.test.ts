/** The lines of a report that say what was run with values. */
import { describe, expect, it } from "vitest";
import { totalPairs } from "../../../reports/totals-block.js";
import { testReport } from "../../helpers/test-report.js";

const FUNCTIONAL = {
  outputsBitExact: true,
  layers: 54,
  wholeLayers: 2,
  tiles: 1770,
  tilesRun: 624,
  macs: 4000,
  macsRun: 1000,
  arrayCycles: 99,
  valuesCompared: 7_374_912,
  overflowEvents: 0,
  layersWithSyntheticWeights: 4,
  layersWithSyntheticActivations: 0,
} as const;

const linesOf = (functional?: Partial<typeof FUNCTIONAL> & object) => {
  const report = testReport([{ name: "conv1" }]);
  const pairs = totalPairs(
    functional === undefined ? report : { ...report, functional: { ...FUNCTIONAL, ...functional } },
  );
  return pairs.filter(([label]) => label === "run with values" || label === "values").map(([, text]) => text);
};

describe("the lines of a run with values", () => {
  it("say how much was run and whose values they were", () => {
    expect(linesOf({})).toEqual([
      "624 of 1 770 tiles (25.0% of the MACs) of 54 layers, 7 374 912 sums bit-exact",
      "weights of the model, synthetic in 4 of 54 layers, activations of the model",
    ]);
  });

  it("say that sums left their registers", () => {
    expect(linesOf({ overflowEvents: 12_345 } as never)[0]).toMatch(/bit-exact, 12 345 sums left their register$/);
  });

  it("are not there when no values were run", () => {
    expect(linesOf()).toEqual([]);
  });
});
