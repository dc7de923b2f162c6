/**
 * Index selector: lets a row pass only where both its weights and its activations have something other than 0, from a bit for each
 * row of each filter and one for each row of activations. Neither fetch nor step is done for the rest.
 * A row of activations is a whole row of the ifmap where weights are rows of a kernel, and else what a row of channels has at the
 * positions of the block.
 */
import type { LayerValues } from "../layer-values.js";
import type { FilterSet } from "./filter-teams.js";
import type { OutputBlocks } from "./output-blocks.js";
import type { SmartExchangeParameters } from "./smartexchange-parameters.js";
import type { TileRows } from "./tile-rows.js";
import type { WeightRows } from "./weight-rows.js";

/** A layer and how its filters are cut in rows. */
export interface LayerInRows {
  readonly layer: LayerValues;
  readonly rows: WeightRows;
}

/** Whether a row of a filter, counted over all groups, is all zero: its index bit. */
export function isRowOfZeros({ layer, rows }: LayerInRows, filter: number, row: number): boolean {
  const { C, R, S } = layer.bounds;
  const first = row * rows.size;
  for (let place = first; place < first + rows.size; place++) {
    if (rows.rebuilt !== undefined) {
      if (rows.rebuilt.weights.codes[filter * rows.count * rows.size + place] !== 0) return false;
    } else if (rows.places[place]! >= 0 && layer.weight[filter * C * R * S + rows.places[place]!] !== 0) return false;
  }
  return true;
}

export class IndexSelector {
  /** Bits looked at. */
  entries = 0;
  readonly #choice: SmartExchangeParameters["indexSelector"];
  readonly #source: LayerInRows;
  readonly #rows: TileRows;

  constructor(choice: SmartExchangeParameters["indexSelector"], source: LayerInRows, rows: TileRows) {
    this.#choice = choice;
    this.#source = source;
    this.#rows = rows;
  }

  /** Whether row `at` of the tile is worked off for the filters of a set. */
  select(at: number, set: FilterSet, blocks: OutputBlocks): boolean {
    if (this.#choice === "none") return true;
    let hasWeights = false;
    for (let k = set.from; k < set.from + set.count; k++) {
      this.entries++;
      const filter = set.group * this.#source.layer.bounds.K + k;
      if (!isRowOfZeros(this.#source, filter, this.#rows.row[at]!)) hasWeights = true;
    }
    if (this.#choice === "weights") return hasWeights;
    this.entries++;
    return this.#hasActivations(at, set.group, blocks) && hasWeights;
  }

  #hasActivations(at: number, group: number, blocks: OutputBlocks): boolean {
    const { layer, rows } = this.#source;
    const { ifmapHeight, ifmapWidth } = layer.window;
    const { G, C } = layer.bounds;
    const { firstStep, channel, rowOffset, columnOffset } = this.#rows;
    for (let step = firstStep[at]!; step < firstStep[at + 1]!; step++) {
      for (let mac = 0; mac < blocks.size; mac++) {
        const h = blocks.top[mac]! + rowOffset[step]!;
        if (h < 0 || h >= ifmapHeight) continue;
        const line = (((blocks.image[mac]! * G + group) * C + channel[step]!) * ifmapHeight + h) * ifmapWidth;
        if (rows.areKernelRows) {
          if (layer.ifmap.subarray(line, line + ifmapWidth).some((value) => value !== 0)) return true;
        } else {
          const w = blocks.left[mac]! + columnOffset[step]!;
          if (w >= 0 && w < ifmapWidth && layer.ifmap[line + w] !== 0) return true;
        }
      }
    }
    return false;
  }
}
