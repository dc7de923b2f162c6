/** The activations that are not zero under the window of an output position, in the order c, r, s; those on the padding are zeros. */
import type { LayerValues, TileBox } from "../layer-values.js";
import { TileWindows } from "../tile-windows.js";
import type { Chunk } from "./pass-plan.js";

export class WindowActivations {
  /** Output positions of the tile, [N, P, Q]. */
  readonly windows: number;
  /** Places of the reduction and values of what was listed last. */
  readonly places: Int32Array;
  readonly values: Int16Array;
  readonly #layer: LayerValues;
  readonly #positions: TileWindows;
  readonly #kernel: number;
  readonly #plane: number;
  /** Place in the ifmap of the pixel under each tap of the window in channel 0; -1 on the padding. */
  readonly #taps: Int32Array;

  constructor(layer: LayerValues, tile: TileBox) {
    const { C, R, S } = layer.bounds;
    this.#layer = layer;
    this.#positions = new TileWindows(layer.window, tile);
    this.windows = this.#positions.count;
    this.#kernel = R * S;
    this.#plane = layer.window.ifmapHeight * layer.window.ifmapWidth;
    this.#taps = new Int32Array(R * S);
    this.places = new Int32Array(C * R * S);
    this.values = new Int16Array(C * R * S);
  }

  /** Chooses the window of an output position and the group whose channels are read. */
  select(window: number, group: number): void {
    const { G, C, S } = this.#layer.bounds;
    for (let tap = 0; tap < this.#kernel; tap++) {
      const pixel = this.#positions.pixelUnder(window, Math.floor(tap / S), tap % S);
      const image = Math.floor(pixel / this.#plane);
      this.#taps[tap] = pixel < 0 ? -1 : (image * G + group) * C * this.#plane + (pixel - image * this.#plane);
    }
  }

  /** Lists those of a chunk. @returns their number */
  list({ first, end }: Chunk): number {
    const { ifmap } = this.#layer;
    let channel = Math.floor(first / this.#kernel);
    let tap = first - channel * this.#kernel;
    let listed = 0;
    for (let place = first; place < end; place++) {
      const pixel = this.#taps[tap]!;
      const value = pixel < 0 ? 0 : ifmap[pixel + channel * this.#plane]!;
      if (value !== 0) {
        this.places[listed] = place;
        this.values[listed++] = value;
      }
      if (++tap < this.#kernel) continue;
      tap = 0;
      channel++;
    }
    return listed;
  }
}
