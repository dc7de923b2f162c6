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
  readonly #window: Window;
  readonly #from: TileBox["from"];
  readonly #rows: number;
  readonly #columns: number;

  constructor(window: Window, { from, extent }: TileBox) {
    this.#window = window;
    this.#from = from;
    this.#rows = extent.P;
    this.#columns = extent.Q;
    this.count = extent.N * extent.P * extent.Q;
  }

  /** Place in the planes [N, H, W] of the pixel under tap (r, s) of a window; -1 on the padding. */
  pixelUnder(index: number, r: number, s: number): number {
    const { ifmapHeight: H, ifmapWidth: W, strideHeight, strideWidth, ...window } = this.#window;
    const line = Math.floor(index / this.#columns);
    const q = this.#from.Q + index - line * this.#columns;
    const image = Math.floor(line / this.#rows);
    const p = this.#from.P + line - image * this.#rows;
    const h = p * strideHeight + r * window.dilationHeight - window.padTop;
    const w = q * strideWidth + s * window.dilationWidth - window.padLeft;
    if (h < 0 || w < 0 || h >= H || w >= W) return -1;
    return ((this.#from.N + image) * H + h) * W + w;
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
