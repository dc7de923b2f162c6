/**
 * A mapping is data: a loop nest cut at memory boundaries, some of its loops spread over space.
 *
 *     level DRAM      for k in 4, for p in 7            (temporal: tiles move between DRAM and the buffers)
 *     level buffers   for k in 2, for c in 9            (temporal: folds of the array)
 *     level array     spatial c over 32 rows, k over 32 columns; for p, q, n (temporal, streamed)
 *
 * Output-, weight- and input-stationary arrays are instances of it that differ in which loops are spatial.
 */
import { LOOP_DIMENSIONS, type LoopBounds, type LoopDimension } from "./layer.js";

export interface MappingLoop {
  readonly dimension: LoopDimension;
  /** Trips of the loop. */
  readonly trips: number;
  /** Indices of the dimension that one trip covers; the last trip may be ragged. */
  readonly step: number;
}

/** A loop whose trips run side by side on one axis of the array; loops on one axis are flattened, first one slowest. */
export interface SpatialLoop extends MappingLoop {
  readonly axis: "rows" | "cols";
}

export interface MappingLevel {
  /** Memory that holds the tile which one iteration of these loops works on from below. */
  readonly memory: "dram" | "buffer" | "array";
  /** Temporal loops of the level, outermost first. */
  readonly temporal: readonly MappingLoop[];
  /** Spatial loops of the level; only the array has them today. */
  readonly spatial: readonly SpatialLoop[];
}

/** Levels from the outermost memory to the array. */
export interface Mapping {
  /** Dataflow the nest is an instance of. */
  readonly dataflow: "os" | "ws" | "is" | "vector";
  readonly levels: readonly MappingLevel[];
}

const AXIS_WORDS = { rows: "rows", cols: "columns" } as const;

/** One line a level: `dram: for K in 4 by 64, for C in 2 by 128`. */
export function formatMapping(mapping: Mapping): string {
  return mapping.levels
    .map((level) => {
      const temporal = level.temporal.map((loop) => `for ${loop.dimension} in ${loop.trips} by ${loop.step}`);
      const spatial = level.spatial.map((loop) => `${loop.dimension} over ${loop.trips} ${AXIS_WORDS[loop.axis]}`);
      const parts = [...temporal, ...spatial];
      return `${level.memory}: ${parts.length === 0 ? "-" : parts.join(", ")}`;
    })
    .join("; ");
}

/** Indices that the nest covers per dimension: at least the bound when the mapping is complete. */
export function coveredBounds(mapping: Mapping): LoopBounds {
  const covered = { G: 1, N: 1, K: 1, C: 1, P: 1, Q: 1, R: 1, S: 1 };
  for (const dimension of LOOP_DIMENSIONS) {
    for (const level of mapping.levels) {
      for (const loop of [...level.temporal, ...level.spatial]) {
        if (loop.dimension === dimension) covered[dimension] *= loop.trips;
      }
    }
  }
  return covered;
}
