/**
 * Earliest times of commands in one channel, kept in columns at the widest scope that a rule has: bank, bank group, rank. A
 * command may issue when the latest of the three has come, and for activates when the windows of 4 (and 32) allow.
 * Source: the node tree of Ramulator 2.1, flattened into typed arrays.
 */
import { ACT, COMMAND_COUNT, COMMANDS } from "./commands.js";
import type { DramDevice, RuleScope } from "./device.js";

const ACTIVATES_IN_FAW = 4;
const ACTIVATES_IN_32AW = 32;

/** Rules of one preceding command, as parallel columns. */
interface CompiledRules {
  readonly following: Int32Array;
  readonly cycles: Int32Array;
}

export class BankTiming {
  private readonly groupsPerRank: number;
  private readonly ranks: number;
  private readonly banks: number;
  private readonly groups: number;
  private readonly groupOfBank: Int32Array;
  private readonly rankOfBank: Int32Array;
  /** Earliest cycle by command and bank, command and group, command and rank. */
  private readonly bankTime: Float64Array;
  private readonly groupTime: Float64Array;
  private readonly rankTime: Float64Array;
  private readonly rules: Readonly<Record<RuleScope, readonly CompiledRules[]>>;
  private readonly nFAW: number;
  private readonly n32AW: number;
  /** Cycles of the last activates of each rank, in a ring. */
  private readonly activates: Float64Array;
  private readonly activateCount: Int32Array;

  constructor(device: DramDevice) {
    const { ranks, bankGroups, banksPerGroup } = device.organization;
    this.ranks = ranks;
    this.groupsPerRank = bankGroups;
    this.groups = ranks * bankGroups;
    this.banks = this.groups * banksPerGroup;
    this.groupOfBank = Int32Array.from({ length: this.banks }, (_, bank) => Math.floor(bank / banksPerGroup));
    this.rankOfBank = this.groupOfBank.map((group) => Math.floor(group / bankGroups));
    this.bankTime = new Float64Array(COMMAND_COUNT * this.banks);
    this.groupTime = new Float64Array(COMMAND_COUNT * this.groups);
    this.rankTime = new Float64Array(COMMAND_COUNT * ranks);
    this.rules = {
      bank: compile(device, "bank"),
      "same-group": compile(device, "same-group"),
      "other-groups": compile(device, "other-groups"),
      "other-ranks": compile(device, "other-ranks"),
      rank: compile(device, "rank"),
    };
    this.nFAW = device.timings.nFAW;
    this.n32AW = device.timings.n32AW ?? 0;
    this.activates = new Float64Array(ranks * ACTIVATES_IN_32AW);
    this.activateCount = new Int32Array(ranks);
  }

  reset(): void {
    this.bankTime.fill(0);
    this.groupTime.fill(0);
    this.rankTime.fill(0);
    this.activates.fill(0);
    this.activateCount.fill(0);
  }

  /** First cycle in which a command to a bank is legal. */
  earliest(command: number, bank: number): number {
    const rank = this.rankOfBank[bank]!;
    let time = this.bankTime[command * this.banks + bank]!;
    const group = this.groupTime[command * this.groups + this.groupOfBank[bank]!]!;
    if (group > time) time = group;
    const ofRank = this.rankTime[command * this.ranks + rank]!;
    if (ofRank > time) time = ofRank;
    return command === ACT ? Math.max(time, this.activateWindow(rank)) : time;
  }

  private activateWindow(rank: number): number {
    const count = this.activateCount[rank]!;
    const ring = rank * ACTIVATES_IN_32AW;
    let time = 0;
    if (count >= ACTIVATES_IN_FAW) {
      time = this.activates[ring + ((count - ACTIVATES_IN_FAW) % ACTIVATES_IN_32AW)]! + this.nFAW;
    }
    if (this.n32AW > 0 && count >= ACTIVATES_IN_32AW) {
      time = Math.max(time, this.activates[ring + (count % ACTIVATES_IN_32AW)]! + this.n32AW);
    }
    return time;
  }

  /** Notes that a command issued. */
  issue(command: number, bank: number, cycle: number): void {
    const group = this.groupOfBank[bank]!;
    const rank = this.rankOfBank[bank]!;
    push(this.rules.bank[command]!, this.bankTime, this.banks, bank, cycle);
    push(this.rules["same-group"][command]!, this.groupTime, this.groups, group, cycle);
    push(this.rules.rank[command]!, this.rankTime, this.ranks, rank, cycle);
    const others = this.rules["other-groups"][command]!;
    if (others.following.length > 0) {
      const first = rank * this.groupsPerRank;
      for (let other = first; other < first + this.groupsPerRank; other++) {
        if (other !== group) push(others, this.groupTime, this.groups, other, cycle);
      }
    }
    const otherRanks = this.rules["other-ranks"][command]!;
    if (this.ranks > 1 && otherRanks.following.length > 0) {
      for (let other = 0; other < this.ranks; other++) {
        if (other !== rank) push(otherRanks, this.rankTime, this.ranks, other, cycle);
      }
    }
    if (command === ACT) {
      const count = this.activateCount[rank]!;
      this.activates[rank * ACTIVATES_IN_32AW + (count % ACTIVATES_IN_32AW)] = cycle;
      this.activateCount[rank] = count + 1;
    }
  }
}

function push(rules: CompiledRules, times: Float64Array, stride: number, place: number, cycle: number): void {
  const { following, cycles } = rules;
  for (let index = 0; index < following.length; index++) {
    const slot = following[index]! * stride + place;
    const time = cycle + cycles[index]!;
    if (time > times[slot]!) times[slot] = time;
  }
}

function compile(device: DramDevice, scope: RuleScope): CompiledRules[] {
  return COMMANDS.map((preceding) => {
    const own = device.rules.filter((rule) => rule.scope === scope && rule.preceding === preceding);
    return {
      following: Int32Array.from(own, (rule) => COMMANDS.indexOf(rule.following)),
      cycles: Int32Array.from(own, (rule) => rule.cycles),
    };
  });
}
