/**
 * Moves accepted requests to the command queues, one a cycle: reads, or writes while a drain runs. A drain starts when the
 * write buffer is full, or when it holds more than its low-water mark and nothing else is to do.
 */
import type { CommandQueues } from "./command-queues.js";
import type { ControllerParameters } from "./controller-parameters.js";
import type { PendingRequests } from "./pending-requests.js";
import type { TransactionQueue } from "./transaction-queue.js";

export class TransactionMover {
  /** A transaction may be able to move although nothing is issued: one was added, or one just moved. */
  mayMove = false;
  private readonly parameters: ControllerParameters;
  private readonly reads: TransactionQueue;
  private readonly writes: TransactionQueue;
  private readonly queues: CommandQueues;
  private readonly pending: PendingRequests;
  /** Writes that the running drain has left to move. */
  private drain = 0;

  constructor(
    parameters: ControllerParameters,
    reads: TransactionQueue,
    writes: TransactionQueue,
    queues: CommandQueues,
    pending: PendingRequests,
  ) {
    this.parameters = parameters;
    this.reads = reads;
    this.writes = writes;
    this.queues = queues;
    this.pending = pending;
  }

  get isDraining(): boolean {
    return this.drain > 0;
  }

  /** Moves at most one transaction to a command queue: from the write buffer while it drains, else a read. */
  move(): void {
    this.mayMove = false;
    if (!this.parameters.unifiedQueue) {
      if (this.drain === 0 && this.mustDrain()) this.drain = this.writes.length;
      if (this.drain > 0) {
        if (this.moveWrite()) return;
        if (this.drain > 0 || this.parameters.writeAfterRead === "hold") return;
      }
    }
    const { reads, queues } = this;
    for (let index = 0; index < reads.length; index++) {
      if (!queues.hasRoom(reads.bank[index]!)) continue;
      this.moveFrom(reads, index);
      return;
    }
  }

  private mustDrain(): boolean {
    const { writes, queues } = this;
    return writes.isFull || (writes.length > this.parameters.drainLowWater && queues.isEmpty);
  }

  /** The oldest write that has room moves, unless a read of its address must come first: that ends the drain. */
  private moveWrite(): boolean {
    const { writes, queues } = this;
    for (let index = 0; index < writes.length; index++) {
      if (!queues.hasRoom(writes.bank[index]!)) continue;
      if (this.pending.hasRead(writes.address[index]!)) {
        this.drain = 0;
        return false;
      }
      this.moveFrom(writes, index);
      this.drain--;
      return true;
    }
    return false;
  }

  private moveFrom(from: TransactionQueue, index: number): void {
    const isWrite = from.isWrite[index] === 1;
    this.queues.add(
      from.bank[index]!,
      from.row[index]!,
      from.column[index]!,
      isWrite,
      from.address[index]!,
      from.addedCycle[index]!,
    );
    from.remove(index);
    this.mayMove = true;
  }
}
