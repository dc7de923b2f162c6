/**
 * The bytes in DRAM that each generation and visit of an operation moves. Weights and metadata are stored in the order in
 * which tiles fetch them, since they are known before the run; partial sums go to a scratch region, a place a tile; feature
 * maps lie as `dram.layout` says. Where an output is not the array's products one for one (pooled or summed on its way out),
 * and for further operands of the output path, equal shares of the tensor in its order stand for the tile.
 */
import type { TilePlan } from "../../algorithms/mapping/tile-plan.js";
import { type BlockAccess, burstsOf, emptyAccess, setStretch } from "../engine/block-access.js";
import type { LoopDimension } from "../ir/layer.js";
import type { MappingLoop } from "../ir/mapping.js";
import { type MatrixOperation, type OperandAccess, operandBytes } from "../ir/operation.js";
import { boxAccess, type FeatureMapBox, type FeatureMapLayout } from "./feature-map-layout.js";
import type { TensorAddresses } from "./tensor-addresses.js";
import { TilePosition } from "./tile-walk.js";

/** Puts the access of a generation or visit into `into`. */
export type AccessOf = (index: number, into: BlockAccess) => void;

export interface WorkAccesses {
  readonly weight: AccessOf;
  readonly metadata: AccessOf;
  readonly ifmap: AccessOf;
  readonly psumRead: AccessOf;
  readonly psumWrite: AccessOf;
  readonly residual: AccessOf;
  readonly ofmap: AccessOf;
}

/** Memory as far as it matters where tensors lie. */
export interface MemoryMap {
  readonly addresses: TensorAddresses;
  readonly layout: FeatureMapLayout;
  readonly burstBytes: number;
}

/** Bytes of each generation and visit, as the tile plan gives them. */
export interface MovedBytes {
  readonly weight: { readonly run: number; readonly bytes: Float64Array };
  readonly metadataBytes: Float64Array;
  readonly ifmap: { readonly run: number; readonly bytes: Float64Array };
  readonly visitRun: number;
  readonly psumReadBytes: Float64Array;
  readonly psumWriteBytes: Float64Array;
  readonly residualReadBytes: Float64Array;
  readonly ofmapWriteBytes: Float64Array;
}

const WEIGHT_LOOPS: ReadonlySet<LoopDimension> = new Set(["G", "K", "C"]);
const IFMAP_LOOPS: ReadonlySet<LoopDimension> = new Set(["G", "N", "C", "P", "Q"]);
const OFMAP_LOOPS: ReadonlySet<LoopDimension> = new Set(["G", "N", "K", "P", "Q"]);

/** Number of the operand's tile that a tile of the nest uses: its indices in the loops that change the operand. */
function operandTileNumbers(loops: readonly MappingLoop[], relevant: ReadonlySet<LoopDimension>) {
  const count = loops.reduce(
    (product, loop) => (relevant.has(loop.dimensions[0]!) ? product * loop.trips : product),
    1,
  );
  const numberOf = (tile: number): number => {
    let rest = tile;
    let unit = 1;
    let number = 0;
    for (let depth = loops.length - 1; depth >= 0; depth--) {
      const { trips, dimensions } = loops[depth]!;
      const outer = Math.floor(rest / trips);
      if (relevant.has(dimensions[0]!)) {
        number += (rest - outer * trips) * unit;
        unit *= trips;
      }
      rest = outer;
    }
    return number;
  };
  return { count, numberOf };
}

function largest(...columns: readonly Float64Array[]): number {
  let most = 0;
  for (const column of columns)
    for (let index = 0; index < column.length; index++) most = Math.max(most, column[index]!);
  return most;
}

/** Accesses of a tensor that is kept tile by tile, each in a place of its own that is padded to whole bursts. */
export function tiledAccess(
  region: string,
  bytes: Float64Array,
  tiles: { readonly count: number; readonly numberOf: (index: number) => number },
  { addresses, burstBytes }: MemoryMap,
  slotFor: number = largest(bytes),
): AccessOf {
  const slotBytes = Math.max(1, Math.ceil(slotFor / burstBytes)) * burstBytes;
  const base = Math.ceil(addresses.baseOf(region, tiles.count * slotBytes + burstBytes) / burstBytes) * burstBytes;
  return (index, into) => setStretch(into, base + tiles.numberOf(index) * slotBytes, bytes[index]!);
}

/** Accesses of a tensor in its own order, each stretch behind the one before. */
export function sharedOutAccess(operand: OperandAccess, bytes: Float64Array, { addresses }: MemoryMap): AccessOf {
  const base = addresses.baseOf(operand.storage, operandBytes(operand));
  const offsets = new Float64Array(bytes.length + 1);
  for (let index = 0; index < bytes.length; index++) offsets[index + 1] = offsets[index]! + bytes[index]!;
  return (index, into) => setStretch(into, base + offsets[index]!, bytes[index]!);
}

/** Times that the loops fetch the whole ifmap. @param generations fetches of a tile of it */
export function ifmapPassesOf({ loops }: TilePlan, generations: number): number {
  return generations / operandTileNumbers(loops, IFMAP_LOOPS).count;
}

/** Where the tiles of a matrix operation lie. */
export function matrixAccesses(
  operation: MatrixOperation,
  plan: TilePlan,
  moved: MovedBytes,
  memory: MemoryMap,
): WorkAccesses {
  const { loops } = plan;
  const every = (run: number, relevant: ReadonlySet<LoopDimension>) => {
    const { count, numberOf } = operandTileNumbers(loops, relevant);
    return { count, numberOf: (generation: number) => numberOf(generation * run) };
  };
  const weights = every(moved.weight.run, WEIGHT_LOOPS);
  const visits = every(moved.visitRun, OFMAP_LOOPS);
  const { storage } = operation.weight;
  const psums = `${operation.name}, partial sums`;
  const psumSlot = largest(moved.psumReadBytes, moved.psumWriteBytes);
  return {
    weight: tiledAccess(storage, moved.weight.bytes, weights, memory),
    metadata: tiledAccess(`${storage}, metadata`, moved.metadataBytes, weights, memory),
    ifmap: ifmapAccess(operation, plan, moved, memory, every(moved.ifmap.run, IFMAP_LOOPS)),
    psumRead: tiledAccess(psums, moved.psumReadBytes, visits, memory, psumSlot),
    psumWrite: tiledAccess(psums, moved.psumWriteBytes, visits, memory, psumSlot),
    residual: outputPathAccess(operation, operation.residuals, plan, moved.residualReadBytes, moved, memory, visits),
    ofmap: outputPathAccess(operation, [operation.output], plan, moved.ofmapWriteBytes, moved, memory, visits),
  };
}

type TileNumbers = ReturnType<typeof operandTileNumbers>;

function ifmapAccess(
  operation: MatrixOperation,
  plan: TilePlan,
  moved: MovedBytes,
  memory: MemoryMap,
  tiles: TileNumbers,
): AccessOf {
  const { bounds, window, ifmap } = operation;
  const { layout } = memory;
  if (layout === "tiled") {
    return tiledAccess(`${ifmap.storage}, tiles of ${operation.name}`, moved.ifmap.bytes, tiles, memory);
  }
  const map = {
    base: memory.addresses.baseOf(ifmap.storage, operandBytes(ifmap)),
    bitsPerElement: ifmap.bitsPerElement,
    channels: bounds.G * bounds.C,
    height: window.ifmapHeight,
    width: window.ifmapWidth,
  };
  const position = new TilePosition(bounds, plan.tile, plan.loops);
  const box = emptyBox();
  return (generation, into) => {
    position.locate(generation * moved.ifmap.run);
    const { from, extent } = position;
    const rows = span(
      from.P,
      extent.P,
      window.strideHeight,
      bounds.R,
      window.dilationHeight,
      window.padTop,
      map.height,
    );
    const columns = span(
      from.Q,
      extent.Q,
      window.strideWidth,
      bounds.S,
      window.dilationWidth,
      window.padLeft,
      map.width,
    );
    placeBox(box, from.N, extent.N, from.G * bounds.C + from.C, extent.G * extent.C);
    [box.line, box.lines] = rows;
    [box.column, box.columns] = columns;
    boxAccess(map, box, layout, into);
  };
}

/** First line of the ifmap that some outputs need, and how many from there to the last. */
function span(
  from: number,
  outputs: number,
  stride: number,
  filter: number,
  dilation: number,
  pad: number,
  size: number,
): [number, number] {
  const first = Math.min(size - 1, Math.max(0, from * stride - pad));
  const last = Math.min(size - 1, (from + outputs - 1) * stride + (filter - 1) * dilation - pad);
  return [first, Math.max(1, last - first + 1)];
}

function outputPathAccess(
  operation: MatrixOperation,
  operands: readonly OperandAccess[],
  plan: TilePlan,
  bytes: Float64Array,
  moved: MovedBytes,
  memory: MemoryMap,
  visits: TileNumbers,
): AccessOf {
  const operand = operands[0];
  if (operand === undefined) return (_, into) => setStretch(into, 0, 0);
  const { bounds } = operation;
  const { layout } = memory;
  if (layout === "tiled") return tiledAccess(`${operand.storage}, tiles of ${operation.name}`, bytes, visits, memory);
  const { G, N, K, P, Q } = bounds;
  if (operands.length > 1 || operation.overlapAdds || operand.elements !== G * N * K * P * Q) {
    return sharedOutAccess(operand, bytes, memory);
  }
  const map = {
    base: memory.addresses.baseOf(operand.storage, operandBytes(operand)),
    bitsPerElement: operand.bitsPerElement,
    channels: G * K,
    height: P,
    width: Q,
  };
  const position = new TilePosition(bounds, plan.tile, plan.loops);
  const box = emptyBox();
  return (visit, into) => {
    position.locate(visit * moved.visitRun);
    const { from, extent } = position;
    placeBox(box, from.N, extent.N, from.G * K + from.K, extent.G * extent.K);
    [box.line, box.lines, box.column, box.columns] = [from.P, extent.P, from.Q, extent.Q];
    boxAccess(map, box, layout, into);
  };
}

function emptyBox(): FeatureMapBox {
  return { batch: 0, batches: 0, channel: 0, channels: 0, line: 0, lines: 0, column: 0, columns: 0 };
}

function placeBox(box: FeatureMapBox, batch: number, batches: number, channel: number, channels: number): void {
  box.batch = batch;
  box.batches = batches;
  box.channel = channel;
  box.channels = channels;
}

/** Bytes in whole bursts over all generations or visits that move anything. */
export function sumAccessBytes(bytes: Float64Array, accessOf: AccessOf, burstBytes: number): number {
  const access = emptyAccess();
  let bursts = 0;
  for (let index = 0; index < bytes.length; index++) {
    if (bytes[index] === 0) continue;
    accessOf(index, access);
    bursts += burstsOf(access, burstBytes);
  }
  return bursts * burstBytes;
}
