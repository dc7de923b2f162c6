/** How long each rank was active (a bank open), idle, or asleep: what its background energy is charged by. */
import type { BankStates } from "./bank-states.js";
import type { DramStatistics } from "./dram-statistics.js";

export class RankClock {
  /** Cycles since a bank of the rank was last open. */
  readonly idleCycles: Float64Array;
  private readonly states: BankStates;
  private readonly statistics: DramStatistics;

  constructor(states: BankStates, statistics: DramStatistics) {
    this.states = states;
    this.statistics = statistics;
    this.idleCycles = new Float64Array(states.ranks);
  }

  /** Counts some cycles in the states as they are now. */
  count(cycles: number): void {
    if (cycles === 0) return;
    for (let rank = 0; rank < this.states.ranks; rank++) {
      if (this.states.sleeping[rank] === 1) this.statistics.rankSelfRefreshCycles += cycles;
      else if (this.states.openBanks[rank]! > 0) {
        this.statistics.rankActiveCycles += cycles;
        this.idleCycles[rank] = 0;
      } else {
        this.statistics.rankIdleCycles += cycles;
        this.idleCycles[rank]! += cycles;
      }
    }
  }
}
