/**
 * What each bank needs next, known without searching: an activate for its oldest request when it is closed; when a row is
 * open, the oldest read and the oldest write that hit it, and a precharge when the oldest request wants another row and the
 * row policy allows. Sets of up to 32 banks of a rank keep these needs as bits, so that a command that the rank forbids is
 * passed over for all banks at once; `readyAt`, a lower bound of the first cycle in which anything a bank needs is legal,
 * passes over single banks.
 */
import { BANK, BANK_WORDS_LOG2, BANKS_OF_SET, type BankStates } from "./bank-states.js";
import type { BankTiming } from "./bank-timing.js";
import { commandCode } from "./commands.js";
import { type FrozenBanks, frozenBits, isFrozen } from "./frozen-banks.js";
import { NONE as NO_REQUEST, REQUEST, type RequestPool } from "./request-pool.js";
import type { RowPolicy } from "./row-policy.js";

// Local constants are folded into compiled code; imported ones are loaded at each use.
const { row: ROW, order: ORDER } = REQUEST;
const { openRow: OPEN_ROW, accesses: ACCESSES, head: HEAD, rank: RANK, set: SET, bit: BIT } = BANK;
const { readHit: READ_HIT, writeHit: WRITE_HIT, readHits: READ_HITS, writeHits: WRITE_HITS } = BANK;
const SHIFT = BANK_WORDS_LOG2;
const NONE = NO_REQUEST;
const ACT = commandCode("ACT");
const PRE = commandCode("PRE");
const NEVER = Number.POSITIVE_INFINITY;
/** Banks that are worth looking at one by one. */
const FEW_BANKS = 4;

/** Words of a set's record: its banks for which a request waits, and those that need a command of a kind, one bit a bank. */
const BUSY = 0;
const ACTIVATE = 1;
const PRECHARGE = 2;
const READ = 3;
const WRITE = 4;
const SET_SHIFT = 3;

export class BankNeeds {
  readonly setCount: number;
  /** First bank of each set. */
  readonly firstOfSet: Int32Array;
  /** Command that the last `choose` chose. */
  chosenCommand = ACT;
  private readonly rankOfSet: Int32Array;
  private readonly sets: Int32Array;
  /** Banks for which a request waits, and the one that was the last to become one. */
  private busyBanks = 0;
  private lastBusied = 0;
  private readonly banks: Int32Array;
  private readonly requests: Int32Array;
  private readonly states: BankStates;
  private readonly timing: BankTiming;
  private readonly rows: RowPolicy;
  private readonly readCommand: number;
  private readonly writeCommand: number;
  /** Lower bound of the first cycle in which anything that a bank needs is legal. */
  private readonly readyAt: Float64Array;

  constructor(pool: RequestPool, states: BankStates, timing: BankTiming, rows: RowPolicy) {
    const { ranks, setsPerRank, banksPerRank } = states;
    this.requests = pool.words;
    this.banks = states.words;
    this.states = states;
    this.timing = timing;
    this.rows = rows;
    this.readCommand = rows.readCommand;
    this.writeCommand = rows.writeCommand;
    this.readyAt = new Float64Array(states.banks);
    this.setCount = ranks * setsPerRank;
    this.sets = new Int32Array(this.setCount << SET_SHIFT);
    this.rankOfSet = Int32Array.from({ length: this.setCount }, (_, set) => Math.floor(set / setsPerRank));
    this.firstOfSet = this.rankOfSet.map((rank, set) => rank * banksPerRank + (set % setsPerRank) * BANKS_OF_SET);
  }

  /** Set of a bank, and its bit there. */
  setOf(bank: number): number {
    return this.banks[(bank << SHIFT) + SET]!;
  }

  bitOf(bank: number): number {
    return this.banks[(bank << SHIFT) + BIT]!;
  }

  /** So many banks wait that something is nearly always possible. */
  get isCrowded(): boolean {
    return this.busyBanks > FEW_BANKS;
  }

  /** The only bank for which a request waits; NONE when there are others. */
  get soleBank(): number {
    if (this.busyBanks !== 1) return NONE;
    const bank = this.lastBusied;
    return this.banks[(bank << SHIFT) + HEAD] === NONE ? NONE : bank;
  }

  /** Puts a bank among those that need what it needs; after every change of its row, its oldest request, or its hits. */
  classify(bank: number): void {
    const { banks, sets } = this;
    const at = bank << SHIFT;
    const record = banks[at + SET]! << SET_SHIFT;
    const bit = banks[at + BIT]!;
    const others = ~bit;
    const oldest = banks[at + HEAD]!;
    // Places and rows are never negative: the sign tells whether there is one, without a branch that nobody could predict.
    const waits = bit & ~(oldest >> 31);
    const isOpen = ~(banks[at + OPEN_ROW]! >> 31);
    const busy = sets[record + BUSY]!;
    const nowBusy = (busy & others) | waits;
    if (nowBusy !== busy) {
      sets[record + BUSY] = nowBusy;
      this.busyBanks += waits !== 0 ? 1 : -1;
      if (waits !== 0) this.lastBusied = bank;
    }
    const closes = (waits & isOpen) !== 0 && this.mayPrecharge(at, oldest) ? bit : 0;
    sets[record + ACTIVATE] = (sets[record + ACTIVATE]! & others) | (waits & ~isOpen);
    sets[record + PRECHARGE] = (sets[record + PRECHARGE]! & others) | closes;
    sets[record + READ] = (sets[record + READ]! & others) | (waits & ~(banks[at + READ_HIT]! >> 31));
    sets[record + WRITE] = (sets[record + WRITE]! & others) | (waits & ~(banks[at + WRITE_HIT]! >> 31));
    this.readyAt[bank] = 0;
  }

  /** Banks of a set for which a command may be legal now, as far as their rank says. */
  candidates(set: number, now: number): number {
    const { sets, timing } = this;
    const record = set << SET_SHIFT;
    const busy = sets[record + BUSY]!;
    if (busy === 0) return 0;
    const rank = this.rankOfSet[set]!;
    if (this.states.isAsleep(rank)) return busy;
    let legal = 0;
    const activate = sets[record + ACTIVATE]!;
    const precharge = sets[record + PRECHARGE]!;
    const read = sets[record + READ]!;
    const write = sets[record + WRITE]!;
    if (activate !== 0 && timing.earliestOfRank(ACT, rank) <= now) legal = activate;
    if (precharge !== 0 && timing.earliestOfRank(PRE, rank) <= now) legal |= precharge;
    if (read !== 0 && timing.earliestOfRank(this.readCommand, rank) <= now) legal |= read;
    if (write !== 0 && timing.earliestOfRank(this.writeCommand, rank) <= now) legal |= write;
    return legal;
  }

  /** True when a bank is passed over at a cycle without looking closer. */
  isBefore(bank: number, now: number): boolean {
    return this.readyAt[bank]! > now;
  }

  /**
   * The oldest request of a bank whose command is legal now; the command is left in `chosenCommand`.
   * @returns NONE when no command is legal
   */
  choose(bank: number, now: number): number {
    const { banks, timing, states } = this;
    const at = bank << SHIFT;
    const oldest = banks[at + HEAD]!;
    const rank = banks[at + RANK]!;
    if (banks[at + OPEN_ROW]! < 0 || states.isAsleep(rank)) {
      this.chosenCommand = states.isAsleep(rank) ? states.wakeCommand(rank) : ACT;
      return this.legalOrLater(bank, oldest, timing.earliest(this.chosenCommand, bank), now);
    }
    const read = banks[at + READ_HIT]!;
    const write = banks[at + WRITE_HIT]!;
    let closeAt = NEVER;
    if (this.mayPrecharge(at, oldest)) {
      this.chosenCommand = PRE;
      closeAt = timing.earliest(PRE, bank);
      if (closeAt <= now || (read === NONE && write === NONE)) return this.legalOrLater(bank, oldest, closeAt, now);
    }
    const readAt = read === NONE ? NEVER : timing.earliest(this.readCommand, bank);
    const writeAt = write === NONE ? NEVER : timing.earliest(this.writeCommand, bank);
    if (readAt <= now && (writeAt > now || this.isOlder(read, write))) {
      this.chosenCommand = this.readCommand;
      return read;
    }
    this.chosenCommand = this.writeCommand;
    return this.legalOrLater(bank, write, Math.min(closeAt, readAt, writeAt), now);
  }

  /** A request whose command is legal from a cycle on; until then its bank is passed over, as long as it needs the same. */
  private legalOrLater(bank: number, request: number, cycle: number, now: number): number {
    if (cycle <= now) return request;
    this.readyAt[bank] = cycle;
    return NONE;
  }

  /** True when a request entered the queues before another. */
  isOlder(request: number, other: number): boolean {
    return ((this.requests[request + ORDER]! - this.requests[other + ORDER]!) | 0) < 0;
  }

  private mayPrecharge(at: number, oldest: number): boolean {
    const { banks } = this;
    return (
      this.requests[oldest + ROW] !== banks[at + OPEN_ROW] &&
      this.rows.mayClose(banks[at + ACCESSES]!, banks[at + READ_HITS]! + banks[at + WRITE_HITS]!)
    );
  }

  /** First cycle after `now` in which a command may be legal; frozen banks do not count. */
  nextCycle(now: number, frozen: FrozenBanks): number {
    if (this.busyBanks === 0) return NEVER;
    const sole = this.soleBank;
    if (sole !== NONE) return isFrozen(frozen, sole) ? NEVER : this.earliest(sole);
    let next = NEVER;
    for (let set = 0; set < this.setCount && next > now + 1; set++) {
      const ready = this.nextOfSet(set, now, frozenBits(frozen, this.firstOfSet[set]!));
      if (ready < next) next = ready;
    }
    return next;
  }

  private nextOfSet(set: number, now: number, passedOver: number): number {
    const { sets, timing } = this;
    const record = set << SET_SHIFT;
    const busy = sets[record + BUSY]! & ~passedOver;
    if (busy === 0) return NEVER;
    const rank = this.rankOfSet[set]!;
    // A few banks are looked at one by one; for many, what their rank forbids is enough of an answer.
    if (this.busyBanks <= FEW_BANKS || this.states.isAsleep(rank)) return this.exactNext(set, busy);
    const soonest = now + 1;
    let next = this.nextOfKind(set, sets[record + ACTIVATE]! & busy, timing.earliestOfRank(ACT, rank), now);
    if (next <= soonest) return next;
    const read = this.nextOfKind(set, sets[record + READ]! & busy, timing.earliestOfRank(this.readCommand, rank), now);
    if (read <= soonest) return read;
    if (read < next) next = read;
    const write = this.nextOfKind(
      set,
      sets[record + WRITE]! & busy,
      timing.earliestOfRank(this.writeCommand, rank),
      now,
    );
    if (write <= soonest) return write;
    if (write < next) next = write;
    const precharge = this.nextOfKind(set, sets[record + PRECHARGE]! & busy, timing.earliestOfRank(PRE, rank), now);
    return Math.min(precharge, next);
  }

  private exactNext(set: number, banks: number): number {
    const first = this.firstOfSet[set]!;
    let next = NEVER;
    for (let left = banks; left !== 0; left &= left - 1) {
      const ready = this.earliest(first + 31 - Math.clz32(left & -left));
      if (ready < next) next = ready;
    }
    return next;
  }

  /** First cycle after `now` for banks of a set that need a command which their rank forbids before `ofRank`. */
  private nextOfKind(set: number, banks: number, ofRank: number, now: number): number {
    if (banks === 0) return NEVER;
    if (ofRank > now + 1) return ofRank;
    const first = this.firstOfSet[set]!;
    const { readyAt } = this;
    let next = NEVER;
    for (let left = banks; left !== 0; left &= left - 1) {
      const bank = first + 31 - Math.clz32(left & -left);
      let ready = readyAt[bank]!;
      if (ready <= now) {
        ready = this.earliest(bank);
        readyAt[bank] = ready;
      }
      if (ready <= now + 1) return ready;
      if (ready < next) next = ready;
    }
    return next;
  }

  /** First cycle in which a command for the bank's queue is legal, as things stand. */
  private earliest(bank: number): number {
    const { banks, timing } = this;
    const at = bank << SHIFT;
    const oldest = banks[at + HEAD]!;
    if (oldest === NONE) return NEVER;
    const rank = banks[at + RANK]!;
    if (this.states.isAsleep(rank)) return timing.earliest(this.states.wakeCommand(rank), bank);
    if (banks[at + OPEN_ROW]! < 0) return timing.earliest(ACT, bank);
    let time = NEVER;
    if (banks[at + READ_HIT] !== NONE) time = timing.earliest(this.readCommand, bank);
    if (banks[at + WRITE_HIT] !== NONE) time = Math.min(time, timing.earliest(this.writeCommand, bank));
    if (this.mayPrecharge(at, oldest)) time = Math.min(time, timing.earliest(PRE, bank));
    return time;
  }
}
