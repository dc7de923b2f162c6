/**
 * Banks and ranks of a channel: what is open, who waits for what, in which state each rank is. A bank is a record of 16 words
 * in one array, named by the place of its first word, so that whoever handles it touches one array.
 */
import { PDE, PDX, SRE, SRX } from "./commands.js";
import type { DramOrganization } from "./device.js";
import {
  ACTIVE_POWER_DOWN,
  ACTIVE_STANDBY,
  PRECHARGE_POWER_DOWN,
  PRECHARGE_STANDBY,
  RankClock,
  SELF_REFRESH,
} from "./rank-clock.js";

/** Words of a bank's record. */
export const BANK = {
  /** Row that is open; -1 when none is. */
  openRow: 0,
  /** Column commands that the open row has served. */
  accesses: 1,
  /** Oldest and youngest request that waits for the bank; -1 without. */
  head: 2,
  tail: 3,
  /** Oldest read, and oldest write that need not wait for a read, of the open row; -1 without. */
  readHit: 4,
  writeHit: 5,
  /** Reads, and writes, of the open row. */
  readHits: 6,
  writeHits: 7,
  rank: 8,
  /** Command queue that the bank's requests count for. */
  queue: 9,
  /** Set of banks, and the bank's bit in it. */
  set: 10,
  bit: 11,
} as const;
export const BANK_WORDS_LOG2 = 4;

const { openRow: OPEN_ROW, accesses: ACCESSES, rank: RANK } = BANK;
const CLOSED = -1;
const NOBODY = -1;
/** Banks of a set: one bit each in a word. */
export const BANKS_OF_SET = 32;

export class BankStates {
  readonly banks: number;
  readonly ranks: number;
  readonly banksPerRank: number;
  /** Word `BANK.x` of bank `b` is `words[(b << BANK_WORDS_LOG2) + BANK.x]`. */
  readonly words: Int32Array;
  /** Sets of banks, in order; those of a rank follow each other. */
  readonly setsPerRank: number;
  /** Open banks of each rank. */
  readonly openBanks: Int32Array;
  /** 1 for ranks that have had a command. */
  readonly touched: Uint8Array;
  readonly clock: RankClock;

  /** @param queuePerBank one command queue a bank; else one a rank */
  constructor({ ranks, bankGroups, banksPerGroup }: DramOrganization, queuePerBank: boolean) {
    this.ranks = ranks;
    this.banksPerRank = bankGroups * banksPerGroup;
    this.banks = ranks * this.banksPerRank;
    this.setsPerRank = Math.ceil(this.banksPerRank / BANKS_OF_SET);
    this.words = new Int32Array(this.banks << BANK_WORDS_LOG2);
    this.openBanks = new Int32Array(ranks);
    this.touched = new Uint8Array(ranks);
    this.clock = new RankClock(ranks);
    for (let bank = 0; bank < this.banks; bank++) {
      const at = bank << BANK_WORDS_LOG2;
      const rank = Math.floor(bank / this.banksPerRank);
      const inRank = bank % this.banksPerRank;
      this.words.fill(NOBODY, at + BANK.head, at + BANK.writeHit + 1);
      this.words[at + OPEN_ROW] = CLOSED;
      this.words[at + RANK] = rank;
      this.words[at + BANK.queue] = queuePerBank ? bank : rank;
      this.words[at + BANK.set] = rank * this.setsPerRank + Math.floor(inRank / BANKS_OF_SET);
      this.words[at + BANK.bit] = 1 << (inRank % BANKS_OF_SET);
    }
  }

  rankOf(bank: number): number {
    return this.words[(bank << BANK_WORDS_LOG2) + RANK]!;
  }

  isOpen(bank: number): boolean {
    return this.words[(bank << BANK_WORDS_LOG2) + OPEN_ROW]! >= 0;
  }

  /** True for a rank in power-down or self refresh: it takes no command but the one that wakes it. */
  isAsleep(rank: number): boolean {
    return this.clock.state[rank]! >= ACTIVE_POWER_DOWN;
  }

  /** The command that wakes a rank. */
  wakeCommand(rank: number): number {
    return this.clock.state[rank] === SELF_REFRESH ? SRX : PDX;
  }

  activate(bank: number, row: number, cycle: number): void {
    const at = bank << BANK_WORDS_LOG2;
    const rank = this.words[at + RANK]!;
    this.touched[rank] = 1;
    this.words[at + OPEN_ROW] = row;
    this.words[at + ACCESSES] = 0;
    if (this.openBanks[rank]!++ === 0) this.clock.enter(rank, ACTIVE_STANDBY, cycle);
  }

  close(bank: number, cycle: number): void {
    const at = bank << BANK_WORDS_LOG2;
    const rank = this.words[at + RANK]!;
    this.words[at + OPEN_ROW] = CLOSED;
    this.words[at + ACCESSES] = 0;
    if (--this.openBanks[rank]! === 0) this.clock.enter(rank, PRECHARGE_STANDBY, cycle);
  }

  /** Applies a refresh, or what puts a rank to sleep or wakes it. */
  applyToRank(command: number, rank: number, cycle: number): void {
    this.touched[rank] = 1;
    const hasOpen = this.openBanks[rank]! > 0;
    if (command === SRE) this.clock.enter(rank, SELF_REFRESH, cycle + 1);
    else if (command === PDE) this.clock.enter(rank, hasOpen ? ACTIVE_POWER_DOWN : PRECHARGE_POWER_DOWN, cycle + 1);
    else if (command === SRX || command === PDX) {
      this.clock.enter(rank, hasOpen ? ACTIVE_STANDBY : PRECHARGE_STANDBY, cycle);
    }
  }
}
