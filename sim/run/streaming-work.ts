/**
 * Vector and move operations as work: operands stream through the buffers in equal chunks, the vector unit goes over each
 * chunk, and the chunk is written back. A copy takes one pass without arithmetic. Left out: keeping a chunk on chip between
 * two operations that are not fused, and reading one operand twice when a pass needs a whole row that exceeds a chunk.
 */
import type { Design } from "../../hw-models/design.js";
import { type ActionCounts, NO_DRAM_ACTIVITY } from "../../hw-models/energy/energy-types.js";
import { NO_VALUED_COUNTS } from "../../hw-models/pe-array/layer-values.js";
import { vectorCycles, vectorOperations } from "../../hw-models/vector/vector-unit.js";
import { ceilDiv } from "../core/integers.js";
import type { Mapping } from "../ir/mapping.js";
import { type MoveOperation, type OperandAccess, operandBytes, type VectorOperation } from "../ir/operation.js";
import { rowAccesses } from "./buffer-rows.js";
import { checkTileCount, sumColumn, type TileClass, type Work } from "./work.js";
import {
  type AccessOf,
  type MemoryMap,
  sharedOutAccess,
  sumAccessBytes,
  tiledAccess,
  type WorkAccesses,
} from "./work-accesses.js";

/** Which of an operation's feature maps are on chip already, or stay there. */
export interface Residency {
  /** Storage names of inputs that are on chip. */
  readonly inputs: ReadonlySet<string>;
  readonly output: boolean;
}

type StreamingOperation = VectorOperation | MoveOperation;

/** Bytes 0..total cut in equal chunks: the bytes of chunk `index`. */
function chunk(total: number, index: number, chunks: number): number {
  return Math.floor((total * (index + 1)) / chunks) - Math.floor((total * index) / chunks);
}

function totalBytes(operands: readonly OperandAccess[]): number {
  return operands.reduce((sum, operand) => sum + operandBytes(operand), 0);
}

/** Stages of the vector unit: the functions, or one pass over the elements of a move. */
function stageCycles(operation: StreamingOperation, design: Design, index: number, chunks: number): number {
  const unit = design.units.vector;
  if (operation.kind === "move") {
    return ceilDiv(chunk(operation.output.elements, index, chunks), unit.lanes) + unit.pipelineStages;
  }
  let cycles = 0;
  for (const stage of operation.stages)
    cycles += vectorCycles(unit, stage.function, chunk(stage.elements, index, chunks));
  return cycles;
}

/** Columns and counts of a vector or move operation. */
export function streamingWork(
  operation: StreamingOperation,
  design: Design,
  residency: Residency,
  halves: { readonly ifmap: number; readonly weight: number; readonly ofmap: number },
  idealVector: boolean,
  memory: MemoryMap,
): Work {
  const { buffers } = design;
  const fetched = operation.inputs.filter((input) => !residency.inputs.has(input.storage));
  const inputBytes = totalBytes(operation.inputs);
  const fetchedBytes = totalBytes(fetched);
  const parameterBytes = totalBytes(operation.parameters);
  const outputBytes = operandBytes(operation.output);
  const tiles = Math.max(
    1,
    ceilDiv(inputBytes, halves.ifmap),
    ceilDiv(parameterBytes, halves.weight),
    ceilDiv(outputBytes, halves.ofmap),
  );
  checkTileCount(operation, tiles, "chunks", "raise buffers.ifmap.capacityBytes and buffers.ofmap.capacityBytes");
  const ifmapBytes = new Float64Array(tiles);
  const weightBytes = new Float64Array(parameterBytes > 0 ? tiles : 0);
  const ofmapWriteBytes = new Float64Array(tiles);
  const { classes, classOf } = chunkClasses(operation, design, tiles, idealVector);
  for (let tile = 0; tile < tiles; tile++) {
    ifmapBytes[tile] = chunk(fetchedBytes, tile, tiles);
    if (parameterBytes > 0) weightBytes[tile] = chunk(parameterBytes, tile, tiles);
    if (!residency.output) ofmapWriteBytes[tile] = chunk(outputBytes, tile, tiles);
  }
  const vectorOps =
    operation.kind === "move"
      ? 0
      : operation.stages.reduce((sum, stage) => sum + vectorOperations(stage.function, stage.elements), 0);
  const passes = operation.kind === "move" ? 1 : operation.stages.length;
  const empty = new Float64Array(tiles);
  const accesses = streamAccesses(operation, fetched, { ifmapBytes, weightBytes, ofmapWriteBytes, empty }, memory);
  const actions: ActionCounts = {
    macOps: 0,
    operandRegisterWrites: 0,
    psumRegisterWrites: 0,
    ifmapBufferReads: passes * rowAccesses(inputBytes, buffers.ifmap),
    ifmapBufferWrites: rowAccesses(fetchedBytes, buffers.ifmap),
    weightBufferReads: rowAccesses(parameterBytes, buffers.weight),
    weightBufferWrites: rowAccesses(parameterBytes, buffers.weight),
    ofmapBufferReads: residency.output ? 0 : rowAccesses(outputBytes, buffers.ofmap),
    ofmapBufferWrites: rowAccesses(outputBytes, buffers.ofmap),
    vectorOps,
    decodedWeights: 0,
    dramWeightReadBytes: sumAccessBytes(weightBytes, accesses.weight, memory.burstBytes),
    dramMetadataReadBytes: 0,
    dramIfmapReadBytes: sumAccessBytes(ifmapBytes, accesses.ifmap, memory.burstBytes),
    dramPsumReadBytes: 0,
    dramPsumWriteBytes: 0,
    dramOfmapWriteBytes: sumAccessBytes(ofmapWriteBytes, accesses.ofmap, memory.burstBytes),
    ...NO_VALUED_COUNTS,
    ...NO_DRAM_ACTIVITY,
  };
  const slots = (doubleBuffered: boolean): number => (doubleBuffered && tiles > 1 ? 2 : 1);
  return {
    operation,
    processor: "vector",
    mapping: streamingMapping(operation, tiles),
    tiles,
    classes,
    classOf,
    weight: { run: 1, bytes: weightBytes },
    metadataBytes: new Float64Array(weightBytes.length),
    decodeCycles: new Float64Array(weightBytes.length),
    stationary: "weight",
    weightPrefetchable: true,
    ifmap: { run: 1, bytes: ifmapBytes },
    ifmapPasses: 1,
    visitRun: 1,
    psumReadBytes: empty,
    residualReadBytes: empty,
    psumWriteBytes: empty,
    ofmapWriteBytes,
    accesses,
    actions,
    buffers: {
      ifmap: {
        usedBytes: slots(buffers.ifmap.doubleBuffered) * ceilDiv(inputBytes, tiles),
        arrayReads: passes * operation.inputs.reduce((sum, input) => sum + input.elements, 0),
        arrayWrites: 0,
        conflictCycles: 0,
      },
      weight: {
        usedBytes: slots(buffers.weight.doubleBuffered) * ceilDiv(parameterBytes, tiles),
        arrayReads: operation.parameters.reduce((sum, input) => sum + input.elements, 0),
        arrayWrites: 0,
        conflictCycles: 0,
      },
      ofmap: {
        usedBytes: slots(buffers.ofmap.doubleBuffered) * ceilDiv(outputBytes, tiles),
        arrayReads: 0,
        arrayWrites: operation.output.elements,
        conflictCycles: 0,
      },
    },
    usefulDramBytes: fetchedBytes + parameterBytes + sumColumn(ofmapWriteBytes),
    macs: 0,
    effectualMacs: 0,
    weightBits: operation.parameters.reduce((sum, { elements, bitsPerElement }) => sum + elements * bitsPerElement, 0),
    metadataBits: 0,
  };
}

/** Where the chunks of an operation lie: operands one behind the other stand for operands side by side. */
function streamAccesses(
  operation: StreamingOperation,
  fetched: readonly OperandAccess[],
  bytes: Readonly<Record<"ifmapBytes" | "weightBytes" | "ofmapWriteBytes" | "empty", Float64Array>>,
  memory: MemoryMap,
): WorkAccesses {
  const tiles = (count: number) => ({ count, numberOf: (index: number) => index });
  const nothing = tiledAccess(`${operation.name}, nothing`, bytes.empty, tiles(1), memory);
  const access = (operand: OperandAccess | undefined, column: Float64Array): AccessOf => {
    if (operand === undefined) return nothing;
    if (memory.layout !== "tiled") return sharedOutAccess(operand, column, memory);
    return tiledAccess(`${operand.storage}, tiles of ${operation.name}`, column, tiles(column.length), memory);
  };
  return {
    weight: access(operation.parameters[0], bytes.weightBytes),
    metadata: nothing,
    ifmap: access(fetched[0], bytes.ifmapBytes),
    psumRead: nothing,
    psumWrite: nothing,
    residual: nothing,
    ofmap: access(operation.output, bytes.ofmapWriteBytes),
  };
}

/** Chunks of equal time share a class: with two sizes a stage there are few. */
function chunkClasses(operation: StreamingOperation, design: Design, tiles: number, idealVector: boolean) {
  const classes: TileClass[] = [];
  const classOf = new Uint32Array(tiles);
  const indexOfCycles = new Map<number, number>();
  for (let tile = 0; tile < tiles; tile++) {
    const cycles = idealVector ? 0 : stageCycles(operation, design, tile, tiles);
    let index = indexOfCycles.get(cycles);
    if (index === undefined) {
      index = classes.length;
      indexOfCycles.set(cycles, index);
      classes.push(vectorClass(cycles));
    }
    classOf[tile] = index;
  }
  return { classes, classOf };
}

function vectorClass(cycles: number): TileClass {
  return {
    preloadCycles: 0,
    steadyCycles: cycles,
    drainCycles: 0,
    computeCycles: 0,
    vectorCycles: cycles,
    ifmapConflictCycles: 0,
    weightConflictCycles: 0,
    ofmapConflictCycles: 0,
  };
}

/** Elements in chunks, lanes side by side; the elements stand on the batch dimension. */
function streamingMapping(operation: StreamingOperation, tiles: number): Mapping {
  const elements = Math.max(1, operation.output.elements);
  const step = ceilDiv(elements, tiles);
  return {
    dataflow: "vector",
    tile: { G: 1, N: step, K: 1, C: 1, P: 1, Q: 1, R: 1, S: 1 },
    levels: [
      { memory: "dram", temporal: tiles > 1 ? [{ dimensions: ["N"], trips: tiles, step }] : [], spatial: [] },
      { memory: "buffer", temporal: [], spatial: [] },
    ],
  };
}
