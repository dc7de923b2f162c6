/**
 * Refreshes that are due, oldest first. All-bank: every nREFI / ranks cycles the next rank. Per-bank: every
 * nREFI / (ranks x banks) cycles the next bank, ranks in turn. A refresh waits until its banks are closed; meanwhile they take
 * no other command. A rank in self refresh is passed over: it refreshes itself.
 */
import type { BankStates } from "./bank-states.js";
import type { BankTiming } from "./bank-timing.js";
import { PRE, REF, REFPB } from "./commands.js";
import type { FrozenBanks } from "./frozen-banks.js";
import { SELF_REFRESH } from "./rank-clock.js";

const NEVER = Number.POSITIVE_INFINITY;

export class RefreshQueue {
  /** Banks of the oldest refresh that waits; none when `first` equals `end`. */
  readonly oldest: FrozenBanks = { first: 0, end: 0 };
  /** Command that refreshes them. */
  readonly command: number;
  private readonly interval: number;
  private readonly banksAtOnce: number;
  private readonly states: BankStates;
  private readonly timing: BankTiming;
  /** First banks of those that wait. */
  private readonly waiting: number[] = [];
  private dueCycle: number;
  private due = 0;

  constructor(
    nREFI: number,
    parameters: { readonly refresh: "all-bank" | "per-bank" | "none" },
    states: BankStates,
    timing: BankTiming,
  ) {
    const perBank = parameters.refresh === "per-bank";
    this.states = states;
    this.timing = timing;
    this.command = perBank ? REFPB : REF;
    this.banksAtOnce = perBank ? 1 : states.banksPerRank;
    this.interval = parameters.refresh === "none" ? NEVER : Math.floor(nREFI / (states.banks / this.banksAtOnce));
    this.dueCycle = this.interval;
  }

  get isWaiting(): boolean {
    return this.oldest.end > this.oldest.first;
  }

  /** Queues the refresh that is due in this cycle, if any. */
  request(now: number): void {
    if (now !== this.dueCycle) return;
    const { states } = this;
    const rank = this.due % states.ranks;
    const bank =
      rank * states.banksPerRank + ((Math.floor(this.due / states.ranks) * this.banksAtOnce) % states.banksPerRank);
    this.due = (this.due + 1) % (states.banks / this.banksAtOnce);
    this.dueCycle += this.interval;
    if (states.clock.state[rank] !== SELF_REFRESH) this.waiting.push(bank);
    this.renew();
  }

  /** The oldest refresh has issued. */
  done(): void {
    this.waiting.shift();
    this.renew();
  }

  private renew(): void {
    const bank = this.waiting[0];
    this.oldest.first = bank ?? 0;
    this.oldest.end = bank === undefined ? 0 : bank + this.banksAtOnce;
  }

  /** First cycle in which a refresh is due or the oldest one can make progress. */
  nextCycle(): number {
    return this.isWaiting ? Math.min(this.dueCycle, this.readyCycle()) : this.dueCycle;
  }

  private readyCycle(): number {
    const { states, timing } = this;
    const { first, end } = this.oldest;
    const rank = states.rankOf(first);
    if (states.isAsleep(rank)) return timing.earliest(states.wakeCommand(rank), first);
    let precharge = NEVER;
    let refresh = 0;
    for (let bank = first; bank < end; bank++) {
      if (states.isOpen(bank)) precharge = Math.min(precharge, timing.earliest(PRE, bank));
      else refresh = Math.max(refresh, timing.earliest(this.command, bank));
    }
    return precharge === NEVER ? refresh : precharge;
  }
}
