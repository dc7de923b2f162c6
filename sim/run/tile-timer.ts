/**
 * Times the tiles of a matrix operation on either sort of array: by their shapes, where nothing else matters, a group of the
 * tile at a time; or by their place in a layer whose values the array was shown, all groups together.
 */
import type { LayerOnArray, TileBox, ValuedCounts } from "../../hw-models/pe-array/layer-values.js";
import type { PeArray, TileTiming } from "../../hw-models/pe-array/pe-array.js";

export interface TimedTile {
  readonly timing: TileTiming;
  /** What is counted beyond that; undefined where shapes decide. */
  readonly valued: ValuedCounts | undefined;
  /** Products of that time, one after the other. */
  readonly repeats: number;
}

export interface TileTimer {
  /** True for an array that is given matrices, whose buffers are looked at vector by vector. */
  readonly isByShape: boolean;
  /** True when tiles of one shape take one time. */
  readonly sharesTimes: boolean;
  timeTile(tile: TileBox): TimedTile;
}

export function timeByShape(array: PeArray): TileTimer {
  return {
    isByShape: true,
    sharesTimes: true,
    timeTile({ extent: { G, N, K, C, P, Q, R, S } }) {
      const timing = array.timeTile({ rows: N * P * Q, columns: K, reduction: C * R * S });
      return { timing, valued: undefined, repeats: G };
    },
  };
}

export function timeByValues(layer: LayerOnArray): TileTimer {
  return {
    isByShape: false,
    sharesTimes: layer.isByShape === true,
    timeTile(tile) {
      const timing = layer.timeTile(tile);
      return { timing, valued: timing, repeats: 1 };
    },
  };
}
