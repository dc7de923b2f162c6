/**
 * Turns an operation into work: plans its tiles, walks them, and counts every action. What the counts mean is listed beside
 * the action names; this is where they are made.
 */
import { nestOnAxes } from "../../algorithms/mapping/axes-nest.js";
import { nestOf } from "../../algorithms/mapping/dataflow.js";
import { DATAFLOWS } from "../../algorithms/mapping/index.js";
import type { TilePlan, TilingProblem } from "../../algorithms/mapping/tile-plan.js";
import { searchTiling, tileFootprintBytes } from "../../algorithms/mapping/tiling-search.js";
import type { SramParameters } from "../../hw-models/buffer/buffer-parameters.js";
import type { Design } from "../../hw-models/design.js";
import { type ActionCounts, NO_DRAM_ACTIVITY } from "../../hw-models/energy/energy-types.js";
import { axesOf, tilingHintsOf } from "../../hw-models/pe-array/index.js";
import type { LayerValues, ValuedArray } from "../../hw-models/pe-array/layer-values.js";
import type { PeArray } from "../../hw-models/pe-array/pe-array.js";
import { isValued } from "../../hw-models/pe-array/pe-array-kind.js";
import { ModelError } from "../core/errors.js";
import { ceilDiv } from "../core/integers.js";
import type { SmartDealWeights } from "../ir/encodings/smartdeal.js";
import type { Mapping } from "../ir/mapping.js";
import type { MatrixOperation, Operation } from "../ir/operation.js";
import { type FeedCosts, feedCosts } from "./buffer-feeds.js";
import { rowAccesses, tileCapacityBytes } from "./buffer-rows.js";
import type { Ideal } from "./ideal.js";
import { type MatrixColumns, type MatrixContext, matrixColumns } from "./matrix-work.js";
import { takesAsStored } from "./native-storage.js";
import { type StoredWeights, storedWeightsOf } from "./stored-weights.js";
import { type Residency, streamingWork } from "./streaming-work.js";
import { type TileTimer, timeByShape, timeByValues } from "./tile-timer.js";
import { type BufferUse, sumColumn, type Work } from "./work.js";
import {
  type AccessOf,
  ifmapPassesOf,
  type MemoryMap,
  matrixAccesses,
  sumAccessBytes,
  type WorkAccesses,
} from "./work-accesses.js";

/** Gives the values of layers. */
export interface ValueSource {
  valuesOf(operation: MatrixOperation): LayerValues;
}

/** A machine ready to be given work. */
export interface Machine {
  readonly design: Design;
  readonly array: PeArray | ValuedArray;
  /** What layers have for values; only for an array whose time depends on them. */
  readonly values: ValueSource | undefined;
  /** Ce and B of a layer that is stored so. */
  containerOf(operation: MatrixOperation): SmartDealWeights | undefined;
  readonly ideal: Ideal;
  readonly memory: MemoryMap;
  /** Tilings found so far, by what they depend on. */
  readonly tilings: Map<string, ReturnType<typeof searchTiling>>;
}

const ORIGIN = { G: 0, N: 0, K: 0, C: 0, P: 0, Q: 0, R: 0, S: 0 };

/** Tilings kept per run; a network has a few hundred distinct layers. */
const MAX_CACHED_TILINGS = 4096;

/** Work of any operation. */
export function workOf(operation: Operation, machine: Machine, residency: Residency): Work {
  const { design, ideal } = machine;
  if (operation.kind === "matrix") return matrixWork(operation, machine, residency);
  return streamingWork(operation, design, residency, tileCapacities(design), ideal.vector, machine.memory);
}

/** Bytes that a tile may take in each buffer. */
function tileCapacities({ buffers }: Design) {
  return {
    ifmap: tileCapacityBytes(buffers.ifmap),
    weight: tileCapacityBytes(buffers.weight),
    ofmap: tileCapacityBytes(buffers.ofmap),
  };
}

function tilingProblem(
  operation: MatrixOperation,
  machine: Machine,
  residency: Residency,
  native: boolean,
  bitsPerWeight: number,
): TilingProblem {
  const { design } = machine;
  return {
    name: operation.name,
    bounds: operation.bounds,
    window: operation.window,
    ifmapBits: operation.ifmap.bitsPerElement,
    weightDramBits: bitsPerWeight,
    weightBufferBits: native ? bitsPerWeight : operation.weight.bitsPerElement,
    ofmapBits: operation.output.bitsPerElement,
    psumBits: design.arithmetic.psumSpillBits,
    ifmapResident: residency.inputs.has(operation.ifmap.storage),
    ofmapResident: residency.output,
    capacityBytes: tileCapacities(design),
    ...tilingHintsOf(design.peArray),
    loopOrder: design.mapping.loopOrder,
  };
}

/** Everything a tiling depends on that differs between operations of one machine. */
function tilingKey(problem: TilingProblem): string {
  const { G, N, K, C, P, Q, R, S } = problem.bounds;
  const { window } = problem;
  return [
    [G, N, K, C, P, Q, R, S],
    [window.ifmapHeight, window.ifmapWidth, window.strideHeight, window.strideWidth],
    [window.dilationHeight, window.dilationWidth, window.padTop, window.padLeft],
    [problem.ifmapBits, problem.weightDramBits, problem.weightBufferBits, problem.ofmapBits],
    [problem.ifmapResident, problem.ofmapResident],
  ].join(";");
}

function cachedTiling(problem: TilingProblem, machine: Machine): ReturnType<typeof searchTiling> {
  const key = tilingKey(problem);
  const known = machine.tilings.get(key);
  if (known !== undefined) return known;
  const plan = searchTiling(problem);
  if (machine.tilings.size < MAX_CACHED_TILINGS) machine.tilings.set(key, plan);
  return plan;
}

function matrixWork(operation: MatrixOperation, machine: Machine, residency: Residency): Work {
  const { design, array } = machine;
  const values = machine.values?.valuesOf(operation);
  const stored = storedWeightsOf(operation, values, machine.containerOf(operation));
  const { G, N, K, C, P, Q, R, S } = operation.bounds;
  const weights = G * K * C * R * S;
  const isNative = takesAsStored(array, operation);
  const problem = tilingProblem(
    operation,
    machine,
    residency,
    isNative,
    (stored.bits.valueBits + stored.bits.metadataBits) / weights,
  );
  const plan = cachedTiling(problem, machine);
  const accumulatesInBuffer = plan.tile.C * R * S > problem.reductionInArray;
  const timer = timerOf(machine, values);
  const { timing } = timer.timeTile({ from: ORIGIN, extent: plan.tile });
  const feeds = feedCosts(
    design,
    {
      tile: plan.tile,
      timing,
      window: operation.window,
      ifmapBits: problem.ifmapBits,
      weightBits: isNative && readsStored(array) ? storedEntryBits(stored) : problem.weightBufferBits,
      ofmapBits: accumulatesInBuffer || plan.tile.C < C ? problem.psumBits : problem.ofmapBits,
    },
    machine.ideal.ports,
  );
  const context: MatrixContext = {
    operation,
    design,
    timer,
    plan,
    problem,
    stored,
    isNative,
    feeds,
    ideal: machine.ideal,
  };
  const columns = matrixColumns(context);
  const accesses = matrixAccesses(operation, plan, columns, machine.memory);
  const macs = G * N * K * C * P * Q * R * S;
  if (columns.counts.coveredMacs !== macs) {
    throw new ModelError(`pe-array (${operation.name})`, `${columns.counts.coveredMacs} MACs covered of ${macs}`);
  }
  return {
    operation,
    processor: "array",
    mapping: mappingOf(design, plan),
    tiles: columns.tiles,
    classes: columns.classes,
    classOf: columns.classOf,
    weight: columns.weight,
    metadataBytes: columns.metadataBytes,
    decodeCycles: columns.decodeCycles,
    stationary: design.peArray.dataflow === "is" ? "ifmap" : "weight",
    weightPrefetchable: operation.weightIsStatic,
    ifmap: columns.ifmap,
    ifmapPasses: ifmapPassesOf(plan, columns.ifmap.bytes.length),
    visitRun: columns.visitRun,
    psumReadBytes: columns.psumReadBytes,
    residualReadBytes: columns.residualReadBytes,
    psumWriteBytes: columns.psumWriteBytes,
    ofmapWriteBytes: columns.ofmapWriteBytes,
    accesses,
    actions: matrixActions(context, columns, accesses, machine.memory.burstBytes),
    buffers: bufferUse(context, columns),
    usefulDramBytes: usefulBytes(columns),
    macs,
    effectualMacs: Math.round((macs * stored.storedValues) / weights),
    weightBits: stored.bits.valueBits,
    metadataBits: stored.bits.metadataBits,
  };
}

/** How tiles of an operation take time on the machine. */
function timerOf({ array, design }: Machine, values: LayerValues | undefined): TileTimer {
  if (!isValued(array)) return timeByShape(array);
  if (values === undefined) throw new ModelError("pe-array", `${design.peArray.kind} was given no values`);
  return timeByValues(array.prepare(values));
}

function mappingOf({ peArray }: Design, plan: TilePlan): Mapping {
  if (peArray.kind !== "systolic") return nestOnAxes(peArray.dataflow, axesOf(peArray), plan.tile, plan.loops);
  const streamChunk = peArray.dataflow === "os" ? undefined : peArray.accumulatorRows;
  const extent = { rows: peArray.rows, cols: peArray.cols, streamChunk };
  return nestOf(DATAFLOWS[peArray.dataflow], extent, plan.tile, plan.loops);
}

function usefulBytes(columns: MatrixColumns): number {
  return (
    sumColumn(columns.weight.bytes) +
    sumColumn(columns.metadataBytes) +
    sumColumn(columns.ifmap.bytes) +
    sumColumn(columns.psumReadBytes) +
    sumColumn(columns.residualReadBytes) +
    sumColumn(columns.psumWriteBytes) +
    sumColumn(columns.ofmapWriteBytes)
  );
}

function readsStored(array: PeArray | ValuedArray): boolean {
  return isValued(array) && array.readsStoredWeights === true;
}

/** Bits of a stored value with its share of the metadata. */
function storedEntryBits({ bits, storedValues }: StoredWeights): number {
  return (bits.valueBits + bits.metadataBits) / Math.max(1, storedValues);
}

/** Row accesses of `elements` that come in vectors. */
function vectorRows(elements: number, rowsPerBeat: number, elementsPerBeat: number): number {
  return Math.ceil((elements * rowsPerBeat) / elementsPerBeat);
}

/** Elements that the array is fed from the ifmap buffer; a line buffer reads each once a pass. */
function ifmapElementsRead(context: MatrixContext, columns: MatrixColumns): number {
  const { design, operation } = context;
  const { counts } = columns;
  if (design.buffers.ifmapFeed === "im2col") return counts.ifmapReads;
  const { G, N, C, P, Q, R, S } = operation.bounds;
  const passes = counts.ifmapReads / (G * N * C * P * Q * R * S);
  return Math.min(counts.ifmapReads, Math.ceil(columns.ifmapElements * passes));
}

function matrixActions(
  context: MatrixContext,
  columns: MatrixColumns,
  accesses: WorkAccesses,
  burstBytes: number,
): ActionCounts {
  const { design, operation, feeds, problem } = context;
  const { buffers, arithmetic } = design;
  const { counts } = columns;
  const { G, N, K, P, Q } = operation.bounds;
  const products = G * N * K * P * Q;
  const overlapAdds = operation.overlapAdds ? products - operation.output.elements : 0;
  const psumBytes = sumColumn(columns.psumReadBytes);
  const residualBytes = sumColumn(columns.residualReadBytes);
  const weightFillBits = columns.decodedWeights > 0 ? columns.decodedWeights * operation.weight.bitsPerElement : 0;
  const weightFill =
    weightFillBits > 0 ? weightFillBits / 8 : sumColumn(columns.weight.bytes) + sumColumn(columns.metadataBytes);
  const written = sumColumn(columns.psumWriteBytes) + sumColumn(columns.ofmapWriteBytes);
  const bursts = (column: Float64Array, accessOf: AccessOf): number => sumAccessBytes(column, accessOf, burstBytes);
  const ofmapElementBits = counts.psumReads > 0 ? arithmetic.psumSpillBits : problem.ofmapBits;
  const ofmapRows = (elements: number): number => rowsOfOutputs(elements, feeds, ofmapElementBits, buffers.ofmap);
  return {
    macOps: counts.macOps,
    operandRegisterWrites: counts.operandRegisterWrites,
    psumRegisterWrites: counts.psumRegisterWrites,
    ifmapBufferReads: vectorRows(ifmapElementsRead(context, columns), feeds.ifmap.rowAccesses, feeds.ifmapBeatElements),
    ifmapBufferWrites: rowAccesses(sumColumn(columns.ifmap.bytes), buffers.ifmap),
    weightBufferReads: vectorRows(counts.weightReads, feeds.weight.rowAccesses, feeds.weightBeatElements),
    weightBufferWrites: rowAccesses(weightFill, buffers.weight),
    ofmapBufferReads: ofmapRows(counts.psumReads) + rowAccesses(written + residualBytes, buffers.ofmap),
    ofmapBufferWrites: ofmapRows(counts.ofmapWrites) + rowAccesses(psumBytes + residualBytes, buffers.ofmap),
    vectorOps: operation.output.elements * operation.outputVectorOps + overlapAdds,
    decodedWeights: columns.decodedWeights,
    dramWeightReadBytes: bursts(columns.weight.bytes, accesses.weight),
    dramMetadataReadBytes: bursts(columns.metadataBytes, accesses.metadata),
    dramIfmapReadBytes:
      bursts(columns.ifmap.bytes, accesses.ifmap) + bursts(columns.residualReadBytes, accesses.residual),
    dramPsumReadBytes: bursts(columns.psumReadBytes, accesses.psumRead),
    dramPsumWriteBytes: bursts(columns.psumWriteBytes, accesses.psumWrite),
    dramOfmapWriteBytes: bursts(columns.ofmapWriteBytes, accesses.ofmap),
    ...counts.actions,
    ...NO_DRAM_ACTIVITY,
  };
}

function rowsOfOutputs(elements: number, feeds: FeedCosts, bits: number, sram: SramParameters): number {
  const perBeat = ceilDiv(feeds.ofmapBeatElements * bits, 8 * sram.widthBytes);
  return vectorRows(elements, perBeat, feeds.ofmapBeatElements);
}

function bufferUse(context: MatrixContext, columns: MatrixColumns): Record<"ifmap" | "weight" | "ofmap", BufferUse> {
  const { buffers } = context.design;
  const { counts } = columns;
  const bytes = tileFootprintBytes(context.problem, context.plan.tile, context.plan.ifmapFootprint);
  const used = (sram: SramParameters, tileBytes: number, generations: number): number =>
    tileBytes * (sram.doubleBuffered && generations > 1 ? 2 : 1);
  return {
    ifmap: {
      usedBytes: used(buffers.ifmap, bytes.ifmap, columns.ifmap.bytes.length),
      arrayReads: counts.ifmapReads,
      arrayWrites: 0,
      conflictCycles: counts.ifmapConflictCycles,
    },
    weight: {
      usedBytes: used(buffers.weight, bytes.weight, columns.weight.bytes.length),
      arrayReads: counts.weightReads,
      arrayWrites: 0,
      conflictCycles: counts.weightConflictCycles,
    },
    ofmap: {
      usedBytes: used(buffers.ofmap, bytes.ofmap, columns.ofmapWriteBytes.length),
      arrayReads: counts.psumReads,
      arrayWrites: counts.ofmapWrites,
      conflictCycles: counts.ofmapConflictCycles,
    },
  };
}
