/**
 * Synapse set registers before the weight buffer (SB): a set that was read stays in one until all columns have copied it, so
 * that SB is read as often as by a machine whose columns go together. Registers are used in turn. SB gives one set a cycle,
 * into a register that was free at the start of the cycle; columns may copy it in the same cycle.
 * Source: Albericio et al., MICRO 2017, per-column synchronisation; the order of registers is assumed.
 */

interface HeldSet {
  readonly set: number;
  readonly weights: Int16Array;
  columnsToCome: number;
  /** Cycle in which the last column copied it. */
  releasedAt: number;
}

export class SynapseSetRegisters {
  readonly #registers: number;
  readonly #held = new Map<number, HeldSet>();
  #cycle = 0;
  #lastReadAt = 0;
  #nextToRead = 0;

  constructor(registers: number) {
    this.#registers = registers;
  }

  startCycle(): void {
    this.#cycle++;
  }

  /** True when SB may give that set in this cycle. */
  mayRead(set: number): boolean {
    const before = this.#held.get(set % this.#registers);
    const isFree = before === undefined || (before.columnsToCome === 0 && before.releasedAt < this.#cycle);
    return set === this.#nextToRead && this.#lastReadAt < this.#cycle && isFree;
  }

  /** @param columns how many columns will copy it */
  read(set: number, weights: Int16Array, columns: number): void {
    this.#held.set(set % this.#registers, { set, weights, columnsToCome: columns, releasedAt: 0 });
    this.#lastReadAt = this.#cycle;
    this.#nextToRead = set + 1;
  }

  /** The set as a column copies it; undefined while it is in no register. */
  copy(set: number): Int16Array | undefined {
    const held = this.#held.get(set % this.#registers);
    if (held?.set !== set) return undefined;
    held.columnsToCome--;
    held.releasedAt = this.#cycle;
    return held.weights;
  }
}
