/** The Pareto front: points that no other point beats in one objective without losing in another. */

/**
 * Which points are on the front; of equal points all are.
 * @param points figures of each point, all to be small
 */
export function paretoFront(points: readonly (readonly number[])[]): boolean[] {
  return points.map((point) => !points.some((other) => dominates(other, point)));
}

function dominates(one: readonly number[], other: readonly number[]): boolean {
  return one.every((figure, at) => figure <= other[at]!) && one.some((figure, at) => figure < other[at]!);
}
