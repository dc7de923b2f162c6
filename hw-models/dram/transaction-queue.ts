/**
 * Requests that were accepted and wait for room in a command queue, oldest first. How many of them could move now is counted
 * as queues fill and empty, so that nobody searches in vain.
 */
import type { BankQueues } from "./bank-queues.js";
import { BANK, BANK_WORDS_LOG2, type BankStates } from "./bank-states.js";
import { NONE as NO_REQUEST, REQUEST, type RequestPool } from "./request-pool.js";

const { bank: REQUEST_BANK, next: NEXT, previous: PREVIOUS } = REQUEST;
const QUEUE = BANK.queue;
const SHIFT = BANK_WORDS_LOG2;
const NONE = NO_REQUEST;

export class TransactionQueue {
  readonly capacity: number;
  /** Requests that wait. */
  length = 0;
  /** Those of them whose command queue has room. */
  movable = 0;
  private head = NONE;
  private tail = NONE;
  private readonly requests: Int32Array;
  private readonly banks: Int32Array;
  private readonly queues: BankQueues;
  private readonly waitingFor: Int32Array;

  constructor(capacity: number, pool: RequestPool, states: BankStates, queues: BankQueues) {
    this.capacity = capacity;
    this.requests = pool.words;
    this.banks = states.words;
    this.queues = queues;
    this.waitingFor = new Int32Array(states.banks);
  }

  get isFull(): boolean {
    return this.length === this.capacity;
  }

  /** Command queue that a request is for. */
  queueOf(request: number): number {
    return this.banks[(this.requests[request + REQUEST_BANK]! << SHIFT) + QUEUE]!;
  }

  add(request: number): void {
    const { requests, tail } = this;
    requests[request + PREVIOUS] = tail;
    requests[request + NEXT] = NONE;
    if (tail === NONE) this.head = request;
    else requests[tail + NEXT] = request;
    this.tail = request;
    this.length++;
    const queue = this.queueOf(request);
    this.waitingFor[queue]!++;
    if (this.queues.hasRoom(queue)) this.movable++;
  }

  /** The oldest request whose command queue has room; NONE without. */
  firstMovable(): number {
    if (this.movable === 0) return NONE;
    const { requests } = this;
    let request = this.head;
    while (!this.queues.hasRoom(this.queueOf(request))) request = requests[request + NEXT]!;
    return request;
  }

  /** Takes a request out that had room. */
  remove(request: number): void {
    const { requests } = this;
    const before = requests[request + PREVIOUS]!;
    const after = requests[request + NEXT]!;
    if (before === NONE) this.head = after;
    else requests[before + NEXT] = after;
    if (after === NONE) this.tail = before;
    else requests[after + PREVIOUS] = before;
    this.length--;
    this.waitingFor[this.queueOf(request)]!--;
    this.movable--;
  }

  /** A command queue has become full. */
  queueFilled(queue: number): void {
    this.movable -= this.waitingFor[queue]!;
  }

  /** A command queue that was full has room again. */
  queueOpened(queue: number): void {
    this.movable += this.waitingFor[queue]!;
  }
}
