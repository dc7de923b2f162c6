/**
 * How the reduction of a tile is dealt out to a column of units, a block at a time: lines of `length` places, `step` apart. In the
 * order `channels` there is a line for each tap of the filter, in the order `im2col` a single one. A block has a place for each
 * product of each unit; units that it does not fill are those at the top.
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import type { TileBox } from "../layer-values.js";
import type { BitFusionParameters } from "./bit-fusion-parameters.js";

export class ReductionBlocks {
  /** Blocks of the whole reduction. */
  readonly count: number;
  /** Units that some product is dealt to, over all blocks. */
  readonly unitsInUse: number;
  /** Places of a line. */
  readonly length: number;
  readonly #step: number;
  readonly #blockPlaces: number;
  readonly #blocksOfLine: number;

  /** @param products of a unit */
  constructor({ rows, reductionOrder }: BitFusionParameters, { extent: { C, R, S } }: TileBox, products: number) {
    const lines = reductionOrder === "channels" ? R * S : 1;
    this.length = (C * R * S) / lines;
    this.#step = lines;
    this.#blockPlaces = rows * products;
    this.#blocksOfLine = ceilDiv(this.length, this.#blockPlaces);
    this.count = lines * this.#blocksOfLine;
    this.unitsInUse = lines * ceilDiv(this.length, products);
  }

  /** Places of a block in the order c, r, s. */
  placesOf(block: number): number[] {
    const line = Math.floor(block / this.#blocksOfLine);
    const from = (block % this.#blocksOfLine) * this.#blockPlaces;
    const taken = Math.min(this.#blockPlaces, this.length - from);
    return Array.from({ length: taken }, (_, at) => line + (from + at) * this.#step);
  }
}
