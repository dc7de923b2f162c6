/**
 * Command queues of a channel: requests that have been given to a bank (or rank) and wait for their commands, oldest first.
 * Columns of typed arrays; a queue remembers the first cycle in which anything in it could be legal, and is passed over
 * until then. Adding an entry or changing the state of a bank it holds forgets that cycle.
 */
import type { BankStates } from "./bank-states.js";
import type { BankTiming } from "./bank-timing.js";
import { ACT, PRE, RD, RDA, REF, SRX, WR, WRA } from "./commands.js";
import type { ControllerParameters } from "./controller-parameters.js";

const NEVER = Number.POSITIVE_INFINITY;

export class CommandQueues {
  readonly queueCount: number;
  readonly capacity: number;
  readonly length: Int32Array;
  /** Entry `index` of queue `queue` is at `queue * capacity + index`. */
  readonly address: Float64Array;
  readonly bank: Int32Array;
  readonly row: Int32Array;
  readonly column: Int32Array;
  readonly isWrite: Uint8Array;
  readonly addedCycle: Float64Array;
  /** No entry of a queue is legal before this cycle; 0 when that is not known, Infinity when it is empty or blocked by itself. */
  readonly readyAt: Float64Array;
  private readonly queueOfBank: Int32Array;
  private readonly parameters: ControllerParameters;
  private readonly states: BankStates;
  private readonly timing: BankTiming;
  private total = 0;
  /** What the last successful search found. */
  foundCommand = ACT;
  foundIndex = 0;

  constructor(parameters: ControllerParameters, states: BankStates, timing: BankTiming) {
    const { banks, ranks, banksPerRank } = states;
    this.parameters = parameters;
    this.states = states;
    this.timing = timing;
    this.queueCount = parameters.queueStructure === "per-bank" ? banks : ranks;
    this.capacity = parameters.commandQueueEntries;
    const slots = this.queueCount * this.capacity;
    this.length = new Int32Array(this.queueCount);
    this.address = new Float64Array(slots);
    this.bank = new Int32Array(slots);
    this.row = new Int32Array(slots);
    this.column = new Int32Array(slots);
    this.isWrite = new Uint8Array(slots);
    this.addedCycle = new Float64Array(slots);
    this.readyAt = new Float64Array(this.queueCount).fill(NEVER);
    this.queueOfBank = Int32Array.from({ length: banks }, (_, bank) =>
      parameters.queueStructure === "per-bank" ? bank : Math.floor(bank / banksPerRank),
    );
  }

  get isEmpty(): boolean {
    return this.total === 0;
  }

  queueOf(bank: number): number {
    return this.queueOfBank[bank]!;
  }

  hasRoom(bank: number): boolean {
    return this.length[this.queueOfBank[bank]!]! < this.capacity;
  }

  add(bank: number, row: number, column: number, isWrite: boolean, address: number, addedCycle: number): void {
    const queue = this.queueOfBank[bank]!;
    const slot = queue * this.capacity + this.length[queue]!;
    this.bank[slot] = bank;
    this.row[slot] = row;
    this.column[slot] = column;
    this.isWrite[slot] = isWrite ? 1 : 0;
    this.address[slot] = address;
    this.addedCycle[slot] = addedCycle;
    this.length[queue]!++;
    this.total++;
    this.readyAt[queue] = 0;
  }

  /** Takes an entry out; those behind it move up. */
  remove(queue: number, index: number): void {
    const last = this.length[queue]! - 1;
    const base = queue * this.capacity;
    for (let slot = base + index; slot < base + last; slot++) {
      this.bank[slot] = this.bank[slot + 1]!;
      this.row[slot] = this.row[slot + 1]!;
      this.column[slot] = this.column[slot + 1]!;
      this.isWrite[slot] = this.isWrite[slot + 1]!;
      this.address[slot] = this.address[slot + 1]!;
      this.addedCycle[slot] = this.addedCycle[slot + 1]!;
    }
    this.length[queue] = last;
    this.total--;
    this.readyAt[queue] = last === 0 ? NEVER : 0;
  }

  /** The state of a bank changed: what its queue waits for is no longer known. */
  forget(bank: number): void {
    const queue = this.queueOfBank[bank]!;
    if (this.length[queue]! > 0) this.readyAt[queue] = 0;
  }

  /**
   * Looks for the first entry of a queue whose needed command is legal now, oldest first; sets `foundCommand` and
   * `foundIndex`. Without one, remembers when the next search may succeed.
   */
  search(queue: number, now: number): boolean {
    const base = queue * this.capacity;
    let next = NEVER;
    for (let index = 0; index < this.length[queue]!; index++) {
      const slot = base + index;
      const bank = this.bank[slot]!;
      const command = this.neededCommand(slot, bank);
      const earliest = this.timing.earliest(command, bank);
      if (earliest >= next || !this.isAllowed(command, queue, index)) continue;
      if (earliest <= now) {
        this.foundCommand = command;
        this.foundIndex = index;
        return true;
      }
      next = earliest;
    }
    this.readyAt[queue] = next;
    return false;
  }

  private neededCommand(slot: number, bank: number): number {
    const open = this.states.openRow[bank]!;
    if (open === this.row[slot]) {
      const close = this.parameters.rowPolicy === "close";
      return this.isWrite[slot] === 1 ? (close ? WRA : WR) : close ? RDA : RD;
    }
    if (open >= 0) return PRE;
    return this.states.sleeping[this.states.rankOf(bank)] === 1 ? SRX : ACT;
  }

  /** Rules of fairness and order within a queue. */
  private isAllowed(command: number, queue: number, index: number): boolean {
    if (command === PRE) return this.mayPrecharge(queue, index);
    return command !== WR && command !== WRA ? true : !this.hasOlderReadOfSamePlace(queue, index);
  }

  /** No older entry wants the bank, and nobody would still hit the open row, or it has been hit often enough. */
  private mayPrecharge(queue: number, index: number): boolean {
    const base = queue * this.capacity;
    const bank = this.bank[base + index]!;
    for (let older = 0; older < index; older++) if (this.bank[base + older] === bank) return false;
    if (this.states.columnAccesses[bank]! >= this.parameters.rowHitCap) return true;
    const open = this.states.openRow[bank]!;
    for (let later = index; later < this.length[queue]!; later++) {
      if (this.bank[base + later] === bank && this.row[base + later] === open) return false;
    }
    return true;
  }

  private hasOlderReadOfSamePlace(queue: number, index: number): boolean {
    const base = queue * this.capacity;
    const slot = base + index;
    const place = this.bank[slot]! % this.states.banksPerRank;
    for (let older = base; older < slot; older++) {
      if (
        this.isWrite[older] === 0 &&
        this.row[older] === this.row[slot] &&
        this.column[older] === this.column[slot] &&
        this.bank[older]! % this.states.banksPerRank === place
      ) {
        return true;
      }
    }
    return false;
  }

  /** True for commands that use a column. */
  static isColumn(command: number): boolean {
    return command >= RD && command < REF;
  }
}
