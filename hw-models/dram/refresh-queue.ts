/**
 * All-bank refreshes, staggered over the ranks: every nREFI / ranks cycles the next rank is due, and waits here until its
 * banks are closed. While it waits, its command queues are frozen. A rank in self refresh is passed over.
 */
import type { BankStates } from "./bank-states.js";
import type { BankTiming } from "./bank-timing.js";
import { PRE, REF } from "./commands.js";

const NEVER = Number.POSITIVE_INFINITY;
const NONE = -1;

export class RefreshQueue {
  /** Rank of the oldest refresh that waits, or -1. */
  rank = NONE;
  private readonly interval: number;
  private readonly states: BankStates;
  private readonly timing: BankTiming;
  private readonly waiting: number[] = [];
  private dueCycle: number;
  private dueRank = 0;

  constructor(nREFI: number, states: BankStates, timing: BankTiming) {
    this.states = states;
    this.timing = timing;
    this.interval = Math.floor(nREFI / states.ranks);
    this.dueCycle = this.interval;
  }

  /** Queues the refresh that is due in this cycle, if any. */
  request(now: number): void {
    if (now !== this.dueCycle) return;
    const rank = this.dueRank;
    this.dueRank = (rank + 1) % this.states.ranks;
    this.dueCycle += this.interval;
    if (this.states.sleeping[rank] === 0) this.waiting.push(rank);
    this.rank = this.waiting[0] ?? NONE;
  }

  /** The oldest refresh has issued. */
  done(): void {
    this.waiting.shift();
    this.rank = this.waiting[0] ?? NONE;
  }

  /** First cycle in which a refresh is due or the oldest one can make progress. */
  nextCycle(): number {
    return this.rank === NONE ? this.dueCycle : Math.min(this.dueCycle, this.readyCycle(this.rank));
  }

  private readyCycle(rank: number): number {
    const first = rank * this.states.banksPerRank;
    let precharge = NEVER;
    let refresh = 0;
    for (let bank = first; bank < first + this.states.banksPerRank; bank++) {
      if (this.states.openRow[bank]! >= 0) precharge = Math.min(precharge, this.timing.earliest(PRE, bank));
      else refresh = Math.max(refresh, this.timing.earliest(REF, bank));
    }
    return precharge === NEVER ? refresh : precharge;
  }
}
