/**
 * A mapping is data: a loop nest cut at memory boundaries, some of its loops spread over space.
 *
 *     dram:    for K in 4 by 64, for P in 7 by 8        tiles move between DRAM and the buffers
 *     buffer:  for K in 2 by 32, for CRS in 9 by 32     folds of the array
 *     array:   CRS over 32 rows, K over 32 columns,     spatial
 *              for NPQ in 448 by 1                      streamed, one a cycle
 *
 * A loop may run over several dimensions flattened, the first one slowest; that is how a GEMM array sees a convolution.
 * Output-, weight- and input-stationary arrays are instances that differ in which loops are spatial.
 */
import { ceilDiv } from "../core/integers.js";
import { LOOP_DIMENSIONS, type LoopBounds, type LoopDimension } from "./layer.js";

export interface MappingLoop {
  /** Dimensions that the loop walks, flattened, first one slowest; extents are those of the enclosing tile. */
  readonly dimensions: readonly LoopDimension[];
  /** Trips of the loop. */
  readonly trips: number;
  /** Flattened indices that one trip covers; the last trip may be ragged. */
  readonly step: number;
}

/** A loop whose trips run side by side on one axis of the array: its rows, its columns, or parts with names of their own. */
export interface SpatialLoop extends MappingLoop {
  readonly axis: string;
}

/** Parts of an array that work side by side, and the flattened dimensions that they share out. */
export interface SpatialAxis {
  readonly dimensions: readonly LoopDimension[];
  /** What the parts are called: `slices`. */
  readonly axis: string;
  readonly parts: number;
}

export interface MappingLevel {
  /** Memory above whose boundary these loops stand. */
  readonly memory: "dram" | "buffer" | "array";
  /** Temporal loops of the level, outermost first. */
  readonly temporal: readonly MappingLoop[];
  readonly spatial: readonly SpatialLoop[];
}

export interface Mapping {
  /** Name of the array's dataflow, or `vector`. */
  readonly dataflow: string;
  /** Extents of the tile that lives in the buffers: what the loops below the `dram` level walk. */
  readonly tile: LoopBounds;
  /** Levels from the outermost memory to the array. */
  readonly levels: readonly MappingLevel[];
}

/** Loops around the buffers, outermost first. */
export function dramLoops(mapping: Mapping): readonly MappingLoop[] {
  return mapping.levels.find(({ memory }) => memory === "dram")?.temporal ?? [];
}

/** One level a part: `dram: for K in 4 by 64; buffer: ...`. */
export function formatMapping(mapping: Mapping): string {
  return mapping.levels
    .map((level) => {
      const spatial = level.spatial.map((loop) => `${loop.dimensions.join("")} over ${loop.trips} ${loop.axis}`);
      const temporal = level.temporal.map((loop) => `for ${loop.dimensions.join("")} in ${loop.trips} by ${loop.step}`);
      const parts = [...spatial, ...temporal];
      return `${level.memory}: ${parts.length === 0 ? "-" : parts.join(", ")}`;
    })
    .join("; ");
}

/**
 * Walks the nest of a mapping in order and calls `visit` with the indices of each point inside the bounds. Slow: it is the
 * definition that closed forms are tested against.
 *
 *     for each dram tile, clipped to the bounds
 *       for each fold and array position inside the tile
 *         visit(point)
 */
export function forEachPoint(mapping: Mapping, bounds: LoopBounds, visit: (point: LoopBounds) => void): void {
  const [outer, ...inner] = mapping.levels;
  const loopsBelow = inner.flatMap((level) => [...level.temporal, ...level.spatial]);
  const origin: Record<LoopDimension, number> = { G: 0, N: 0, K: 0, C: 0, P: 0, Q: 0, R: 0, S: 0 };

  const walkTile = (): void => {
    const extent = { ...mapping.tile };
    for (const dimension of LOOP_DIMENSIONS) {
      extent[dimension] = Math.min(extent[dimension], bounds[dimension] - origin[dimension]);
    }
    const groups = groupLoops(loopsBelow);
    walkGroups(groups, 0, extent, { ...origin });
  };
  const walkGroups = (groups: LoopGroup[], depth: number, extent: LoopBounds, point: LoopBounds): void => {
    const group = groups[depth];
    if (group === undefined) {
      visit({ ...point });
      return;
    }
    for (const offset of groupOffsets(group, extent)) {
      let rest = offset;
      const next = { ...point };
      for (const dimension of group.dimensions.toReversed()) {
        (next as Record<LoopDimension, number>)[dimension] = origin[dimension] + (rest % extent[dimension]);
        rest = Math.floor(rest / extent[dimension]);
      }
      walkGroups(groups, depth + 1, extent, next);
    }
  };
  const walkOuter = (depth: number): void => {
    const loop = outer?.temporal[depth];
    if (loop === undefined) {
      walkTile();
      return;
    }
    const dimension = loop.dimensions[0]!;
    for (let trip = 0; trip < loop.trips; trip++) {
      origin[dimension] = trip * loop.step;
      walkOuter(depth + 1);
    }
    origin[dimension] = 0;
  };
  walkOuter(0);
}

interface LoopGroup {
  readonly dimensions: readonly LoopDimension[];
  readonly loops: MappingLoop[];
}

/** Loops over the same flattened dimensions, outermost first. */
function groupLoops(loops: readonly MappingLoop[]): LoopGroup[] {
  const groups = new Map<string, LoopGroup>();
  for (const loop of loops) {
    const key = loop.dimensions.join("");
    const group = groups.get(key) ?? { dimensions: loop.dimensions, loops: [] };
    group.loops.push(loop);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Flattened offsets that the loops of a group reach inside the tile, in loop order. */
function groupOffsets(group: LoopGroup, extent: LoopBounds): number[] {
  let size = 1;
  for (const dimension of group.dimensions) size *= extent[dimension];
  let offsets = [0];
  let limits = [size];
  for (const loop of group.loops) {
    const nextOffsets: number[] = [];
    const nextLimits: number[] = [];
    for (const [index, base] of offsets.entries()) {
      const limit = limits[index]!;
      for (let trip = 0; trip < Math.min(loop.trips, ceilDiv(limit - base, loop.step)); trip++) {
        nextOffsets.push(base + trip * loop.step);
        nextLimits.push(Math.min(limit, base + (trip + 1) * loop.step));
      }
    }
    [offsets, limits] = [nextOffsets, nextLimits];
  }
  return offsets;
}
