/**
 * A tile of a layer as the two matrices that meet in the array, group by group: weights [K, C*R*S] and windows of the ifmap
 * [N*P*Q, C*R*S], places of the reduction in the order c, r, s. Places on the padding are zeros.
 */
import type { LayerValues, TileBox } from "../layer-values.js";
import { TileWindows } from "../tile-windows.js";
import type { NonZeroRows, ReductionSpan } from "./round-packing.js";

export class LayerMatrices {
  readonly positions: number;
  /** Places of the tile along the reduction. */
  readonly first: number;
  readonly end: number;
  readonly #layer: LayerValues;
  readonly #tile: TileBox;
  readonly #windows: TileWindows;

  constructor(layer: LayerValues, tile: TileBox) {
    const kernel = layer.bounds.R * layer.bounds.S;
    this.#layer = layer;
    this.#tile = tile;
    this.#windows = new TileWindows(layer.window, tile);
    this.positions = this.#windows.count;
    this.first = tile.from.C * kernel;
    this.end = (tile.from.C + tile.extent.C) * kernel;
  }

  /** Its places in blocks; one block when no length is given. */
  spanOf(block = this.end - this.first): ReductionSpan {
    return { first: this.first, end: this.end, block };
  }

  /** @param channel of the tile, from 0 */
  weightAt(group: number, channel: number, place: number): number {
    return this.#layer.weight[this.#filterAt(group, channel) + place]!;
  }

  inputAt(group: number, position: number, place: number): number {
    const { R, S } = this.#layer.bounds;
    const channel = Math.floor(place / (R * S));
    const tap = place - channel * R * S;
    const pixel = this.#windows.pixelUnder(position, Math.floor(tap / S), tap % S);
    return pixel < 0 ? 0 : this.#layer.ifmap[this.#pixelAt(group, channel, pixel)]!;
  }

  nonZeroWeights(group: number): NonZeroRows {
    const rows = this.#tile.extent.K;
    const { weight } = this.#layer;
    const places = new Int32Array(rows * (this.end - this.first));
    const starts = new Int32Array(rows + 1);
    let found = 0;
    for (let row = 0; row < rows; row++) {
      const filter = this.#filterAt(group, row);
      for (let place = this.first; place < this.end; place++) {
        if (weight[filter + place] !== 0) places[found++] = place;
      }
      starts[row + 1] = found;
    }
    return { places, starts };
  }

  nonZeroInputs(group: number): NonZeroRows {
    const { R, S } = this.#layer.bounds;
    const { ifmap } = this.#layer;
    const taps = R * S;
    const places = new Int32Array(this.positions * (this.end - this.first));
    const starts = new Int32Array(this.positions + 1);
    const pixels = new Int32Array(taps);
    let found = 0;
    for (let position = 0; position < this.positions; position++) {
      for (let tap = 0; tap < taps; tap++) {
        pixels[tap] = this.#windows.pixelUnder(position, Math.floor(tap / S), tap % S);
      }
      for (let place = this.first; place < this.end; place += taps) {
        for (let tap = 0; tap < taps; tap++) {
          const pixel = pixels[tap]!;
          if (pixel >= 0 && ifmap[this.#pixelAt(group, place / taps, pixel)] !== 0) places[found++] = place + tap;
        }
      }
      starts[position + 1] = found;
    }
    return { places, starts };
  }

  #filterAt(group: number, channel: number): number {
    const { K, C, R, S } = this.#layer.bounds;
    return (group * K + this.#tile.from.K + channel) * C * R * S;
  }

  #pixelAt(group: number, channel: number, pixel: number): number {
    const { G, C } = this.#layer.bounds;
    const plane = this.#layer.window.ifmapHeight * this.#layer.window.ifmapWidth;
    const image = Math.floor(pixel / plane);
    return ((image * G + group) * C + channel) * plane + (pixel - image * plane);
  }
}
