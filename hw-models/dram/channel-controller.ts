/**
 * The controller of one channel: transaction queues, command queues, refresh, one command a cycle (two on HBM). `step` does
 * what happens in one cycle, in this order: refresh timer; choose and issue a command; move one transaction to a command
 * queue. `next` says when something can happen next; cycles in between change nothing and are skipped.
 * Left out: age-based priority, command-bus conflicts beyond one command a cycle. Source: the controller of DRAMsim3, its
 * habits as parameters.
 */
import { ModelError } from "../../sim/core/errors.js";
import { BankQueues } from "./bank-queues.js";
import { BANK, BANK_WORDS_LOG2, BankStates } from "./bank-states.js";
import { BankTiming } from "./bank-timing.js";
import { COMMAND_COUNT, type Command, commandCode, isColumnCommand } from "./commands.js";
import type { ControllerParameters } from "./controller-parameters.js";
import type { DramDevice } from "./device.js";
import { countRead, type DramStatistics, emptyDramStatistics } from "./dram-statistics.js";
import { LowPower } from "./low-power.js";
import {
  ACTIVE_POWER_DOWN,
  ACTIVE_STANDBY,
  PRECHARGE_POWER_DOWN,
  PRECHARGE_STANDBY,
  SELF_REFRESH,
} from "./rank-clock.js";
import { RefreshQueue } from "./refresh-queue.js";
import { NONE as NO_REQUEST, REQUEST, RequestPool } from "./request-pool.js";
import { closePage, openPage } from "./row-policy.js";
import { createScheduler, type Scheduler } from "./scheduler.js";
import { TransactionMover } from "./transaction-mover.js";
import { TransactionQueue } from "./transaction-queue.js";

// Local constants are folded into compiled code; imported ones are loaded at each use.
const [ACT, PRE, RD, RDA, WR, WRA] = [
  commandCode("ACT"),
  commandCode("PRE"),
  commandCode("RD"),
  commandCode("RDA"),
  commandCode("WR"),
  commandCode("WRA"),
];
const NONE = NO_REQUEST;
const NO_TAG = -1;
const { bank: REQUEST_BANK, row: ROW, column: COLUMN, isWrite: IS_WRITE, tag: TAG } = REQUEST;
const { accesses: ACCESSES, queue: QUEUE } = BANK;
const SHIFT = BANK_WORDS_LOG2;

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
  private readonly parameters: ControllerParameters;
  private readonly states: BankStates;
  private readonly timing: BankTiming;
  private readonly pool: RequestPool;
  private readonly requests: Int32Array;
  private readonly queues: BankQueues;
  private readonly scheduler: Scheduler;
  private readonly reads: TransactionQueue;
  private readonly writes: TransactionQueue;
  private readonly commands: CommandSink | undefined;
  private readonly completions: CompletionSink | undefined;
  private readonly readLatency: number;
  private readonly writeLatency: number;
  private readonly refreshes: RefreshQueue;
  private readonly lowPower: LowPower;
  private readonly mover: TransactionMover;
  private readonly skipIdle: boolean;
  private readonly patienceCycles: number;
  /** Commands issued, by kind. */
  private readonly commandCounts = new Float64Array(COMMAND_COUNT);
  private lastCycle = -1;
  private lastColumnCycle = 0;
  /** Requests can issue and move from this cycle on. */
  private heldUntil = 0;

  constructor(device: DramDevice, parameters: ControllerParameters, options: ChannelOptions = {}) {
    const { timings, organization } = device;
    const rows = parameters.rowPolicy === "close" ? closePage(parameters.rowHitCap) : openPage(parameters.rowHitCap);
    this.parameters = parameters;
    this.commands = options.commands;
    this.completions = options.completions;
    this.skipIdle = options.skipIdle ?? true;
    const queuePerBank = parameters.queueStructure === "per-bank";
    this.states = new BankStates(organization, queuePerBank);
    this.timing = new BankTiming(device, issuableCommands(parameters));
    const { banks, ranks } = this.states;
    const commandEntries = parameters.commandQueueEntries * (queuePerBank ? banks : ranks);
    const capacity = 2 * parameters.transactionQueueEntries + commandEntries;
    this.pool = new RequestPool(capacity, organization.requestBytes);
    this.requests = this.pool.words;
    this.queues = new BankQueues(parameters.commandQueueEntries, this.pool, this.states, this.timing, rows);
    this.scheduler = createScheduler(parameters, this.queues, this.states);
    this.reads = new TransactionQueue(parameters.transactionQueueEntries, this.pool, this.states, this.queues);
    this.writes = new TransactionQueue(parameters.transactionQueueEntries, this.pool, this.states, this.queues);
    this.readLatency = timings.nAL + timings.nCL + timings.nBL;
    this.writeLatency = timings.nAL + timings.nCWL + timings.nBL;
    this.refreshes = new RefreshQueue(timings.nREFI, parameters, this.states, this.timing);
    this.lowPower = new LowPower(parameters, this.states, this.timing, this.queues, this.refreshes);
    this.mover = new TransactionMover(parameters, this.pool, this.reads, this.writes, this.queues);
    this.patienceCycles = PATIENCE_INTERVALS * timings.nREFI;
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
      this.writes.length <= this.parameters.drainLowWater
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
    const queue = isWrite && !this.parameters.unifiedQueue ? this.writes : this.reads;
    if (queue.isFull) return false;
    if (this.queues.total === 0 && this.reads.length === 0) this.lastColumnCycle = addedCycle;
    const waiting = this.pool.find(address);
    const isOfWrite = waiting !== NONE && this.requests[waiting + IS_WRITE] === 1;
    if (isWrite) {
      this.statistics.writesDone++;
      if (addedCycle >= this.statistics.lastCompletionCycle) this.statistics.lastCompletionCycle = addedCycle + 1;
    } else if (isOfWrite) countRead(this.statistics, 1, addedCycle + 1);
    // A later write of the address replaces the data of the first; a read of it gets them.
    if (isOfWrite) {
      this.completions?.completed(tag, addedCycle + 1, false);
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
    if (!issued && this.lowPower.find(now)) this.issue(this.lowPower.command, this.lowPower.bank, -1, now, NO_TAG);
    if (now >= this.heldUntil) this.mover.move();
    // With many banks waiting, looking whether one is ready is dearer than trying.
    this.next = issued && this.queues.isCrowded ? now + 1 : this.findNextCycle();
    if (now - this.lastColumnCycle > this.patienceCycles && !this.isQuiet) {
      throw new ModelError("dram.channel", `no request was served for ${this.patienceCycles} cycles`, now);
    }
  }

  private findNextCycle(): number {
    const now = this.lastCycle;
    const { queues, refreshes } = this;
    if (this.mover.mayMove || !this.skipIdle) return now + 1;
    const next = Math.min(
      Math.max(queues.nextCycle(now, refreshes.oldest), this.heldUntil),
      refreshes.nextCycle(),
      this.lowPower.nextCycle(),
    );
    return Math.max(next, now + 1);
  }

  /** Accounts for the cycles up to, not including, `cycle`: the statistics are then those of that moment. */
  settle(cycle: number): void {
    const { statistics, states } = this;
    const { clock } = states;
    clock.settleAll(cycle);
    statistics.rankActiveCycles = clock.cyclesIn(ACTIVE_STANDBY);
    statistics.rankIdleCycles = clock.cyclesIn(PRECHARGE_STANDBY);
    statistics.rankActivePowerDownCycles = clock.cyclesIn(ACTIVE_POWER_DOWN);
    statistics.rankPrechargePowerDownCycles = clock.cyclesIn(PRECHARGE_POWER_DOWN);
    statistics.rankSelfRefreshCycles = clock.cyclesIn(SELF_REFRESH);
    statistics.onDemandPrecharges = this.scheduler.precharges;
    const { commandCounts } = this;
    statistics.activates = commandCounts[ACT]!;
    statistics.precharges = commandCounts[PRE]!;
    statistics.readCommands = commandCounts[RD]! + commandCounts[RDA]!;
    statistics.writeCommands = commandCounts[WR]! + commandCounts[WRA]!;
    statistics.refreshes = commandCounts[commandCode("REF")]!;
    statistics.bankRefreshes = commandCounts[commandCode("REFpb")]!;
    statistics.selfRefreshEntries = commandCounts[commandCode("SRE")]!;
    statistics.selfRefreshExits = commandCounts[commandCode("SRX")]!;
    statistics.powerDownEntries = commandCounts[commandCode("PDE")]!;
    statistics.powerDownExits = commandCounts[commandCode("PDX")]!;
  }

  private issueCommand(now: number): boolean {
    if (this.refreshes.isWaiting && this.issueForRefresh(now)) return true;
    const { scheduler, refreshes } = this;
    if (this.queues.total === 0 || now < this.heldUntil || !scheduler.find(now, refreshes.oldest)) return false;
    const first = scheduler.command;
    this.issueFound(now);
    if (this.parameters.dualCommand && scheduler.find(now, refreshes.oldest)) {
      if (isColumnCommand(first) !== isColumnCommand(scheduler.command)) {
        this.issueFound(now);
        this.statistics.dualCommandCycles++;
      }
    }
    return true;
  }

  /** Makes progress on the oldest refresh: wakes its rank, closes a bank, or refreshes when all are closed. */
  private issueForRefresh(now: number): boolean {
    const { states, timing, refreshes } = this;
    const { first, end } = refreshes.oldest;
    const rank = states.rankOf(first);
    if (states.isAsleep(rank)) {
      const wake = states.wakeCommand(rank);
      if (timing.earliest(wake, first) > now) return false;
      this.issue(wake, first, -1, now, NO_TAG);
      return true;
    }
    let ready = 0;
    for (let bank = first; bank < end; bank++) {
      if (states.isOpen(bank)) {
        if (timing.earliest(PRE, bank) > now) continue;
        this.issue(PRE, bank, -1, now, NO_TAG);
        return true;
      }
      if (timing.earliest(refreshes.command, bank) <= now) ready++;
    }
    if (ready < end - first) return false;
    this.issue(refreshes.command, first, -1, now, NO_TAG);
    refreshes.done();
    return true;
  }

  private issueFound(now: number): void {
    const { requests } = this;
    const { request, command } = this.scheduler;
    const bank = requests[request + REQUEST_BANK]!;
    this.lowPower.used(bank, now);
    if (isColumnCommand(command)) this.serve(request, bank, command, now);
    else this.issue(command, bank, requests[request + ROW]!, now, requests[request + TAG]!);
  }

  /** Issues the column command of a request and takes the request out. */
  private serve(request: number, bank: number, command: number, now: number): void {
    const { requests, queues, states, statistics } = this;
    const at = bank << SHIFT;
    const isRead = command === RD || command === RDA;
    if (states.words[at + ACCESSES]!++ > 0) {
      if (isRead) statistics.readRowHits++;
      else statistics.writeRowHits++;
    }
    this.commandCounts[command]!++;
    this.timing.issue(command, bank, now);
    if (command === RDA || command === WRA) states.close(bank, now);
    this.commands?.command(
      now,
      command,
      bank,
      requests[request + ROW]!,
      requests[request + COLUMN]!,
      requests[request + TAG]!,
    );
    const queue = states.words[at + QUEUE]!;
    const wasFull = !queues.hasRoom(queue);
    queues.remove(request);
    if (wasFull) this.mover.queueOpened(queue);
    this.lastColumnCycle = now;
    if (isRead) this.completeReads(request, now + this.readLatency);
    else {
      statistics.writeLatencyCyclesSum += now - this.pool.addedCycle(request) + this.writeLatency;
      this.completions?.completed(requests[request + TAG]!, now + this.writeLatency, true);
    }
    this.pool.release(request);
  }

  /** A read is done, and with it those that wait for the same address. */
  private completeReads(request: number, doneCycle: number): void {
    const { pool, statistics, completions } = this;
    countRead(statistics, doneCycle - pool.addedCycle(request), doneCycle);
    completions?.completed(this.requests[request + TAG]!, doneCycle, true);
    for (let node = pool.takeMergedOf(request); node !== NONE; node = pool.takeMergedOf(request)) {
      countRead(statistics, doneCycle - pool.mergedAddedCycle(node), doneCycle);
      completions?.completed(pool.mergedTagOf(node), doneCycle, false);
    }
  }

  /** Issues a command that uses no column. @param row the row that an activate opens, else -1; @param tag of its request */
  private issue(command: number, bank: number, row: number, now: number, tag: number): void {
    const { states, queues } = this;
    this.commandCounts[command]!++;
    this.timing.issue(command, bank, now);
    if (command === ACT) states.activate(bank, row, now);
    else if (command === PRE) states.close(bank, now);
    else states.applyToRank(command, states.rankOf(bank), now);
    this.commands?.command(now, command, bank, row, -1, tag);
    if (command === ACT || command === PRE) queues.renew(bank);
    else queues.renewRank(states.rankOf(bank));
  }
}

/** Commands that a controller can ever choose: rules for others need not be kept up. */
function issuableCommands(parameters: ControllerParameters): Command[] {
  const columns: Command[] = parameters.rowPolicy === "close" ? ["RDA", "WRA"] : ["RD", "WR"];
  const commands: Command[] = ["ACT", "PRE", ...columns];
  if (parameters.refresh === "all-bank") commands.push("REF");
  if (parameters.refresh === "per-bank") commands.push("REFpb");
  if (parameters.selfRefreshAfterCycles !== undefined) commands.push("SRE", "SRX");
  if (parameters.powerDownAfterCycles !== undefined) commands.push("PDE", "PDX");
  return commands;
}
