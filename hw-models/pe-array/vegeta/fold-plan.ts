/** The folds of a tile in order, as software lays them out: which filters take which lanes, for which blocks and positions. */
import type { LayerValues, TileBox } from "../layer-values.js";
import type { TileBlocks } from "../weight-blocks.js";
import { KEPT_VALUES, type Kept, type RowCover } from "./row-covers.js";
import { lanesOf, type VegetaParameters } from "./vegeta-parameters.js";

export interface LaneFilter {
  /** Channel in its group of the tile, and in its strip. */
  readonly channel: number;
  readonly inStrip: number;
  readonly kept: Kept;
  readonly firstLane: number;
}

export interface Fold {
  readonly group: number;
  readonly filters: readonly LaneFilter[];
  readonly lanes: number;
  readonly firstPosition: number;
  readonly positions: number;
  /** Blocks in the rows. */
  readonly firstBlock: number;
  readonly endBlock: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

export function foldsOf(
  parameters: VegetaParameters,
  { bounds }: LayerValues,
  tile: TileBox,
  cover: RowCover,
  blocks: TileBlocks,
): Fold[] {
  const { rows, accumulatorChannels, accumulatorPositions } = parameters;
  const { from, extent } = tile;
  const positions = extent.N * extent.P * extent.Q;
  const folds: Fold[] = [];
  for (let group = 0; group < extent.G; group++) {
    for (let k = 0; k < extent.K; k += accumulatorChannels) {
      const strip = Array.from({ length: Math.min(accumulatorChannels, extent.K - k) }, (_, at) => at);
      for (let position = 0; position < positions; position += accumulatorPositions) {
        const chunk = { firstPosition: position, positions: Math.min(accumulatorPositions, positions - position) };
        for (let block = 0; block < blocks.count; block += rows) {
          const end = Math.min(block + rows, blocks.count);
          const filterOf = (at: number): number => (from.G + group) * bounds.K + from.K + k + at;
          const kept = strip.map((at) => cover.keptOf(filterOf(at), blocks, block, end));
          const place = { group, ...chunk, firstBlock: block, endBlock: end };
          const ends = { isFirst: block === 0, isLast: end === blocks.count };
          for (const filters of packLanes(kept, k, lanesOf(parameters))) {
            const last = filters.at(-1)!;
            folds.push({ ...place, ...ends, filters, lanes: last.firstLane + last.kept });
          }
        }
      }
    }
  }
  return folds;
}

/** Those that keep most go first, so that no filter is cut. */
function packLanes(kept: readonly Kept[], firstChannel: number, lanes: number): LaneFilter[][] {
  const folds: LaneFilter[][] = [];
  let next = lanes;
  for (const value of KEPT_VALUES) {
    for (const [inStrip, own] of kept.entries()) {
      if (own !== value) continue;
      if (next + value > lanes) {
        folds.push([]);
        next = 0;
      }
      folds.at(-1)!.push({ channel: firstChannel + inStrip, inStrip, kept: own, firstLane: next });
      next += value;
    }
  }
  return folds;
}
