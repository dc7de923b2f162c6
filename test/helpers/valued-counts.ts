/** Records of arrays with values as cycles and counts, so that a run and a timing compare whole. */
import type { LayerOnArray, TileBox, ValuedRun, ValuedTiming } from "../../hw-models/pe-array/layer-values.js";

const TIMES = ["folds", "preloadCycles", "steadyCycles", "drainCycles", "computeCycles"] as const;
const FEEDS = ["ifmapFeed", "weightFeed", "ofmapFeed"] as const;

export function countsOfTiming(timing: ValuedTiming) {
  const counts: Record<string, unknown> = { ...timing };
  for (const name of [...TIMES, ...FEEDS]) delete counts[name];
  return { ...counts, cycles: timing.preloadCycles + timing.steadyCycles + timing.drainCycles };
}

export function countsOfRun({ ofmap: _, overflowEvents: __, ...counts }: ValuedRun) {
  return counts;
}

/** Tiles whose time is not that of the first one of their shape: none, for a layer that is said to go by shape. */
export function tilesOffShape(layer: LayerOnArray, tiles: readonly TileBox[]): TileBox[] {
  const firstOfShape = new Map<string, string>();
  return tiles.filter((tile) => {
    const shape = JSON.stringify(tile.extent);
    const time = JSON.stringify(layer.timeTile(tile));
    const first = firstOfShape.get(shape) ?? time;
    firstOfShape.set(shape, first);
    return time !== first;
  });
}
