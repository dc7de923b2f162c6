/**
 * Chooses the tile and loop order with the fewest DRAM bytes among those that keep the array busy (`busyExtents`), or among
 * all where none of these fits; ties go to fewer tiles, then to the earlier candidate, so the choice is deterministic. For each pair of K and C extents the largest spatial tile that fits is taken: a smaller one
 * fetches weights and halos more often. Extents tried are the dimension over 1, 2, 3, 4, 6, 8, 12, ... Left out: trading
 * bytes against time beyond that, and uneven tiles.
 */
import { UnsupportedError } from "../../sim/core/errors.js";
import { ceilDiv, roundUpTo } from "../../sim/core/integers.js";
import type { LoopBounds } from "../../sim/ir/layer.js";
import {
  dramBytesOfTrips,
  LOOP_ORDERS,
  type LoopOrder,
  type OperandBits,
  operandBits,
  type TilePlan,
  type TilingProblem,
  tileLoops,
  touchedLinesOfAllTiles,
} from "./tile-plan.js";

/** A spatial tile and what it costs to read the ifmap in such tiles. */
interface SpatialCandidate {
  readonly N: number;
  readonly P: number;
  readonly Q: number;
  /** Ifmap lines x columns of one tile, per channel. */
  readonly footprint: number;
  readonly outputs: number;
  /** Tiles that cover the ofmap. */
  readonly trips: number;
  readonly bits: OperandBits;
}

/** Extents to try, largest first: the whole, halves, thirds, ... each rounded up to whole steps. */
function extentCandidates(extent: number, step: number): number[] {
  const candidates: number[] = [];
  for (let parts = 1; parts <= extent; parts = parts < 4 ? parts + 1 : parts + 2 ** Math.floor(Math.log2(parts) - 1)) {
    const even = ceilDiv(extent, parts);
    const candidate = even > step ? Math.min(extent, roundUpTo(even, step)) : even;
    if (candidate !== candidates.at(-1)) candidates.push(candidate);
  }
  if (candidates.at(-1) !== 1) candidates.push(1);
  return candidates;
}

/** Ifmap lines under a tile of outputs on one axis, not clipped by padding but by the ifmap. */
function tileLines(outputs: number, filter: number, stride: number, dilation: number, size: number): number {
  const span = (outputs - 1) * stride + (filter - 1) * dilation + 1;
  return Math.min(size, span, outputs * filter);
}

/** Spatial tiles from the whole down to one output, images first, then rows, then columns. */
function spatialCandidates(problem: TilingProblem): SpatialCandidate[] {
  const { bounds, window } = problem;
  const candidates: SpatialCandidate[] = [];
  const add = (N: number, P: number, Q: number): void => {
    const height = tileLines(P, bounds.R, window.strideHeight, window.dilationHeight, window.ifmapHeight);
    const width = tileLines(Q, bounds.S, window.strideWidth, window.dilationWidth, window.ifmapWidth);
    const lines =
      touchedLinesOfAllTiles("height", bounds, window, P) * touchedLinesOfAllTiles("width", bounds, window, Q);
    candidates.push({
      N,
      P,
      Q,
      footprint: N * height * width,
      outputs: N * P * Q,
      trips: ceilDiv(bounds.N, N) * ceilDiv(bounds.P, P) * ceilDiv(bounds.Q, Q),
      bits: operandBits(problem, lines),
    });
  };
  for (const N of extentCandidates(bounds.N, 1)) add(N, bounds.P, bounds.Q);
  for (const P of extentCandidates(bounds.P, 1).slice(1)) add(1, P, bounds.Q);
  for (const Q of extentCandidates(bounds.Q, 1).slice(1)) add(1, 1, Q);
  return candidates;
}

/** Bits of one ofmap element while the tile is worked on. */
function workingOfmapBits(problem: TilingProblem, tileC: number): number {
  const { C, R, S } = problem.bounds;
  const splitInTiles = tileC < C;
  const accumulatesInBuffer = tileC * R * S > problem.reductionInArray;
  return splitInTiles || accumulatesInBuffer ? Math.max(problem.psumBits, problem.ofmapBits) : problem.ofmapBits;
}

/** Bytes of one group of a tile in each buffer. */
export function tileFootprintBytes(problem: TilingProblem, tile: LoopBounds, ifmapFootprint: number) {
  const { R, S } = problem.bounds;
  return {
    ifmap: Math.ceil((tile.G * tile.C * ifmapFootprint * problem.ifmapBits) / 8),
    weight: Math.ceil((tile.G * tile.K * tile.C * R * S * problem.weightBufferBits) / 8),
    ofmap: Math.ceil((tile.G * tile.K * tile.N * tile.P * tile.Q * workingOfmapBits(problem, tile.C)) / 8),
  };
}

function fits(problem: TilingProblem, tile: LoopBounds, ifmapFootprint: number): boolean {
  const bytes = tileFootprintBytes(problem, tile, ifmapFootprint);
  const capacity = problem.capacityBytes;
  return (
    bytes.weight <= capacity.weight &&
    bytes.ofmap <= capacity.ofmap &&
    (problem.ifmapResident || bytes.ifmap <= capacity.ifmap)
  );
}

/** As many whole groups as fit together, when one group is a single tile. */
function groupsPerTile(problem: TilingProblem, tile: LoopBounds, ifmapFootprint: number): number {
  const { bounds } = problem;
  const oneTile = tile.N === bounds.N && tile.P === bounds.P && tile.Q === bounds.Q;
  if (!oneTile || tile.K < bounds.K || tile.C < bounds.C) return 1;
  return extentCandidates(bounds.G, 1).find((G) => fits(problem, { ...tile, G }, ifmapFootprint)) ?? 1;
}

interface Choice {
  readonly spatial: SpatialCandidate;
  readonly K: number;
  readonly C: number;
  readonly order: LoopOrder;
  readonly bytes: number;
  readonly tiles: number;
}

/** The largest spatial tile whose ifmap and ofmap fit beside extents of K and C. */
function largestSpatial(
  problem: TilingProblem,
  spatial: readonly SpatialCandidate[],
  K: number,
  C: number,
): SpatialCandidate | undefined {
  const { ifmap, ofmap } = problem.capacityBytes;
  const footprintLimit = problem.ifmapResident ? Number.POSITIVE_INFINITY : (8 * ifmap) / (C * problem.ifmapBits);
  const outputLimit = (8 * ofmap) / (K * workingOfmapBits(problem, C));
  for (const candidate of spatial) {
    if (candidate.footprint <= footprintLimit && candidate.outputs <= outputLimit) return candidate;
  }
  return undefined;
}

/** Least extents of a tile, clipped to the layer. */
function leastExtents({ bounds, busyExtents }: TilingProblem, mustKeepBusy: boolean) {
  if (!mustKeepBusy) return { K: 1, C: 1, outputs: 1 };
  const window = bounds.R * bounds.S;
  return {
    K: Math.min(bounds.K, busyExtents.K),
    C: Math.min(bounds.C, ceilDiv(busyExtents.reduction, window)),
    outputs: Math.min(bounds.N * bounds.P * bounds.Q, busyExtents.outputs),
  };
}

/** The cheapest tile that fits. @param mustKeepBusy only tiles that keep the array as busy as the layer allows */
function cheapest(
  problem: TilingProblem,
  spatial: readonly SpatialCandidate[],
  mustKeepBusy: boolean,
): Choice | undefined {
  const { bounds } = problem;
  const orders: readonly LoopOrder[] = problem.loopOrder === "search" ? LOOP_ORDERS : [problem.loopOrder];
  const least = leastExtents(problem, mustKeepBusy);
  const floorBits = spatial[0]!.bits;
  const floorBytes = (floorBits.weight + floorBits.ifmap + floorBits.ofmap) / 8;
  const weightLimit = (8 * problem.capacityBytes.weight) / (bounds.R * bounds.S * problem.weightBufferBits);
  const candidatesK = extentCandidates(bounds.K, problem.stepK).filter((K) => K >= least.K);
  let best: Choice | undefined;
  for (const C of extentCandidates(bounds.C, 1)) {
    if (C < least.C) break;
    for (const K of candidatesK) {
      if (K * C > weightLimit) continue;
      const chosen = largestSpatial(problem, spatial, K, C);
      if (chosen === undefined || chosen.outputs < least.outputs) continue;
      const trips = { k: ceilDiv(bounds.K, K), c: ceilDiv(bounds.C, C), p: chosen.trips };
      const tiles = trips.k * trips.c * trips.p;
      for (const order of orders) {
        const bytes = dramBytesOfTrips(chosen.bits, trips, order);
        if (best === undefined || bytes < best.bytes || (bytes === best.bytes && tiles < best.tiles)) {
          best = { spatial: chosen, K, C, order, bytes, tiles };
        }
      }
      if (best !== undefined && best.bytes <= floorBytes) return best;
    }
  }
  return best;
}

/**
 * The best tile plan.
 * @throws UnsupportedError when not even a tile of one element fits the buffers
 */
export function searchTiling(problem: TilingProblem): TilePlan & { readonly ifmapFootprint: number } {
  const { bounds } = problem;
  const spatial = spatialCandidates(problem);
  const best = cheapest(problem, spatial, true) ?? cheapest(problem, spatial, false);
  if (best === undefined) throw tooSmall(problem, spatial.at(-1)!.footprint);
  const { N, P, Q, footprint } = best.spatial;
  const oneGroup = { ...bounds, G: 1, N, K: best.K, C: best.C, P, Q };
  const tile = { ...oneGroup, G: groupsPerTile(problem, oneGroup, footprint) };
  return {
    tile,
    loops: tileLoops(bounds, tile, best.order),
    order: best.order,
    dramBytes: best.bytes,
    ifmapFootprint: footprint,
  };
}

function tooSmall(problem: TilingProblem, footprint: number): UnsupportedError {
  const smallest = { ...problem.bounds, G: 1, N: 1, K: 1, C: 1, P: 1, Q: 1 };
  const bytes = tileFootprintBytes(problem, smallest, footprint);
  const capacity = problem.capacityBytes;
  return new UnsupportedError({
    where: `layer ${problem.name}`,
    got: `room for a tile of ${capacity.ifmap} (ifmap), ${capacity.weight} (weight), ${capacity.ofmap} (ofmap) bytes`,
    want: `at least ${bytes.ifmap}, ${bytes.weight} and ${bytes.ofmap} bytes for the smallest tile (one filter window)`,
    fix: "raise buffers.*.capacityBytes; a double-buffered buffer offers half of it to a tile",
  });
}
