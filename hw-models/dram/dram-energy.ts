/**
 * DRAM energy of a run: its counters times what each event costs. Left out: interface and termination, IPP, and the standby
 * of a rank that is powered down before its refresh ends.
 * Source: Micron TN-41-01.
 */
import { ModelError } from "../../sim/core/errors.js";
import type { DramDevice } from "./device.js";
import type { DramStatistics } from "./dram-statistics.js";
import { dramEventEnergies, type EventEnergy } from "./event-energies.js";

export interface DramEnergy {
  readonly activatePj: number;
  readonly readPj: number;
  readonly writePj: number;
  /** Refreshes of ranks and of single banks. */
  readonly refreshPj: number;
  readonly activeStandbyPj: number;
  readonly prechargeStandbyPj: number;
  readonly activePowerDownPj: number;
  readonly prechargePowerDownPj: number;
  readonly selfRefreshPj: number;
}

/**
 * Energy of a run.
 * @throws ModelError when ranks were in a state whose current no source gives
 */
export function dramEnergy(device: DramDevice, statistics: DramStatistics): DramEnergy {
  const each = dramEventEnergies(device);
  const { rankActivePowerDownCycles, rankPrechargePowerDownCycles } = statistics;
  return {
    activatePj: statistics.activates * each.activate.energyPj,
    readPj: statistics.readCommands * each.readBurst.energyPj,
    writePj: statistics.writeCommands * each.writeBurst.energyPj,
    refreshPj: statistics.refreshes * each.refresh.energyPj + statistics.bankRefreshes * each.bankRefresh.energyPj,
    activeStandbyPj: statistics.rankActiveCycles * each.activeStandbyCycle.energyPj,
    prechargeStandbyPj: statistics.rankIdleCycles * each.prechargeStandbyCycle.energyPj,
    activePowerDownPj: inPowerDown(device, "IDD3P", each.activePowerDownCycle, rankActivePowerDownCycles),
    prechargePowerDownPj: inPowerDown(device, "IDD2P", each.prechargePowerDownCycle, rankPrechargePowerDownCycles),
    selfRefreshPj: statistics.rankSelfRefreshCycles * each.selfRefreshCycle.energyPj,
  };
}

function inPowerDown({ name }: DramDevice, current: string, cycle: EventEnergy | undefined, cycles: number): number {
  if (cycles === 0) return 0;
  if (cycle === undefined) {
    throw new ModelError(
      "dram.energy",
      `ranks of ${name} were powered down for ${cycles} cycles, and ${current} is unknown`,
    );
  }
  return cycles * cycle.energyPj;
}

export function totalDramEnergyPj(energy: DramEnergy): number {
  return Object.values(energy).reduce((sum: number, part: number) => sum + part, 0);
}
