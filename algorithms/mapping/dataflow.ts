/**
 * A dataflow says which flattened dimensions of a tile lie across the array and which are streamed through it. The loop
 * nest of a fold, for rows x cols PEs:
 *
 *     for fold of cols axis, for fold of rows axis            buffer -> array
 *       parallel over rows, parallel over cols                array
 *         for streamed index
 */
import { ceilDiv } from "../../sim/core/integers.js";
import type { LoopBounds, LoopDimension } from "../../sim/ir/layer.js";
import type { Mapping, MappingLevel, MappingLoop } from "../../sim/ir/mapping.js";

export interface Dataflow {
  readonly name: "os" | "ws" | "is";
  readonly description: string;
  readonly source: string;
  /** Dimensions across the rows of the array. */
  readonly rows: readonly LoopDimension[];
  /** Dimensions across its columns. */
  readonly cols: readonly LoopDimension[];
  /** Dimensions streamed through it. */
  readonly streamed: readonly LoopDimension[];
}

/** Indices that flattened dimensions have within a tile. */
function flattenedExtent(tile: LoopBounds, dimensions: readonly LoopDimension[]): number {
  let extent = 1;
  for (const dimension of dimensions) extent *= tile[dimension];
  return extent;
}

/** Sizes that put a dataflow's nest on a concrete array. */
export interface ArrayExtent {
  readonly rows: number;
  readonly cols: number;
  /** Streamed indices that accumulate at a time (accumulator rows); absent: all of them. */
  readonly streamChunk: number | undefined;
}

/**
 * The mapping of a tile and its DRAM loops onto an array.
 * @param dramLoops loops over tiles, outermost first
 */
export function nestOf(
  dataflow: Dataflow,
  array: ArrayExtent,
  tile: LoopBounds,
  dramLoops: readonly MappingLoop[],
): Mapping {
  const rowExtent = flattenedExtent(tile, dataflow.rows);
  const colExtent = flattenedExtent(tile, dataflow.cols);
  const streamExtent = flattenedExtent(tile, dataflow.streamed);
  const chunk = Math.min(array.streamChunk ?? streamExtent, streamExtent);
  const folds: MappingLoop[] = [
    { dimensions: ["G"], trips: tile.G, step: 1 },
    { dimensions: dataflow.cols, trips: ceilDiv(colExtent, array.cols), step: array.cols },
    { dimensions: dataflow.streamed, trips: ceilDiv(streamExtent, chunk), step: chunk },
    { dimensions: dataflow.rows, trips: ceilDiv(rowExtent, array.rows), step: array.rows },
  ];
  const levels: MappingLevel[] = [
    { memory: "dram", temporal: dramLoops, spatial: [] },
    { memory: "buffer", temporal: folds.filter((loop) => loop.trips > 1), spatial: [] },
    {
      memory: "array",
      temporal: [{ dimensions: dataflow.streamed, trips: chunk, step: 1 }],
      spatial: [
        { dimensions: dataflow.rows, trips: Math.min(array.rows, rowExtent), step: 1, axis: "rows" },
        { dimensions: dataflow.cols, trips: Math.min(array.cols, colExtent), step: 1, axis: "cols" },
      ],
    },
  ];
  return { dataflow: dataflow.name, tile, levels };
}
