/**
 * A tile plan cuts an operation into tiles that fit the buffers and orders the loops over them:
 *
 *     for G                                        groups are outermost
 *       for {K | C | P} in one of six orders       P stands for N, P and Q together
 *         ---- DRAM | buffers ----
 *         tile of G x K x C x N x P x Q (R, S whole)
 *
 * An operand is fetched again in every trip of a loop outside its innermost changing loop; psums that a C loop outside
 * K or P leaves unfinished are written and read back (`psumSpillBits`). Tiles of an ifmap overlap by the filter's halo,
 * which is fetched again with each tile. Source: reuse analysis as in Yang et al., ASPLOS 2020 (Interstellar), section 3.
 */
import { ceilDiv } from "../../sim/core/integers.js";
import type { LoopBounds, LoopDimension, Window } from "../../sim/ir/layer.js";
import type { MappingLoop } from "../../sim/ir/mapping.js";

/** Order of the DRAM tile loops, outermost first; `p` stands for N, P and Q. */
export const LOOP_ORDERS = ["pkc", "kpc", "kcp", "ckp", "pck", "cpk"] as const;
export type LoopOrder = (typeof LOOP_ORDERS)[number];

/** What tiling needs to know of an operation and its machine. */
export interface TilingProblem {
  readonly name: string;
  readonly bounds: LoopBounds;
  readonly window: Window;
  readonly ifmapBits: number;
  /** Bits of one weight in DRAM, metadata included; a ratio for compressed weights. */
  readonly weightDramBits: number;
  /** Bits of one weight in the weight buffer. */
  readonly weightBufferBits: number;
  readonly ofmapBits: number;
  /** Bits of a partial sum in the ofmap buffer or in DRAM. */
  readonly psumBits: number;
  /** Longest reduction whose psums stay inside the array; longer ones accumulate in the ofmap buffer. */
  readonly reductionInArray: number;
  /** The ifmap is on chip already, or the ofmap stays there: no DRAM traffic and no tile of its own. */
  readonly ifmapResident: boolean;
  readonly ofmapResident: boolean;
  /** Bytes that one tile may take in each buffer. */
  readonly capacityBytes: { readonly ifmap: number; readonly weight: number; readonly ofmap: number };
  /**
   * Least extents of a tile that keep the array busy, where the layer has them: whole folds of what lies across the array,
   * and as much to stream as a fold takes to fill and drain. `outputs` is N*P*Q, `reduction` C*R*S.
   */
  readonly busyExtents: { readonly outputs: number; readonly K: number; readonly reduction: number };
  /** Tiles of K are whole multiples of this where K is larger. */
  readonly stepK: number;
  readonly loopOrder: LoopOrder | "search";
}

export interface TilePlan {
  /** Extents of a full tile. */
  readonly tile: LoopBounds;
  /** DRAM loops, outermost first, those with one trip left out. */
  readonly loops: readonly MappingLoop[];
  readonly order: LoopOrder;
  /** Bytes between DRAM and the buffers, before rounding to bursts. */
  readonly dramBytes: number;
}

/** Trips of the tile loops; `p` is N, P and Q together. */
export interface TileTrips {
  readonly k: number;
  readonly c: number;
  readonly p: number;
}

/** Letters inside each letter of each order: `INSIDE.pkc.p` is `kc`. */
const INSIDE = Object.fromEntries(
  LOOP_ORDERS.map((order) => [
    order,
    {
      k: order.slice(order.indexOf("k") + 1),
      c: order.slice(order.indexOf("c") + 1),
      p: order.slice(order.indexOf("p") + 1),
    },
  ]),
) as Readonly<Record<LoopOrder, Readonly<Record<keyof TileTrips, string>>>>;

/** Times that an operand is moved in full: trips of the loop it does not know, where a loop that it knows runs inside. */
export function refetches(order: LoopOrder, trips: TileTrips, irrelevant: keyof TileTrips): number {
  const own = trips[irrelevant];
  if (own === 1) return 1;
  const inside = INSIDE[order][irrelevant];
  for (let index = 0; index < inside.length; index++) {
    if (trips[inside[index] as keyof TileTrips] > 1) return own;
  }
  return 1;
}

/** One axis of a window on the ifmap. */
interface Axis {
  readonly size: number;
  readonly filter: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
}

function axisOf(axis: "height" | "width", bounds: LoopBounds, window: Window): Axis {
  return axis === "height"
    ? {
        size: window.ifmapHeight,
        filter: bounds.R,
        stride: window.strideHeight,
        dilation: window.dilationHeight,
        pad: window.padTop,
      }
    : {
        size: window.ifmapWidth,
        filter: bounds.S,
        stride: window.strideWidth,
        dilation: window.dilationWidth,
        pad: window.padLeft,
      };
}

/** Lines of the ifmap from the first to the last that outputs [from, to) read; a dilated filter fetches those between. */
function touchedLines(axis: Axis, from: number, to: number): number {
  const { size, filter, stride, dilation, pad } = axis;
  if (dilation === 1 && stride > filter) {
    // The stride skips whole lines: each output has lines of its own.
    let lines = 0;
    for (let output = from; output < to; output++) {
      const first = output * stride - pad;
      lines += Math.max(0, Math.min(size, first + filter) - Math.max(0, first));
    }
    return lines;
  }
  return spannedLines(axis, from, to).lines;
}

/** The first line that some outputs read, and how many there are from it to the last. */
export interface LineSpan {
  readonly first: number;
  readonly lines: number;
}

function spannedLines({ size, filter, stride, dilation, pad }: Axis, from: number, to: number): LineSpan {
  const first = Math.max(0, from * stride - pad);
  const last = Math.min(size - 1, (to - 1) * stride + (filter - 1) * dilation - pad);
  return { first, lines: Math.max(0, last - first + 1) };
}

/** Ifmap rows from the first to the last that ofmap rows [from, to) need. */
export function rowSpan(bounds: LoopBounds, window: Window, from: number, to: number): LineSpan {
  return spannedLines(axisOf("height", bounds, window), from, to);
}

/** Ifmap columns from the first to the last that ofmap columns [from, to) need. */
export function columnSpan(bounds: LoopBounds, window: Window, from: number, to: number): LineSpan {
  return spannedLines(axisOf("width", bounds, window), from, to);
}

/** Ifmap rows that ofmap rows [from, to) need. */
export function touchedRows(bounds: LoopBounds, window: Window, from: number, to: number): number {
  return touchedLines(axisOf("height", bounds, window), from, to);
}

/** Ifmap columns that ofmap columns [from, to) need. */
export function touchedColumns(bounds: LoopBounds, window: Window, from: number, to: number): number {
  return touchedLines(axisOf("width", bounds, window), from, to);
}

/** Ifmap lines fetched over all tiles of `step` outputs on one axis: halos count once a tile. */
export function touchedLinesOfAllTiles(
  name: "height" | "width",
  bounds: LoopBounds,
  window: Window,
  step: number,
): number {
  const axis = axisOf(name, bounds, window);
  const extent = name === "height" ? bounds.P : bounds.Q;
  let sum = 0;
  for (let from = 0; from < extent; from += step) sum += touchedLines(axis, from, Math.min(extent, from + step));
  return sum;
}

/** Bits of each operand when it is moved once. */
export interface OperandBits {
  readonly weight: number;
  readonly ifmap: number;
  readonly ofmap: number;
  /** Psums of every output, as written or as read. */
  readonly psums: number;
}

/** Bits of the operands of a layer. @param ifmapLines ifmap lines x columns over all tiles, per image and channel */
export function operandBits(problem: TilingProblem, ifmapLines: number): OperandBits {
  const { G, N, K, C, P, Q, R, S } = problem.bounds;
  const outputs = G * N * K * P * Q;
  return {
    weight: G * K * C * R * S * problem.weightDramBits,
    ifmap: problem.ifmapResident ? 0 : G * C * N * ifmapLines * problem.ifmapBits,
    ofmap: problem.ofmapResident ? 0 : outputs * problem.ofmapBits,
    psums: outputs * problem.psumBits,
  };
}

/** DRAM bytes of tile loops with these trips in a given order. */
export function dramBytesOfTrips(bits: OperandBits, trips: TileTrips, order: LoopOrder): number {
  const spills = refetches(order, trips, "c") - 1;
  const weight = bits.weight * refetches(order, trips, "p");
  const ifmap = bits.ifmap * refetches(order, trips, "k");
  return (weight + ifmap + bits.ofmap + 2 * spills * bits.psums) / 8;
}

/** DRAM bytes of a tiling in a given order. */
export function dramBytesOf(problem: TilingProblem, tile: LoopBounds, order: LoopOrder, ifmapLines: number): number {
  const { N, K, C, P, Q } = problem.bounds;
  const trips = {
    k: ceilDiv(K, tile.K),
    c: ceilDiv(C, tile.C),
    p: ceilDiv(N, tile.N) * ceilDiv(P, tile.P) * ceilDiv(Q, tile.Q),
  };
  return dramBytesOfTrips(operandBits(problem, ifmapLines), trips, order);
}

/** DRAM loops of a tile in the given order, outermost first. */
export function tileLoops(bounds: LoopBounds, tile: LoopBounds, order: LoopOrder): MappingLoop[] {
  const dimensions: LoopDimension[] = ["G"];
  for (const letter of order) {
    if (letter === "k") dimensions.push("K");
    else if (letter === "c") dimensions.push("C");
    else dimensions.push("N", "P", "Q");
  }
  return dimensions
    .map((dimension) => ({
      dimensions: [dimension],
      trips: ceilDiv(bounds[dimension], tile[dimension]),
      step: tile[dimension],
    }))
    .filter((loop) => loop.trips > 1);
}
