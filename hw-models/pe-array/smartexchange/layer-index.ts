/**
 * What is known of a layer's values before its tiles are timed: the Booth digits of each activation, which ifmap rows are all zero,
 * and how many filters of a team have a row that is not. In the machine the last two are bits of the index buffer.
 */
import type { LayerValues } from "../layer-values.js";
import { digitCounts } from "./booth-recoding.js";
import type { FilterSet } from "./filter-teams.js";
import { type WeightRows, weightRows } from "./weight-rows.js";

/** Rows of one set of filters, by row. */
export interface RowsOfSet {
  /** Filters whose row is not all zero. */
  readonly filters: Int32Array;
  /** Their coefficients other than 0. */
  readonly coefficients: Int32Array;
}

/** Numbers kept of sets that were summed: 64 MB. */
const MOST_KEPT = 1 << 24;

export class LayerIndex {
  readonly layer: LayerValues;
  readonly rows: WeightRows;
  /** [N, G*C, H, W]: digits other than 0 of each activation. */
  readonly digits: Uint8Array;
  /** [N, G*C, H]: 1 for a row of the ifmap that is not all zero. */
  readonly hasActivations: Uint8Array;
  readonly #sets = new Map<number, RowsOfSet>();
  #kept = 0;

  constructor(layer: LayerValues) {
    this.layer = layer;
    this.rows = weightRows(layer);
    this.digits = digitCounts(layer.ifmap);
    const width = layer.window.ifmapWidth;
    this.hasActivations = new Uint8Array(this.digits.length / width);
    for (let at = 0; at < this.digits.length; at++) {
      if (this.digits[at] !== 0) this.hasActivations[Math.floor(at / width)] = 1;
    }
  }

  rowsOf({ group, from, count }: FilterSet): RowsOfSet {
    const first = group * this.layer.bounds.K + from;
    const filters = this.layer.bounds.G * this.layer.bounds.K;
    const key = first * (filters + 1) + count;
    const known = this.#sets.get(key);
    if (known !== undefined) return known;
    const sums = this.#sum(first, count);
    this.#kept += 2 * sums.filters.length;
    if (this.#kept > MOST_KEPT) {
      this.#sets.clear();
      this.#kept = 2 * sums.filters.length;
    }
    this.#sets.set(key, sums);
    return sums;
  }

  #sum(first: number, count: number): RowsOfSet {
    const { count: rows, nonZeros } = this.rows;
    const filters = new Int32Array(rows);
    const coefficients = new Int32Array(rows);
    for (let filter = first; filter < first + count; filter++) {
      for (let row = 0; row < rows; row++) {
        const own = nonZeros[filter * rows + row]!;
        if (own === 0) continue;
        filters[row]!++;
        coefficients[row]! += own;
      }
    }
    return { filters, coefficients };
  }
}
