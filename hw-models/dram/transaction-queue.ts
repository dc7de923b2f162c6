/**
 * Requests that were accepted and wait for room in a command queue, oldest first. How many of them could move now is counted
 * as queues fill and empty, so that nobody searches in vain.
 */
import type { BankQueues } from "./bank-queues.js";
import { BANK, BANK_WORDS_LOG2, type BankStates } from "./bank-states.js";
import { NONE as NO_REQUEST, REQUEST, type RequestPool } from "./request-pool.js";

const { bank: REQUEST_BANK, next: NEXT, previous: PREVIOUS, nextOfQueue: NEXT_OF_QUEUE } = REQUEST;
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
  /** Requests for each command queue: how many, the oldest, the youngest. */
  private readonly waitingFor: Int32Array;
  private readonly oldestFor: Int32Array;
  private readonly youngestFor: Int32Array;
  /** Command queue that was the last to have room for one; often the only one. */
  private lastMovable = 0;

  constructor(capacity: number, pool: RequestPool, states: BankStates, queues: BankQueues) {
    this.capacity = capacity;
    this.requests = pool.words;
    this.banks = states.words;
    this.queues = queues;
    this.waitingFor = new Int32Array(states.banks);
    this.oldestFor = new Int32Array(states.banks).fill(NONE);
    this.youngestFor = new Int32Array(states.banks).fill(NONE);
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
    if (this.waitingFor[queue]!++ === 0) this.oldestFor[queue] = request;
    else requests[this.youngestFor[queue]! + NEXT_OF_QUEUE] = request;
    this.youngestFor[queue] = request;
    if (!this.queues.hasRoom(queue)) return;
    this.movable++;
    this.lastMovable = queue;
  }

  /** The oldest request whose command queue has room; NONE without. */
  firstMovable(): number {
    if (this.movable === 0) return NONE;
    const { requests, lastMovable } = this;
    if (this.waitingFor[lastMovable] === this.movable && this.queues.hasRoom(lastMovable)) {
      return this.oldestFor[lastMovable]!;
    }
    let request = this.head;
    while (!this.queues.hasRoom(this.queueOf(request))) request = requests[request + NEXT]!;
    return request;
  }

  /** Takes the oldest request for a command queue out, which had room. */
  remove(request: number): void {
    const { requests } = this;
    const before = requests[request + PREVIOUS]!;
    const after = requests[request + NEXT]!;
    if (before === NONE) this.head = after;
    else requests[before + NEXT] = after;
    if (after === NONE) this.tail = before;
    else requests[after + PREVIOUS] = before;
    this.length--;
    const queue = this.queueOf(request);
    this.waitingFor[queue]!--;
    this.oldestFor[queue] = requests[request + NEXT_OF_QUEUE]!;
    this.movable--;
  }

  /** A command queue has become full. */
  queueFilled(queue: number): void {
    this.movable -= this.waitingFor[queue]!;
  }

  /** A command queue that was full has room again. */
  queueOpened(queue: number): void {
    this.movable += this.waitingFor[queue]!;
    this.lastMovable = queue;
  }
}
