import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random, shuffledIndices } from "../../../../sim/core/rng.js";

const MASK = 0xffffffffn;

/** sfc32 as its author defines it, in whole numbers of any size, seeded by the same four FNV-1a hashes. */
function* literalSequence(seed: string): Generator<number> {
  let [a, b, c, counter] = [0x811c9dc5n, 0x050c5d1fn, 0x9e3779b9n, 0x85ebca6bn].map((offset) =>
    [...seed].reduce((hash, character) => ((hash ^ BigInt(character.charCodeAt(0))) * 0x01000193n) & MASK, offset),
  ) as [bigint, bigint, bigint, bigint];
  for (let draw = 0; ; draw++) {
    const drawn = (a + b + counter) & MASK;
    counter = (counter + 1n) & MASK;
    a = b ^ (b >> 9n);
    b = (c + (c << 3n)) & MASK;
    c = ((((c << 21n) | (c >> 11n)) & MASK) + drawn) & MASK;
    if (draw >= 20) yield Number(drawn);
  }
}

describe("Random", () => {
  it("gives the sequence of sfc32 for any seed", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]{0,20}$/), (seed) => {
        const random = new Random(seed);
        const expected = literalSequence(seed);
        for (let draw = 0; draw < 50; draw++) expect(random.uint32()).toBe(expected.next().value);
      }),
      { numRuns: 50 },
    );
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
