/**
 * Refreshes that are due, oldest first: in equal intervals the next rank, or the next bank, ranks in turn. A refresh waits
 * until its rank is awake and its banks are closed, for which it wakes and closes them; meanwhile they take no other command.
 * A rank in self refresh is passed over: it refreshes itself. Left out: postponing refreshes, pulling them in.
 */
import type { BankStates } from "./bank-states.js";
import type { BankTiming } from "./bank-timing.js";
import { PRE } from "./commands.js";
import type { FrozenBanks } from "./frozen-banks.js";
import { SELF_REFRESH } from "./rank-clock.js";
import type { RefreshPolicy } from "./refresh-policy.js";

const NEVER = Number.POSITIVE_INFINITY;

export class RefreshQueue {
  /** Banks of the oldest refresh that waits; none when `first` equals `end`. */
  readonly oldest: FrozenBanks = { first: 0, end: 0 };
  /** Command that the last `find` found, and its bank. */
  command = PRE;
  bank = 0;
  private readonly refreshCommand: number;
  private readonly interval: number;
  private readonly banksAtOnce: number;
  private readonly states: BankStates;
  private readonly timing: BankTiming;
  /** First banks of those that wait. */
  private readonly waiting: number[] = [];
  private dueCycle: number;
  private due = 0;

  constructor(nREFI: number, policy: RefreshPolicy, states: BankStates, timing: BankTiming) {
    this.states = states;
    this.timing = timing;
    this.refreshCommand = policy.command;
    this.banksAtOnce = policy.banksAtOnce(states.banksPerRank);
    this.interval = policy.intervalCycles(nREFI, states.banks / this.banksAtOnce);
    this.dueCycle = this.interval;
  }

  get isWaiting(): boolean {
    return this.oldest.end > this.oldest.first;
  }

  /** Queues the refresh that is due in this cycle, if any. */
  request(now: number): void {
    if (now === this.dueCycle) this.add();
  }

  private add(): void {
    const { states } = this;
    const rank = this.due % states.ranks;
    const bank =
      rank * states.banksPerRank + ((Math.floor(this.due / states.ranks) * this.banksAtOnce) % states.banksPerRank);
    this.due = (this.due + 1) % (states.banks / this.banksAtOnce);
    this.dueCycle += this.interval;
    if (states.clock.state[rank] !== SELF_REFRESH) this.waiting.push(bank);
    this.renew();
  }

  /** Looks for the command that brings the oldest refresh on: waking its rank, closing a bank, the refresh itself. */
  find(now: number): boolean {
    const { states, timing } = this;
    const { first, end } = this.oldest;
    const rank = states.rankOf(first);
    this.bank = first;
    if (states.isAsleep(rank)) {
      this.command = states.wakeCommand(rank);
      return timing.earliest(this.command, first) <= now;
    }
    let hasOpen = false;
    this.command = PRE;
    for (let bank = first; bank < end; bank++) {
      if (!states.isOpen(bank)) continue;
      hasOpen = true;
      if (timing.earliest(PRE, bank) > now) continue;
      this.bank = bank;
      return true;
    }
    this.command = this.refreshCommand;
    return !hasOpen && this.refreshCycle() <= now;
  }

  /** First cycle in which the banks of the oldest refresh, all closed, can be refreshed. */
  private refreshCycle(): number {
    const { first, end } = this.oldest;
    let cycle = 0;
    for (let bank = first; bank < end; bank++) cycle = Math.max(cycle, this.timing.earliest(this.refreshCommand, bank));
    return cycle;
  }

  /** What the last `find` found has issued. */
  issued(): void {
    if (this.command !== this.refreshCommand) return;
    this.waiting.shift();
    this.renew();
  }

  private renew(): void {
    const bank = this.waiting[0];
    this.oldest.first = bank ?? 0;
    this.oldest.end = bank === undefined ? 0 : bank + this.banksAtOnce;
  }

  /** First cycle after `now` in which a refresh is due or the oldest one can make progress. */
  nextCycle(now: number): number {
    return this.isWaiting ? Math.min(this.dueCycle, this.readyCycle(now)) : this.dueCycle;
  }

  private readyCycle(now: number): number {
    const { states, timing } = this;
    const { first, end } = this.oldest;
    const rank = states.rankOf(first);
    if (states.isAsleep(rank)) return timing.earliest(states.wakeCommand(rank), first);
    let next = NEVER;
    for (let bank = first; bank < end; bank++) {
      if (!states.isOpen(bank)) continue;
      const closeable = timing.earliest(PRE, bank);
      if (closeable <= now + 1) return closeable;
      next = Math.min(next, closeable);
    }
    return next === NEVER ? this.refreshCycle() : next;
  }
}
