/** The Pareto front, against its definition. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { paretoFront } from "../../../../algorithms/explore/pareto.js";

describe("the Pareto front", () => {
  it("leaves out what is worse in one figure and no better in the other", () => {
    //             on      beaten by [1, 4]  on      equal to the third, so on as well
    const points = [
      [1, 4],
      [2, 4],
      [3, 1],
      [3, 1],
      [9, 9],
    ];

    expect(paretoFront(points)).toEqual([true, false, true, true, false]);
  });

  it("is everything where points trade one figure for the other, and nothing of nothing", () => {
    expect(
      paretoFront([
        [1, 3],
        [2, 2],
        [3, 1],
      ]),
    ).toEqual([true, true, true]);
    expect(paretoFront([])).toEqual([]);
  });

  it("holds the best of each single figure, and a point outside it is beaten by one on it", () => {
    const points = fc.array(fc.tuple(fc.nat(6), fc.nat(6), fc.nat(6)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(points, (all) => {
        const front = paretoFront(all);
        const on = all.filter((_, at) => front[at]);
        const least = Math.min(...all.map(([first]) => first));
        expect(Math.min(...on.map(([first]) => first))).toBe(least);
        for (const [at, point] of all.entries()) {
          if (!front[at])
            expect(on.some((other) => other.every((figure, place) => figure <= point[place]!))).toBe(true);
        }
      }),
    );
  });
});
