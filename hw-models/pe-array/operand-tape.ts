/**
 * Operand registers of the rows of an array, each passing its operand east once a cycle. Shifting every register by one
 * place is the same as moving the place where the row starts, so the registers lie on a tape that is written from its end
 * to its start; the live part is copied back to the end when the start is reached.
 */
export class OperandTape {
  readonly values: Int16Array;
  /** Entries of one row. */
  readonly stride: number;
  readonly #rows: number;
  readonly #live: number;
  #head: number;

  /**
   * @param live entries behind the newest that are still read
   * @param values entries of all rows, where they lie in a memory of their own
   */
  constructor(rows: number, live: number, values: Int16Array = new Int16Array(OperandTape.entries(rows, live))) {
    this.#rows = rows;
    this.#live = live;
    this.stride = strideOf(live);
    this.values = values;
    this.#head = this.stride - live;
  }

  /** Entries of all rows. */
  static entries(rows: number, live: number): number {
    return rows * strideOf(live);
  }

  /** Place of the newest entry in a row; the register of column c lies c places behind it. */
  get head(): number {
    return this.#head;
  }

  /** Makes room for `cycles` newer entries; at most as many as are live. */
  advance(cycles: number): void {
    if (this.#head < cycles) this.#rewind();
    this.#head -= cycles;
  }

  #rewind(): void {
    const to = this.stride - this.#live;
    for (let row = 0; row < this.#rows; row++) {
      const base = row * this.stride;
      this.values.copyWithin(base + to, base + this.#head, base + this.#head + this.#live);
    }
    this.#head = to;
  }
}

function strideOf(live: number): number {
  return 4 * live + 64;
}
