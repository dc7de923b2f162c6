/**
 * Products and convolutions with weights of which most are zero, on SIMD, from plain arrays. Only the weights that are left are
 * visited, and activations are picked by their indices. Sums are int32 that wrap: those of the dense kernels on the same weights.
 */
import { MemoryLayout } from "../../sim/core/web-assembly.js";
import { areByteZeros, type ByteValues, bytesOf } from "./simd-integer.js";
import { type SimdModule, simdModule } from "./simd-module.js";
import { BLOCK_ROWS, type ByteRows, checkRows, demand, demandMemory, layOutRows, sumBlocks } from "./simd-rows.js";
import { paddedPlanes, placePlanes, rowStarts, tapOffsets } from "./simd-window.js";
import { volume, type WindowGeometry } from "./window-geometry.js";

/** The weights of each column (output channel) that are left: numbers of 16 bits and their places along the reduction. */
export interface SparseColumns {
  /** Where each column starts among the weights, and where the last one ends. */
  readonly pointers: ArrayLike<number>;
  readonly indices: Int32Array;
  readonly values: Int8Array | Int16Array;
}

/** N of every M neighbours along the reduction, column by column; absent ones are values of 0 at any position. */
export interface GroupedColumns {
  readonly n: number;
  readonly m: number;
  /** [columns, groups, n] */
  readonly values: Int8Array;
  /** Place of each value in its group, 0 to m - 1. */
  readonly positions: Uint8Array;
}

function checkColumns({ pointers, indices, values }: SparseColumns, reduction: number): number {
  const columns = pointers.length - 1;
  demand(columns >= 0 && pointers[0] === 0, "pointers that start at 0");
  for (let column = 0; column < columns; column++) {
    demand(pointers[column + 1]! >= pointers[column]!, `pointers that do not fall at column ${column}`);
  }
  demand(pointers[columns] === values.length && indices.length === values.length, "a pointer behind the last weight");
  for (const index of indices) demand(index >= 0 && index < reduction, `index ${index} within 0 to ${reduction - 1}`);
  return columns;
}

/** Sums [rows, columns] of the activations with sparse columns. */
export function simdSparseProduct(activations: ByteRows, sparse: SparseColumns): Int32Array {
  checkRows(activations);
  const { pointers, indices, values } = sparse;
  const columns = checkColumns(sparse, activations.reduction);
  const module = simdModule();
  const layout = new MemoryLayout(module);
  const place = layOutRows(layout, activations, columns);
  const [counts, offsets] = [layout.take(columns * 4), layout.take(indices.length * 4)];
  const factors = layout.take((values.length + columns) * 2);
  demandMemory(layout);
  const { buffer } = module.memory;
  const [countTable, offsetTable] = [
    new Int32Array(buffer, counts, columns),
    new Int32Array(buffer, offsets, indices.length),
  ];
  const factorTable = new Int16Array(buffer, factors, values.length + columns);
  let next = 0;
  for (let column = 0; column < columns; column++) {
    countTable[column] = pointers[column + 1]! - pointers[column]!;
    for (let at = pointers[column]!; at < pointers[column + 1]!; at++) {
      offsetTable[at] = indices[at]! * BLOCK_ROWS;
      factorTable[next++] = values[at]!;
    }
    if (next % 2 === 1) factorTable[next++] = 0;
  }
  return sumBlocks(module, activations, columns, place, (block) =>
    module.sparseColumns(block, columns, counts, offsets, factors, place.sums),
  );
}

/** Sums [rows, columns] of the activations with columns of N values in each group of M, picked by their positions. */
export function simdGroupedProduct(activations: ByteRows, grouped: GroupedColumns): Int32Array {
  const { n, m, values, positions } = grouped;
  const perColumn = n * Math.ceil(activations.reduction / m);
  demand(perColumn > 0 && values.length % perColumn === 0, `${values.length} values for ${perColumn} a column`);
  demand(positions.length === values.length, `${positions.length} positions for ${values.length} values`);
  const last = activations.reduction - 1;
  const indices = new Int32Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const index = Math.floor((at % perColumn) / n) * m + positions[at]!;
    demand(positions[at]! < m && (index <= last || values[at] === 0), `position ${positions[at]} in a group of ${m}`);
    // A last group that is cut short is filled up with zeros, whose place does not matter.
    indices[at] = Math.min(index, last);
  }
  const pointers = Array.from({ length: values.length / perColumn + 1 }, (_, column) => column * perColumn);
  return simdSparseProduct(activations, { pointers, indices, values });
}

/** Writes the factors of each column as pairs, and gives the column with its number of weights. */
function forEachColumn(
  module: SimdModule,
  { pointers, values }: SparseColumns,
  offsets: number,
  factors: number,
  take: (column: number, taps: number, offsets: number) => void,
): void {
  for (let column = 0; column + 1 < pointers.length; column++) {
    const [from, to] = [pointers[column]!, pointers[column + 1]!];
    const pairs = new Int16Array(module.memory.buffer, factors, to - from + 1);
    pairs.set(values.subarray(from, to));
    pairs[to - from] = 0;
    take(column, to - from, offsets + 4 * from);
  }
}

export interface SparseConv {
  /** [N, C, ...sizes] */
  readonly values: ByteValues;
  readonly batch: number;
  readonly channels: number;
  readonly zero: number;
  /** Columns are output channels; indices run over c, t, r, s. */
  readonly weights: SparseColumns;
  readonly geometry: WindowGeometry;
}

/**
 * Sums [N, K, ...outputs] of a convolution with pruned filters, straight from the padded planes: the place of each weight is
 * stretched to its offset in the planes once, and then serves every output (Park 2017, "Faster CNNs with Direct Sparse
 * Convolutions").
 */
export function simdSparseConv({ values, batch, channels, zero, weights, geometry }: SparseConv): Int32Array {
  const reduction = channels * volume(geometry.kernel);
  const [inputVolume, outputs] = [volume(geometry.sizes), volume(geometry.outputs)];
  demand(areByteZeros([zero]), `zero point ${zero} of a byte`);
  demand(values.length === batch * channels * inputVolume, `${values.length} activations`);
  demand(
    geometry.padBegins.every((pad) => pad >= 0),
    "paddings of 0 or more",
  );
  const outChannels = checkColumns(weights, reduction);
  const planes = paddedPlanes(geometry, channels);
  const module = simdModule();
  const layout = new MemoryLayout(module);
  const [bytes, planesAt] = [layout.take(channels * inputVolume), layout.take(channels * planes.channelElements * 2)];
  const rows = geometry.outputs[0] * geometry.outputs[1];
  const [starts, sums] = [layout.take(rows * 4), layout.take((outputs + 8) * 4)];
  const [stretched, factors] = [layout.take(weights.indices.length * 4), layout.take(weights.values.length * 2 + 2)];
  demandMemory(layout);
  const { buffer } = module.memory;
  const taps = new Int32Array(reduction);
  tapOffsets(taps, planes, geometry);
  const offsets = new Int32Array(buffer, stretched, weights.indices.length);
  for (let at = 0; at < offsets.length; at++) offsets[at] = taps[weights.indices[at]!]!;
  rowStarts(new Int32Array(buffer, starts, rows), planes, geometry);
  const result = new Int32Array(batch * outChannels * outputs);
  const isSigned = Number(values instanceof Int8Array);
  for (let n = 0; n < batch; n++) {
    const count = channels * inputVolume;
    new Uint8Array(buffer, bytes, count).set(bytesOf(values, n * count, count));
    new Uint8Array(buffer, planesAt, channels * planes.channelElements * 2).fill(0);
    const { phases, phaseWidth } = planes;
    const [width, pad] = [geometry.sizes[2], geometry.padBegins[2]];
    placePlanes(planes, geometry, { from: 1, to: 2 }, (from, to, lines, toRow) =>
      module.placeRowsInt16(bytes + from, planesAt + to, lines, width, toRow, pad, phases, phaseWidth, zero, isSigned),
    );
    forEachColumn(module, weights, stretched, factors, (k, left, offsetsAt) => {
      module.correlateInt16(planesAt, starts, rows, geometry.outputs[2], offsetsAt, factors, left, sums);
      result.set(new Int32Array(buffer, sums, outputs), (n * outChannels + k) * outputs);
    });
  }
  return result;
}
