/**
 * Memory requests in columns, a block at a time: a trace of any length takes the memory of one block, and the loop that
 * consumes it calls nothing per request.
 */

const BLOCK_REQUESTS = 4096;

export class RequestBlock {
  readonly capacity: number;
  /** Byte address. */
  readonly address: Float64Array;
  /** 1 for writes. */
  readonly isWrite: Uint8Array;
  /** Cycle of the memory clock from which the request may be offered; never decreases along a trace. */
  readonly arrivalCycle: Float64Array;
  /** Requests that the block holds now. */
  length = 0;

  constructor(capacity = BLOCK_REQUESTS) {
    this.capacity = capacity;
    this.address = new Float64Array(capacity);
    this.isWrite = new Uint8Array(capacity);
    this.arrivalCycle = new Float64Array(capacity);
  }

  get isFull(): boolean {
    return this.length === this.capacity;
  }

  add(address: number, isWrite: boolean, arrivalCycle: number): void {
    const place = this.length++;
    this.address[place] = address;
    this.isWrite[place] = isWrite ? 1 : 0;
    this.arrivalCycle[place] = arrivalCycle;
  }
}

/** Where requests come from. */
export interface RequestSource {
  /** Replaces the contents of a block by the requests that follow; leaves it empty at the end of the trace. */
  fill(block: RequestBlock): void;
}
