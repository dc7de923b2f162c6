/**
 * The controller of one channel: transaction queues, command queues, refresh, one command a cycle (two on HBM). `step` does
 * what happens in one cycle, in this order: refresh timer; choose and issue a command; count states; move one transaction to
 * a command queue. `nextCycle` says when something can happen next; cycles in between change nothing and are skipped.
 * Left out: per-bank refresh, power-down, temperature, age-based priority. Source: the controller of DRAMsim3, its habits
 * as parameters.
 */
import { BankStates } from "./bank-states.js";
import { BankTiming } from "./bank-timing.js";
import { CommandQueues } from "./command-queues.js";
import { ACT, PRE, RD, RDA, REF, SRE, SRX, WR, WRA } from "./commands.js";
import type { ControllerParameters } from "./controller-parameters.js";
import type { DramDevice } from "./device.js";
import { countRead, type DramStatistics, emptyDramStatistics } from "./dram-statistics.js";
import { PendingRequests } from "./pending-requests.js";
import { RankClock } from "./rank-clock.js";
import { RefreshQueue } from "./refresh-queue.js";
import { TransactionMover } from "./transaction-mover.js";
import { TransactionQueue } from "./transaction-queue.js";

const NEVER = Number.POSITIVE_INFINITY;

/** Where commands are reported as they issue. */
export interface CommandSink {
  command(cycle: number, command: number, bank: number, row: number, column: number): void;
}

export class ChannelController {
  readonly statistics: DramStatistics = emptyDramStatistics();
  private readonly parameters: ControllerParameters;
  private readonly states: BankStates;
  private readonly timing: BankTiming;
  private readonly queues: CommandQueues;
  private readonly reads: TransactionQueue;
  private readonly writes: TransactionQueue;
  private readonly pending = new PendingRequests();
  private readonly sink: CommandSink | undefined;
  private readonly readLatency: number;
  private readonly writeLatency: number;
  private readonly refreshes: RefreshQueue;
  private readonly ranks: RankClock;
  private readonly mover: TransactionMover;
  private pointer = 0;
  private lastCycle = -1;
  /** First cycle in which anything can happen; known until the next step or offer. */
  private next = 0;
  private completing = 0;
  private readonly deliver = (addedCycle: number): void => {
    countRead(this.statistics, this.completing - addedCycle, this.completing);
  };

  constructor(device: DramDevice, parameters: ControllerParameters, sink?: CommandSink) {
    const { timings, organization } = device;
    this.parameters = parameters;
    this.sink = sink;
    this.states = new BankStates(organization);
    this.timing = new BankTiming(device);
    this.queues = new CommandQueues(parameters, this.states, this.timing);
    this.reads = new TransactionQueue(parameters.transactionQueueEntries);
    this.writes = new TransactionQueue(parameters.unifiedQueue ? 0 : parameters.transactionQueueEntries);
    this.readLatency = timings.nAL + timings.nCL + timings.nBL;
    this.writeLatency = timings.nAL + timings.nCWL + timings.nBL;
    this.refreshes = new RefreshQueue(timings.nREFI, this.states, this.timing);
    this.ranks = new RankClock(this.states, this.statistics);
    this.mover = new TransactionMover(parameters, this.reads, this.writes, this.queues, this.pending);
  }

  /** Writes that wait in the buffer. */
  get writesWaiting(): number {
    return this.parameters.unifiedQueue ? 0 : this.writes.length;
  }

  /** Nothing left to do but writes that need not leave the buffer. */
  get isQuiet(): boolean {
    return (
      this.queues.isEmpty &&
      this.reads.length === 0 &&
      !this.mover.isDraining &&
      this.writes.length <= this.parameters.drainLowWater
    );
  }

  /**
   * Offers a request.
   * @param addedCycle the controller's cycle from which it counts
   * @returns false when there is no room for it
   */
  offer(bank: number, row: number, column: number, isWrite: boolean, address: number, addedCycle: number): boolean {
    const queue = isWrite && !this.parameters.unifiedQueue ? this.writes : this.reads;
    if (queue.isFull) return false;
    if (isWrite) this.acceptWrite(queue, bank, row, column, address, addedCycle);
    else this.acceptRead(bank, row, column, address, addedCycle);
    this.mover.mayMove = true;
    this.next = this.lastCycle + 1;
    return true;
  }

  private acceptWrite(
    queue: TransactionQueue,
    bank: number,
    row: number,
    column: number,
    address: number,
    addedCycle: number,
  ): void {
    const { statistics, pending } = this;
    statistics.writesDone++;
    statistics.lastCompletionCycle = Math.max(statistics.lastCompletionCycle, addedCycle + 1);
    if (pending.hasWrite(address)) return;
    pending.addWrite(address);
    queue.add(bank, row, column, true, address, addedCycle);
  }

  private acceptRead(bank: number, row: number, column: number, address: number, addedCycle: number): void {
    const { statistics, pending } = this;
    if (pending.hasWrite(address)) {
      countRead(statistics, 1, addedCycle + 1);
      return;
    }
    const isFirst = !pending.hasRead(address);
    pending.addRead(address, addedCycle);
    if (isFirst) this.reads.add(bank, row, column, false, address, addedCycle);
  }

  /** Does what happens in one cycle; later than every cycle before. */
  step(now: number): void {
    this.ranks.count(now - this.lastCycle - 1);
    this.lastCycle = now;
    this.refreshes.request(now);
    const issued = this.issueCommand(now);
    this.ranks.count(1);
    if (!issued) this.considerSleep(now);
    this.mover.move();
    this.next = this.findNextCycle();
  }

  /** First cycle after the last step in which anything can happen. */
  nextCycle(): number {
    return this.next;
  }

  private findNextCycle(): number {
    const soonest = this.lastCycle + 1;
    if (this.mover.mayMove) return soonest;
    let next = Math.min(this.refreshes.nextCycle(), this.sleepCycle());
    const { queueCount, readyAt } = this.queues;
    for (let queue = 0; queue < queueCount; queue++) {
      if (readyAt[queue]! >= next || this.isFrozen(queue)) continue;
      if (readyAt[queue]! <= this.lastCycle && this.queues.search(queue, this.lastCycle)) return soonest;
      next = Math.min(next, readyAt[queue]!);
    }
    return Math.max(soonest, next);
  }

  /** Accounts for the cycles up to, not including, `cycle` at the end of a run. */
  finish(cycle: number): void {
    this.ranks.count(cycle - this.lastCycle - 1);
    this.lastCycle = cycle - 1;
  }

  private issueCommand(now: number): boolean {
    if (this.refreshes.rank >= 0 && this.issueForRefresh(this.refreshes.rank, now)) return true;
    if (!this.findCommand(now)) return false;
    const first = this.queues.foundCommand;
    this.issueFound(now);
    if (this.parameters.dualCommand && this.findCommand(now)) {
      if (CommandQueues.isColumn(first) !== CommandQueues.isColumn(this.queues.foundCommand)) {
        this.issueFound(now);
        this.statistics.dualCommandCycles++;
      }
    }
    return true;
  }

  /** Makes progress on the oldest refresh: closes a bank of its rank, or refreshes when all are closed. */
  private issueForRefresh(rank: number, now: number): boolean {
    const first = rank * this.states.banksPerRank;
    const end = first + this.states.banksPerRank;
    let ready = 0;
    for (let bank = first; bank < end; bank++) {
      if (this.states.openRow[bank]! >= 0) {
        if (this.timing.earliest(PRE, bank) > now) continue;
        this.issue(PRE, bank, -1, -1, now);
        return true;
      }
      if (this.timing.earliest(REF, bank) <= now) ready++;
    }
    if (ready < this.states.banksPerRank) return false;
    this.issue(REF, first, -1, -1, now);
    this.refreshes.done();
    return true;
  }

  private isFrozen(queue: number): boolean {
    const { rank } = this.refreshes;
    if (rank < 0) return false;
    if (this.parameters.queueStructure === "per-rank") return queue === rank;
    return Math.floor(queue / this.states.banksPerRank) === rank;
  }

  /** Visits the command queues round robin, starting behind the one that issued last. */
  private findCommand(now: number): boolean {
    const { queueCount, readyAt } = this.queues;
    let queue = this.pointer;
    for (let visited = 0; visited < queueCount; visited++) {
      queue++;
      if (queue === queueCount) queue = 0;
      if (readyAt[queue]! > now || this.isFrozen(queue) || !this.queues.search(queue, now)) continue;
      this.pointer = queue;
      if (this.queues.foundCommand === PRE) this.statistics.onDemandPrecharges++;
      return true;
    }
    return false;
  }

  private issueFound(now: number): void {
    const { queues, pointer } = this;
    const command = queues.foundCommand;
    const index = queues.foundIndex;
    const slot = pointer * queues.capacity + index;
    const bank = queues.bank[slot]!;
    const address = queues.address[slot]!;
    const addedCycle = queues.addedCycle[slot]!;
    this.issue(command, bank, queues.row[slot]!, queues.column[slot]!, now);
    if (!CommandQueues.isColumn(command)) return;
    queues.remove(pointer, index);
    if (command === RD || command === RDA) {
      this.completing = now + this.readLatency;
      this.pending.takeReads(address, this.deliver);
    } else {
      this.pending.removeWrite(address);
      this.statistics.writeLatencyCyclesSum += now - addedCycle + this.writeLatency;
    }
  }

  private issue(command: number, bank: number, row: number, column: number, now: number): void {
    const { statistics, states } = this;
    const hit = states.columnAccesses[bank]! > 0;
    switch (command) {
      case ACT:
        statistics.activates++;
        break;
      case PRE:
        statistics.precharges++;
        break;
      case RD:
      case RDA:
        statistics.readCommands++;
        if (hit) statistics.readRowHits++;
        break;
      case WR:
      case WRA:
        statistics.writeCommands++;
        if (hit) statistics.writeRowHits++;
        break;
      case REF:
        statistics.refreshes++;
        break;
      case SRE:
        statistics.selfRefreshEntries++;
        break;
      case SRX:
        statistics.selfRefreshExits++;
        break;
    }
    states.apply(command, bank, row);
    this.timing.issue(command, bank, now);
    this.queues.forget(bank);
    this.sink?.command(now, command, bank, row, column);
  }

  /** Puts a rank to sleep that was never used and has been idle for long. */
  private considerSleep(now: number): void {
    const threshold = this.parameters.selfRefreshAfterCycles;
    if (threshold === undefined) return;
    for (let rank = 0; rank < this.states.ranks; rank++) {
      const bank = rank * this.states.banksPerRank;
      if (this.states.touched[rank] === 1 || this.states.sleeping[rank] === 1) continue;
      if (this.ranks.idleCycles[rank]! < threshold || this.timing.earliest(SRE, bank) > now) continue;
      this.issue(SRE, bank, -1, -1, now);
      return;
    }
  }

  private sleepCycle(): number {
    const threshold = this.parameters.selfRefreshAfterCycles;
    if (threshold === undefined) return NEVER;
    let next = NEVER;
    for (let rank = 0; rank < this.states.ranks; rank++) {
      if (this.states.touched[rank] === 1 || this.states.sleeping[rank] === 1) continue;
      next = Math.min(next, this.lastCycle + Math.max(1, threshold - this.ranks.idleCycles[rank]!));
    }
    return next;
  }
}
