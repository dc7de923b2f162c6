/** What is open in each bank of a channel, and which ranks sleep. */
import { ACT, PRE, RD, RDA, SRE, SRX, WR, WRA } from "./commands.js";
import type { DramOrganization } from "./device.js";

const CLOSED = -1;

export class BankStates {
  readonly banks: number;
  readonly ranks: number;
  readonly banksPerRank: number;
  /** Open row of each bank, or -1. */
  readonly openRow: Int32Array;
  /** Column commands that the open row has served. */
  readonly columnAccesses: Int32Array;
  /** 1 for ranks in self refresh. */
  readonly sleeping: Uint8Array;
  /** Open banks of each rank. */
  readonly openBanks: Int32Array;
  /** 1 for ranks that have had a command. */
  readonly touched: Uint8Array;

  constructor({ ranks, bankGroups, banksPerGroup }: DramOrganization) {
    this.ranks = ranks;
    this.banksPerRank = bankGroups * banksPerGroup;
    this.banks = ranks * this.banksPerRank;
    this.openRow = new Int32Array(this.banks).fill(CLOSED);
    this.columnAccesses = new Int32Array(this.banks);
    this.sleeping = new Uint8Array(ranks);
    this.openBanks = new Int32Array(ranks);
    this.touched = new Uint8Array(ranks);
  }

  reset(): void {
    this.openRow.fill(CLOSED);
    this.columnAccesses.fill(0);
    this.sleeping.fill(0);
    this.openBanks.fill(0);
    this.touched.fill(0);
  }

  rankOf(bank: number): number {
    return Math.floor(bank / this.banksPerRank);
  }

  /** Applies a command. @param row the row that an activate opens */
  apply(command: number, bank: number, row: number): void {
    const rank = this.rankOf(bank);
    this.touched[rank] = 1;
    switch (command) {
      case ACT:
        this.openRow[bank] = row;
        this.columnAccesses[bank] = 0;
        this.openBanks[rank]!++;
        break;
      case RD:
      case WR:
        this.columnAccesses[bank]!++;
        break;
      case PRE:
      case RDA:
      case WRA:
        this.openRow[bank] = CLOSED;
        this.columnAccesses[bank] = 0;
        this.openBanks[rank]!--;
        break;
      case SRE:
        this.sleeping[rank] = 1;
        break;
      case SRX:
        this.sleeping[rank] = 0;
        break;
    }
  }
}
