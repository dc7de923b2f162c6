/**
 * Rebuild engine: registers of S x S for one basis, a shift-and-add unit for each of its rows, and a multiplexer that gives weights
 * that are not rebuilt as they are. Weight s of a row of coefficients is
 *
 *     sum over i of sign[i] * (basis[i, s] << power[i]),  then less its last bits where the MACs are narrower
 */
import { ModelError } from "../../../sim/core/errors.js";
import { roundRebuilt } from "../../../sim/ir/encodings/smartdeal-rounding.js";
import type { LayerInRows } from "./index-selector.js";

/** Codes above it are negative powers, from the least. */
const SIGN_CODE = 8;

export class RebuildEngine {
  /** Terms that were shifted and added. */
  shiftAdds = 0;
  readonly #basis: Int32Array;
  #filter = -1;
  #slice = -1;
  #loaded = 0;

  constructor(size: number) {
    this.#basis = new Int32Array(size * size);
  }

  /** Takes the values of a basis one after the other; the first one drops the basis before. */
  load(filter: number, slice: number, at: number, value: number): void {
    this.#filter = filter;
    this.#slice = slice;
    this.#loaded = at + 1;
    this.#basis[at] = value;
  }

  /** The weight at a place of a filter's row. @throws ModelError where the engine holds another basis, or part of it */
  weight({ layer, rows }: LayerInRows, filter: number, row: number, place: number): number {
    const { C, R, S } = layer.bounds;
    const reduction = rows.places[row * rows.size + place]!;
    if (rows.rebuilt === undefined) return layer.weight[filter * C * R * S + reduction]!;
    const { weights, shift } = rows.rebuilt;
    const slice = Math.floor(row / rows.rowsPerBasis);
    if (this.#filter !== filter || this.#slice !== slice || this.#loaded !== this.#basis.length) {
      throw new ModelError("peArray, rebuild engine", `row ${row} of filter ${filter} meets another basis`);
    }
    const codes = (filter * rows.count + row) * rows.size;
    let sum = 0;
    for (let i = 0; i < rows.size; i++) {
      const code = weights.codes[codes + i]!;
      if (code === 0) continue;
      const value = this.#basis[i * rows.size + place]!;
      sum += code < SIGN_CODE ? value << (code - 1) : -(value << (code - SIGN_CODE - 1));
      this.shiftAdds++;
    }
    return weights.keptChannels[Math.floor(reduction / (R * S))] === 1 ? roundRebuilt(sum, shift) : 0;
  }
}
