/**
 * What each command does to the states of banks and ranks: active, powered down, self refresh, deep sleep. Effects that come
 * later (auto-precharges, ends of refreshes, power-down that waits for its rank) are deferred and run in order of time.
 * Source: the state rules of DRAMPower 6.
 */
import type { ActionCounts } from "./action-counts.js";
import { ActiveClocks } from "./active-clocks.js";
import { DeferredActions } from "./deferred-actions.js";
import { Intervals } from "./intervals.js";
import type { CommandPowerParameters } from "./power-parameters.js";
import { STANDARD_RULES } from "./standard-rules.js";

/** Kinds of deferred actions: the first four are for a bank, the others for a rank. */
const PRECHARGE = 0;
const END_BANK_REFRESH = 1;
const END_SAME_BANK_REFRESH = 2;
const END_PAIR_REFRESH = 3;
const END_RANK_REFRESH = 4;
const ENTER_ACTIVE_POWER_DOWN = 5;
const EXIT_ACTIVE_POWER_DOWN = 6;
const ENTER_PRECHARGE_POWER_DOWN = 7;
const EXIT_PRECHARGE_POWER_DOWN = 8;
const ENTER_SELF_REFRESH = 9;

/** Refreshed together with a bank is the one this far away, in a ring of this many: JESD209-5, per-2-bank refresh. */
const PAIR_DISTANCE = 8;
export const PAIR_BANKS = 16;

export class RankStates {
  readonly active: ActiveClocks;
  readonly activePowerDown: Intervals;
  readonly prechargePowerDown: Intervals;
  readonly selfRefresh: Intervals;
  /** Part of self refresh. */
  readonly deepSleep: Intervals;
  readonly deferred = new DeferredActions();
  private readonly prechargePowerDownStopsClocks: boolean;
  private readonly counts: ActionCounts;
  private readonly banksPerRank: number;
  private readonly banksPerGroup: number;
  private readonly nRCD: number;
  private readonly nRP: number;
  private readonly nRAS: number;
  private readonly prechargedAt: Float64Array;
  private readonly refreshEndsAt: Float64Array;

  constructor({ standard, organization, timings }: CommandPowerParameters, counts: ActionCounts) {
    const { ranks, bankGroups, banksPerGroup } = organization;
    const rules = STANDARD_RULES[standard];
    this.prechargePowerDownStopsClocks = rules.prechargePowerDownStopsClocks;
    this.counts = counts;
    this.banksPerGroup = banksPerGroup;
    this.banksPerRank = bankGroups * banksPerGroup;
    this.nRCD = timings.nRCD;
    this.nRP = timings.nRP;
    this.nRAS = timings.nRAS;
    const banks = ranks * this.banksPerRank;
    this.active = new ActiveClocks(rules, ranks, this.banksPerRank);
    this.activePowerDown = new Intervals(ranks);
    this.prechargePowerDown = new Intervals(ranks);
    this.selfRefresh = new Intervals(ranks);
    this.deepSleep = new Intervals(ranks);
    this.prechargedAt = new Float64Array(banks);
    this.refreshEndsAt = new Float64Array(banks);
  }

  reset(): void {
    const clocks = [this.active, this.activePowerDown, this.prechargePowerDown, this.selfRefresh, this.deepSleep];
    for (const clock of clocks) clock.reset();
    this.deferred.reset();
    this.prechargedAt.fill(0);
    this.refreshEndsAt.fill(0);
  }

  /** Runs every deferred action that is due. */
  runUntil(cycle: number): void {
    while (this.deferred.nextCycle <= cycle) {
      const at = this.deferred.nextCycle;
      this.deferred.take();
      this.run(this.deferred.kind, this.deferred.index, at);
    }
  }

  activate(bank: number, rank: number, cycle: number): void {
    this.counts.activates[bank]!++;
    this.active.activate(bank, rank, cycle);
  }

  /** Closes a bank; without effect on one that is closed. */
  precharge(bank: number, rank: number, cycle: number): void {
    if (!this.active.isOpen(bank)) return;
    this.counts.precharges[bank]!++;
    this.prechargedAt[bank] = cycle;
    this.active.close(bank, rank, cycle);
  }

  prechargeAll(rank: number, cycle: number): void {
    const first = rank * this.banksPerRank;
    for (let bank = first; bank < first + this.banksPerRank; bank++) this.precharge(bank, rank, cycle);
  }

  /** Closes the bank of the same number in every group. */
  prechargeSameBank(bank: number, rank: number, cycle: number): void {
    const end = (rank + 1) * this.banksPerRank;
    for (let own = this.firstOfNumber(bank, rank); own < end; own += this.banksPerGroup) {
      this.precharge(own, rank, cycle);
    }
  }

  /** The bank precharges itself so many cycles after this one, but not before it has been open for nRAS. */
  prechargeLater(bank: number, cycle: number, delayCycles: number): void {
    const openLongEnough = this.active.banks.startedAt[bank]! + this.nRAS;
    this.deferred.defer(Math.max(openLongEnough, cycle + delayCycles), PRECHARGE, bank);
  }

  refreshAll(rank: number, cycle: number, durationCycles: number): void {
    const until = cycle + durationCycles;
    const first = rank * this.banksPerRank;
    for (let bank = first; bank < first + this.banksPerRank; bank++) {
      this.counts.refreshesAllBanks[bank]!++;
      this.startRefresh(bank, rank, cycle, until);
    }
    this.deferred.defer(until, END_RANK_REFRESH, rank);
    this.active.busyUntil(rank, until);
  }

  refreshOne(bank: number, rank: number, cycle: number, durationCycles: number): void {
    this.counts.refreshesOneBank[bank]!++;
    this.startRefresh(bank, rank, cycle, cycle + durationCycles);
    this.deferred.defer(cycle + durationCycles, END_BANK_REFRESH, bank);
  }

  /** Refreshes the bank of the same number in every group. */
  refreshSameBank(bank: number, rank: number, cycle: number, durationCycles: number): void {
    const first = this.firstOfNumber(bank, rank);
    const end = (rank + 1) * this.banksPerRank;
    for (let own = first; own < end; own += this.banksPerGroup) {
      this.counts.refreshesSameBank[own]!++;
      this.startRefresh(own, rank, cycle, cycle + durationCycles);
    }
    this.deferred.defer(cycle + durationCycles, END_SAME_BANK_REFRESH, first);
  }

  refreshPair(bank: number, rank: number, cycle: number, durationCycles: number): void {
    const other = this.partnerOf(bank, rank);
    this.counts.refreshesPair[bank]!++;
    this.startRefresh(bank, rank, cycle, cycle + durationCycles);
    this.counts.refreshesPair[other]!++;
    this.startRefresh(other, rank, cycle, cycle + durationCycles);
    this.deferred.defer(cycle + durationCycles, END_PAIR_REFRESH, bank);
  }

  /** A refresh of all banks, and self refresh once it has ended. */
  enterSelfRefresh(rank: number, cycle: number, refreshCycles: number): void {
    this.refreshAll(rank, cycle, refreshCycles);
    this.deferred.defer(cycle + refreshCycles, ENTER_SELF_REFRESH, rank);
  }

  enterActivePowerDown(rank: number, cycle: number): void {
    this.deferred.defer(this.powerDownCycle(rank, cycle), ENTER_ACTIVE_POWER_DOWN, rank);
  }

  exitActivePowerDown(rank: number, cycle: number): void {
    this.deferred.defer(this.powerDownCycle(rank, cycle), EXIT_ACTIVE_POWER_DOWN, rank);
  }

  enterPrechargePowerDown(rank: number, cycle: number): void {
    this.deferred.defer(this.powerDownCycle(rank, cycle), ENTER_PRECHARGE_POWER_DOWN, rank);
  }

  exitPrechargePowerDown(rank: number, cycle: number): void {
    this.deferred.defer(this.powerDownCycle(rank, cycle), EXIT_PRECHARGE_POWER_DOWN, rank);
  }

  /** First cycle, not before this one, in which whatever was begun on the banks of a rank is over. */
  private powerDownCycle(rank: number, cycle: number): number {
    let earliest = cycle;
    const first = rank * this.banksPerRank;
    for (let bank = first; bank < first + this.banksPerRank; bank++) {
      if (this.counts.activates[bank]! > 0) {
        earliest = Math.max(earliest, this.active.banks.startedAt[bank]! + this.nRCD);
      }
      if (this.counts.precharges[bank]! > 0) earliest = Math.max(earliest, this.prechargedAt[bank]! + this.nRP);
      earliest = Math.max(earliest, this.refreshEndsAt[bank]!);
    }
    return earliest;
  }

  private run(kind: number, index: number, cycle: number): void {
    switch (kind) {
      case PRECHARGE:
        this.precharge(index, this.rankOf(index), cycle);
        break;
      case END_BANK_REFRESH:
        this.active.close(index, this.rankOf(index), cycle);
        break;
      case END_SAME_BANK_REFRESH:
        this.closeSameBank(index, cycle);
        break;
      case END_PAIR_REFRESH:
        this.active.close(index, this.rankOf(index), cycle);
        this.active.close(this.partnerOf(index, this.rankOf(index)), this.rankOf(index), cycle);
        break;
      case END_RANK_REFRESH:
        this.closeAll(index, cycle);
        break;
      case ENTER_ACTIVE_POWER_DOWN:
        this.activePowerDown.start(index, cycle);
        this.active.stop(index, cycle);
        break;
      case EXIT_ACTIVE_POWER_DOWN:
        this.activePowerDown.stop(index, cycle);
        this.active.restart(index, cycle);
        break;
      case ENTER_PRECHARGE_POWER_DOWN:
        this.prechargePowerDown.start(index, cycle);
        if (this.prechargePowerDownStopsClocks) this.active.stop(index, cycle);
        break;
      case EXIT_PRECHARGE_POWER_DOWN:
        this.prechargePowerDown.stop(index, cycle);
        if (this.prechargePowerDownStopsClocks) this.active.restart(index, cycle);
        break;
      case ENTER_SELF_REFRESH:
        this.selfRefresh.start(index, cycle);
        break;
    }
  }

  private rankOf(bank: number): number {
    return Math.floor(bank / this.banksPerRank);
  }

  /** Bank of the first group with the number that a bank has in its own. */
  private firstOfNumber(bank: number, rank: number): number {
    const first = rank * this.banksPerRank;
    return first + ((bank - first) % this.banksPerGroup);
  }

  private partnerOf(bank: number, rank: number): number {
    const first = rank * this.banksPerRank;
    return first + ((bank - first + PAIR_DISTANCE) % PAIR_BANKS);
  }

  private startRefresh(bank: number, rank: number, cycle: number, until: number): void {
    this.active.beginRefresh(bank, rank, cycle);
    this.refreshEndsAt[bank] = until;
  }

  private closeAll(rank: number, cycle: number): void {
    const first = rank * this.banksPerRank;
    for (let bank = first; bank < first + this.banksPerRank; bank++) this.active.close(bank, rank, cycle);
  }

  private closeSameBank(first: number, cycle: number): void {
    const rank = this.rankOf(first);
    const end = (rank + 1) * this.banksPerRank;
    for (let bank = first; bank < end; bank += this.banksPerGroup) this.active.close(bank, rank, cycle);
  }
}
