/**
 * How many of each four weights a filter keeps on the engine, in a stretch of its blocks: what its stored form keeps, or, where
 * that is no N:4, the least of 1, 2 and 4 that all its blocks fit in. The latter reads weights.
 */
import type { LayerValues } from "../layer-values.js";
import { BLOCK, type TileBlocks, WeightBlocks } from "../weight-blocks.js";

export type Kept = 1 | 2 | 4;
export const KEPT_VALUES: readonly Kept[] = [4, 2, 1];

export interface RowCover {
  readonly blocks: WeightBlocks;
  /** @param filter of all groups; some blocks of a tile, one after the other */
  keptOf(filter: number, blocks: TileBlocks, from: number, to: number): Kept;
}

/** All filters keep the same. */
export function uniformCover(blocks: WeightBlocks, kept: Kept): RowCover {
  return { blocks, keptOf: () => kept };
}

/** The least that holds so many non-zeros of a block. */
function leastFor(nonZeros: number): Kept {
  if (nonZeros <= 1) return 1;
  return nonZeros === 2 ? 2 : 4;
}

/** Each filter keeps the least that its non-zeros fit in; blocks lie along the whole filter. */
export function valueCover({ bounds, weight }: LayerValues): RowCover {
  const blocks = new WeightBlocks(bounds, "filter");
  const filters = bounds.G * bounds.K;
  const length = bounds.C * bounds.R * bounds.S;
  const nonZeros = new Uint8Array(filters * blocks.count);
  for (let filter = 0, at = 0; filter < filters; filter++) {
    const base = filter * blocks.count;
    for (let place = 0; place < length; place++, at++) {
      if (weight[at] !== 0) nonZeros[base + Math.floor(place / BLOCK)]!++;
    }
  }
  return {
    blocks,
    keptOf(filter, tile, from, to) {
      const base = filter * blocks.count;
      let most = 0;
      for (let block = from; block < to; block++) {
        most = Math.max(most, nonZeros[base + tile.numberOf(block)]!);
      }
      return leastFor(most);
    },
  };
}
