/**
 * The operands of a tile as matrices, read from the layer one at a time: activations by output position and place of the
 * reduction, weights by output channel and place. Places lie in the order c, r, s of the tile's channels; the padding is 0.
 */
import type { LayerValues, TileBox } from "./layer-values.js";
import { TileWindows } from "./tile-windows.js";

export class TileOperands {
  /** N*P*Q of the tile. */
  readonly positions: number;
  /** C*R*S of the tile. */
  readonly reduction: number;
  readonly #layer: LayerValues;
  readonly #tile: TileBox;
  readonly #windows: TileWindows;

  constructor(layer: LayerValues, tile: TileBox) {
    const { C, R, S } = tile.extent;
    this.#layer = layer;
    this.#tile = tile;
    this.#windows = new TileWindows(layer.window, tile);
    this.positions = this.#windows.count;
    this.reduction = C * R * S;
  }

  /** @param group group of the tile, from 0 */
  activation(position: number, group: number, place: number): number {
    const { bounds, window, ifmap } = this.#layer;
    const { from, extent } = this.#tile;
    const kernel = extent.R * extent.S;
    const channel = Math.floor(place / kernel);
    const tap = place - channel * kernel;
    const pixel = this.#windows.pixelUnder(position, Math.floor(tap / extent.S), tap % extent.S);
    if (pixel < 0) return 0;
    const area = window.ifmapHeight * window.ifmapWidth;
    const image = Math.floor(pixel / area);
    const plane = (image * bounds.G + from.G + group) * bounds.C + from.C + channel;
    return ifmap[plane * area + (pixel - image * area)]!;
  }

  /** Channel of the layer, over all groups. */
  channel(group: number, k: number): number {
    const { from } = this.#tile;
    return (from.G + group) * this.#layer.bounds.K + from.K + k;
  }

  /** Place of the layer's reduction at a place of the tile's. */
  layerPlace(place: number): number {
    const { from, extent } = this.#tile;
    return from.C * extent.R * extent.S + place;
  }

  weight(group: number, k: number, place: number): number {
    const { C, R, S } = this.#layer.bounds;
    return this.#layer.weight[this.channel(group, k) * C * R * S + this.layerPlace(place)]!;
  }
}
