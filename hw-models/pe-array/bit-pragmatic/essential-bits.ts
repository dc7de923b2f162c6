/**
 * Essential bits of the activations of a layer, brick by brick, and the cycles in which a column takes a brick. An activation is
 * a sign and a magnitude; its essential bits are the ones of the magnitude. In each cycle the least power that is pending in
 * any lane is the common shift, and every lane gives its own least power if it lies within the first stage's reach of it:
 *
 *     while some magnitude[lane] > 0:
 *       common = least power of two in any magnitude
 *       each lane: if its least power < common + reach, it is taken off the magnitude        one cycle
 *
 * Source: Albericio et al., MICRO 2017, section on 2-stage shifting.
 */
import { ModelError } from "../../../sim/core/errors.js";
import type { LayerValues } from "../layer-values.js";

/** Of one brick of channels, by pixel [N, H, W]. */
export interface BrickPlane {
  /** Cycles in which some lane is served; 0 where the whole brick is 0. */
  readonly cycles: Uint8Array;
  readonly essentialBits: Uint16Array;
}

/** Elements of planes kept, in ifmaps: tiles that cut the channels elsewhere need planes of their own. */
const MAX_KEPT_IFMAPS = 2;

export class EssentialBits {
  readonly #layer: LayerValues;
  /** Factor from the least pending power to the first one that is out of reach. */
  readonly #reachFactor: number;
  readonly #planes = new Map<string, BrickPlane>();
  readonly #maxPlanes: number;

  /** @throws ModelError for an activation whose magnitude has more bits than the array takes */
  constructor(layer: LayerValues, activationBits: number, reach: number) {
    this.#layer = layer;
    this.#reachFactor = 2 ** reach;
    this.#maxPlanes = Math.max(1, MAX_KEPT_IFMAPS * layer.bounds.G * layer.bounds.C);
    const most = 2 ** activationBits - 1;
    for (const code of layer.ifmap) {
      if (code > most || code < -most) {
        throw new ModelError("peArray", `activation ${code} of ${layer.name}, magnitudes have ${activationBits} bits`);
      }
    }
  }

  /** The brick of `width` channels from `channel`, counted over all groups. */
  plane(channel: number, width: number): BrickPlane {
    const key = `${channel} ${width}`;
    const known = this.#planes.get(key);
    if (known !== undefined) return known;
    if (this.#planes.size >= this.#maxPlanes) this.#planes.clear();
    const plane = this.#gather(channel, width);
    this.#planes.set(key, plane);
    return plane;
  }

  #gather(channel: number, width: number): BrickPlane {
    const { bounds, window, ifmap } = this.#layer;
    const area = window.ifmapHeight * window.ifmapWidth;
    const pixels = bounds.N * area;
    const plane = { cycles: new Uint8Array(pixels), essentialBits: new Uint16Array(pixels) };
    const magnitudes = new Int32Array(width);
    for (let pixel = 0; pixel < pixels; pixel++) {
      const image = Math.floor(pixel / area);
      const at = (image * bounds.G * bounds.C + channel) * area + (pixel - image * area);
      for (let lane = 0; lane < width; lane++) magnitudes[lane] = Math.abs(ifmap[at + lane * area]!);
      this.#serve(magnitudes, plane, pixel);
    }
    return plane;
  }

  /** Takes the powers of all lanes off, as the header says, and notes cycles and powers. */
  #serve(magnitudes: Int32Array, { cycles, essentialBits }: BrickPlane, pixel: number): void {
    let pending = 0;
    for (let lane = 0; lane < magnitudes.length; lane++) pending |= magnitudes[lane]!;
    let count = 0;
    let served = 0;
    while (pending !== 0) {
      const limit = (pending & -pending) * this.#reachFactor;
      pending = 0;
      count++;
      for (let lane = 0; lane < magnitudes.length; lane++) {
        const magnitude = magnitudes[lane]!;
        if (magnitude === 0) continue;
        const least = magnitude & -magnitude;
        if (least < limit) {
          magnitudes[lane] = magnitude ^ least;
          served++;
        }
        pending |= magnitudes[lane]!;
      }
    }
    cycles[pixel] = count;
    essentialBits[pixel] = served;
  }
}
