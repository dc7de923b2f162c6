/**
 * Which banks are open, and for how long each bank and each rank is active. A bank that is refreshed counts as open; a rank
 * is busy while a bank is open or a refresh of all banks runs. Power-down stops the clocks without closing a bank.
 * Source: the state rules of DRAMPower 6; after power-down the open banks are active again, as on a device.
 */
import { Intervals } from "./intervals.js";
import type { StandardRules } from "./standard-rules.js";

export class ActiveClocks {
  readonly banks: Intervals;
  readonly ranks: Intervals;
  private readonly banksPerRank: number;
  private readonly startsWhenStopped: boolean;
  private readonly restarts: StandardRules["rankClockRestarts"];
  private readonly open: Uint8Array;
  private readonly openBanks: Int32Array;
  /** End of the last refresh of all banks of each rank. */
  private readonly refreshEndsAt: Float64Array;

  constructor(rules: StandardRules, ranks: number, banksPerRank: number) {
    this.banks = new Intervals(ranks * banksPerRank);
    this.ranks = new Intervals(ranks);
    this.banksPerRank = banksPerRank;
    this.startsWhenStopped = rules.rankClockStarts === "when-stopped";
    this.restarts = rules.rankClockRestarts;
    this.open = new Uint8Array(ranks * banksPerRank);
    this.openBanks = new Int32Array(ranks);
    this.refreshEndsAt = new Float64Array(ranks);
  }

  reset(): void {
    this.banks.reset();
    this.ranks.reset();
    this.open.fill(0);
    this.openBanks.fill(0);
    this.refreshEndsAt.fill(0);
  }

  isOpen(bank: number): boolean {
    return this.open[bank] === 1;
  }

  /** An activate: its bank is active from now, also when it was before. */
  activate(bank: number, rank: number, cycle: number): void {
    this.startRank(rank, cycle);
    this.banks.start(bank, cycle);
    this.markOpen(bank, rank);
  }

  /** A refresh of a bank begins: an open one stays active without a new start. */
  beginRefresh(bank: number, rank: number, cycle: number): void {
    this.startRank(rank, cycle);
    this.markOpen(bank, rank);
    if (this.banks.running[bank] === 0) this.banks.start(bank, cycle);
  }

  /** A precharge, or the end of a refresh. */
  close(bank: number, rank: number, cycle: number): void {
    if (this.open[bank] === 1) this.openBanks[rank]!--;
    this.open[bank] = 0;
    this.banks.stop(bank, cycle);
    if (!this.isBusy(rank, cycle)) this.ranks.stop(rank, cycle);
  }

  /** A refresh of all banks runs until then. Set it after the last bank has begun: a busy rank would not start its clock. */
  busyUntil(rank: number, cycle: number): void {
    this.refreshEndsAt[rank] = cycle;
  }

  /** Power-down begins. */
  stop(rank: number, cycle: number): void {
    this.ranks.stop(rank, cycle);
    const first = rank * this.banksPerRank;
    for (let bank = first; bank < first + this.banksPerRank; bank++) this.banks.stop(bank, cycle);
  }

  /** Power-down ends. */
  restart(rank: number, cycle: number): void {
    let hasOpenBank = false;
    const first = rank * this.banksPerRank;
    for (let bank = first; bank < first + this.banksPerRank; bank++) {
      if (this.open[bank] === 0) continue;
      this.banks.start(bank, cycle);
      hasOpenBank = true;
    }
    const isOn = this.restarts === "when-busy" ? this.isBusy(rank, cycle) : hasOpenBank;
    if (isOn || this.restarts === "always") this.ranks.start(rank, cycle);
  }

  private isBusy(rank: number, cycle: number): boolean {
    return this.openBanks[rank]! > 0 || cycle < this.refreshEndsAt[rank]!;
  }

  private startRank(rank: number, cycle: number): void {
    const isOn = this.startsWhenStopped ? this.ranks.running[rank] === 1 : this.isBusy(rank, cycle);
    if (!isOn) this.ranks.start(rank, cycle);
  }

  private markOpen(bank: number, rank: number): void {
    if (this.open[bank] === 0) this.openBanks[rank]!++;
    this.open[bank] = 1;
  }
}
