/**
 * The activations that one weight row meets, as they lie in a line's FIFO: neighbouring columns of an ifmap row, from which MAC f
 * takes column f * stride + s in the step of weight s; or, without a kernel, the positions of one channel after the other.
 */

import type { LayerInRows } from "./index-selector.js";
import type { OutputBlocks } from "./output-blocks.js";
import type { TileRows } from "./tile-rows.js";

export interface InputRow {
  /** Row of the tile. */
  readonly at: number;
  readonly values: Int32Array;
  /** Values that came from the buffer; the others lie in the padding. */
  readonly fetched: number;
  /** Where in `values` a step and a MAC look: the sum of theirs. */
  readonly stepAt: Int32Array;
  readonly macAt: Int32Array;
}

export function fetchRow(
  source: LayerInRows,
  rows: TileRows,
  at: number,
  group: number,
  blocks: OutputBlocks,
): InputRow {
  const [first, end] = [rows.firstStep[at]!, rows.firstStep[at + 1]!];
  const { layer } = source;
  const steps = end - first;
  let fetched = 0;
  const read = (mac: number, step: number, w: number): number => {
    const { ifmapHeight, ifmapWidth } = layer.window;
    const h = blocks.top[mac]! + rows.rowOffset[step]!;
    if (h < 0 || h >= ifmapHeight || w < 0 || w >= ifmapWidth) return 0;
    fetched++;
    const channel = (blocks.image[mac]! * layer.bounds.G + group) * layer.bounds.C + rows.channel[step]!;
    return layer.ifmap[(channel * ifmapHeight + h) * ifmapWidth + w]!;
  };
  if (source.rows.areKernelRows) {
    const corner = blocks.left[0]! + rows.columnOffset[first]!;
    const length = blocks.left[blocks.size - 1]! + rows.columnOffset[end - 1]! - corner + 1;
    const values = Int32Array.from({ length }, (_, column) => read(0, first, corner + column));
    const stepAt = Int32Array.from(
      { length: steps },
      (_, s) => rows.columnOffset[first + s]! - rows.columnOffset[first]!,
    );
    const macAt = Int32Array.from({ length: blocks.size }, (_, mac) => blocks.left[mac]! - blocks.left[0]!);
    return { at, values, fetched, stepAt, macAt };
  }
  const values = new Int32Array(steps * blocks.size);
  for (let step = first; step < end; step++) {
    for (let mac = 0; mac < blocks.size; mac++) {
      values[(step - first) * blocks.size + mac] = read(mac, step, blocks.left[mac]! + rows.columnOffset[step]!);
    }
  }
  const stepAt = Int32Array.from({ length: steps }, (_, s) => s * blocks.size);
  return { at, values, fetched, stepAt, macAt: Int32Array.from({ length: blocks.size }, (_, mac) => mac) };
}
