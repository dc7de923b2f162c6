/** Drawn values: quantiles of the distributions against their closed forms, and what is drawn of them. */
import { describe, expect, it } from "vitest";
import { lowerNetwork } from "../../../../../sim/run/lower.js";
import { SyntheticValues } from "../../../../../sim/run/values/synthetic-values.js";
import { DISTRIBUTIONS, magnitudeQuantiles, QUANTILES } from "../../../../../sim/run/values/value-distribution.js";
import { convChain } from "../../../../helpers/small-networks.js";
import { testDesign } from "../../../../helpers/test-design.js";

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

describe("quantiles of a generalised normal", () => {
  it("are those of a Gaussian with shape 2: median 0.6745, mean magnitude sqrt(2/pi)", () => {
    const quantiles = magnitudeQuantiles(2);

    expect(quantiles[QUANTILES / 2]).toBeCloseTo(0.67449, 3);
    expect(mean(quantiles)).toBeCloseTo(Math.sqrt(2 / Math.PI), 3);
  });

  it("are those of a Laplacian with shape 1: median ln(2)/sqrt(2), mean magnitude 1/sqrt(2), tail -ln(1-p)/sqrt(2)", () => {
    const quantiles = magnitudeQuantiles(1);

    expect(quantiles[QUANTILES / 2]).toBeCloseTo(Math.LN2 / Math.SQRT2, 3);
    expect(mean(quantiles)).toBeCloseTo(Math.SQRT1_2, 3);
    expect(quantiles[Math.floor(0.999 * QUANTILES)]).toBeCloseTo(-Math.log(0.001) / Math.SQRT2, 1);
  });

  it("rise, and have a mean square of 1", () => {
    for (const shape of [0.7, 0.8, 1, 2, 4]) {
      const quantiles = magnitudeQuantiles(shape);

      expect(mean(quantiles.map((value) => value * value))).toBeCloseTo(1, 9);
      expect(quantiles.every((value, index) => index === 0 || value > quantiles[index - 1]!)).toBe(true);
    }
  });
});

describe("drawn values", () => {
  const network = convChain({ N: 1, G: 1, K: 16, C: 16, H: 20, W: 20, R: 3, S: 3, stride: 1, pad: 1 }, 2);
  const [operation] = lowerNetwork(network, testDesign(), { encoding: undefined });
  if (operation?.kind !== "matrix") throw new Error("expected a matrix operation");

  it("have the spread of He's initialisation, the same for a seed and others for another", () => {
    const draw = (seed: string) => new SyntheticValues(network, DISTRIBUTIONS.gaussian, seed).valuesOf(operation);
    const { weight, ifmap, origin } = draw("a");

    // 2 / (16 * 9) = 0.01389; the mean square of 2304 Gaussian draws strays by sqrt(2 / 2304) = 2.9 % of it, one in 15 000 by four times that.
    const meanSquare = mean(weight.reals!.map((value) => value * value));
    expect(Math.abs(meanSquare / (2 / 144) - 1)).toBeLessThan(4 * Math.sqrt(2 / 2304));
    expect([draw("a").weight.reals, draw("a").ifmap]).toEqual([weight.reals, ifmap]);
    expect(draw("b").ifmap).not.toEqual(ifmap);
    expect(origin).toEqual({ weights: "synthetic", activations: "synthetic" });
  });

  it("have fewer large codes the heavier the tail, since the greatest value sets the scale", () => {
    const meanCode = (name: keyof typeof DISTRIBUTIONS): number =>
      mean(new SyntheticValues(network, DISTRIBUTIONS[name], "a").valuesOf(operation).ifmap.map(Math.abs));

    expect(meanCode("gaussian")).toBeGreaterThan(meanCode("laplacian"));
    expect(meanCode("laplacian")).toBeGreaterThan(meanCode("pp-ocr"));
  });
});
