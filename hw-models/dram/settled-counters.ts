/** Puts what the parts of a channel count for themselves into its statistics: commands by kind, cycles by state of the ranks. */
import { ACT, PDE, PDX, PRE, RD, RDA, REF, REFPB, SRE, SRX, WR, WRA } from "./commands.js";
import type { DramStatistics } from "./dram-statistics.js";
import {
  ACTIVE_POWER_DOWN,
  ACTIVE_STANDBY,
  PRECHARGE_POWER_DOWN,
  PRECHARGE_STANDBY,
  type RankClock,
  SELF_REFRESH,
} from "./rank-clock.js";

/** @param commandCounts commands issued, by number */
export function takeCommandCounts(statistics: DramStatistics, commandCounts: Float64Array): void {
  const of = (command: number): number => commandCounts[command]!;
  statistics.activates = of(ACT);
  statistics.precharges = of(PRE);
  statistics.readCommands = of(RD) + of(RDA);
  statistics.writeCommands = of(WR) + of(WRA);
  statistics.refreshes = of(REF);
  statistics.bankRefreshes = of(REFPB);
  statistics.selfRefreshEntries = of(SRE);
  statistics.selfRefreshExits = of(SRX);
  statistics.powerDownEntries = of(PDE);
  statistics.powerDownExits = of(PDX);
}

/** Accounts for the cycles up to, not including, `cycle`. */
export function takeRankCycles(statistics: DramStatistics, clock: RankClock, cycle: number): void {
  clock.settleAll(cycle);
  statistics.rankActiveCycles = clock.cyclesIn(ACTIVE_STANDBY);
  statistics.rankIdleCycles = clock.cyclesIn(PRECHARGE_STANDBY);
  statistics.rankActivePowerDownCycles = clock.cyclesIn(ACTIVE_POWER_DOWN);
  statistics.rankPrechargePowerDownCycles = clock.cyclesIn(PRECHARGE_POWER_DOWN);
  statistics.rankSelfRefreshCycles = clock.cyclesIn(SELF_REFRESH);
}
