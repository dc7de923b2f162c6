/**
 * Matrix operations as work: the tile plan is walked once, and every generation and visit gets its bytes, every tile its
 * class. Array time comes from the array's closed form, which its register-level model is held to. Buffers add bank
 * conflicts; the output path adds time when it has fewer lanes than the array has outputs.
 */

import type { TilePlan, TilingProblem } from "../../algorithms/mapping/tile-plan.js";
import { touchedColumns, touchedRows } from "../../algorithms/mapping/tile-plan.js";
import type { Design } from "../../hw-models/design.js";
import type { TileTiming } from "../../hw-models/pe-array/pe-array.js";
import { ceilDiv } from "../core/integers.js";
import type { LoopBounds } from "../ir/layer.js";
import type { MatrixOperation } from "../ir/operation.js";
import { ArrayCounts } from "./array-counts.js";
import { type FeedCosts, feedBoundCycles, feedConflictCycles } from "./buffer-feeds.js";
import type { Ideal } from "./ideal.js";
import type { StoredWeights } from "./stored-weights.js";
import type { TileTimer, TimedTile } from "./tile-timer.js";
import {
  IFMAP_DIMENSIONS,
  OFMAP_DIMENSIONS,
  sharedRun,
  TilePosition,
  tileCount,
  WEIGHT_DIMENSIONS,
} from "./tile-walk.js";
import { checkTileCount, type OperandStream, type TileClass } from "./work.js";

/** Columns of a matrix operation's work. */
export interface MatrixColumns {
  readonly tiles: number;
  readonly classes: readonly TileClass[];
  readonly classOf: Uint32Array;
  readonly counts: ArrayCounts;
  readonly weight: OperandStream;
  readonly metadataBytes: Float64Array;
  readonly decodeCycles: Float64Array;
  readonly ifmap: OperandStream;
  /** Ifmap elements of each generation, before bits and residency. */
  readonly ifmapElements: number;
  readonly visitRun: number;
  readonly psumReadBytes: Float64Array;
  readonly residualReadBytes: Float64Array;
  readonly psumWriteBytes: Float64Array;
  readonly ofmapWriteBytes: Float64Array;
  /** Dense weights that the decoder makes, over all generations. */
  readonly decodedWeights: number;
}

/** All that a matrix operation is run with. */
export interface MatrixContext {
  readonly operation: MatrixOperation;
  readonly design: Design;
  readonly timer: TileTimer;
  readonly plan: TilePlan & { readonly ifmapFootprint: number };
  readonly problem: TilingProblem;
  readonly stored: StoredWeights;
  /** True when the array takes the weights as they are stored. */
  readonly isNative: boolean;
  readonly feeds: FeedCosts;
  readonly ideal: Ideal;
}

/** Walks the tile plan of a matrix operation. */
export function matrixColumns(context: MatrixContext): MatrixColumns {
  const { operation, plan } = context;
  const tiles = tileCount(plan.loops);
  checkTileCount(operation, tiles, "tiles", "raise buffers.*.capacityBytes, or simulate a smaller layer");
  return { tiles, ...classColumns(context, tiles), ...fetchColumns(context, tiles), ...visitColumns(context, tiles) };
}

/** Which loops of the plan stand at a ragged last trip in each tile: one bit a loop. */
function raggedLoops({ loops }: TilePlan, bounds: LoopBounds, tiles: number): Uint8Array {
  const ragged = new Uint8Array(tiles);
  let inner = 1;
  for (let depth = loops.length - 1; depth >= 0; depth--) {
    const { dimensions, trips, step } = loops[depth]!;
    const period = inner * trips;
    if (trips * step > bounds[dimensions[0]!]) {
      for (let start = period - inner; start < tiles; start += period) {
        for (let tile = start; tile < start + inner; tile++) ragged[tile]! |= 1 << depth;
      }
    }
    inner = period;
  }
  return ragged;
}

/** Classes of tiles: those that are ragged in the same loops take the same time, unless values decide: then each its own. */
function classColumns(context: MatrixContext, tiles: number) {
  const { operation, plan, timer } = context;
  if (!timer.sharesTimes) return tilesApart(context, tiles);
  const { bounds } = operation;
  const ragged = raggedLoops(plan, bounds, tiles);
  const position = new TilePosition(bounds, plan.tile, plan.loops);
  const classOf = new Uint32Array(tiles);
  const classes: TileClass[] = [];
  const timed: TimedTile[] = [];
  const tilesOf: number[] = [];
  const indexOfKey = new Int16Array(1 << plan.loops.length).fill(-1);
  for (let tile = 0; tile < tiles; tile++) {
    const key = ragged[tile]!;
    let index = indexOfKey[key]!;
    if (index < 0) {
      index = classes.length;
      indexOfKey[key] = index;
      position.locate(tile);
      const { G, N, K, P, Q } = position.extent;
      const own = timer.timeTile(position);
      timed.push(own);
      tilesOf.push(0);
      classes.push(tileClass(context, own, G * K * N * P * Q));
    }
    classOf[tile] = index;
    tilesOf[index]!++;
  }
  const counts = new ArrayCounts();
  for (const [index, tile] of classes.entries()) counts.add(timed[index]!, tile, tilesOf[index]!);
  return { classes, classOf, counts };
}

/** Every tile timed by its own values. */
function tilesApart(context: MatrixContext, tiles: number) {
  const { operation, plan, timer } = context;
  const position = new TilePosition(operation.bounds, plan.tile, plan.loops);
  const classOf = new Uint32Array(tiles);
  const classes: TileClass[] = [];
  const counts = new ArrayCounts();
  for (let tile = 0; tile < tiles; tile++) {
    classOf[tile] = tile;
    position.locate(tile);
    const { G, N, K, P, Q } = position.extent;
    const timed = timer.timeTile(position);
    const own = tileClass(context, timed, G * K * N * P * Q);
    classes.push(own);
    counts.add(timed, own, 1);
  }
  return { classes, classOf, counts };
}

const NO_CONFLICTS = { ifmap: 0, weight: 0, ofmap: 0 };

/** Cycles that buffers add to one product of a tile. */
function conflictsOf({ design, ideal, timer, feeds }: MatrixContext, timing: TileTiming): typeof NO_CONFLICTS {
  if (timer.isByShape) return feedConflictCycles(feeds, timing, design.peArray);
  return ideal.ports ? NO_CONFLICTS : feedBoundCycles(feeds, timing, design.buffers);
}

/** Time of a tile of `groups` products one after the other. */
function tileClass(context: MatrixContext, { timing, repeats: groups }: TimedTile, outputs: number): TileClass {
  const { design, ideal } = context;
  const conflicts = conflictsOf(context, timing);
  const arrayCycles = ideal.fill ? timing.computeCycles : timing.steadyCycles;
  const stalledCycles = groups * (arrayCycles + conflicts.ifmap + conflicts.weight + conflicts.ofmap);
  const outputCycles = ideal.vector ? 0 : ceilDiv(outputs, design.units.vector.lanes);
  const vectorCycles = Math.max(0, outputCycles - stalledCycles);
  return {
    preloadCycles: ideal.fill ? 0 : timing.preloadCycles,
    steadyCycles: stalledCycles + vectorCycles,
    drainCycles: ideal.fill ? 0 : timing.drainCycles,
    computeCycles: groups * timing.computeCycles,
    vectorCycles,
    ifmapConflictCycles: groups * conflicts.ifmap,
    weightConflictCycles: groups * conflicts.weight,
    ofmapConflictCycles: groups * conflicts.ofmap,
  };
}

/** Bytes of each weight and ifmap generation. */
function fetchColumns(context: MatrixContext, tiles: number) {
  const { operation, plan, problem, stored, design } = context;
  const { bounds, window } = operation;
  const position = new TilePosition(bounds, plan.tile, plan.loops);
  const weightRun = sharedRun(plan.loops, WEIGHT_DIMENSIONS);
  const ifmapRun = sharedRun(plan.loops, IFMAP_DIMENSIONS);
  const weightBytes = new Float64Array(tiles / weightRun);
  const metadataBytes = new Float64Array(tiles / weightRun);
  const decodeCycles = new Float64Array(tiles / weightRun);
  const weights = bounds.G * bounds.K * bounds.C * bounds.R * bounds.S;
  const decodes = !context.isNative;
  let decodedWeights = 0;
  for (let generation = 0; generation < weightBytes.length; generation++) {
    position.locate(generation * weightRun);
    const { G, K, C } = position.extent;
    const share = (G * K * C * bounds.R * bounds.S) / weights;
    const biasBytes = position.reductionBegins() ? G * K * operation.biasBytesPerChannel : 0;
    weightBytes[generation] = Math.ceil((share * stored.bits.valueBits) / 8) + biasBytes;
    metadataBytes[generation] = Math.ceil((share * stored.bits.metadataBits) / 8);
    if (!decodes) continue;
    const dense = G * K * C * bounds.R * bounds.S;
    decodedWeights += dense;
    if (!context.ideal.decode) decodeCycles[generation] = ceilDiv(dense, design.units.weightDecoder.valuesPerCycle);
  }
  const ifmapBytes = new Float64Array(tiles / ifmapRun);
  let ifmapElements = 0;
  for (let generation = 0; generation < ifmapBytes.length; generation++) {
    position.locate(generation * ifmapRun);
    const { G, N, C, P, Q } = position.extent;
    const { from } = position;
    const lines = touchedRows(bounds, window, from.P, from.P + P);
    const columns = touchedColumns(bounds, window, from.Q, from.Q + Q);
    const elements = G * N * C * lines * columns;
    ifmapElements += elements;
    if (!problem.ifmapResident) ifmapBytes[generation] = Math.ceil((elements * problem.ifmapBits) / 8);
  }
  return {
    weight: { run: weightRun, bytes: weightBytes },
    metadataBytes,
    decodeCycles,
    decodedWeights,
    ifmap: { run: ifmapRun, bytes: ifmapBytes },
    ifmapElements,
  };
}

/** Bytes that each visit of an ofmap tile reads first and writes at its end. */
function visitColumns(context: MatrixContext, tiles: number) {
  const { operation, plan, problem } = context;
  const position = new TilePosition(operation.bounds, plan.tile, plan.loops);
  const visitRun = sharedRun(plan.loops, OFMAP_DIMENSIONS);
  const visits = tiles / visitRun;
  const psumReadBytes = new Float64Array(visits);
  const residualReadBytes = new Float64Array(visits);
  const psumWriteBytes = new Float64Array(visits);
  const ofmapWriteBytes = new Float64Array(visits);
  const reductionInside = visitRun > 1 || operation.bounds.C === plan.tile.C;
  let outputsDone = 0;
  const { G, N, K, P, Q } = operation.bounds;
  const products = G * N * K * P * Q;
  const residualBits = operation.residuals.reduce(
    (sum, { elements, bitsPerElement }) => sum + elements * bitsPerElement,
    0,
  );
  for (let visit = 0; visit < visits; visit++) {
    position.locate(visit * visitRun);
    const tile = position.extent;
    const outputs = tile.G * tile.N * tile.K * tile.P * tile.Q;
    if (!reductionInside && !position.reductionBegins())
      psumReadBytes[visit] = Math.ceil((outputs * problem.psumBits) / 8);
    if (!reductionInside && !position.reductionEnds()) {
      psumWriteBytes[visit] = Math.ceil((outputs * problem.psumBits) / 8);
      continue;
    }
    // Stored outputs and residuals are shared out by products, to the byte over the whole operation.
    const before = outputsDone / products;
    outputsDone += outputs;
    const after = outputsDone / products;
    const part = (bits: number): number => Math.ceil((after * bits) / 8) - Math.ceil((before * bits) / 8);
    residualReadBytes[visit] = part(residualBits);
    if (!problem.ofmapResident)
      ofmapWriteBytes[visit] = part(operation.output.elements * operation.output.bitsPerElement);
  }
  return { visitRun, psumReadBytes, residualReadBytes, psumWriteBytes, ofmapWriteBytes };
}
