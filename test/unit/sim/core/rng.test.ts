import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random, RandomWords, shuffledIndices } from "../../../../sim/core/rng.js";

describe("RandomWords", () => {
  it("gives the words of Random, in blocks of any length", () => {
    const words = new RandomWords("seed");
    const random = new Random("seed");

    for (const length of [1, 7, 0, 1000, 4096]) {
      const block = new Uint32Array(length);
      words.fill(block);
      expect(block).toEqual(Uint32Array.from({ length }, () => random.uint32()));
    }
  });
});

describe("Random", () => {
  it("gives one sequence for a seed, and another for every other seed", () => {
    const drawn = (seed: string): number[] => {
      const random = new Random(seed);
      return Array.from({ length: 20 }, () => random.uint32());
    };
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (one, other) => {
        expect(drawn(one)).toEqual(drawn(one));
        if (one !== other) expect(drawn(one)).not.toEqual(drawn(other));
      }),
      { numRuns: 200 },
    );
  });

  it("draws whole numbers of 32 bits, each bit as often set as not", () => {
    const random = new Random("bits");
    const counts = new Uint32Array(32);

    for (let draw = 0; draw < 20_000; draw++) {
      const number = random.uint32();
      expect(Number.isInteger(number) && number >= 0 && number < 2 ** 32).toBe(true);
      for (let bit = 0; bit < 32; bit++) if ((number >>> bit) & 1) counts[bit]!++;
    }

    // The deviation of a fair count is sqrt(20000)/2 = 71; five of them are passed once in 50 000 such tests.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(355);
  });

  it("draws every number below a bound equally often", () => {
    const random = new Random("uniform");
    const counts = new Uint32Array(7);

    for (let draw = 0; draw < 70_000; draw++) counts[random.below(7)]!++;

    // Chi-square with 6 degrees of freedom: 22.5 is passed once in a thousand seeds.
    const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquare).toBeLessThan(22.5);
  });

  it("keeps fractions within 0 and 1, and ranges within their ends", () => {
    const random = new Random("range");
    for (let draw = 0; draw < 1000; draw++) {
      const value = random.between(-3, 5);
      expect(value).toBeGreaterThanOrEqual(-3);
      expect(value).toBeLessThan(5);
    }
  });
});

describe("shuffledIndices", () => {
  it("has every index once, in an order that the seed decides", () => {
    const order = shuffledIndices(1000, "a");

    expect([...order].toSorted((one, other) => one - other)).toEqual(Array.from({ length: 1000 }, (_, index) => index));
    expect(shuffledIndices(1000, "a")).toEqual(order);
    expect(shuffledIndices(1000, "b")).not.toEqual(order);
  });

  it("puts each of three items in each place as often as the others", () => {
    const counts = new Map<string, number>();

    for (let seed = 0; seed < 6000; seed++) {
      const order = shuffledIndices(3, String(seed)).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }

    // Six orders of 1000 each; chi-square with 5 degrees of freedom: 20.5 is passed once in a thousand.
    expect(counts.size).toBe(6);
    expect([...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(20.5);
  });
});
