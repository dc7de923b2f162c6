/**
 * Command queues: requests that were given to a bank and wait for their commands, a list a bank, oldest first. Of the open
 * row it is known how many of them hit it, which read is the oldest of these, and which write that need not wait for a read
 * of its place. Capacity counts by queue: one a bank or one a rank.
 */
import type { BankNeeds } from "./bank-needs.js";
import { BANK, BANK_WORDS_LOG2, type BankStates } from "./bank-states.js";
import { NONE as NO_REQUEST, REQUEST, type RequestPool } from "./request-pool.js";

// Local constants are folded into compiled code; imported ones are loaded at each use.
const { bank: REQUEST_BANK, row: ROW, column: COLUMN, isWrite: IS_WRITE } = REQUEST;
const { order: ORDER, next: NEXT, previous: PREVIOUS } = REQUEST;
const { openRow: OPEN_ROW, head: HEAD, tail: TAIL, rank: RANK, queue: QUEUE } = BANK;
const { readHit: READ_HIT, writeHit: WRITE_HIT, readHits: READ_HITS, writeHits: WRITE_HITS } = BANK;
const SHIFT = BANK_WORDS_LOG2;
const NONE = NO_REQUEST;

export class BankQueues {
  /** Requests for each rank. */
  readonly waitingOfRank: Int32Array;
  /** Requests in all queues. */
  total = 0;
  private readonly capacity: number;
  /** Requests in each queue. */
  private readonly waiting: Int32Array;
  private readonly banks: Int32Array;
  private readonly requests: Int32Array;
  private readonly states: BankStates;
  private readonly needs: BankNeeds;
  private entered = 0;

  /** @param capacity requests that a queue holds */
  constructor(capacity: number, pool: RequestPool, states: BankStates, needs: BankNeeds) {
    this.capacity = capacity;
    this.requests = pool.words;
    this.banks = states.words;
    this.states = states;
    this.needs = needs;
    this.waiting = new Int32Array(states.banks);
    this.waitingOfRank = new Int32Array(states.ranks);
  }

  hasRoom(queue: number): boolean {
    return this.waiting[queue]! < this.capacity;
  }

  add(request: number): void {
    const { banks, requests } = this;
    const bank = requests[request + REQUEST_BANK]!;
    const at = bank << SHIFT;
    const youngest = banks[at + TAIL]!;
    requests[request + ORDER] = this.entered;
    this.entered = (this.entered + 1) | 0;
    requests[request + PREVIOUS] = youngest;
    requests[request + NEXT] = NONE;
    banks[at + TAIL] = request;
    if (youngest === NONE) banks[at + HEAD] = request;
    else requests[youngest + NEXT] = request;
    this.waiting[banks[at + QUEUE]!]!++;
    this.waitingOfRank[banks[at + RANK]!]!++;
    this.total++;
    const isHit = banks[at + OPEN_ROW] === requests[request + ROW];
    if (isHit) this.addHit(at, request);
    // A request behind others changes nothing unless it is the first hit of its kind.
    if (youngest === NONE || (isHit && (banks[at + READ_HIT] === request || banks[at + WRITE_HIT] === request))) {
      this.needs.classify(bank);
    }
  }

  private addHit(at: number, request: number): void {
    const { banks } = this;
    if (this.requests[request + IS_WRITE] === 0) {
      if (banks[at + READ_HITS]!++ === 0) banks[at + READ_HIT] = request;
    } else {
      banks[at + WRITE_HITS]!++;
      if (banks[at + WRITE_HIT] === NONE && !this.followsRead(at, request)) banks[at + WRITE_HIT] = request;
    }
  }

  /** Takes a request out whose column command has issued; the state of its bank must be applied already. */
  remove(request: number): void {
    const { banks, requests } = this;
    const bank = requests[request + REQUEST_BANK]!;
    const at = bank << SHIFT;
    const before = requests[request + PREVIOUS]!;
    const after = requests[request + NEXT]!;
    if (before === NONE) banks[at + HEAD] = after;
    else requests[before + NEXT] = after;
    if (after === NONE) banks[at + TAIL] = before;
    else requests[after + PREVIOUS] = before;
    this.waiting[banks[at + QUEUE]!]!--;
    this.waitingOfRank[banks[at + RANK]!]!--;
    this.total--;
    // While only reads hit, the oldest was the one that left: the next is behind it.
    if (banks[at + OPEN_ROW]! >= 0 && banks[at + WRITE_HITS] === 0) this.nextReadHit(bank, after);
    else this.renew(bank);
  }

  private nextReadHit(bank: number, from: number): void {
    const { banks, requests } = this;
    const at = bank << SHIFT;
    const row = banks[at + OPEN_ROW]!;
    const left = banks[at + READ_HITS]! - 1;
    banks[at + READ_HITS] = left;
    let request = left === 0 ? NONE : from;
    if (left > 0) while (requests[request + ROW] !== row) request = requests[request + NEXT]!;
    banks[at + READ_HIT] = request;
    // As long as the oldest request hits too, the bank needs what it needed.
    if (left === 0 || requests[banks[at + HEAD]! + ROW] !== row) this.needs.classify(bank);
  }

  /** The state of a bank changed: what it needs is looked up again. */
  renew(bank: number): void {
    const { banks, requests } = this;
    const at = bank << SHIFT;
    const row = banks[at + OPEN_ROW]!;
    banks[at + READ_HIT] = NONE;
    banks[at + WRITE_HIT] = NONE;
    banks[at + READ_HITS] = 0;
    banks[at + WRITE_HITS] = 0;
    if (row >= 0) {
      for (let request = banks[at + HEAD]!; request !== NONE; request = requests[request + NEXT]!) {
        if (requests[request + ROW] === row) this.addHit(at, request);
      }
    }
    this.needs.classify(bank);
  }

  /** The state of a rank changed. */
  renewRank(rank: number): void {
    const first = rank * this.states.banksPerRank;
    for (let bank = first; bank < first + this.states.banksPerRank; bank++) this.renew(bank);
  }

  /** True when an older read of the same place waits in the queue: the write must not pass it. */
  private followsRead(at: number, write: number): boolean {
    const { requests } = this;
    const row = requests[write + ROW];
    const column = requests[write + COLUMN];
    for (let older = this.banks[at + HEAD]!; older !== write && older !== NONE; older = requests[older + NEXT]!) {
      if (requests[older + IS_WRITE] === 0 && requests[older + ROW] === row && requests[older + COLUMN] === column) {
        return true;
      }
    }
    return false;
  }
}
