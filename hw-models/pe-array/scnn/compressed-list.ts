/** A compressed list as a PE holds it: values, and before each the number of zeros that its index counts. */
import type { Codes } from "../layer-values.js";

export class CompressedList {
  readonly values: Int16Array;
  readonly zerosBefore: Int32Array;

  constructor(dense: Codes | readonly number[], indexBits: number) {
    const most = 2 ** indexBits - 1;
    const values: number[] = [];
    const zerosBefore: number[] = [];
    let zeros = 0;
    // Entries up to the last non-zero; a full index takes a stored zero with it.
    let needed = 0;
    for (const value of dense) {
      if (value === 0 && zeros < most) {
        zeros++;
        continue;
      }
      values.push(value);
      zerosBefore.push(zeros);
      zeros = 0;
      if (value !== 0) needed = values.length;
    }
    this.values = Int16Array.from(values.slice(0, needed));
    this.zerosBefore = Int32Array.from(zerosBefore.slice(0, needed));
  }

  get length(): number {
    return this.values.length;
  }
}

/** Walks a list and adds up the zeros to the places of its values. */
export class ListReader {
  readonly list: CompressedList;
  #next = 0;
  #lastPlace = -1;

  constructor(list: CompressedList) {
    this.list = list;
  }

  get isAtEnd(): boolean {
    return this.#next === this.list.length;
  }

  /** Takes up to `values.length` values and their places. @returns how many */
  take(values: Int16Array, places: Int32Array): number {
    let count = 0;
    while (count < values.length && !this.isAtEnd) {
      this.#lastPlace += 1 + this.list.zerosBefore[this.#next]!;
      values[count] = this.list.values[this.#next]!;
      places[count] = this.#lastPlace;
      this.#next++;
      count++;
    }
    return count;
  }
}
