/**
 * Positions of a tile loop nest by number. Tile `t` of a nest
 *
 *     for loops[0] { for loops[1] { ... } }
 *
 * has the mixed-radix digits of `t` as loop indices. Also: which stretches of tiles share one operand tile.
 */
import type { LoopBounds, LoopDimension } from "../ir/layer.js";
import type { MappingLoop } from "../ir/mapping.js";

/** Loops that change an operand. */
export const WEIGHT_DIMENSIONS: ReadonlySet<LoopDimension> = new Set(["G", "K", "C"]);
export const IFMAP_DIMENSIONS: ReadonlySet<LoopDimension> = new Set(["G", "N", "C", "P", "Q"]);
export const OFMAP_DIMENSIONS: ReadonlySet<LoopDimension> = new Set(["G", "N", "K", "P", "Q"]);

/** Product of all trips. */
export function tileCount(loops: readonly MappingLoop[]): number {
  let count = 1;
  for (const loop of loops) count *= loop.trips;
  return count;
}

/** Consecutive tiles that share the operand indexed by `relevant`: trips inside its innermost changing loop. */
export function sharedRun(loops: readonly MappingLoop[], relevant: ReadonlySet<LoopDimension>): number {
  let run = 1;
  for (let depth = loops.length - 1; depth >= 0; depth--) {
    const loop = loops[depth]!;
    if (relevant.has(loop.dimensions[0]!)) return run;
    run *= loop.trips;
  }
  return run;
}

/** Number of the operand's tile that a tile of the nest uses: its indices in the loops that change the operand. */
export function operandTileNumbers(loops: readonly MappingLoop[], relevant: ReadonlySet<LoopDimension>) {
  const count = loops.reduce(
    (product, loop) => (relevant.has(loop.dimensions[0]!) ? product * loop.trips : product),
    1,
  );
  const numberOf = (tile: number): number => {
    let rest = tile;
    let unit = 1;
    let number = 0;
    for (let depth = loops.length - 1; depth >= 0; depth--) {
      const { trips, dimensions } = loops[depth]!;
      const outer = Math.floor(rest / trips);
      if (relevant.has(dimensions[0]!)) {
        number += (rest - outer * trips) * unit;
        unit *= trips;
      }
      rest = outer;
    }
    return number;
  };
  return { count, numberOf };
}

/** Where a tile lies: first index and extent in each dimension. Reused from tile to tile. */
export class TilePosition {
  readonly from: Record<LoopDimension, number>;
  readonly extent: Record<LoopDimension, number>;
  private readonly bounds: LoopBounds;
  /** Columns of the loops, outermost first. */
  private readonly dimensions: readonly LoopDimension[];
  private readonly trips: readonly number[];
  private readonly steps: readonly number[];

  constructor(bounds: LoopBounds, tile: LoopBounds, loops: readonly MappingLoop[]) {
    this.bounds = bounds;
    this.dimensions = loops.map((loop) => loop.dimensions[0]!);
    this.trips = loops.map((loop) => loop.trips);
    this.steps = loops.map((loop) => loop.step);
    this.from = { G: 0, N: 0, K: 0, C: 0, P: 0, Q: 0, R: 0, S: 0 };
    this.extent = { ...tile };
  }

  /** Moves to tile `number`. */
  locate(number: number): void {
    let rest = number;
    for (let depth = this.trips.length - 1; depth >= 0; depth--) {
      const trips = this.trips[depth]!;
      const outer = Math.floor(rest / trips);
      const step = this.steps[depth]!;
      const dimension = this.dimensions[depth]!;
      const from = (rest - outer * trips) * step;
      rest = outer;
      this.from[dimension] = from;
      this.extent[dimension] = Math.min(step, this.bounds[dimension] - from);
    }
  }

  /** True in the last trip of the reduction loop. */
  reductionEnds(): boolean {
    return this.from.C + this.extent.C === this.bounds.C;
  }

  reductionBegins(): boolean {
    return this.from.C === 0;
  }
}
