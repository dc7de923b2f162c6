/**
 * Where a ratio falls below 1 as weights get sparser: the pure part of a crossover study. A curve is a handful of points; what is
 * asked of them is answered from them alone, and what more would have to be tried to answer it closer is told. Nothing is assumed
 * of the shape of a curve between two points that lie on the same side of 1.
 */
import type { Crossing, Verdict } from "./crossover-types.js";

export interface CurvePoint {
  /** Part of the weights that are kept, above 0 and up to 1. */
  readonly density: number;
  /** Cost over the dense cost: below 1 is a win. */
  readonly ratio: number;
}

/** Two neighbouring points of a curve, of which one wins and the other does not. */
interface Bracket {
  readonly from: CurvePoint;
  readonly to: CurvePoint;
}

/** @param margin part by which a cost must be below the dense one */
function winsBy(margin: number): (point: CurvePoint) => boolean {
  return ({ ratio }) => ratio < 1 - margin;
}

function rising(points: readonly CurvePoint[]): CurvePoint[] {
  return points.toSorted((a, b) => a.density - b.density);
}

function bracketsOf(sorted: readonly CurvePoint[], isWin: (point: CurvePoint) => boolean): Bracket[] {
  return sorted.slice(1).flatMap((to, index) => {
    const from = sorted[index]!;
    return isWin(from) === isWin(to) ? [] : [{ from, to }];
  });
}

function verdictOf(startsAsWin: boolean, crossings: number): Verdict {
  if (crossings === 0) return startsAsWin ? "always" : "never";
  if (crossings > 1) return "mixed";
  return startsAsWin ? "below" : "above";
}

/** What the points of a curve say, in any order; at least one. @param margin part by which a win must be below 1 */
export function crossingOf(points: readonly CurvePoint[], margin = 0): Crossing {
  const sorted = rising(points);
  const isWin = winsBy(margin);
  const brackets = bracketsOf(sorted, isWin);
  const wins = sorted.filter(isWin);
  const largest = wins.at(-1);
  const losesAt = largest === undefined ? undefined : sorted[sorted.indexOf(largest) + 1]?.density;
  const first = brackets[0];
  return {
    verdict: verdictOf(isWin(sorted[0]!), brackets.length),
    crossings: brackets.length,
    ...(largest !== undefined && { largestDensity: largest.density }),
    ...(losesAt !== undefined && { losesAtDensity: losesAt }),
    ...(first !== undefined && { firstCrossing: { from: first.from.density, to: first.to.density } }),
  };
}

/**
 * Densities to try next: the middles of the first and of the last crossing, until each lies between neighbours on a lattice.
 * @param resolution step of the lattice, of which 1 is a whole multiple
 */
export function densitiesToTry(points: readonly CurvePoint[], resolution: number, margin = 0): number[] {
  const brackets = bracketsOf(rising(points), winsBy(margin));
  const ends = [...new Set([brackets[0], brackets.at(-1)])].filter((bracket) => bracket !== undefined);
  return ends.flatMap(({ from, to }) => {
    const middle = onLattice((from.density + to.density) / 2, resolution);
    return middle > from.density && middle < to.density ? [middle] : [];
  });
}

/** The nearest multiple of a step, as the same number however it was come by. */
function onLattice(density: number, resolution: number): number {
  const steps = Math.round(1 / resolution);
  return Math.round(density * steps) / steps;
}
