/** Which accepted request moves to its command queue: reads, a drain of writes, and what ends it. */
import { describe, expect, it } from "vitest";
import { BankNeeds } from "../../../../hw-models/dram/bank-needs.js";
import { BankQueues } from "../../../../hw-models/dram/bank-queues.js";
import { BANK, BANK_WORDS_LOG2, BankStates } from "../../../../hw-models/dram/bank-states.js";
import { BankTiming } from "../../../../hw-models/dram/bank-timing.js";
import { DRAM_DEVICES } from "../../../../hw-models/dram/index.js";
import { REQUEST, RequestPool } from "../../../../hw-models/dram/request-pool.js";
import { openPage } from "../../../../hw-models/dram/row-policy.js";
import { TransactionMover } from "../../../../hw-models/dram/transaction-mover.js";
import { TransactionQueue } from "../../../../hw-models/dram/transaction-queue.js";
import { drainAboveLowWater } from "../../../../hw-models/dram/write-drain.js";

const DDR4 = DRAM_DEVICES.DDR4_8Gb_x8_2400!;

interface Options {
  readonly bufferEntries?: number;
  readonly queueEntries?: number;
  readonly lowWater?: number;
  readonly writeAfterRead?: "serve-reads" | "hold";
  readonly unifiedQueue?: boolean;
}

/** A mover with its queues; requests are named by tags, `moved` says which moved and when one did not. */
class Bench {
  readonly pool = new RequestPool(64, 64);
  readonly states = new BankStates(DDR4.organization, true);
  readonly queues: BankQueues;
  readonly mover: TransactionMover;
  private readonly reads: TransactionQueue;
  private readonly writes: TransactionQueue;
  private readonly unified: boolean;

  constructor(options: Options = {}) {
    const { bufferEntries = 8, queueEntries = 4, lowWater = 0, writeAfterRead = "serve-reads" } = options;
    this.unified = options.unifiedQueue ?? false;
    const { states } = this;
    const needs = new BankNeeds(this.pool, states, new BankTiming(DDR4), openPage(4));
    this.queues = new BankQueues(queueEntries, this.pool, states, needs);
    this.reads = new TransactionQueue(bufferEntries, this.pool, states, this.queues);
    this.writes = new TransactionQueue(bufferEntries, this.pool, states, this.queues);
    const parameters = { unifiedQueue: this.unified, writeAfterRead };
    const drain = drainAboveLowWater(lowWater);
    this.mover = new TransactionMover(parameters, drain, this.pool, this.reads, this.writes, this.queues);
  }

  read(tag: number, bank: number, address = 64 * tag): void {
    this.reads.add(this.pool.take(bank, 0, 0, false, address, 0, tag));
  }

  write(tag: number, bank: number, address = 64 * tag): void {
    const queue = this.unified ? this.reads : this.writes;
    queue.add(this.pool.take(bank, 0, 0, true, address, 0, tag));
  }

  /** Tags that move in so many cycles, `-` where none does. */
  move(cycles: number): string {
    const before = new Set<number>();
    const waiting = (): number[] => this.tags.filter((tag) => !before.has(tag));
    for (const tag of waiting()) before.add(tag);
    return Array.from({ length: cycles }, () => {
      const mayMove = this.mover.mayMove;
      this.mover.move();
      const moved = waiting();
      for (const tag of moved) before.add(tag);
      // Nothing moves unannounced; what is announced may still be held back by a read of its address.
      if (moved.length > 0) expect(mayMove).toBe(true);
      expect(moved.length).toBeLessThanOrEqual(1);
      return moved[0] ?? "-";
    }).join(" ");
  }

  /** Tags in the command queues. */
  private get tags(): number[] {
    const found: number[] = [];
    for (let bank = 0; bank < 32; bank++) {
      for (const request of this.queued(bank)) found.push(this.pool.words[request + REQUEST.tag]!);
    }
    return found;
  }

  /** Requests in the command queue of a bank, oldest first. */
  queued(bank: number): number[] {
    const list: number[] = [];
    for (
      let request = this.states.words[(bank << BANK_WORDS_LOG2) + BANK.head]!;
      request >= 0;
      request = this.pool.words[request + REQUEST.next]!
    ) {
      list.push(request);
    }
    return list;
  }

  /** Serves the oldest request of a bank. */
  serve(bank: number): void {
    const [request] = this.queued(bank);
    const wasFull = !this.queues.hasRoom(bank);
    this.queues.remove(request!);
    if (wasFull) this.mover.queueOpened(bank);
    this.pool.release(request!);
  }
}

describe("reads", () => {
  it("move one a cycle, oldest first, past those whose command queue is full", () => {
    const bench = new Bench({ queueEntries: 2 });
    for (const [tag, bank] of [0, 0, 0, 0, 1, 2].entries()) bench.read(tag, bank);

    expect(bench.move(5)).toBe("0 1 4 5 -");
    bench.serve(0);
    expect(bench.move(2)).toBe("2 -");
  });

  it("go before writes as long as a command waits and the buffer has room", () => {
    const bench = new Bench({ bufferEntries: 3 });
    bench.read(0, 0);
    expect(bench.move(1)).toBe("0");
    bench.write(1, 1);
    bench.read(2, 2);

    expect(bench.move(2)).toBe("2 -");
    bench.serve(0);
    bench.serve(2);
    expect(bench.move(1)).toBe("1");
  });
});

describe("a drain", () => {
  it("starts when the buffer is full and moves all writes of that moment, and no read meanwhile", () => {
    const bench = new Bench({ bufferEntries: 3, lowWater: 2 });
    bench.read(0, 0);
    bench.move(1);
    for (const tag of [1, 2, 3]) bench.write(tag, tag);
    bench.read(4, 4);

    expect(bench.move(1)).toBe("1");
    bench.write(5, 5);
    expect(bench.move(4)).toBe("2 3 4 -");
  });

  it("starts above the low-water mark while no command waits, and leaves what may stay", () => {
    const bench = new Bench({ lowWater: 2 });
    bench.write(1, 1);
    bench.write(2, 2);
    expect(bench.move(1)).toBe("-");
    bench.write(3, 3);
    expect(bench.move(4)).toBe("1 2 3 -");
  });

  it("waits for room in the command queue without giving way to reads", () => {
    const bench = new Bench({ bufferEntries: 2, queueEntries: 1 });
    bench.write(1, 7);
    bench.write(2, 7);
    bench.read(3, 0);

    expect(bench.move(3)).toBe("1 - -");
    bench.serve(7);
    expect(bench.move(2)).toBe("2 3");
  });
});

describe("a write of an address that is being read", () => {
  /** The read of address 0 is in its command queue, a full buffer starts with the write of address 0. */
  function held(writeAfterRead: "serve-reads" | "hold"): Bench {
    const bench = new Bench({ bufferEntries: 2, writeAfterRead });
    bench.read(0, 0, 0);
    bench.move(1);
    bench.write(1, 0, 0);
    bench.write(2, 2);
    bench.read(3, 3);
    return bench;
  }

  it("ends the drain until the read is served; reads go on meanwhile", () => {
    const bench = held("serve-reads");

    expect(bench.move(2)).toBe("3 -");
    bench.serve(0);
    expect(bench.move(2)).toBe("1 2");
  });

  it("holds reads back too where the peer's habit is asked for", () => {
    const bench = held("hold");

    expect(bench.move(2)).toBe("- -");
    bench.serve(0);
    expect(bench.move(3)).toBe("1 2 3");
  });
});

describe("one queue for both", () => {
  it("moves reads and writes in the order of arrival", () => {
    const bench = new Bench({ unifiedQueue: true });
    bench.write(0, 0);
    bench.read(1, 1);
    bench.write(2, 2);

    expect(bench.move(4)).toBe("0 1 2 -");
  });
});
