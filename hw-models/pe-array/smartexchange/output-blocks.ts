/**
 * The positions of the ofmap that the MACs of a line work on at a time. With a kernel they are neighbouring columns of one output
 * row, so that they share a row of the ifmap; without one they are neighbours in the flattened N*P*Q of the tile, whose rows of a
 * product are as good as columns.
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import type { LayerValues, TileBox } from "../layer-values.js";

export class OutputBlocks {
  readonly count: number;
  readonly positions: number;
  /** Positions of the block that was chosen last, in its first `size` entries. */
  size = 0;
  /** Image of each position, and the ifmap row and column of its window's corner, which may lie in the padding. */
  readonly image: Int32Array;
  readonly top: Int32Array;
  readonly left: Int32Array;
  /** Index of each position in the tile's flattened N*P*Q. */
  readonly position: Int32Array;
  readonly #layer: LayerValues;
  readonly #tile: TileBox;
  readonly #width: number;
  readonly #rowLength: number;

  /** @param width positions of a full block */
  constructor(layer: LayerValues, tile: TileBox, width: number) {
    const { N, P, Q } = tile.extent;
    const isFlat = layer.bounds.R * layer.bounds.S === 1;
    this.#layer = layer;
    this.#tile = tile;
    this.#width = width;
    this.#rowLength = isFlat ? N * P * Q : Q;
    this.positions = N * P * Q;
    this.count = (this.positions / this.#rowLength) * ceilDiv(this.#rowLength, width);
    const longest = Math.min(width, this.#rowLength);
    this.image = new Int32Array(longest);
    this.top = new Int32Array(longest);
    this.left = new Int32Array(longest);
    this.position = new Int32Array(longest);
  }

  choose(block: number): void {
    const blocksOfRow = ceilDiv(this.#rowLength, this.#width);
    const start = (block % blocksOfRow) * this.#width;
    const first = Math.floor(block / blocksOfRow) * this.#rowLength + start;
    const { from, extent } = this.#tile;
    const { window } = this.#layer;
    this.size = Math.min(this.#width, this.#rowLength - start);
    for (let at = 0; at < this.size; at++) {
      const flat = first + at;
      const q = from.Q + (flat % extent.Q);
      const p = from.P + (Math.floor(flat / extent.Q) % extent.P);
      this.position[at] = flat;
      this.image[at] = from.N + Math.floor(flat / (extent.Q * extent.P));
      this.top[at] = p * window.strideHeight - window.padTop;
      this.left[at] = q * window.strideWidth - window.padLeft;
    }
  }
}
