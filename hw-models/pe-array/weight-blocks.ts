/**
 * Blocks of four weights along the reduction of a filter, as arrays of N:4 sparsity take them. They lie along a filter's whole
 * reduction in its order c, r, s, or along its input channels at one position of the kernel; the last of a line may be ragged.
 * A block that the cut of a tile divides goes whole to both tiles, and meets zeros where it lies in the other one.
 */
import type { NmAxis } from "../../sim/ir/encodings/nm-groups.js";
import type { LoopBounds } from "../../sim/ir/layer.js";
import type { TileBox } from "./layer-values.js";

export const BLOCK = 4;

/** Two-way stages of a multiplexer that picks one of a block. */
export const BLOCK_STAGES = 2;

export class WeightBlocks {
  /** Blocks of a filter. */
  readonly count: number;
  readonly #lines: number;
  readonly #lineLength: number;
  /** Places from a weight of a line to its next one. */
  readonly #step: number;
  readonly #kernel: number;

  constructor({ C, R, S }: LoopBounds, axis: Exclude<NmAxis, "columns">) {
    this.#kernel = R * S;
    this.#lines = axis === "filter" ? 1 : this.#kernel;
    this.#lineLength = axis === "filter" ? C * this.#kernel : C;
    this.#step = axis === "filter" ? 1 : this.#kernel;
    this.count = this.#lines * Math.ceil(this.#lineLength / BLOCK);
  }

  /** Blocks that some of a tile's weights lie in. */
  of({ from, extent }: TileBox): TileBlocks {
    const perChannel = this.#kernel / this.#step;
    const first = from.C * perChannel;
    return new TileBlocks(this.#lines, this.#lineLength, this.#step, first, first + extent.C * perChannel);
  }
}

export class TileBlocks {
  readonly count: number;
  /** Weights of a filter inside the tile. */
  readonly covered: number;
  /** Weights of a filter in these blocks. */
  readonly weights: number;
  readonly #lineLength: number;
  readonly #step: number;
  /** Elements of a line that are in the tile. */
  readonly #first: number;
  readonly #end: number;
  readonly #firstBlock: number;
  readonly #perLine: number;

  constructor(lines: number, lineLength: number, step: number, first: number, end: number) {
    this.#lineLength = lineLength;
    this.#step = step;
    this.#first = first;
    this.#end = end;
    this.#firstBlock = Math.floor(first / BLOCK);
    const endBlock = Math.ceil(end / BLOCK);
    this.#perLine = endBlock - this.#firstBlock;
    this.count = lines * this.#perLine;
    this.covered = lines * (end - first);
    this.weights = lines * (Math.min(endBlock * BLOCK, lineLength) - this.#firstBlock * BLOCK);
  }

  /** Weights of some blocks, one after the other, of which each stores up to so many. */
  stored(kept: number, from = 0, to = this.count): number {
    const ragged = this.#lengthIn(this.#perLine - 1);
    // Only the last of each line may have fewer.
    const lastOnes = Math.floor(to / this.#perLine) - Math.floor(from / this.#perLine);
    return (to - from - lastOnes) * kept + lastOnes * Math.min(kept, ragged);
  }

  /** Weights of some blocks that are inside the tile. */
  coveredIn(from: number, to: number): number {
    let sum = 0;
    for (let block = from; block < to; block++) {
      const start = (this.#firstBlock + (block % this.#perLine)) * BLOCK;
      sum += Math.min(start + BLOCK, this.#end) - Math.max(start, this.#first);
    }
    return sum;
  }

  /** Weights of a block. */
  lengthOf(block: number): number {
    return this.#lengthIn(block % this.#perLine);
  }

  /** Place of a weight of a block in the filter, c slowest. */
  placeOf(block: number, index: number): number {
    const line = Math.floor(block / this.#perLine);
    return line + this.#elementOf(block, index) * this.#step;
  }

  isInside(block: number, index: number): boolean {
    const element = this.#elementOf(block, index);
    return element >= this.#first && element < this.#end;
  }

  /** Number of a block among those of the whole filter. */
  numberOf(block: number): number {
    const perFilterLine = Math.ceil(this.#lineLength / BLOCK);
    const line = Math.floor(block / this.#perLine);
    return line * perFilterLine + this.#firstBlock + (block - line * this.#perLine);
  }

  #elementOf(block: number, index: number): number {
    return (this.#firstBlock + (block % this.#perLine)) * BLOCK + index;
  }

  #lengthIn(blockOfLine: number): number {
    return Math.min(BLOCK, this.#lineLength - (this.#firstBlock + blockOfLine) * BLOCK);
  }
}
