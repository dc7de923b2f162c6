/**
 * The loop nest of an array that is no grid: each of its axes takes some flattened dimensions side by side, fold by fold, and the
 * rest of the tile streams.
 *
 *     for group, for fold of each axis                        buffer -> array
 *       parallel over the axes                                array
 *         for each streamed dimension
 */
import { ceilDiv } from "../../sim/core/integers.js";
import { LOOP_DIMENSIONS, type LoopBounds, type LoopDimension } from "../../sim/ir/layer.js";
import type { Mapping, MappingLevel, MappingLoop, SpatialAxis } from "../../sim/ir/mapping.js";

export function nestOnAxes(
  dataflow: string,
  axes: readonly SpatialAxis[],
  tile: LoopBounds,
  dramLoops: readonly MappingLoop[],
): Mapping {
  const extentOf = (dimensions: readonly LoopDimension[]): number =>
    dimensions.reduce((product, dimension) => product * tile[dimension], 1);
  const spread = new Set(axes.flatMap(({ dimensions }) => dimensions));
  const folds: MappingLoop[] = axes.map(({ dimensions, parts }) => ({
    dimensions,
    trips: ceilDiv(extentOf(dimensions), parts),
    step: parts,
  }));
  const streamed = LOOP_DIMENSIONS.filter((dimension) => dimension !== "G" && !spread.has(dimension));
  const levels: MappingLevel[] = [
    { memory: "dram", temporal: dramLoops, spatial: [] },
    {
      memory: "buffer",
      temporal: [{ dimensions: ["G"] as const, trips: tile.G, step: 1 }, ...folds].filter(({ trips }) => trips > 1),
      spatial: [],
    },
    {
      memory: "array",
      temporal: streamed
        .map((dimension) => ({ dimensions: [dimension], trips: tile[dimension], step: 1 }))
        .filter(({ trips }) => trips > 1),
      spatial: axes.map(({ dimensions, parts, axis }) => ({
        dimensions,
        trips: Math.min(parts, extentOf(dimensions)),
        step: 1,
        axis,
      })),
    },
  ];
  return { dataflow, tile, levels };
}
