/** Drawn values: codes that are made without numbers are those of the numbers. */
import { describe, expect, it } from "vitest";
import { quantizeSymmetrically } from "../../../../../sim/run/functional/functional-codes.js";
import { lowerNetwork } from "../../../../../sim/run/lower.js";
import { SyntheticValues } from "../../../../../sim/run/values/synthetic-values.js";
import { DISTRIBUTION_NAMES, DISTRIBUTIONS } from "../../../../../sim/run/values/value-distribution.js";
import { convNetwork } from "../../../../helpers/small-networks.js";
import { testDesign } from "../../../../helpers/test-design.js";

describe("drawn weights", () => {
  it.each(DISTRIBUTION_NAMES)("of %s have the codes of their numbers", (name) => {
    const network = convNetwork({ N: 1, G: 1, K: 40, C: 30, H: 4, W: 4, R: 3, S: 3, stride: 1, pad: 1 });
    const [operation] = lowerNetwork(network, testDesign(), { encoding: undefined });
    if (operation?.kind !== "matrix") throw new Error("no matrix operation");

    const { reals, symmetricCodes } = new SyntheticValues(network, DISTRIBUTIONS[name], "7").valuesOf(operation).weight;

    for (const bits of [2, 4, 8, 16]) {
      const expected = quantizeSymmetrically(
        { shape: [reals!.length], precision: "fp64", values: reals! },
        bits,
        "weights",
      );
      expect(symmetricCodes!(bits)).toEqual(expected);
      expect(expected.some((code) => code !== 0)).toBe(true);
    }
  });
});
