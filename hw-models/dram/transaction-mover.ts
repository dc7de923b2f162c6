/** Moves accepted requests to the command queues, one a cycle: reads, or writes while a drain runs. */
import type { BankQueues } from "./bank-queues.js";
import type { ControllerParameters } from "./controller-parameters.js";
import { NONE as NO_REQUEST, type RequestPool } from "./request-pool.js";
import type { TransactionQueue } from "./transaction-queue.js";
import type { WriteDrain } from "./write-drain.js";

const NONE = NO_REQUEST;

export class TransactionMover {
  private readonly writeDrain: WriteDrain;
  private readonly isHeldForReads: boolean;
  private readonly pool: RequestPool;
  private readonly reads: TransactionQueue;
  private readonly writes: TransactionQueue;
  private readonly queues: BankQueues;
  /** Writes that the running drain has left to move. */
  private drain = 0;
  private readonly isUnified: boolean;

  constructor(
    parameters: Pick<ControllerParameters, "unifiedQueue" | "writeAfterRead">,
    writeDrain: WriteDrain,
    pool: RequestPool,
    reads: TransactionQueue,
    writes: TransactionQueue,
    queues: BankQueues,
  ) {
    this.writeDrain = writeDrain;
    this.isHeldForReads = parameters.writeAfterRead === "hold";
    this.isUnified = parameters.unifiedQueue;
    this.pool = pool;
    this.reads = reads;
    this.writes = writes;
    this.queues = queues;
  }

  get isDraining(): boolean {
    return this.drain > 0;
  }

  /** True when the next cycle may move something although nothing else happens until then. */
  get mayMove(): boolean {
    if (this.isUnified || this.writes.length === 0) return this.reads.movable > 0;
    return this.drain > 0 || this.mustDrain() ? this.writes.movable > 0 : this.reads.movable > 0;
  }

  /** Moves at most one transaction to a command queue: from the write buffer while it drains, else a read. */
  move(): void {
    if (!this.isUnified && this.writes.length > 0) {
      if (this.drain === 0 && this.mustDrain()) this.drain = this.writes.length;
      if (this.drain > 0) {
        if (this.moveWrite()) return;
        if (this.drain > 0 || this.isHeldForReads) return;
      }
    }
    const request = this.reads.firstMovable();
    if (request !== NONE) this.moveFrom(this.reads, request);
  }

  private mustDrain(): boolean {
    const { writes, queues } = this;
    return this.writeDrain.mustStart(writes.length, writes.isFull, queues.total);
  }

  /** The oldest write that has room moves, unless a read of its address must come first: that ends the drain. */
  private moveWrite(): boolean {
    const request = this.writes.firstMovable();
    if (request === NONE) return false;
    if (this.pool.hasReadOf(request)) {
      this.drain = 0;
      return false;
    }
    this.moveFrom(this.writes, request);
    this.drain--;
    return true;
  }

  private moveFrom(from: TransactionQueue, request: number): void {
    from.remove(request);
    this.enqueue(request);
  }

  /** Gives a request that is in no list to its command queue. */
  enqueue(request: number): void {
    const { queues, reads } = this;
    const queue = reads.queueOf(request);
    queues.add(request);
    if (queues.hasRoom(queue)) return;
    reads.queueFilled(queue);
    this.writes.queueFilled(queue);
  }

  /** A command queue that was full has room again. */
  queueOpened(queue: number): void {
    this.reads.queueOpened(queue);
    this.writes.queueOpened(queue);
  }
}
