/** Operands of a tile by their places in lines of blocks: activations under the windows, and the weights that a block stores. */
import { ModelError } from "../../../sim/core/errors.js";
import type { LayerValues, TileBox } from "../layer-values.js";
import { TileWindows } from "../tile-windows.js";
import type { BlockPass, BlockStructure } from "./block-passes.js";

/** Weights that a pass gives to one column. */
export interface StoredBlock {
  readonly weights: readonly number[];
  /** Places in the block, rising. */
  readonly positions: readonly number[];
}

export class BlockOperands {
  readonly #layer: LayerValues;
  readonly #tile: TileBox;
  readonly #structure: BlockStructure;
  readonly #positions: TileWindows;

  constructor(layer: LayerValues, tile: TileBox, structure: BlockStructure) {
    this.#layer = layer;
    this.#tile = tile;
    this.#structure = structure;
    this.#positions = new TileWindows(layer.window, tile);
  }

  /** The activation under a window (a row of the tile) at a place of a line; 0 on the padding. @param group of the tile */
  activation(group: number, row: number, line: number, place: number): number {
    const { G, C, S } = this.#layer.bounds;
    const { ifmapHeight, ifmapWidth } = this.#layer.window;
    const { channel, tap } = this.#placeOf(line, place);
    const pixel = this.#positions.pixelUnder(row, Math.floor(tap / S), tap % S);
    if (pixel < 0) return 0;
    const plane = ifmapHeight * ifmapWidth;
    const image = Math.floor(pixel / plane);
    const plane0 = (image * G + this.#tile.from.G + group) * C + channel;
    return this.#layer.ifmap[plane0 * plane + (pixel - image * plane)]!;
  }

  /** @param column output channel of the tile, within its group @throws ModelError for weights that lack their structure */
  stored(group: number, column: number, pass: BlockPass): StoredBlock {
    const places = this.#keptPlaces(group, column, pass);
    return {
      weights: places.map((place) => this.#weight(group, column, pass.line, place)),
      positions: places.map((place) => place - pass.block),
    };
  }

  /** Places of non-zeros of each group, and of its first zeros where it has fewer than it stores; of dense weights all. */
  #keptPlaces(group: number, column: number, { line, weightsFrom, weightsTo }: BlockPass): number[] {
    const { sparse } = this.#structure;
    const { n, m } = sparse ?? { n: 1, m: 1 };
    const kept: number[] = [];
    for (let from = weightsFrom; from < weightsTo; from += m) {
      const places = Array.from({ length: Math.min(m, weightsTo - from) }, (_, at) => from + at);
      const isZero = (place: number): boolean => this.#weight(group, column, line, place) === 0;
      const zeros = places.filter(isZero);
      const excess = places.length - zeros.length - n;
      if (excess > 0) {
        const where = `peArray (${this.#layer.name})`;
        throw new ModelError(where, `${excess + n} non-zeros in a group of ${n}:${m}, place ${from} of line ${line}`);
      }
      const filled = new Set(zeros.slice(0, Math.max(0, Math.min(n, places.length) - (places.length - zeros.length))));
      kept.push(...places.filter((place) => !isZero(place) || filled.has(place)));
    }
    return kept;
  }

  #weight(group: number, column: number, line: number, place: number): number {
    const { K, C, R, S } = this.#layer.bounds;
    const { channel, tap } = this.#placeOf(line, place);
    const filter = (this.#tile.from.G + group) * K + this.#tile.from.K + column;
    return this.#layer.weight[(filter * C + channel) * R * S + tap]!;
  }

  #placeOf(line: number, place: number): { readonly channel: number; readonly tap: number } {
    if (this.#structure.axis === "channels") return { channel: place, tap: line };
    const kernel = this.#layer.bounds.R * this.#layer.bounds.S;
    const channel = Math.floor(place / kernel);
    return { channel, tap: place - channel * kernel };
  }
}
