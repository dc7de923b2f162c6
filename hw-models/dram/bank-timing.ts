/**
 * Earliest times of commands in one channel, one column for each command with a place for every bank, bank group and rank: a
 * rule is kept at the widest of the three that it has. A command may issue when the latest of its three places has come. The
 * windows of 4 (and 32) activates count as rules of the rank. What a command to a bank postpones is one flat list.
 * Source: the node tree of Ramulator 2.1, flattened into typed arrays.
 */
import { COMMAND_COUNT, COMMANDS, type Command, commandCode } from "./commands.js";
import type { DramDevice, TimingRule } from "./device.js";

const ACT = commandCode("ACT");
const ACTIVATES_IN_FAW = 4;
const ACTIVATES_IN_32AW = 32;
const LAST_OF_RING = ACTIVATES_IN_32AW - 1;

export class BankTiming {
  private readonly banks: number;
  /** Places of a command: banks, then groups, then ranks. */
  private readonly places: number;
  private readonly groupPlace: Int32Array;
  private readonly rankPlace: Int32Array;
  private readonly rankOfBank: Int32Array;
  private readonly firstRankPlace: number;
  /** Earliest cycle, by command and place. */
  private readonly times: Float64Array;
  /** What command `c` to bank `b` postpones: entries from `ruleStart[c * banks + b]` up to the next start. */
  private readonly ruleStart: Int32Array;
  private readonly ruleSlot: Int32Array;
  private readonly ruleCycles: Int32Array;
  private readonly nFAW: number;
  private readonly n32AW: number;
  /** Cycles of the last activates of each rank, in a ring. */
  private readonly activates: Float64Array;
  private readonly activateCount: Int32Array;

  /** @param issuable commands that will ever be asked about; rules for others are not kept up */
  constructor(device: DramDevice, issuable: readonly Command[] = COMMANDS) {
    const { ranks, bankGroups, banksPerGroup } = device.organization;
    const groups = ranks * bankGroups;
    this.banks = groups * banksPerGroup;
    this.places = this.banks + groups + ranks;
    this.firstRankPlace = this.banks + groups;
    const bankNumbers = Int32Array.from({ length: this.banks }, (_, bank) => bank);
    this.groupPlace = bankNumbers.map((bank) => this.banks + Math.floor(bank / banksPerGroup));
    this.rankOfBank = bankNumbers.map((bank) => Math.floor(bank / (bankGroups * banksPerGroup)));
    this.rankPlace = this.rankOfBank.map((rank) => this.firstRankPlace + rank);
    this.times = new Float64Array(COMMAND_COUNT * this.places);
    const rules = widenToRank(device.rules).filter(({ following }) => issuable.includes(following));
    const starts = [0];
    const slots: number[] = [];
    const cycles: number[] = [];
    for (const preceding of COMMANDS) {
      const own = rules.filter((rule) => rule.preceding === preceding);
      for (const bank of bankNumbers) {
        for (const rule of own) {
          for (const place of this.placesOf(rule.scope, bank, bankGroups, ranks)) {
            slots.push(COMMANDS.indexOf(rule.following) * this.places + place);
            cycles.push(rule.cycles);
          }
        }
        starts.push(slots.length);
      }
    }
    this.ruleStart = Int32Array.from(starts);
    this.ruleSlot = Int32Array.from(slots);
    this.ruleCycles = Int32Array.from(cycles);
    this.nFAW = device.timings.nFAW;
    this.n32AW = device.timings.n32AW ?? 0;
    this.activates = new Float64Array(ranks * ACTIVATES_IN_32AW);
    this.activateCount = new Int32Array(ranks);
  }

  /** Places that a rule of some scope postpones, after a command to a bank. */
  private placesOf(scope: TimingRule["scope"], bank: number, bankGroups: number, ranks: number): number[] {
    const group = this.groupPlace[bank]!;
    const rank = this.rankOfBank[bank]!;
    switch (scope) {
      case "bank":
        return [bank];
      case "same-group":
        return [group];
      case "other-groups": {
        const first = this.banks + rank * bankGroups;
        return Array.from({ length: bankGroups }, (_, index) => first + index).filter((other) => other !== group);
      }
      case "rank":
        return [this.firstRankPlace + rank];
      case "other-ranks":
        return Array.from({ length: ranks }, (_, other) => this.firstRankPlace + other).filter(
          (other) => other !== this.firstRankPlace + rank,
        );
    }
  }

  reset(): void {
    this.times.fill(0);
    this.activates.fill(0);
    this.activateCount.fill(0);
  }

  /** First cycle in which a command to a bank is legal. */
  earliest(command: number, bank: number): number {
    const { times } = this;
    const column = command * this.places;
    const ofBank = times[column + bank]!;
    const ofGroup = times[column + this.groupPlace[bank]!]!;
    const ofRank = times[column + this.rankPlace[bank]!]!;
    return Math.max(ofBank, ofGroup, ofRank);
  }

  /** First cycle in which the rules of a rank allow a command. */
  earliestOfRank(command: number, rank: number): number {
    return this.times[command * this.places + this.firstRankPlace + rank]!;
  }

  /** Notes that a command issued. */
  issue(command: number, bank: number, cycle: number): void {
    const { times, ruleSlot, ruleCycles } = this;
    const list = command * this.banks + bank;
    const end = this.ruleStart[list + 1]!;
    for (let index = this.ruleStart[list]!; index < end; index++) {
      const slot = ruleSlot[index]!;
      const time = cycle + ruleCycles[index]!;
      if (time > times[slot]!) times[slot] = time;
    }
    if (command === ACT) this.openWindow(this.rankOfBank[bank]!, cycle);
  }

  /** An activate opens a window: the fourth (and thirty-second) one after it waits for the window's end. */
  private openWindow(rank: number, cycle: number): void {
    const { activates, times } = this;
    const ring = rank * ACTIVATES_IN_32AW;
    const count = this.activateCount[rank]! + 1;
    const slot = ACT * this.places + this.firstRankPlace + rank;
    activates[ring + ((count - 1) & LAST_OF_RING)] = cycle;
    // Once the ring is full, counts from the second round on mean the same.
    this.activateCount[rank] = count < 2 * ACTIVATES_IN_32AW ? count : ACTIVATES_IN_32AW;
    if (count >= ACTIVATES_IN_FAW) {
      const opens = activates[ring + ((count - ACTIVATES_IN_FAW) & LAST_OF_RING)]! + this.nFAW;
      if (opens > times[slot]!) times[slot] = opens;
    }
    if (this.n32AW > 0 && count >= ACTIVATES_IN_32AW) {
      const opens = activates[ring + (count & LAST_OF_RING)]! + this.n32AW;
      if (opens > times[slot]!) times[slot] = opens;
    }
  }
}

/** A rule for other groups holds for the whole rank when the same group waits at least as long: one place, not one a group. */
function widenToRank(rules: readonly TimingRule[]): TimingRule[] {
  return rules.map((rule) => {
    if (rule.scope !== "other-groups") return rule;
    const covered = rules.some(
      (own) =>
        own.scope === "same-group" &&
        own.preceding === rule.preceding &&
        own.following === rule.following &&
        own.cycles >= rule.cycles,
    );
    return covered ? { ...rule, scope: "rank" } : rule;
  });
}
