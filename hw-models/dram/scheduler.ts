/** Which of the legal commands issues: first ready, first come, first served, over command queues in two ways. */
import type { BankNeeds } from "./bank-needs.js";
import type { BankStates } from "./bank-states.js";
import { commandCode } from "./commands.js";
import type { ControllerParameters } from "./controller-parameters.js";
import { type FrozenBanks, frozenBits, isFrozen } from "./frozen-banks.js";
import { NONE as NO_REQUEST } from "./request-pool.js";

const PRE = commandCode("PRE");
const NONE = NO_REQUEST;

/**
 * Contract: `find` looks through what the banks need, passes over frozen ones, and names a request and a command that is legal
 * now; it names nothing only when there is none. It changes nothing but its own place in the order and its count, so that
 * what it found need not be issued.
 */
export interface Scheduler {
  /** What the last successful `find` found. */
  readonly request: number;
  readonly command: number;
  /** Precharges found so far. */
  readonly precharges: number;
  /** Looks for a request whose command is legal now. */
  find(now: number, frozen: FrozenBanks): boolean;
}

/** First ready, first come, first served: a queue a bank, round robin behind the one that issued last. */
class BankRoundRobin implements Scheduler {
  request = NONE;
  command = PRE;
  precharges = 0;
  private readonly needs: BankNeeds;
  /** Set and bit of the bank that issued last. */
  private set = 0;
  private bit = 1;

  constructor(needs: BankNeeds) {
    this.needs = needs;
  }

  find(now: number, frozen: FrozenBanks): boolean {
    const { setCount, soleBank } = this.needs;
    if (soleBank !== NONE) return !isFrozen(frozen, soleBank) && this.findFor(soleBank, now);
    const start = this.set;
    // Banks behind the last one, those of the other sets, and those up to and including the last one.
    const upToLast = this.bit | (this.bit - 1);
    const own = this.candidates(start, now, frozen);
    if (own !== 0 && this.findAmong(start, own & ~upToLast, now)) return true;
    for (let visited = 1; visited < setCount; visited++) {
      const set = start + visited < setCount ? start + visited : start + visited - setCount;
      const banks = this.candidates(set, now, frozen);
      if (banks !== 0 && this.findAmong(set, banks, now)) return true;
    }
    return own !== 0 && this.findAmong(start, own & upToLast, now);
  }

  /** Looks at the only bank that waits. */
  private findFor(bank: number, now: number): boolean {
    const request = this.needs.choose(bank, now);
    if (request === NONE) return false;
    this.take(this.needs.setOf(bank), this.needs.bitOf(bank), request);
    return true;
  }

  private take(set: number, bit: number, request: number): void {
    this.set = set;
    this.bit = bit;
    this.request = request;
    this.command = this.needs.chosenCommand;
    if (this.command === PRE) this.precharges++;
  }

  private candidates(set: number, now: number, frozen: FrozenBanks): number {
    const banks = this.needs.candidates(set, now);
    if (banks === 0 || frozen.end === frozen.first) return banks;
    return banks & ~frozenBits(frozen, this.needs.firstOfSet[set]!);
  }

  private findAmong(set: number, candidates: number, now: number): boolean {
    const { needs } = this;
    const first = needs.firstOfSet[set]!;
    for (let banks = candidates; banks !== 0; banks &= banks - 1) {
      const bit = banks & -banks;
      const bank = first + 31 - Math.clz32(bit);
      if (needs.isBefore(bank, now)) continue;
      const request = needs.choose(bank, now);
      if (request === NONE) continue;
      this.take(set, bit, request);
      return true;
    }
    return false;
  }
}

/**
 * First ready, first come, first served over queues of several sets of banks: the oldest request of a queue whose command is
 * legal, queues in turn. With one queue for the whole channel that is the oldest of all.
 */
class OldestOfQueue implements Scheduler {
  request = NONE;
  command = PRE;
  precharges = 0;
  private readonly needs: BankNeeds;
  private readonly queueCount: number;
  private readonly setsOfQueue: number;
  private pointer = 0;

  constructor(needs: BankNeeds, queueCount: number) {
    this.needs = needs;
    this.queueCount = queueCount;
    this.setsOfQueue = needs.setCount / queueCount;
  }

  find(now: number, frozen: FrozenBanks): boolean {
    let queue = this.pointer;
    for (let visited = 0; visited < this.queueCount; visited++) {
      if (++queue === this.queueCount) queue = 0;
      if (!this.findOldest(queue, now, frozen)) continue;
      this.pointer = queue;
      if (this.command === PRE) this.precharges++;
      return true;
    }
    return false;
  }

  private findOldest(queue: number, now: number, frozen: FrozenBanks): boolean {
    const { needs } = this;
    let oldest = NONE;
    for (let set = queue * this.setsOfQueue; set < (queue + 1) * this.setsOfQueue; set++) {
      const first = needs.firstOfSet[set]!;
      let banks = needs.candidates(set, now) & ~frozenBits(frozen, first);
      for (; banks !== 0; banks &= banks - 1) {
        const bank = first + 31 - Math.clz32(banks & -banks);
        if (needs.isBefore(bank, now)) continue;
        const request = needs.choose(bank, now);
        if (request === NONE || (oldest !== NONE && !needs.isOlder(request, oldest))) continue;
        oldest = request;
        this.command = needs.chosenCommand;
      }
    }
    this.request = oldest;
    return oldest !== NONE;
  }
}

export function createScheduler(parameters: ControllerParameters, needs: BankNeeds, states: BankStates): Scheduler {
  if (parameters.scheduler === "oldest-first") return new OldestOfQueue(needs, 1);
  return parameters.queueStructure === "per-bank" ? new BankRoundRobin(needs) : new OldestOfQueue(needs, states.ranks);
}
