/** What was done to each bank: integer counters that energies are charged by, as columns over the banks of a channel. */

export class ActionCounts {
  readonly activates: Float64Array;
  /** Banks that were really closed, auto-precharges included. */
  readonly precharges: Float64Array;
  readonly reads: Float64Array;
  readonly readsAutoPrecharge: Float64Array;
  readonly writes: Float64Array;
  readonly writesAutoPrecharge: Float64Array;
  /** Refreshes of all banks, each counted once a bank; entries into self refresh included. */
  readonly refreshesAllBanks: Float64Array;
  readonly refreshesOneBank: Float64Array;
  /** Refreshes of one bank of every group, each counted once a group. */
  readonly refreshesSameBank: Float64Array;
  /** Refreshes of a pair of banks, each counted twice. */
  readonly refreshesPair: Float64Array;

  constructor(banks: number) {
    this.activates = new Float64Array(banks);
    this.precharges = new Float64Array(banks);
    this.reads = new Float64Array(banks);
    this.readsAutoPrecharge = new Float64Array(banks);
    this.writes = new Float64Array(banks);
    this.writesAutoPrecharge = new Float64Array(banks);
    this.refreshesAllBanks = new Float64Array(banks);
    this.refreshesOneBank = new Float64Array(banks);
    this.refreshesSameBank = new Float64Array(banks);
    this.refreshesPair = new Float64Array(banks);
  }

  reset(): void {
    for (const column of Object.values(this) as Float64Array[]) column.fill(0);
  }
}

/** Counters by name, each with one number a bank. */
export type BankActions = Readonly<Record<Exclude<keyof ActionCounts, "reset">, readonly number[]>>;

/** A copy of the counters as plain data. */
export function bankActions(counts: ActionCounts): BankActions {
  const entries = Object.entries(counts).map(([name, column]) => [name, Array.from(column as Float64Array)]);
  return Object.fromEntries(entries) as BankActions;
}
