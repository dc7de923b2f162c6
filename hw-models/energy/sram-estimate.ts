/**
 * Energy, leakage and area of an SRAM bank of any capacity and width, from the CACTI points of the nearest node. For each
 * width that has points, the value is interpolated piecewise in log(value) over log(capacity); between widths, in log(value)
 * over log(width). Outside the points the nearest slope is continued, and the estimate says so. Single-bank points only.
 * Left out: other port counts, other cell types, and the H-tree between banks.
 */
import { ModelError } from "../../sim/core/errors.js";
import { CACTI_SRAM } from "./cacti-sram.js";

/** What is estimated, as columns of the CACTI table. */
export type SramQuantity = "readPj" | "writePj" | "leakMilliwatts" | "areaMm2";

const COLUMN: Readonly<Record<SramQuantity, 4 | 5 | 6 | 7>> = { readPj: 4, writePj: 5, leakMilliwatts: 6, areaMm2: 7 };

interface Point {
  /** Logarithms. */
  readonly x: number;
  readonly y: number;
}

/** Points of one width, sorted by capacity. */
interface WidthLine {
  readonly logWidth: number;
  readonly points: readonly Point[];
}

/** Nodes with CACTI points, nanometres. */
export const CACTI_NODES_NM: readonly number[] = [...new Set(CACTI_SRAM.map((row) => row[0]))].toSorted(
  (a, b) => b - a,
);

/** The node with CACTI points nearest to another, by ratio. */
export function nearestCactiNode(nodeNm: number): number {
  return CACTI_NODES_NM.reduce((best, node) =>
    Math.abs(Math.log(node / nodeNm)) < Math.abs(Math.log(best / nodeNm)) ? node : best,
  );
}

/** Rows that estimates are made from; a test leaves one out at a time. */
export type SramRows = typeof CACTI_SRAM;

function widthLines(rows: SramRows, nodeNm: number, quantity: SramQuantity): WidthLine[] {
  const lines = new Map<number, Point[]>();
  for (const row of rows) {
    if (row[0] !== nodeNm || row[3] !== 1) continue;
    const points = lines.get(row[2]) ?? [];
    points.push({ x: Math.log(row[1]), y: Math.log(row[COLUMN[quantity]]) });
    lines.set(row[2], points);
  }
  return [...lines.entries()]
    .filter(([, points]) => points.length >= 2)
    .map(([width, points]) => ({ logWidth: Math.log(width), points: points.toSorted((a, b) => a.x - b.x) }))
    .toSorted((a, b) => a.logWidth - b.logWidth);
}

/** Piecewise line through sorted points, continued at both ends. */
function interpolate(points: readonly Point[], x: number): number {
  if (points.length === 1) return points[0]!.y;
  let upper = points.findIndex((point) => point.x >= x);
  if (upper < 0) upper = points.length - 1;
  upper = Math.max(1, upper);
  const [left, right] = [points[upper - 1]!, points[upper]!];
  return left.y + ((right.y - left.y) * (x - left.x)) / (right.x - left.x);
}

/** One bank's figure. */
export interface SramEstimate {
  readonly value: number;
  /** How it was found, for the source text. */
  readonly note: string;
}

/**
 * Estimates a quantity of one bank at a node with CACTI points.
 * @param capacityBytes of the bank
 * @param widthBits of one access
 */
export function estimateSram(
  quantity: SramQuantity,
  nodeNm: number,
  capacityBytes: number,
  widthBits: number,
  rows: SramRows = CACTI_SRAM,
): SramEstimate {
  const lines = widthLines(rows, nodeNm, quantity);
  if (lines.length === 0) throw new ModelError("energy.sram", `no CACTI points at ${nodeNm} nm`);
  const x = Math.log(capacityBytes);
  const across = lines.map(({ logWidth, points }) => ({ x: logWidth, y: interpolate(points, x) }));
  const value = Math.exp(interpolate(across, Math.log(widthBits)));
  const inWidth = Math.log(widthBits) >= lines[0]!.logWidth && Math.log(widthBits) <= lines.at(-1)!.logWidth;
  const inCapacity = lines.some(({ points }) => x >= points[0]!.x && x <= points.at(-1)!.x);
  const how = inWidth && inCapacity ? "interpolated" : "extrapolated";
  return { value, note: `CACTI 7, itrs-lstp, ${nodeNm} nm, ${how} to ${capacityBytes} bytes x ${widthBits} bits` };
}
