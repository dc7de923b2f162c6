/**
 * DRAM energy from supply and currents (the JEDEC IDD method): an activate and precharge pair, a read or write burst, a
 * refresh of a rank or of a bank, and each state of a rank in between. In picojoules: volts x milliamperes x nanoseconds.
 * Left out: interface and termination, IPP, and the standby of a rank that is powered down before its refresh ends.
 * Source: Micron TN-41-01; the event formulas of DRAMsim3, with its missing factor of tCK put in.
 */
import { ModelError } from "../../sim/core/errors.js";
import { banksOf, type DramCurrents, type DramDevice } from "./device.js";
import type { DramStatistics } from "./dram-statistics.js";

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
  const { timings, currents, organization } = device;
  const { VDD, IDD0, IDD2N, IDD3N, IDD4R, IDD4W, IDD5AB, IDD6 } = currents;
  const { nRAS, nRP, nBL, nRFC } = timings;
  // VDD x mA x ns = pJ, for each device of a rank.
  const perCycle = VDD * organization.devicesPerRank * timings.tCKps * 1e-3;
  const activate = IDD0 * (nRAS + nRP) - IDD3N * nRAS - IDD2N * nRP;
  const { rankActivePowerDownCycles: activeDown, rankPrechargePowerDownCycles: prechargeDown } = statistics;
  const refreshMilliampereCycles =
    statistics.refreshes * (IDD5AB - IDD3N) * nRFC + statistics.bankRefreshes * bankRefreshMilliampereCycles(device);
  return {
    activatePj: statistics.activates * activate * perCycle,
    readPj: statistics.readCommands * (IDD4R - IDD3N) * nBL * perCycle,
    writePj: statistics.writeCommands * (IDD4W - IDD3N) * nBL * perCycle,
    refreshPj: refreshMilliampereCycles * perCycle,
    activeStandbyPj: statistics.rankActiveCycles * IDD3N * perCycle,
    prechargeStandbyPj: statistics.rankIdleCycles * IDD2N * perCycle,
    activePowerDownPj: activeDown * currentOf(device, "IDD3P", activeDown) * perCycle,
    prechargePowerDownPj: prechargeDown * currentOf(device, "IDD2P", prechargeDown) * perCycle,
    selfRefreshPj: statistics.rankSelfRefreshCycles * IDD6 * perCycle,
  };
}

/** What a refresh of one bank draws above standby; where no source gives its current, its share of a refresh of all. */
function bankRefreshMilliampereCycles({ timings, currents, organization }: DramDevice): number {
  const { IDD5PB, IDD5AB, IDD3N } = currents;
  const { nRFCpb, nRFC } = timings;
  if (IDD5PB !== undefined && nRFCpb !== undefined) return (IDD5PB - IDD3N) * nRFCpb;
  const banksPerRank = banksOf(organization) / organization.ranks;
  return ((IDD5AB - IDD3N) * nRFC) / banksPerRank;
}

function currentOf({ name, currents }: DramDevice, current: keyof DramCurrents, cycles: number): number {
  const value = currents[current];
  if (value === undefined && cycles > 0) {
    throw new ModelError(
      "dram.energy",
      `ranks of ${name} were powered down for ${cycles} cycles, and ${current} is unknown`,
    );
  }
  return value ?? 0;
}

export function totalDramEnergyPj(energy: DramEnergy): number {
  return Object.values(energy).reduce((sum: number, part: number) => sum + part, 0);
}
