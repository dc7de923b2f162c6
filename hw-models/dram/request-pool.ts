/**
 * Requests that a channel has accepted and not served yet. A request is a record of 64 bytes in one buffer, named by the place
 * of its first word, so that whoever handles it touches one array. Requests are found by address: a read of a waiting write
 * is forwarded, a read of a waiting read completes with it, a write of a waiting write is merged. Records are bounded by the
 * queues; reads that wait for another read only keep the cycle in which they came.
 */
import { ModelError } from "../../sim/core/errors.js";

export const NONE = -1;

/** Words of a record. */
export const REQUEST = {
  bank: 0,
  row: 1,
  column: 2,
  isWrite: 3,
  /** Whatever the sender wants to know it by. */
  tag: 4,
  /** Place in the order in which requests entered the command queues; compared by difference, so it may wrap. */
  order: 5,
  /** Links of the one list that a request is in. */
  next: 6,
  previous: 7,
  nextInBucket: 8,
  /** First of the reads that complete with this one. */
  firstMerged: 9,
  /** The next one that waits for the same command queue; only while it waits for one. */
  nextOfQueue: 10,
} as const;

const { bank: BANK, row: ROW, column: COLUMN, isWrite: IS_WRITE, tag: TAG } = REQUEST;
const { nextInBucket: NEXT_IN_BUCKET, firstMerged: FIRST_MERGED } = REQUEST;
const WORDS = 16;
/** Doubles of a record: the last two of its eight. */
const ADDRESS = 6;
const ADDED_CYCLE = 7;

/** Fibonacci hashing of request numbers: 2^32 over the golden ratio. */
const HASH_FACTOR = 0x9e3779b1;

export class RequestPool {
  /** Word `REQUEST.x` of request `r` is `words[r + REQUEST.x]`. */
  readonly words: Int32Array;
  private readonly doubles: Float64Array;
  private readonly buckets: Int32Array;
  private readonly bucketShift: number;
  private readonly perRequest: number;
  private readonly free: Int32Array;
  private freeCount: number;
  private mergedAdded = new Float64Array(64);
  private mergedTag = new Int32Array(64);
  private nextMerged = new Int32Array(64);
  private mergedUsed = 0;
  private freeMerged = NONE;

  constructor(capacity: number, requestBytes: number) {
    const buffer = new ArrayBuffer(capacity * WORDS * Int32Array.BYTES_PER_ELEMENT);
    this.words = new Int32Array(buffer);
    this.doubles = new Float64Array(buffer);
    this.perRequest = 1 / requestBytes;
    const bucketBits = Math.max(4, Math.ceil(Math.log2(2 * capacity)));
    this.buckets = new Int32Array(2 ** bucketBits).fill(NONE);
    this.bucketShift = 32 - bucketBits;
    this.free = Int32Array.from({ length: capacity }, (_, index) => (capacity - 1 - index) * WORDS);
    this.freeCount = capacity;
  }

  /** Takes a record. @throws ModelError when there is none */
  take(
    bank: number,
    row: number,
    column: number,
    isWrite: boolean,
    address: number,
    addedCycle: number,
    tag: number,
  ): number {
    if (this.freeCount === 0) throw new ModelError("dram.channel", "more requests than its queues hold", addedCycle);
    const { words, doubles, buckets } = this;
    const request = this.free[--this.freeCount]!;
    const bucket = this.bucketOf(address);
    words[request + BANK] = bank;
    words[request + ROW] = row;
    words[request + COLUMN] = column;
    words[request + IS_WRITE] = isWrite ? 1 : 0;
    words[request + TAG] = tag;
    words[request + FIRST_MERGED] = NONE;
    words[request + NEXT_IN_BUCKET] = buckets[bucket]!;
    doubles[(request >> 1) + ADDRESS] = address;
    doubles[(request >> 1) + ADDED_CYCLE] = addedCycle;
    buckets[bucket] = request;
    return request;
  }

  /** Gives a record back; it must have no merged reads any more. */
  release(request: number): void {
    const { words, buckets } = this;
    const bucket = this.bucketOf(this.doubles[(request >> 1) + ADDRESS]!);
    const after = words[request + NEXT_IN_BUCKET]!;
    let at = buckets[bucket]!;
    if (at === request) buckets[bucket] = after;
    else {
      while (words[at + NEXT_IN_BUCKET] !== request) at = words[at + NEXT_IN_BUCKET]!;
      words[at + NEXT_IN_BUCKET] = after;
    }
    this.free[this.freeCount++] = request;
  }

  addedCycle(request: number): number {
    return this.doubles[(request >> 1) + ADDED_CYCLE]!;
  }

  /** The waiting write of an address; without one a waiting read; NONE without either. */
  find(address: number): number {
    const { words, doubles } = this;
    let read = NONE;
    let request = this.buckets[this.bucketOf(address)]!;
    while (request !== NONE) {
      if (doubles[(request >> 1) + ADDRESS] === address) {
        if (words[request + IS_WRITE] === 1) return request;
        read = request;
      }
      request = words[request + NEXT_IN_BUCKET]!;
    }
    return read;
  }

  /** True when a read of the address of a request waits. */
  hasReadOf(request: number): boolean {
    const { words, doubles } = this;
    const address = doubles[(request >> 1) + ADDRESS]!;
    let other = this.buckets[this.bucketOf(address)]!;
    while (other !== NONE) {
      if (words[other + IS_WRITE] === 0 && doubles[(other >> 1) + ADDRESS] === address) return true;
      other = words[other + NEXT_IN_BUCKET]!;
    }
    return false;
  }

  private bucketOf(address: number): number {
    return Math.imul(address * this.perRequest, HASH_FACTOR) >>> this.bucketShift;
  }

  /** Notes a read that completes with another. */
  merge(request: number, addedCycle: number, tag: number): void {
    const node = this.takeMerged();
    this.mergedAdded[node] = addedCycle;
    this.mergedTag[node] = tag;
    this.nextMerged[node] = this.words[request + FIRST_MERGED]!;
    this.words[request + FIRST_MERGED] = node;
  }

  /** The next read that completes with another, taken off it; NONE when there is none left. */
  takeMergedOf(request: number): number {
    const node = this.words[request + FIRST_MERGED]!;
    if (node === NONE) return NONE;
    this.words[request + FIRST_MERGED] = this.nextMerged[node]!;
    this.nextMerged[node] = this.freeMerged;
    this.freeMerged = node;
    return node;
  }

  mergedAddedCycle(node: number): number {
    return this.mergedAdded[node]!;
  }

  mergedTagOf(node: number): number {
    return this.mergedTag[node]!;
  }

  private takeMerged(): number {
    if (this.freeMerged !== NONE) {
      const node = this.freeMerged;
      this.freeMerged = this.nextMerged[node]!;
      return node;
    }
    if (this.mergedUsed === this.nextMerged.length) {
      const size = 2 * this.mergedUsed;
      const [added, tag, next] = [new Float64Array(size), new Int32Array(size), new Int32Array(size)];
      added.set(this.mergedAdded);
      tag.set(this.mergedTag);
      next.set(this.nextMerged);
      [this.mergedAdded, this.mergedTag, this.nextMerged] = [added, tag, next];
    }
    return this.mergedUsed++;
  }
}
