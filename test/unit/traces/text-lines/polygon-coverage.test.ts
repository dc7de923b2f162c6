import { describe, expect, it } from "vitest";
import { CoverageMap } from "../../../../traces/text-lines/polygon-coverage.js";

const STRAIGHT = { a: 1, b: 0, c: 0, d: 1, e: 0, f: 0 };

function fill(width: number, height: number, polygons: readonly number[][], placement = STRAIGHT): CoverageMap {
  const map = new CoverageMap(width, height);
  for (const polygon of polygons) map.add(polygon, placement);
  map.fill();
  return map;
}

const area = (map: CoverageMap): number => map.coverage.reduce((sum, part) => sum + part, 0);
const square = (from: number, to: number): number[] => [from, from, to, from, to, to, from, to];
const turned = (polygon: readonly number[]): number[] =>
  Array.from({ length: polygon.length / 2 }, (_, at) => polygon.slice(polygon.length - 2 * at - 2).slice(0, 2)).flat();

describe("coverage of pixels", () => {
  it("is exact for a rectangle with edges inside pixels", () => {
    // From x 0.25 to 2.5, y 1 to 1.5: half a row high.
    const { coverage } = fill(3, 2, [[0.25, 1, 2.5, 1, 2.5, 1.5, 0.25, 1.5]]);

    expect([...coverage]).toEqual([0, 0, 0, 0.375, 0.5, 0.25]);
  });

  it("gives a triangle its area, on the side that it is on", () => {
    // Corners (0, 0), (8, 0), (0, 8).
    const map = fill(8, 8, [[0, 0, 8, 0, 0, 8]]);

    expect(area(map)).toBeCloseTo(32, 9);
    // The diagonal runs through pixels (x, 7 - x), half of each.
    for (let x = 0; x < 8; x++) expect(map.coverage[(7 - x) * 8 + x]).toBeCloseTo(0.5, 9);
    expect([map.coverage[0], map.coverage[63]]).toEqual([1, 0]);
  });

  it("leaves a hole where a contour inside goes the other way round", () => {
    const map = fill(8, 8, [square(1, 7), turned(square(3, 5))]);

    expect(area(map)).toBe(36 - 4);
    expect(map.coverage[4 * 8 + 4]).toBe(0);
  });

  it("counts what two contours of one direction share once", () => {
    expect(area(fill(8, 8, [square(1, 5), square(3, 7)]))).toBe(16 + 16 - 4);
  });

  it("cuts off what lies outside", () => {
    expect(area(fill(4, 4, [square(-10, 10)]))).toBe(16);
    expect(area(fill(4, 4, [square(20, 30)]))).toBe(0);
  });

  it("places a polygon by its transformation", () => {
    // x' = 2 x + y + 1, y' = x + 2 y: the unit square becomes a parallelogram of area 3.
    const map = fill(8, 8, [square(0, 1)], { a: 2, b: 1, c: 1, d: 2, e: 1, f: 0 });

    expect(area(map)).toBeCloseTo(3, 9);
  });
});
