/** Which output tiles are run: all within a budget; past it the ends of the loops, and others in a seeded order. */
import { describe, expect, it } from "vitest";
import { sampleTiles } from "../../../../../sim/run/functional/functional-sample.js";

const BOUNDS = { G: 1, N: 1, K: 10, C: 2, P: 35, Q: 1, R: 1, S: 1 };
const TILE = { ...BOUNDS, K: 4, P: 5 };
/** K in 3 by 4, the last of 2; P in 7 by 5. */
const LOOPS = [
  { dimensions: ["K"], trips: 3, step: 4 },
  { dimensions: ["P"], trips: 7, step: 5 },
] as const;

describe("the sample of output tiles", () => {
  it("is all of them up to the budget", () => {
    const { chosen, count } = sampleTiles(BOUNDS, TILE, LOOPS, 10 * 35 * 2, "seed");

    expect(count).toBe(21);
    expect(chosen).toEqual(Array.from({ length: 21 }, (_, number) => number));
  });

  it("has the first, the last, and the end of each ragged loop, however small the budget", () => {
    // The last trip of K starts with tile 14; P is not ragged.
    expect(sampleTiles(BOUNDS, TILE, LOOPS, 1, "seed").chosen).toEqual([0, 14, 20]);
  });

  it("grows in a seeded order until the budget is spent", () => {
    const macsOf = (number: number) => (number >= 14 ? 2 : 4) * 5 * 2;
    const sampleOf = (seed: string) => sampleTiles(BOUNDS, TILE, LOOPS, 300, seed).chosen;

    const chosen = sampleOf("seed");

    const macs = chosen.reduce((sum, number) => sum + macsOf(number), 0);
    expect(macs).toBeGreaterThanOrEqual(300);
    expect(macs).toBeLessThan(300 + 40);
    expect(new Set(chosen).size).toBe(chosen.length);
    expect(sampleOf("seed")).toEqual(chosen);
    expect(["a", "b", "c"].map(sampleOf)).not.toEqual([chosen, chosen, chosen]);
  });
});
