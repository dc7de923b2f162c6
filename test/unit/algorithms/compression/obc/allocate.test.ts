/** The dynamic program against every combination tried, and against one level for all layers at the same cost. */
import { describe, expect, it } from "vitest";
import { allocate, type Level } from "../../../../../algorithms/compression/obc/allocate.js";
import { Random } from "../../../../../sim/core/rng.js";

function drawnLayers(seed: string, layers: number, levels: number): Level[][] {
  const random = new Random(seed);
  return Array.from({ length: layers }, () =>
    Array.from({ length: levels }, () => ({ cost: 1 + random.below(20), error: random.fraction() })),
  );
}

/** Least error of all combinations that keep to a budget. */
function tryAll(layers: readonly (readonly Level[])[], budget: number): number {
  const [first, ...rest] = layers;
  if (first === undefined) return budget >= 0 ? 0 : Number.POSITIVE_INFINITY;
  return Math.min(...first.map(({ cost, error }) => error + tryAll(rest, budget - cost)));
}

const sumOf = (chosen: readonly Level[], field: keyof Level): number =>
  chosen.reduce((sum, level) => sum + level[field], 0);

describe("levels for a budget", () => {
  it("have the least error of all combinations, 3 layers of 3 levels, 300 drawn cases at every whole budget", () => {
    for (let index = 0; index < 300; index++) {
      const layers = drawnLayers(`case ${index}`, 3, 3);
      const budget = 3 + (index % 55);

      const chosen = allocate(layers, budget);

      const least = tryAll(layers, budget);
      if (chosen === undefined) expect(least).toBe(Number.POSITIVE_INFINITY);
      else {
        expect(sumOf(chosen, "error")).toBeCloseTo(least, 12);
        expect(sumOf(chosen, "cost")).toBeLessThanOrEqual(budget);
      }
    }
  });

  it("beat one level for all layers at the cost of that", () => {
    const random = new Random("uniform");
    // Layers of other sizes and other errors: halving the cost quadruples the error of some, and doubles that of others.
    const layers = Array.from({ length: 12 }, () => {
      const [size, base, growth] = [10 + random.below(90), random.fraction(), 2 + 2 * random.fraction()];
      return [0, 1, 2].map((level) => ({ cost: size / 2 ** level, error: base * growth ** level }));
    });
    const uniform = layers.map((levels) => levels[1]!);

    const chosen = allocate(layers, sumOf(uniform, "cost"))!;

    expect(sumOf(chosen, "cost")).toBeLessThanOrEqual(sumOf(uniform, "cost"));
    expect(sumOf(chosen, "error")).toBeLessThan(0.95 * sumOf(uniform, "error"));
  });

  it("keep to the budget in true costs, not in buckets, with as many layers as buckets can blur", () => {
    const random = new Random("many");
    const layers = Array.from({ length: 200 }, () =>
      [1, 0.5, 0.25].map((part) => ({ cost: part * (1 + random.fraction()), error: 1 / part + random.fraction() })),
    );
    for (const budget of [80, 100, 150, 250]) {
      const cost = sumOf(allocate(layers, budget)!, "cost");
      expect(cost).toBeLessThanOrEqual(budget * (1 + 1e-12));
      expect(cost).toBeGreaterThan(0.98 * budget);
    }
  });

  it("are none when the cheapest cost more, and the cheapest when these cost just as much", () => {
    const layers = [
      [
        { cost: 4, error: 1 },
        { cost: 3, error: 2 },
      ],
      [{ cost: 2, error: 0 }],
    ];

    expect(allocate(layers, 4.9)).toBeUndefined();
    expect(allocate(layers, 5)).toEqual([layers[0]![1], layers[1]![0]]);
    expect(allocate([], 1)).toEqual([]);
  });

  it("may cost nothing", () => {
    const layers = [
      [
        { cost: 0, error: 1 },
        { cost: 5, error: 0 },
      ],
    ];

    expect(allocate(layers, 4)).toEqual([layers[0]![0]]);
    expect(allocate(layers, 5)).toEqual([layers[0]![1]]);
  });
});
