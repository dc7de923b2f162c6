/**
 * The windows of a tile, in the order [N, P, Q], and where the taps of their filters lie on the ifmap. Arrays that take the
 * channels of a pixel in bricks address it by its place in one channel's plane.
 */
import { ModelError } from "../../sim/core/errors.js";
import { LOOP_DIMENSIONS, type LoopBounds, type Window } from "../../sim/ir/layer.js";
import type { TileBox } from "./layer-values.js";

export class TileWindows {
  /** N*P*Q of the tile. */
  readonly count: number;
  readonly #columns: number;
  readonly #taps: { readonly R: number; readonly S: number };
  /** First pixel of the ifmap row under filter row r of a row of windows, [N, P, R]; -1 on the padding. */
  readonly #rowAt: Int32Array;
  /** Ifmap column under filter column s of a column of windows, [Q, S]; -1 on the padding. */
  readonly #columnAt: Int32Array;

  constructor(window: Window, { from, extent }: TileBox) {
    const { N, P, Q, R, S } = extent;
    const { ifmapHeight: H, ifmapWidth: W } = window;
    this.count = N * P * Q;
    this.#columns = Q;
    this.#taps = { R, S };
    this.#rowAt = new Int32Array(N * P * R);
    this.#columnAt = new Int32Array(Q * S);
    for (let at = 0; at < this.#rowAt.length; at++) {
      const line = Math.floor(at / R);
      const p = from.P + (line % P);
      const h = p * window.strideHeight + (at % R) * window.dilationHeight - window.padTop;
      this.#rowAt[at] = h < 0 || h >= H ? -1 : ((from.N + Math.floor(line / P)) * H + h) * W;
    }
    for (let at = 0; at < this.#columnAt.length; at++) {
      const q = from.Q + Math.floor(at / S);
      const w = q * window.strideWidth + (at % S) * window.dilationWidth - window.padLeft;
      this.#columnAt[at] = w < 0 || w >= W ? -1 : w;
    }
  }

  /** Pixels under the taps of all windows, each as often as it is met; the padding left out. */
  get pixelsUnderTaps(): number {
    const inside = (places: Int32Array): number => places.reduce((sum, place) => sum + (place < 0 ? 0 : 1), 0);
    return inside(this.#rowAt) * inside(this.#columnAt);
  }

  /** Place in the planes [N, H, W] of the pixel under tap (r, s) of a window; -1 on the padding. */
  pixelUnder(index: number, r: number, s: number): number {
    const line = Math.floor(index / this.#columns);
    const row = this.#rowAt[line * this.#taps.R + r]!;
    const column = this.#columnAt[(index - line * this.#columns) * this.#taps.S + s]!;
    return row < 0 || column < 0 ? -1 : row + column;
  }
}

/** @throws ModelError for a tile that is empty, leaves the layer, or cuts the filters */
export function checkTileBox(bounds: LoopBounds, { from, extent }: TileBox): void {
  for (const dimension of LOOP_DIMENSIONS) {
    const [first, length, bound] = [from[dimension], extent[dimension], bounds[dimension]];
    const isWhole = first === 0 && length === bound;
    const isInside = first >= 0 && length >= 1 && first + length <= bound;
    if (isWhole || (isInside && dimension !== "R" && dimension !== "S")) continue;
    throw new ModelError("peArray", `tile with ${dimension} from ${first}, ${length} long, of a layer of ${bound}`);
  }
}
