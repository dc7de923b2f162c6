/** Grids of all filters of a layer, from weights as they are before the first is rounded: OBQ moves weights, not the grid. */
import { fitLevels } from "../levels.js";
import { raisedScale } from "../uniform.js";
import type { Granularity } from "../weight-matrix.js";
import { codesOf, type RowGrid, searchScale } from "./grid.js";

export interface GridOptions {
  readonly bits: number;
  readonly granularity: Granularity;
  /** Scale of the largest weight, of least squared error, or of the search in grid.ts. */
  readonly scale: "max" | "mse" | "search";
  /** Smallest scale that each filter may have. */
  readonly leastScales: Float64Array;
}

/** Scales as they are stored, one a filter or one for all, and the grid of each filter. */
export interface LayerGrids {
  readonly scales: Float32Array;
  readonly grids: readonly RowGrid[];
}

export function gridsOf(filters: readonly Float64Array[], options: GridOptions): LayerGrids {
  const { bits, granularity, scale, leastScales } = options;
  const given = granularity === "tensor" ? [joined(filters)] : filters;
  const greatest = 2 ** (bits - 1) - 1;
  const limits = scale === "search" ? codesOf(bits) : { low: -greatest, high: greatest };
  const scales = Float32Array.from(given, (weights, index) =>
    raisedScale(scaleFor(weights, bits, scale), leastScales, granularity, index),
  );
  const grids = filters.map((_, filter) => ({ scale: scales[granularity === "tensor" ? 0 : filter]!, ...limits }));
  return { scales, grids };
}

function scaleFor(weights: Float64Array, bits: number, kind: GridOptions["scale"]): number {
  const greatest = 2 ** (bits - 1) - 1;
  switch (kind) {
    case "search":
      return searchScale(weights, bits);
    case "max":
      return weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) / greatest;
    case "mse": {
      const levels = Array.from({ length: greatest + 1 }, (_, level) => level);
      const column = {
        reduction: weights.length,
        columns: 1,
        values: Float32Array.from(weights),
        leastScales: new Float64Array(1),
      };
      return fitLevels(column, levels, "tensor").scales[0]!;
    }
  }
}

function joined(filters: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(filters.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const weights of filters) {
    all.set(weights, at);
    at += weights.length;
  }
  return all;
}
