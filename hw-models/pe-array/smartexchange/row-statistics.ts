/**
 * What the activations of one block of positions mean for each row of a tile: the cycles of its steps, the digits that its MACs
 * add up, and the values that are fetched for it. One step gives a weight to all MACs of a line and takes as many cycles as the
 * longest activation has digits, but one at least.
 */
import type { LayerIndex } from "./layer-index.js";
import type { OutputBlocks } from "./output-blocks.js";
import type { TileRows } from "./tile-rows.js";

export class RowStatistics {
  /** [rows]: 1 where the activations of the row are not all zero, so that the selector lets it pass. */
  readonly isActive: Uint8Array;
  /** [rows]: cycles of its steps, one after the other. */
  readonly cycles: Int32Array;
  /** [rows]: digits other than 0, and activations other than 0, of all steps and positions. */
  readonly digits: Int32Array;
  readonly activations: Int32Array;
  /** [rows]: activations that are fetched. */
  readonly fetched: Int32Array;
  /** [steps]: cycles of each. */
  readonly stepCycles: Uint8Array;
  readonly #index: LayerIndex;
  readonly #rows: TileRows;
  /** Where the channels of the group start, for each position of the block. */
  readonly #image: Int32Array;
  /** Of the step that was looked at last. */
  #longest = 0;
  #sum = 0;
  #others = 0;
  #inside = 0;

  constructor(index: LayerIndex, rows: TileRows, width: number) {
    this.#index = index;
    this.#rows = rows;
    this.isActive = new Uint8Array(rows.row.length);
    this.cycles = new Int32Array(rows.row.length);
    this.digits = new Int32Array(rows.row.length);
    this.activations = new Int32Array(rows.row.length);
    this.fetched = new Int32Array(rows.row.length);
    this.stepCycles = new Uint8Array(rows.place.length);
    this.#image = new Int32Array(width);
  }

  /** Looks at the activations that the chosen block meets in a group. */
  gather(blocks: OutputBlocks, group: number): void {
    const { layer, rows } = this.#index;
    const { firstStep } = this.#rows;
    const { G, C } = layer.bounds;
    const plane = layer.window.ifmapHeight * layer.window.ifmapWidth;
    for (let at = 0; at < blocks.size; at++) this.#image[at] = (blocks.image[at]! * G + group) * C * plane;
    for (let row = 0; row < this.cycles.length; row++) {
      let [cycles, digits, activations, fetched] = [0, 0, 0, 0];
      for (let step = firstStep[row]!; step < firstStep[row + 1]!; step++) {
        this.#lookAt(step, blocks, plane);
        const own = this.#longest === 0 ? 1 : this.#longest;
        this.stepCycles[step] = own;
        cycles += own;
        digits += this.#sum;
        activations += this.#others;
        fetched += this.#inside;
      }
      this.cycles[row] = cycles;
      this.digits[row] = digits;
      this.activations[row] = activations;
      this.fetched[row] = rows.areKernelRows ? this.#segment(row, blocks) : fetched;
      this.isActive[row] = rows.areKernelRows ? this.#rowBit(row, blocks, group) : Number(activations > 0);
    }
  }

  #lookAt(step: number, blocks: OutputBlocks, plane: number): void {
    const { digits, layer } = this.#index;
    const { ifmapHeight, ifmapWidth } = layer.window;
    const { top, left, size } = blocks;
    const channel = this.#rows.channel[step]! * plane;
    const rowOffset = this.#rows.rowOffset[step]!;
    const columnOffset = this.#rows.columnOffset[step]!;
    const image = this.#image;
    let [longest, sum, others, inside] = [0, 0, 0, 0];
    for (let at = 0; at < size; at++) {
      const h = top[at]! + rowOffset;
      const w = left[at]! + columnOffset;
      if (h < 0 || h >= ifmapHeight || w < 0 || w >= ifmapWidth) continue;
      inside++;
      const own = digits[image[at]! + channel + h * ifmapWidth + w]!;
      if (own === 0) continue;
      others++;
      sum += own;
      if (own > longest) longest = own;
    }
    this.#longest = longest;
    this.#sum = sum;
    this.#others = others;
    this.#inside = inside;
  }

  /** Activations between the first and the last column that a row of a kernel meets, as far as they are on the ifmap. */
  #segment(row: number, { left, size, top }: OutputBlocks): number {
    const { ifmapHeight, ifmapWidth } = this.#index.layer.window;
    const { columnOffset, rowOffset, firstStep } = this.#rows;
    const [first, last] = [firstStep[row]!, firstStep[row + 1]! - 1];
    const h = top[0]! + rowOffset[first]!;
    if (h < 0 || h >= ifmapHeight) return 0;
    const from = Math.max(0, left[0]! + columnOffset[first]!);
    const to = Math.min(ifmapWidth - 1, left[size - 1]! + columnOffset[last]!);
    return Math.max(0, to - from + 1);
  }

  #rowBit(row: number, { top, image }: OutputBlocks, group: number): number {
    const { layer, hasActivations } = this.#index;
    const { ifmapHeight } = layer.window;
    const { G, C } = layer.bounds;
    const step = this.#rows.firstStep[row]!;
    const h = top[0]! + this.#rows.rowOffset[step]!;
    if (h < 0 || h >= ifmapHeight) return 0;
    const channel = (image[0]! * G + group) * C + this.#rows.channel[step]!;
    return hasActivations[channel * ifmapHeight + h]!;
  }
}
