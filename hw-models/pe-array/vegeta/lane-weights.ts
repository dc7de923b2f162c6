/**
 * The weights of the lanes, row by row: one that works, and one behind it that loads meanwhile. A filter's lanes hold its non-zeros
 * of a block, then its first zeros, positions rising.
 */
import { UnsupportedError } from "../../../sim/core/errors.js";
import type { Codes } from "../layer-values.js";
import type { TileBlocks } from "../weight-blocks.js";
import type { LaneFilter } from "./fold-plan.js";

/** Of a lane that holds no weight. */
export const NO_PICK = -1;

export class LaneWeights {
  /** Registers that were written. */
  writes = 0;
  readonly #lanes: number;
  readonly #waiting: Int16Array;
  readonly #waitingPicks: Int8Array;
  readonly #working: Int16Array;
  readonly #workingPicks: Int8Array;

  constructor(rows: number, lanes: number) {
    this.#lanes = lanes;
    this.#waiting = new Int16Array(rows * lanes);
    this.#waitingPicks = new Int8Array(rows * lanes).fill(NO_PICK);
    this.#working = new Int16Array(rows * lanes);
    this.#workingPicks = new Int8Array(rows * lanes).fill(NO_PICK);
  }

  clearWaiting(row: number, firstLane: number, endLane: number): void {
    this.#waitingPicks.fill(NO_PICK, row * this.#lanes + firstLane, row * this.#lanes + endLane);
  }

  /**
   * Loads what a filter keeps of a block.
   * @returns how many weights that is
   * @throws UnsupportedError for more non-zeros than it keeps
   */
  load(row: number, { kept, firstLane }: LaneFilter, filter: Codes, blocks: TileBlocks, block: number): number {
    const positions = keptPositions(filter, blocks, block, kept);
    for (const [at, position] of positions.entries()) {
      const lane = row * this.#lanes + firstLane + at;
      this.#waiting[lane] = filter[blocks.placeOf(block, position)]!;
      this.#waitingPicks[lane] = position;
    }
    this.writes += positions.length;
    return positions.length;
  }

  /** Waiting weights of some lanes of a row begin to work. */
  swap(row: number, firstLane: number, endLane: number): void {
    for (let at = row * this.#lanes + firstLane; at < row * this.#lanes + endLane; at++) {
      this.#working[at] = this.#waiting[at]!;
      this.#workingPicks[at] = this.#waitingPicks[at]!;
      if (this.#workingPicks[at] !== NO_PICK) this.writes++;
    }
  }

  pick(row: number, lane: number): number {
    return this.#workingPicks[row * this.#lanes + lane]!;
  }

  weight(row: number, lane: number): number {
    return this.#working[row * this.#lanes + lane]!;
  }
}

function keptPositions(filter: Codes, blocks: TileBlocks, block: number, kept: number): number[] {
  const positions = Array.from({ length: blocks.lengthOf(block) }, (_, index) => index);
  const isZero = (index: number): boolean => filter[blocks.placeOf(block, index)] === 0;
  const nonZeros = positions.filter((index) => !isZero(index));
  if (nonZeros.length > kept) {
    throw new UnsupportedError({
      where: `peArray, weights stored as ${kept}:4`,
      got: `${nonZeros.length} non-zeros in block ${block} of a filter`,
      want: `at most ${kept} of each four`,
      fix: `prune the weights to nm:n=${kept},m=4, or store them dense`,
    });
  }
  return [...nonZeros, ...positions.filter(isZero)].slice(0, kept).toSorted((one, other) => one - other);
}
