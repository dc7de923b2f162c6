/** Drawn weights on the levels of their encoding. */
import { describe, expect, it } from "vitest";
import { ConfigError } from "../../../../../sim/core/errors.js";
import { loadDesign } from "../../../../../sim/run/load-design.js";
import { runNetwork } from "../../../../../sim/run/run-network.js";
import { codesOnLevels } from "../../../../../sim/run/values/level-codes.js";
import { convNetwork } from "../../../../helpers/small-networks.js";

const REALS = Float64Array.from({ length: 64 }, (_, at) => Math.sin(at * 1.7) * (1 + (at % 5)));

describe("codes on levels", () => {
  it("leaves weights alone whose encoding has no levels of its own", () => {
    expect(codesOnLevels(REALS, { name: "nm", parameters: { n: 2, m: 4 } }, 8)).toBeUndefined();
    expect(codesOnLevels(REALS, { name: "dense", parameters: { valueBits: 8 } }, 8)).toBeUndefined();
  });

  it("gives narrower values the whole of their range", () => {
    const codes = codesOnLevels(REALS, { name: "nm", parameters: { n: 2, m: 4, valueBits: 4 } }, 8)!;

    expect(Math.max(...codes.map(Math.abs))).toBe(7);
  });

  it("gives powers of two, and sums of two of them", () => {
    const powers = [...codesOnLevels(REALS, { name: "pow2", parameters: { bits: 4 } }, 8)!].map(Math.abs);
    const sums = [...codesOnLevels(REALS, { name: "apot", parameters: { bits: 4 } }, 8)!].map(Math.abs);

    expect(new Set([0, 1, 2, 4, 8, 16, 32, 64])).toEqual(new Set([0, 1, 2, 4, 8, 16, 32, 64, ...powers]));
    expect(new Set([0, 1, 2, 3, 4, 6, 8, 10])).toEqual(new Set([0, 1, 2, 3, 4, 6, 8, 10, ...sums]));
    expect(new Set(powers).size).toBeGreaterThan(4);
    expect(new Set(sums).size).toBeGreaterThan(5);
  });

  it("puts each weight on the level nearest to it at its scale", () => {
    // 7 of 0.1 steps: the scale that has no error at all.
    const reals = Float64Array.from([0.1, -0.2, 0.7, 0.3, 0, -0.7]);

    expect([...codesOnLevels(reals, { name: "dense", parameters: { valueBits: 4 } }, 8)!]).toEqual([
      1, -2, 7, 3, 0, -7,
    ]);
  });

  it("refuses levels that the weights do not hold, and parameters that are wrong", () => {
    // 2^14 is the largest of 15 powers; seven bits of sums reach 256 + 128 + 64.
    expect(() => codesOnLevels(REALS, { name: "pow2", parameters: { bits: 5 } }, 8)).toThrow(/16384[\s\S]*127/);
    expect(() => codesOnLevels(REALS, { name: "apot", parameters: { bits: 7 } }, 8)).toThrow(/448/);
    expect(codesOnLevels(REALS, { name: "pow2", parameters: { bits: 5 } }, 16)).toBeDefined();
    expect(() => codesOnLevels(REALS, { name: "pow2", parameters: { bits: 9 } }, 16)).toThrow(ConfigError);
  });

  it("keeps weights of nothing at nothing", () => {
    expect([...codesOnLevels(new Float64Array(3), { name: "pow2", parameters: {} }, 8)!]).toEqual([0, 0, 0]);
  });
});

describe("a network with drawn weights", () => {
  it.each(["pow2", "apot:bits=5", "nm:n=2,m=4,valueBits=4", "bitmap:density=0.4,valueBits=4", "codebook:bits=4"])(
    "runs with %s on an array that looks at values",
    async (encoding) => {
      const network = convNetwork({ N: 1, G: 1, K: 8, C: 8, H: 6, W: 6, R: 3, S: 3, stride: 1, pad: 1 });

      const run = await runNetwork(network, await loadDesign("cambricon-x"), { encoding });

      expect(run.times[0]!.endCycle).toBeGreaterThan(0);
    },
  );
});
