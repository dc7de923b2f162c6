/**
 * When the windows of a pallet may go from one set of weights to the next, in closed form over the sets of a pass. A set takes
 * a column at least one cycle, also where its brick is 0. Pallet: all columns wait for the slowest. Column: a column starts a
 * set when it has ended the one before and the set stands in a synapse set register; set s takes the register of set
 * s - registers, which is free in the cycle after its last column has copied it:
 *
 *     start[s][w] = max(end[s-1][w], max over w of start[s - registers] + 1)
 *
 * SB gives one set a cycle. Since sets take at least a cycle and columns need them in order, only the foremost column ever
 * asks for an unread one, and that port is never what a column waits for.
 * Source: Albericio et al., MICRO 2017; the recurrence is derived from the text's rules.
 */

export interface LaneSynchronisation {
  /** The next set, with the cycles of the brick of each of the first `columns` columns; 0 for a brick of zeros. */
  take(brickCycles: Uint8Array, columns: number): void;
  /** Cycles until the last column has ended. */
  readonly cycles: number;
}

export class PalletSynchronisation implements LaneSynchronisation {
  cycles = 0;

  take(brickCycles: Uint8Array, columns: number): void {
    let slowest = 1;
    for (let column = 0; column < columns; column++) slowest = Math.max(slowest, brickCycles[column]!);
    this.cycles += slowest;
  }
}

export class ColumnSynchronisation implements LaneSynchronisation {
  cycles = 0;
  readonly #endOf: Float64Array;
  /** Last start of each set that still holds a register, by register. */
  readonly #lastStartOf: Float64Array;
  #register = 0;

  /** @param registers synapse set registers, no more than there are sets */
  constructor(columns: number, registers: number) {
    this.#endOf = new Float64Array(columns);
    this.#lastStartOf = new Float64Array(registers).fill(-1);
  }

  take(brickCycles: Uint8Array, columns: number): void {
    const free = this.#lastStartOf[this.#register]! + 1;
    let lastStart = 0;
    for (let column = 0; column < columns; column++) {
      const start = Math.max(free, this.#endOf[column]!);
      const end = start + Math.max(1, brickCycles[column]!);
      this.#endOf[column] = end;
      if (start > lastStart) lastStart = start;
      if (end > this.cycles) this.cycles = end;
    }
    this.#lastStartOf[this.#register] = lastStart;
    this.#register = (this.#register + 1) % this.#lastStartOf.length;
  }
}
