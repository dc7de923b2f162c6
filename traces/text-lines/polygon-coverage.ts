/**
 * How much of each pixel lies inside a set of polygons, by the non-zero winding rule: exact along x, eight sample lines a pixel
 * along y. Only additions, products and divisions of doubles, so that the picture is the same on every machine.
 */
import type { Polygon } from "./font-outlines.js";

const SAMPLE_LINES = 8;

/** Maps outline coordinates to pixels: x' = a x + b y + e, y' = c x + d y + f. */
export interface Placement {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

interface Edge {
  readonly top: number;
  readonly bottom: number;
  /** x at y = 0 of the line through the edge, and its change with y. */
  readonly base: number;
  readonly slope: number;
  /** 1 for an edge that goes down, -1 for one that goes up. */
  readonly turn: number;
}

export class CoverageMap {
  readonly width: number;
  readonly height: number;
  /** Row-major, 0 outside to 1 inside. */
  readonly coverage: Float64Array;
  readonly #edges: Edge[] = [];

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.coverage = new Float64Array(width * height);
  }

  /** Notes a polygon; the last point joins the first. */
  add(polygon: Polygon, { a, b, c, d, e, f }: Placement): void {
    const count = polygon.length / 2;
    for (let at = 0; at < count; at++) {
      const next = (at + 1) % count;
      const [x0, y0, x1, y1] = [polygon[2 * at]!, polygon[2 * at + 1]!, polygon[2 * next]!, polygon[2 * next + 1]!];
      this.#addEdge(a * x0 + b * y0 + e, c * x0 + d * y0 + f, a * x1 + b * y1 + e, c * x1 + d * y1 + f);
    }
  }

  #addEdge(x0: number, y0: number, x1: number, y1: number): void {
    if (y0 === y1) return;
    const slope = (x1 - x0) / (y1 - y0);
    const [top, bottom, turn] = y0 < y1 ? [y0, y1, 1] : [y1, y0, -1];
    this.#edges.push({ top, bottom, base: x0 - y0 * slope, slope, turn });
  }

  /** Fills what was noted into the map, once. */
  fill(): void {
    const edges = this.#edges.toSorted((one, other) => one.top - other.top);
    let active: Edge[] = [];
    let next = 0;
    for (let line = 0; line < this.height * SAMPLE_LINES; line++) {
      const y = (line + 0.5) / SAMPLE_LINES;
      active = active.filter(({ bottom }) => bottom > y);
      for (; next < edges.length && edges[next]!.top <= y; next++) {
        if (edges[next]!.bottom > y) active.push(edges[next]!);
      }
      const crossings = active.map(({ base, slope, turn }) => ({ x: base + slope * y, turn }));
      crossings.sort((one, other) => one.x - other.x);
      let winding = 0;
      for (const [at, { x, turn }] of crossings.entries()) {
        winding += turn;
        if (winding !== 0) this.#addSpan(Math.floor(line / SAMPLE_LINES), x, crossings[at + 1]!.x);
      }
    }
  }

  /** Adds one sample line from `from` to `to` to the pixels of a row. */
  #addSpan(row: number, from: number, to: number): void {
    const [left, right] = [Math.max(0, from), Math.min(this.width, to)];
    for (let column = Math.floor(left); column < right; column++) {
      const covered = Math.min(right, column + 1) - Math.max(left, column);
      this.coverage[row * this.width + column]! += covered / SAMPLE_LINES;
    }
  }
}
