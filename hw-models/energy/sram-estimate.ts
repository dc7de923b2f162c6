/**
 * Energy, leakage and area of an SRAM bank of any capacity and width, from the single-bank CACTI points of one node (see
 * sram-surface.ts for how it goes between and past them). Figures are at the supply of CACTI's devices.
 * Left out: other port counts, other cell types, and the H-tree between banks.
 */
import { ModelError } from "../../sim/core/errors.js";
import { CACTI_SRAM } from "./cacti-sram.js";
import { createSurface, isInside, type Point, type Surface, valueAt } from "./sram-surface.js";

/** What is estimated, as columns of the CACTI table. */
export type SramQuantity = "readPj" | "writePj" | "leakMilliwatts" | "areaMm2";

const COLUMN: Readonly<Record<SramQuantity, 4 | 5 | 6 | 7>> = { readPj: 4, writePj: 5, leakMilliwatts: 6, areaMm2: 7 };

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

function surfaceThrough(rows: SramRows, nodeNm: number, quantity: SramQuantity): Surface {
  const byWidth = new Map<number, Point[]>();
  for (const row of rows) {
    if (row[0] !== nodeNm || row[3] !== 1) continue;
    const points = byWidth.get(row[2]) ?? [];
    points.push({ x: Math.log(row[1]), y: Math.log(row[COLUMN[quantity]]) });
    byWidth.set(row[2], points);
  }
  if (byWidth.size < 2) throw new ModelError("energy.sram", `CACTI points of under two widths at ${nodeNm} nm`);
  const lines = [...byWidth.entries()]
    .map(([width, points]) => ({ logWidth: Math.log(width), points: points.toSorted((a, b) => a.x - b.x) }))
    .toSorted((a, b) => a.logWidth - b.logWidth);
  return createSurface(lines);
}

/** Surfaces through all rows, made on first use: at most one per node and quantity. */
const SURFACES = new Map<string, Surface>();

function surfaceOf(rows: SramRows, nodeNm: number, quantity: SramQuantity): Surface {
  if (rows !== CACTI_SRAM) return surfaceThrough(rows, nodeNm, quantity);
  const key = `${nodeNm} ${quantity}`;
  const known = SURFACES.get(key);
  if (known !== undefined) return known;
  const surface = surfaceThrough(rows, nodeNm, quantity);
  SURFACES.set(key, surface);
  return surface;
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
  const surface = surfaceOf(rows, nodeNm, quantity);
  const [x, logWidth] = [Math.log(capacityBytes), Math.log(widthBits)];
  const how = isInside(surface, x, logWidth) ? "interpolated" : "extrapolated";
  return {
    value: Math.exp(valueAt(surface, x, logWidth)),
    note: `CACTI 7, itrs-lstp, ${nodeNm} nm, ${how} to ${capacityBytes} bytes x ${widthBits} bits`,
  };
}
