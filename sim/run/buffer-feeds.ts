/**
 * What feeding the array costs in each buffer: rows read a beat and cycles a beat. Weights are laid out in the order in
 * which the array reads them, since they are known before the run. Ifmaps lie as `buffers.ifmapLayout` says; the addresses
 * of the first full beat stand for all. Ofmaps are written as they leave, a beat at a time.
 */
import { contiguousAccess, scatteredAccess, type VectorAccess } from "../../hw-models/buffer/bank-conflicts.js";
import type { SramParameters } from "../../hw-models/buffer/buffer-parameters.js";
import type { Design } from "../../hw-models/design.js";
import type { GemmTile, OperandFeed, TileTiming } from "../../hw-models/pe-array/pe-array.js";
import type { LoopBounds, Window } from "../ir/layer.js";

export interface FeedCosts {
  readonly ifmap: VectorAccess;
  readonly weight: VectorAccess;
  readonly ofmap: VectorAccess;
  /** Cycles of a beat that reads a psum vector and writes one. */
  readonly ofmapReadWriteCycles: number;
  readonly ofmapBeatElements: number;
  readonly ifmapBeatElements: number;
  readonly weightBeatElements: number;
}

/** The sizes a feed is derived from. */
export interface FeedProblem {
  readonly tile: LoopBounds;
  readonly window: Window;
  readonly ifmapBits: number;
  readonly weightBits: number;
  /** Bits of an element as the array writes it: psums while the reduction is unfinished. */
  readonly ofmapBits: number;
  /** The array's time and feeds for a full tile. */
  readonly timing: TileTiming;
}

const FREE: VectorAccess = { rowAccesses: 0, cycles: 1 };

function beatElements(feed: OperandFeed, tile: GemmTile): number {
  return Math.min(feed.vectorElements, tile[feed.axis]);
}

/** Byte addresses in the ifmap buffer of the elements of one beat. */
function ifmapAddresses(
  problem: FeedProblem,
  layout: "channels-last" | "channels-first",
  feed: OperandFeed,
  elements: number,
): number[] {
  const { tile, window } = problem;
  const width = Math.min(
    window.ifmapWidth,
    (tile.Q - 1) * window.strideWidth + (tile.S - 1) * window.dilationWidth + 1,
  );
  const height = Math.min(
    window.ifmapHeight,
    (tile.P - 1) * window.strideHeight + (tile.R - 1) * window.dilationHeight + 1,
  );
  const bytesPerElement = problem.ifmapBits / 8;
  const addresses: number[] = [];
  for (let index = 0; index < elements; index++) {
    let [channel, y, x] = [0, 0, 0];
    if (feed.axis === "reduction") {
      channel = Math.floor(index / (tile.R * tile.S));
      y = Math.floor((index % (tile.R * tile.S)) / tile.S) * window.dilationHeight;
      x = (index % tile.S) * window.dilationWidth;
    } else {
      y = (Math.floor(index / tile.Q) % tile.P) * window.strideHeight;
      x = (index % tile.Q) * window.strideWidth;
    }
    const place = layout === "channels-last" ? (y * width + x) * tile.C + channel : (channel * height + y) * width + x;
    addresses.push(place * bytesPerElement);
  }
  return addresses;
}

/**
 * Costs of one beat in each buffer.
 * @param idealPorts no access ever waits
 */
export function feedCosts(design: Design, problem: FeedProblem, idealPorts: boolean): FeedCosts {
  const { tile, timing } = problem;
  const { buffers } = design;
  const gemm: GemmTile = { rows: tile.N * tile.P * tile.Q, columns: tile.K, reduction: tile.C * tile.R * tile.S };
  const ifmapBeatElements = beatElements(timing.ifmapFeed, gemm);
  const weightBeatElements = beatElements(timing.weightFeed, gemm);
  const ofmapBeatElements = beatElements(timing.ofmapFeed, gemm);
  const ordered = buffers.ifmapFeed === "line-buffer" || buffers.ifmapLayout === "array-order";
  const ifmap = ordered
    ? contiguousAccess(buffers.ifmap, ifmapBeatElements, problem.ifmapBits)
    : scatteredAccess(
        buffers.ifmap,
        ifmapAddresses(
          problem,
          buffers.ifmapLayout as "channels-last" | "channels-first",
          timing.ifmapFeed,
          ifmapBeatElements,
        ),
      );
  const weight = contiguousAccess(buffers.weight, weightBeatElements, problem.weightBits);
  const ofmap = contiguousAccess(buffers.ofmap, ofmapBeatElements, problem.ofmapBits);
  const wait = (access: VectorAccess): VectorAccess => (idealPorts ? { ...access, cycles: FREE.cycles } : access);
  return {
    ifmap: wait(ifmap),
    weight: wait(weight),
    ofmap: wait(ofmap),
    ofmapReadWriteCycles: wait(contiguousAccess(buffers.ofmap, 2 * ofmapBeatElements, problem.ofmapBits)).cycles,
    ifmapBeatElements,
    weightBeatElements,
    ofmapBeatElements,
  };
}

/** Cycles that conflicts add to one tile, by buffer. */
export function feedConflictCycles(costs: FeedCosts, timing: TileTiming, array: Design["peArray"]) {
  let ifmap = timing.ifmapFeed.beats * (costs.ifmap.cycles - 1);
  let weight = timing.weightFeed.beats * (costs.weight.cycles - 1);
  // Output stationary reads both operands in the same cycle: the slower one holds the array.
  if (array.dataflow === "os") {
    if (ifmap >= weight) weight = 0;
    else ifmap = 0;
  }
  // Psums that come back share the ofmap buffer with those that leave.
  const psumBeats = Math.min(
    timing.ofmapFeed.beats,
    Math.ceil(timing.psumReads / Math.max(1, costs.ofmapBeatElements)),
  );
  const ofmap =
    psumBeats * (costs.ofmapReadWriteCycles - 1) + (timing.ofmapFeed.beats - psumBeats) * (costs.ofmap.cycles - 1);
  return { ifmap, weight, ofmap };
}

/**
 * Cycles that buffers add to a tile of an array whose accesses are spread over its time and its parts: as much as the buffer that
 * takes the longest to read all its rows, every port busy, takes longer than the array.
 */
export function feedBoundCycles(costs: FeedCosts, timing: TileTiming, buffers: Design["buffers"]) {
  const excess = (feed: OperandFeed, access: VectorAccess, { banks, ports }: SramParameters): number =>
    Math.max(0, Math.ceil((feed.beats * access.rowAccesses) / (banks * ports)) - timing.steadyCycles);
  const ifmap = excess(timing.ifmapFeed, costs.ifmap, buffers.ifmap);
  const weight = excess(timing.weightFeed, costs.weight, buffers.weight);
  const ofmap = excess(timing.ofmapFeed, costs.ofmap, buffers.ofmap);
  const most = Math.max(ifmap, weight, ofmap);
  if (ifmap === most) return { ifmap, weight: 0, ofmap: 0 };
  return weight === most ? { ifmap: 0, weight, ofmap: 0 } : { ifmap: 0, weight: 0, ofmap };
}
