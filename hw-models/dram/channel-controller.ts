/**
 * The controller of one channel: transaction queues, command queues, refresh, one command a cycle (two on HBM). `step` does
 * what happens in one cycle, in this order: refresh timer; choose and issue a command; move one transaction to a command
 * queue. `next` says when something can happen next; cycles in between change nothing and are skipped.
 * Left out: age-based priority, command-bus conflicts beyond one command a cycle. Source: the controller of DRAMsim3, its
 * habits as parameters.
 */
import { ModelError } from "../../sim/core/errors.js";
import { BankNeeds } from "./bank-needs.js";
import { BankQueues } from "./bank-queues.js";
import { BankStates } from "./bank-states.js";
import { BankTiming } from "./bank-timing.js";
import { CommandIssuer } from "./command-issuer.js";
import { isColumnCommand } from "./commands.js";
import type { ControllerParameters } from "./controller-parameters.js";
import type { DramDevice } from "./device.js";
import { type DramStatistics, emptyDramStatistics } from "./dram-statistics.js";
import { issuableCommands } from "./issuable-commands.js";
import { LowPower } from "./low-power.js";
import { createRefreshPolicy } from "./refresh-policy.js";
import { RefreshQueue } from "./refresh-queue.js";
import { RequestEnds } from "./request-ends.js";
import { NONE as NO_REQUEST, REQUEST, RequestPool } from "./request-pool.js";
import { createRowPolicy } from "./row-policy.js";
import { createScheduler, type Scheduler } from "./scheduler.js";
import { takeCommandCounts, takeRankCycles } from "./settled-counters.js";
import { sleepAfterIdle } from "./sleep-policy.js";
import { TransactionMover } from "./transaction-mover.js";
import { TransactionQueue } from "./transaction-queue.js";
import { drainAboveLowWater, type WriteDrain } from "./write-drain.js";

// Local constants are folded into compiled code; imported ones are loaded at each use.
const NONE = NO_REQUEST;
const NO_TAG = -1;
const { bank: REQUEST_BANK, row: ROW, isWrite: IS_WRITE, tag: TAG } = REQUEST;

/** Refresh intervals without a column command after which waiting requests are taken for stuck. */
const PATIENCE_INTERVALS = 1000;

/** Where commands are reported as they issue. */
export interface CommandSink {
  /** @param row, column -1 where the command has none; @param tag of the request that it serves, -1 without */
  command(cycle: number, command: number, bank: number, row: number, column: number, tag: number): void;
}

/** Where the ends of requests are reported, as soon as they are known. */
export interface CompletionSink {
  /**
   * A read has its data, or a write is in the device, at a cycle.
   * @param tag of its offer
   * @param moved false when the data did not cross the bus: forwarded, merged, or those of a read beside it
   */
  completed(tag: number, cycle: number, moved: boolean): void;
}

export interface ChannelOptions {
  readonly commands?: CommandSink | undefined;
  readonly completions?: CompletionSink | undefined;
  /** Skip cycles in which nothing can happen; without, every cycle is stepped, with the same result. @default true */
  readonly skipIdle?: boolean;
}

export class ChannelController {
  readonly statistics: DramStatistics = emptyDramStatistics();
  /** First cycle in which anything can happen that has not happened yet; an offer may bring it forward. */
  next = 0;
  private readonly isUnified: boolean;
  private readonly isDual: boolean;
  private readonly states: BankStates;
  private readonly pool: RequestPool;
  private readonly requests: Int32Array;
  private readonly needs: BankNeeds;
  private readonly queues: BankQueues;
  private readonly scheduler: Scheduler;
  private readonly reads: TransactionQueue;
  private readonly writes: TransactionQueue;
  private readonly writeDrain: WriteDrain;
  private readonly mover: TransactionMover;
  private readonly ends: RequestEnds;
  private readonly refreshes: RefreshQueue;
  private readonly lowPower: LowPower;
  private readonly issuer: CommandIssuer;
  private readonly skipIdle: boolean;
  private readonly patienceCycles: number;
  private lastCycle = -1;
  /** A command issued in that cycle. */
  private hasIssued = false;
  private lastColumnCycle = 0;
  /** Requests can issue and move from this cycle on. */
  private heldUntil = 0;

  constructor(device: DramDevice, parameters: ControllerParameters, options: ChannelOptions = {}) {
    const { timings, organization } = device;
    const { commandQueueEntries, transactionQueueEntries } = parameters;
    const queuePerBank = parameters.queueStructure === "per-bank";
    this.isUnified = parameters.unifiedQueue;
    this.isDual = parameters.dualCommand;
    this.skipIdle = options.skipIdle ?? true;
    this.patienceCycles = PATIENCE_INTERVALS * timings.nREFI;
    this.states = new BankStates(organization, queuePerBank);
    const timing = new BankTiming(device, issuableCommands(parameters));
    const queueCount = queuePerBank ? this.states.banks : this.states.ranks;
    const capacity = 2 * transactionQueueEntries + commandQueueEntries * queueCount;
    this.pool = new RequestPool(capacity, organization.requestBytes);
    this.requests = this.pool.words;
    this.needs = new BankNeeds(this.pool, this.states, timing, createRowPolicy(parameters));
    this.queues = new BankQueues(commandQueueEntries, this.pool, this.states, this.needs);
    this.issuer = new CommandIssuer(this.pool, this.states, timing, this.queues, this.statistics, options.commands);
    this.scheduler = createScheduler(parameters, this.needs, this.states);
    this.reads = new TransactionQueue(transactionQueueEntries, this.pool, this.states, this.queues);
    this.writes = new TransactionQueue(transactionQueueEntries, this.pool, this.states, this.queues);
    this.writeDrain = drainAboveLowWater(parameters.drainLowWater);
    this.mover = new TransactionMover(parameters, this.writeDrain, this.pool, this.reads, this.writes, this.queues);
    this.ends = new RequestEnds(timings, this.pool, this.statistics, options.completions);
    this.refreshes = new RefreshQueue(timings.nREFI, createRefreshPolicy(parameters), this.states, timing);
    this.lowPower = new LowPower(sleepAfterIdle(parameters), this.states, timing, this.queues, this.refreshes);
    this.next = this.findNextCycle();
  }

  /** Writes that wait in the buffer. */
  get writesWaiting(): number {
    return this.writes.length;
  }

  /** Nothing left to do but writes that need not leave the buffer. */
  get isQuiet(): boolean {
    return (
      this.queues.total === 0 &&
      this.reads.length === 0 &&
      !this.mover.isDraining &&
      this.writeDrain.mayStay(this.writes.length)
    );
  }

  /**
   * Offers a request.
   * @param addedCycle the controller's cycle from which it counts
   * @param tag what completions call it by
   * @returns false when there is no room for it
   */
  offer(
    bank: number,
    row: number,
    column: number,
    isWrite: boolean,
    address: number,
    addedCycle: number,
    tag: number,
  ): boolean {
    const queue = this.queueFor(isWrite);
    if (queue.isFull) return false;
    if (this.queues.total === 0 && this.reads.length === 0) this.lastColumnCycle = addedCycle;
    const waiting = this.pool.find(address);
    if (isWrite) this.ends.writeAccepted(addedCycle);
    // A later write of the address replaces the data of the first; a read of it gets them.
    if (waiting !== NONE && this.requests[waiting + IS_WRITE] === 1) {
      if (isWrite) this.ends.writeMerged(tag, addedCycle);
      else this.ends.readForwarded(tag, addedCycle);
      return true;
    }
    if (!isWrite && waiting !== NONE) {
      this.pool.merge(waiting, addedCycle, tag);
      return true;
    }
    const request = this.pool.take(bank, row, column, isWrite, address, addedCycle, tag);
    if (!isWrite && this.isIdle) {
      this.moveAtOnce(request, addedCycle);
      return true;
    }
    queue.add(request);
    if (this.next > addedCycle && this.mover.mayMove) this.next = addedCycle;
    return true;
  }

  /** Nothing waits anywhere, and no rank thinks of sleeping. */
  private get isIdle(): boolean {
    return this.queues.total === 0 && this.reads.length === 0 && this.writes.length === 0 && !this.lowPower.isUsed;
  }

  /**
   * A read that comes to an idle channel would move to its command queue in the next cycle, in which no other request could
   * do anything: it moves now, and requests are held until that cycle is over.
   */
  private moveAtOnce(request: number, addedCycle: number): void {
    this.mover.enqueue(request);
    this.heldUntil = addedCycle + 1;
    this.next = this.findNextCycle();
  }

  /** True when a read, or a write, would be accepted. */
  hasRoom(isWrite: boolean): boolean {
    return !this.queueFor(isWrite).isFull;
  }

  private queueFor(isWrite: boolean): TransactionQueue {
    return isWrite && !this.isUnified ? this.writes : this.reads;
  }

  /**
   * Goes on until there is room for a read, or a write, or until an end is reached.
   * @returns the cycle in which there was, or the end
   */
  runUntilRoom(isWrite: boolean, end: number): number {
    const queue = this.queueFor(isWrite);
    while (queue.isFull && this.next < end) this.step(this.next);
    return queue.isFull ? end : this.lastCycle;
  }

  /** Does everything that happens up to and in a cycle. */
  runThrough(cycle: number): void {
    while (this.next <= cycle) this.step(this.next);
  }

  /** Goes on until there is nothing left to do. @returns the last cycle in which there was, 0 without */
  runUntilQuiet(): number {
    while (!this.isQuiet) this.step(this.next);
    return Math.max(0, this.lastCycle);
  }

  /** Does what happens in one cycle; later than every cycle before. */
  private step(now: number): void {
    this.lastCycle = now;
    this.refreshes.request(now);
    const issued = this.issueCommand(now);
    if (!issued && this.lowPower.isUsed && this.lowPower.find(now))
      this.issuer.issue(this.lowPower.command, this.lowPower.bank, -1, now, NO_TAG);
    if (now >= this.heldUntil) this.mover.move();
    // With many banks waiting, looking whether one is ready is dearer than trying, and trying once more.
    const isWorthTrying = (issued || this.hasIssued) && this.needs.isCrowded;
    this.hasIssued = issued;
    this.next = isWorthTrying ? now + 1 : this.findNextCycle();
    if (now - this.lastColumnCycle > this.patienceCycles && !this.isQuiet) {
      throw new ModelError("dram.channel", `no request was served for ${this.patienceCycles} cycles`, now);
    }
  }

  private findNextCycle(): number {
    const now = this.lastCycle;
    if (this.mover.mayMove || !this.skipIdle) return now + 1;
    const { needs, refreshes, lowPower } = this;
    const next = Math.min(Math.max(needs.nextCycle(now, refreshes.oldest), this.heldUntil), refreshes.nextCycle(now));
    return Math.max(lowPower.isUsed ? Math.min(next, lowPower.nextCycle()) : next, now + 1);
  }

  /** Accounts for the cycles up to, not including, `cycle`: the statistics are then those of that moment. */
  settle(cycle: number): void {
    takeRankCycles(this.statistics, this.states.clock, cycle);
    takeCommandCounts(this.statistics, this.issuer.counts);
    this.statistics.onDemandPrecharges = this.scheduler.precharges;
  }

  private issueCommand(now: number): boolean {
    const { scheduler, refreshes } = this;
    if (refreshes.isWaiting && refreshes.find(now)) {
      this.issuer.issue(refreshes.command, refreshes.bank, -1, now, NO_TAG);
      refreshes.issued();
      return true;
    }
    if (this.queues.total === 0 || now < this.heldUntil || !scheduler.find(now, refreshes.oldest)) return false;
    const first = scheduler.command;
    this.issueFound(now);
    if (this.isDual && scheduler.find(now, refreshes.oldest)) {
      if (isColumnCommand(first) !== isColumnCommand(scheduler.command)) {
        this.issueFound(now);
        this.statistics.dualCommandCycles++;
      }
    }
    return true;
  }

  /** Issues what the scheduler found. */
  private issueFound(now: number): void {
    const { requests, issuer } = this;
    const { request, command } = this.scheduler;
    const bank = requests[request + REQUEST_BANK]!;
    this.lowPower.used(bank, now);
    if (isColumnCommand(command)) this.serve(request, command, bank, now);
    else issuer.issue(command, bank, requests[request + ROW]!, now, requests[request + TAG]!);
  }

  /** Issues the column command of a request, with which it ends. */
  private serve(request: number, command: number, bank: number, now: number): void {
    const queue = this.reads.queueOf(request);
    const wasFull = !this.queues.hasRoom(queue);
    const isRead = this.issuer.issueColumn(request, command, bank, now);
    if (wasFull) this.mover.queueOpened(queue);
    this.lastColumnCycle = now;
    if (isRead) this.ends.readIssued(request, now);
    else this.ends.writeIssued(request, now);
    this.pool.release(request);
  }
}
