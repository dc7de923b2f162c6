/**
 * Products with weights of which most are zero, on SIMD. Only the weights that are left are visited, and activations are picked by
 * their indices. Sums are int32 that wrap: those of the dense kernels on the same weights.
 */
import { MemoryLayout } from "../../sim/core/web-assembly.js";
import { simdModule } from "./simd-module.js";
import { BLOCK_ROWS, type ByteRows, checkRows, demand, layOutRows, servedSums, sumBlocks } from "./simd-rows.js";

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

/** Sparse columns as the kernels walk them: weights in pairs. */
export interface PairedColumns {
  readonly reduction: number;
  readonly columns: number;
  /** Weights of each column. */
  readonly counts: Int32Array;
  /** Place of the activations that each weight meets. */
  readonly offsets: Int32Array;
  /** The weights, an odd last one of a column followed by 0. */
  readonly factors: Int16Array;
}

/** The number of columns. @throws ModelError for pointers and indices that lead out of the arrays */
export function checkColumns({ pointers, indices, values }: SparseColumns, reduction: number): number {
  const columns = pointers.length - 1;
  demand(columns >= 0 && pointers[0] === 0, "pointers that start at 0");
  for (let column = 0; column < columns; column++) {
    demand(pointers[column + 1]! >= pointers[column]!, `pointers that do not fall at column ${column}`);
  }
  demand(pointers[columns] === values.length && indices.length === values.length, "a pointer behind the last weight");
  for (const index of indices) demand(index >= 0 && index < reduction, `index ${index} within 0 to ${reduction - 1}`);
  return columns;
}

/** @param offsetOf the place of the activations of a column (second) at an index along the reduction (first) */
export function pairColumns(
  sparse: SparseColumns,
  reduction: number,
  offsetOf: (index: number, column: number) => number = (index) => index * BLOCK_ROWS,
): PairedColumns {
  const columns = checkColumns(sparse, reduction);
  const { pointers, indices, values } = sparse;
  const counts = new Int32Array(columns);
  const offsets = new Int32Array(indices.length);
  const factors = new Int16Array(values.length + columns);
  let next = 0;
  for (let column = 0; column < columns; column++) {
    counts[column] = pointers[column + 1]! - pointers[column]!;
    for (let at = pointers[column]!; at < pointers[column + 1]!; at++) {
      offsets[at] = offsetOf(indices[at]!, column);
      factors[next++] = values[at]!;
    }
    if (counts[column]! % 2 === 1) next++;
  }
  return { reduction, columns, counts, offsets, factors: factors.subarray(0, next) };
}

/** Sums [rows, columns]; undefined when the operands need more memory than a module has. */
export function multiplyPairs(
  activations: ByteRows,
  { reduction, columns, counts, offsets, factors }: PairedColumns,
): Int32Array | undefined {
  checkRows(activations);
  demand(activations.reduction === reduction, `activations of ${activations.reduction} for weights of ${reduction}`);
  const module = simdModule();
  const layout = new MemoryLayout(module);
  const place = layOutRows(layout, activations, columns);
  const [countsAt, offsetsAt] = [layout.take(counts.byteLength), layout.take(offsets.byteLength)];
  const factorsAt = layout.take(factors.byteLength);
  if (!layout.fit()) return undefined;
  const { buffer } = module.memory;
  new Int32Array(buffer, countsAt, columns).set(counts);
  new Int32Array(buffer, offsetsAt, offsets.length).set(offsets);
  new Int16Array(buffer, factorsAt, factors.length).set(factors);
  return sumBlocks(module, activations, columns, place, (block) =>
    module.sparseColumns(block, columns, countsAt, offsetsAt, factorsAt, place.sums),
  );
}

/** Sums [rows, columns] of the activations with sparse columns that are used once. */
export function simdSparseProduct(activations: ByteRows, sparse: SparseColumns): Int32Array {
  return servedSums(multiplyPairs(activations, pairColumns(sparse, activations.reduction)));
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
