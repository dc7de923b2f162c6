/**
 * Puts idle ranks to sleep as a policy says. On its way into self refresh a rank is woken from power-down and its rows are
 * closed first. Whatever needs a sleeping rank later wakes it. Left out: frequency change, deep power-down.
 */
import type { BankQueues } from "./bank-queues.js";
import type { BankStates } from "./bank-states.js";
import type { BankTiming } from "./bank-timing.js";
import { PDE, PRE, SRE } from "./commands.js";
import { SELF_REFRESH } from "./rank-clock.js";
import type { RefreshQueue } from "./refresh-queue.js";
import type { SleepPolicy } from "./sleep-policy.js";

const NEVER = Number.POSITIVE_INFINITY;

export class LowPower {
  /** Command that the last `find` found, and its bank. */
  command = SRE;
  bank = 0;
  /** False when no rank ever sleeps: there is nothing to ask for then. */
  readonly isUsed: boolean;
  private readonly policy: SleepPolicy;
  private readonly states: BankStates;
  private readonly timing: BankTiming;
  private readonly queues: BankQueues;
  private readonly refreshes: RefreshQueue;
  /** Cycle of each rank's last command for a request; -1 before the first. */
  private readonly lastUse: Float64Array;

  constructor(
    policy: SleepPolicy,
    states: BankStates,
    timing: BankTiming,
    queues: BankQueues,
    refreshes: RefreshQueue,
  ) {
    this.policy = policy;
    this.isUsed = policy.isUsed;
    this.states = states;
    this.timing = timing;
    this.queues = queues;
    this.refreshes = refreshes;
    this.lastUse = new Float64Array(states.ranks).fill(-1);
  }

  /** A command issued for a request to a bank. */
  used(bank: number, cycle: number): void {
    if (this.isUsed) this.lastUse[this.states.rankOf(bank)] = cycle;
  }

  /** Looks for a rank that may take a step towards sleep now; leaves command and bank. */
  find(now: number): boolean {
    for (let rank = 0; rank < this.states.ranks; rank++) if (this.stepAt(rank) <= now) return true;
    return false;
  }

  /** First cycle in which a rank may take a step towards sleep, as things stand. */
  nextCycle(): number {
    let next = NEVER;
    for (let rank = 0; rank < this.states.ranks; rank++) next = Math.min(next, this.stepAt(rank));
    return next;
  }

  /** First cycle in which a rank may take its next step, which is left in `command` and `bank`. */
  private stepAt(rank: number): number {
    const { states, timing, policy } = this;
    const first = rank * states.banksPerRank;
    if (states.clock.state[rank] === SELF_REFRESH || !this.isIdle(rank, first)) return NEVER;
    const lastUse = this.lastUse[rank]!;
    const sleepAt = policy.selfRefreshAt(lastUse);
    const isDown = states.isAsleep(rank);
    this.bank = first;
    if (!isDown) {
      const downAt = Math.max(policy.powerDownAt(lastUse), timing.earliest(PDE, first));
      if (downAt < sleepAt) {
        this.command = PDE;
        return downAt;
      }
    }
    this.command = isDown ? states.wakeCommand(rank) : SRE;
    if (!isDown && states.openBanks[rank]! > 0) this.choosePrecharge(first);
    return Math.max(sleepAt, timing.earliest(this.command, this.bank));
  }

  private isIdle(rank: number, first: number): boolean {
    if (!this.policy.maySleep(this.states.touched[rank] === 1)) return false;
    if (this.queues.waitingOfRank[rank]! > 0) return false;
    const { oldest, isWaiting } = this.refreshes;
    return !isWaiting || this.states.rankOf(oldest.first) !== this.states.rankOf(first);
  }

  /** The open bank of a rank that can be closed first. */
  private choosePrecharge(first: number): void {
    const { states, timing } = this;
    this.command = PRE;
    let soonest = NEVER;
    for (let bank = first; bank < first + states.banksPerRank; bank++) {
      if (!states.isOpen(bank)) continue;
      const at = timing.earliest(PRE, bank);
      if (at >= soonest) continue;
      soonest = at;
      this.bank = bank;
    }
  }
}
