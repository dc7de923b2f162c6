/** Where curves cross 1: verdicts, and the densities that a search tries, by hand. */
import { describe, expect, it } from "vitest";
import { type CurvePoint, crossingOf, densitiesToTry } from "../../../../../algorithms/explore/crossover/crossing.js";

function curve(...points: (readonly [density: number, ratio: number])[]): CurvePoint[] {
  return points.map(([density, ratio]) => ({ density, ratio }));
}

/** Tries what is asked for until nothing is. @returns the points, and how many were tried */
function search(ratioAt: (density: number) => number, densities: readonly number[], resolution: number) {
  const points = densities.map((density) => ({ density, ratio: ratioAt(density) }));
  for (let wanted = densitiesToTry(points, resolution); wanted.length > 0; ) {
    for (const density of new Set(wanted)) points.push({ density, ratio: ratioAt(density) });
    wanted = densitiesToTry(points, resolution);
  }
  return { points, tried: points.length - densities.length };
}

describe("a curve", () => {
  it.each([
    ["never", curve([0.1, 1], [0.5, 1.2], [1, 2]), { crossings: 0 }],
    ["always", curve([0.1, 0.3], [1, 0.99]), { crossings: 0, largestDensity: 1 }],
    [
      "below",
      curve([0.1, 0.3], [0.5, 0.9], [1, 1.4]),
      { crossings: 1, largestDensity: 0.5, losesAtDensity: 1, firstCrossing: { from: 0.5, to: 1 } },
    ],
    [
      "above",
      curve([0.1, 1.3], [0.5, 0.9], [1, 0.8]),
      { crossings: 1, largestDensity: 1, firstCrossing: { from: 0.1, to: 0.5 } },
    ],
    [
      "mixed",
      curve([0.1, 0.9], [0.2, 1.1], [0.5, 0.9], [1, 1.4]),
      { crossings: 3, largestDensity: 0.5, losesAtDensity: 1, firstCrossing: { from: 0.1, to: 0.2 } },
    ],
  ] as const)("is won '%s' whatever the order of its points", (verdict, points, more) => {
    expect(crossingOf(points)).toEqual({ verdict, ...more });
    expect(crossingOf(points.toReversed())).toEqual({ verdict, ...more });
  });

  it("is not won by less than the margin: 0.995 is none of 1 %, 0.98 is one", () => {
    const points = curve([0.25, 0.98], [0.5, 0.995], [1, 0.999]);

    expect(crossingOf(points)).toMatchObject({ verdict: "always" });
    expect(crossingOf(points, 0.01)).toMatchObject({ verdict: "below", largestDensity: 0.25, losesAtDensity: 0.5 });
    expect(densitiesToTry(points, 0.01, 0.01)).toEqual([0.38]);
  });

  it("is not won where nothing changes: a ratio of exactly 1 is no win", () => {
    expect(crossingOf(curve([0.5, 1], [1, 1])).verdict).toBe("never");
  });
});

describe("the search for a crossing", () => {
  it("halves the interval on its lattice: 0.55, then 0.53, 0.54 and no further", () => {
    // 12 bits a stored weight against 8: 1.5 d + 0.2 = 1 at d = 0.5333.
    const ratioAt = (density: number): number => 1.5 * density + 0.2;
    const points = curve([0.5, ratioAt(0.5)], [0.6, ratioAt(0.6)]);

    expect(densitiesToTry(points, 0.01)).toEqual([0.55]);
    const { points: found, tried } = search(ratioAt, [0.5, 0.6], 0.01);

    expect(crossingOf(found)).toMatchObject({ verdict: "below", largestDensity: 0.53, losesAtDensity: 0.54 });
    // 10 steps to 1 take at most ceil(log2(10)) = 4 halvings.
    expect(tried).toBeLessThanOrEqual(4);
  });

  it("narrows down the first and the last of several crossings, and leaves those between", () => {
    // Wins below 0.22 and between 0.61 and 0.83.
    const ratioAt = (density: number): number => (density < 0.22 || (density > 0.61 && density < 0.83) ? 0.9 : 1.1);

    const { points } = search(ratioAt, [0.1, 0.4, 0.7, 1], 0.01);

    const found = crossingOf(points);
    expect(found).toMatchObject({ verdict: "mixed", crossings: 3, largestDensity: 0.82, losesAtDensity: 0.83 });
    expect(found.firstCrossing).toEqual({ from: 0.21, to: 0.22 });
    const between = points.filter(({ density }) => density > 0.4 && density < 0.7);
    expect(between).toEqual([]);
  });

  it("asks for nothing without a crossing, nor between neighbours of the lattice", () => {
    expect(densitiesToTry(curve([0.1, 0.5], [1, 0.9]), 0.01)).toEqual([]);
    expect(densitiesToTry(curve([0.29, 0.9], [0.3, 1.1]), 0.01)).toEqual([]);
    expect(densitiesToTry(curve([0.2, 0.9], [0.3, 1.1]), 0.1)).toEqual([]);
  });

  it("gives equal numbers for equal densities however it came to them", () => {
    const tried = new Set<number>();
    for (const [from, to] of [
      [0.05, 0.1],
      [0.1, 0.2],
      [0.6, 0.7],
    ] as const) {
      for (const { density } of search((density) => density / (from + 0.021), [from, to], 0.01).points)
        tried.add(density);
    }
    for (const density of tried) expect(density).toBe(Number(density.toFixed(2)));
  });
});
