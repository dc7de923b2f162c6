/**
 * Which output tiles of a layer are run with values. All of them up to a budget of MACs; of a larger layer the first, the
 * last, the ones at the ragged end of one loop each, and others in a seeded order until the budget is spent.
 */
import { shuffledIndices } from "../../core/rng.js";
import type { LoopBounds } from "../../ir/layer.js";
import type { MappingLoop } from "../../ir/mapping.js";
import { TilePosition, tileCount } from "../tile-walk.js";

export interface TileSample {
  /** Numbers of output tiles, rising. */
  readonly chosen: readonly number[];
  readonly count: number;
}

/** @param loops loops over output tiles, outermost first: those of the mapping without the reduction's */
export function sampleTiles(
  bounds: LoopBounds,
  tile: LoopBounds,
  loops: readonly MappingLoop[],
  macsPerLayer: number,
  seed: string,
): TileSample {
  const count = tileCount(loops);
  const { C, R, S } = bounds;
  const position = new TilePosition(bounds, tile, loops);
  const macsOf = (number: number): number => {
    position.locate(number);
    const { G, N, K, P, Q } = position.extent;
    return G * N * K * P * Q * C * R * S;
  };
  const macs = bounds.G * bounds.N * bounds.K * bounds.P * bounds.Q * C * R * S;
  if (macs <= macsPerLayer) return { chosen: Array.from({ length: count }, (_, number) => number), count };
  const chosen = new Set([0, ...raggedEnds(bounds, loops), count - 1]);
  let spent = 0;
  for (const number of chosen) spent += macsOf(number);
  for (const number of shuffledIndices(count, `${seed}/tiles`)) {
    if (spent >= macsPerLayer) break;
    if (chosen.has(number)) continue;
    chosen.add(number);
    spent += macsOf(number);
  }
  return { chosen: [...chosen].sort((a, b) => a - b), count };
}

/** Of each loop whose last trip is ragged, the tile in that trip and the first of every other loop. */
function raggedEnds(bounds: LoopBounds, loops: readonly MappingLoop[]): number[] {
  const ends: number[] = [];
  let inner = 1;
  for (const { dimensions, trips, step } of loops.toReversed()) {
    if (trips * step > bounds[dimensions[0]!]) ends.push((trips - 1) * inner);
    inner *= trips;
  }
  return ends;
}
