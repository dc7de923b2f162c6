/**
 * The bytes in DRAM that each generation and visit of an operation moves. Weights and metadata are stored in the order in
 * which tiles fetch them, since they are known before the run; partial sums go to a scratch region, a place a tile; feature
 * maps lie as `dram.layout` says. Where an output is not the array's products one for one (pooled or summed on its way out),
 * and for further operands of the output path, equal shares of the tensor in its order stand for the tile.
 */
import { columnSpan, rowSpan, type TilePlan } from "../../algorithms/mapping/tile-plan.js";
import { type BlockAccess, burstsOf, emptyAccess, setStretch } from "../engine/block-access.js";
import type { LoopDimension } from "../ir/layer.js";
import { type MatrixOperation, type OperandAccess, operandBytes } from "../ir/operation.js";
import { boxAccess, type FeatureMapBox, type FeatureMapLayout } from "./feature-map-layout.js";
import type { MatrixColumns } from "./matrix-work.js";
import type { TensorAddresses } from "./tensor-addresses.js";
import {
  IFMAP_DIMENSIONS,
  OFMAP_DIMENSIONS,
  operandTileNumbers,
  TilePosition,
  WEIGHT_DIMENSIONS,
} from "./tile-walk.js";

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
  return generations / operandTileNumbers(loops, IFMAP_DIMENSIONS).count;
}

/** Where the tiles of a matrix operation lie. */
export function matrixAccesses(
  operation: MatrixOperation,
  plan: TilePlan,
  moved: MatrixColumns,
  memory: MemoryMap,
): WorkAccesses {
  const { loops } = plan;
  const every = (run: number, relevant: ReadonlySet<LoopDimension>) => {
    const { count, numberOf } = operandTileNumbers(loops, relevant);
    return { count, numberOf: (generation: number) => numberOf(generation * run) };
  };
  const weights = every(moved.weight.run, WEIGHT_DIMENSIONS);
  const visits = every(moved.visitRun, OFMAP_DIMENSIONS);
  const { storage } = operation.weight;
  const psums = `${operation.name}, partial sums`;
  const psumSlot = largest(moved.psumReadBytes, moved.psumWriteBytes);
  return {
    weight: tiledAccess(storage, moved.weight.bytes, weights, memory),
    metadata: tiledAccess(`${storage}, metadata`, moved.metadataBytes, weights, memory),
    ifmap: ifmapAccess(operation, plan, moved, memory, every(moved.ifmap.run, IFMAP_DIMENSIONS)),
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
  moved: MatrixColumns,
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
    const rows = rowSpan(bounds, window, from.P, from.P + extent.P);
    const columns = columnSpan(bounds, window, from.Q, from.Q + extent.Q);
    placeBox(box, from.N, extent.N, from.G * bounds.C + from.C, extent.G * extent.C);
    [box.line, box.lines] = [rows.first, rows.lines];
    [box.column, box.columns] = [columns.first, columns.lines];
    boxAccess(map, box, layout, into);
  };
}

function outputPathAccess(
  operation: MatrixOperation,
  operands: readonly OperandAccess[],
  plan: TilePlan,
  bytes: Float64Array,
  moved: MatrixColumns,
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
