/**
 * A surface over capacity and width through the CACTI points of one node and quantity, in logarithms. Each width that has
 * points is a line over capacity, straight between its points; past them it runs parallel to the node's widest-ranging line,
 * and past that line's own points with its end slope. Between widths, straight over width; past the outermost, with one
 * slope. Slopes past the points stay within [0, 1]: more never costs less, nor more than in proportion.
 */

/** A point: logarithms of capacity (or width) and value. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Points of one width, sorted by capacity. */
export interface WidthLine {
  readonly logWidth: number;
  readonly points: readonly Point[];
}

export interface Surface {
  /** Sorted by width; two or more. */
  readonly lines: readonly WidthLine[];
  readonly widest: WidthLine;
  /** Slopes over width past the narrowest and the widest of the lines. */
  readonly slopeBelow: number;
  readonly slopeAbove: number;
}

/** The line that others follow past their points: the widest range of capacities, then the most points. */
function widestLine(lines: readonly WidthLine[]): WidthLine {
  const range = ({ points }: WidthLine): number => points.at(-1)!.x - points[0]!.x;
  return lines.reduce((best, line) => {
    const gain = range(line) - range(best);
    return gain > 0 || (gain === 0 && line.points.length > best.points.length) ? line : best;
  });
}

function clampSlope(slope: number): number {
  return Math.min(1, Math.max(0, slope));
}

/** Straight through sorted points; past them with the end slope, within [0, 1]. */
function interpolate(points: readonly Point[], x: number): number {
  const [first, last] = [points[0]!, points.at(-1)!];
  const slope = (left: Point, right: Point): number => (right.y - left.y) / (right.x - left.x);
  if (x < first.x) return first.y + clampSlope(slope(first, points[1]!)) * (x - first.x);
  if (x > last.x) return last.y + clampSlope(slope(points.at(-2)!, last)) * (x - last.x);
  const upper = points.findIndex((point) => point.x >= x);
  if (upper === 0) return first.y;
  const left = points[upper - 1]!;
  return left.y + slope(left, points[upper]!) * (x - left.x);
}

/** A line's value at a capacity: its own between its points, parallel to the widest line past them. */
function valueOnLine({ points }: WidthLine, widest: WidthLine, x: number): number {
  const end = x < points[0]!.x ? points[0]! : points.at(-1)!;
  const inside = x >= points[0]!.x && x <= points.at(-1)!.x;
  return inside ? interpolate(points, x) : end.y + interpolate(widest.points, x) - interpolate(widest.points, end.x);
}

/** Slope over width past an outermost line: from its inner neighbour, averaged over the outermost line's points. */
function slopePast(outer: WidthLine, inner: WidthLine, widest: WidthLine): number {
  let sum = 0;
  for (const { x, y } of outer.points) sum += (y - valueOnLine(inner, widest, x)) / (outer.logWidth - inner.logWidth);
  return clampSlope(sum / outer.points.length);
}

/** @param lines two or more, sorted by width */
export function createSurface(lines: readonly WidthLine[]): Surface {
  const widest = widestLine(lines);
  return {
    lines,
    widest,
    slopeBelow: slopePast(lines[0]!, lines[1]!, widest),
    slopeAbove: slopePast(lines.at(-1)!, lines.at(-2)!, widest),
  };
}

/** Log of the value at a log capacity and log width. */
export function valueAt({ lines, widest, slopeBelow, slopeAbove }: Surface, x: number, logWidth: number): number {
  const [first, last] = [lines[0]!, lines.at(-1)!];
  if (logWidth < first.logWidth) return valueOnLine(first, widest, x) + slopeBelow * (logWidth - first.logWidth);
  if (logWidth > last.logWidth) return valueOnLine(last, widest, x) + slopeAbove * (logWidth - last.logWidth);
  return interpolate(
    lines.map((line) => ({ x: line.logWidth, y: valueOnLine(line, widest, x) })),
    logWidth,
  );
}

/** Whether a capacity and width lie between points: of the line of that width, or of both lines beside it. */
export function isInside({ lines }: Surface, x: number, logWidth: number): boolean {
  const below = lines.findLast((line) => line.logWidth <= logWidth);
  const above = lines.find((line) => line.logWidth >= logWidth);
  return [below, above].every((line) => line !== undefined && x >= line.points[0]!.x && x <= line.points.at(-1)!.x);
}
