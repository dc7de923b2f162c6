/**
 * The clock of a run, and the sums on their way out: PEs have two buffers of sums, one filled while the other is emptied; groups
 * leave in order, each in so many cycles.
 */
const BUFFERS = 2;

export class LeavingSums {
  cycles = 0;
  /** Cycles that each group still takes, the oldest first. */
  readonly #groups: number[] = [];

  tick(): void {
    this.cycles++;
    if (this.#groups.length > 0) this.#groups[0]!--;
    this.#letGo();
  }

  /** Waits until a buffer is free. */
  awaitBuffer(): void {
    while (this.#groups.length === BUFFERS) this.tick();
  }

  leave(cycles: number): void {
    this.#groups.push(cycles);
    this.#letGo();
  }

  awaitAll(): void {
    while (this.#groups.length > 0) this.tick();
  }

  #letGo(): void {
    while (this.#groups[0] === 0) this.#groups.shift();
  }
}
