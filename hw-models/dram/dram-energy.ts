/**
 * DRAM energy from supply and currents (the JEDEC IDD method): an activate and precharge pair, a read or write burst, a
 * refresh, and standby with banks open or closed. In picojoules: volts x milliamperes x nanoseconds. Left out: interface and
 * termination energy, power-down states, IPP. Source: Micron TN-41-01; the event formulas of DRAMsim3, with its missing
 * factor of tCK put in.
 */
import type { DramDevice } from "./device.js";
import type { DramStatistics } from "./dram-statistics.js";

export interface DramEnergy {
  readonly activatePj: number;
  readonly readPj: number;
  readonly writePj: number;
  readonly refreshPj: number;
  readonly activeStandbyPj: number;
  readonly prechargeStandbyPj: number;
  readonly selfRefreshPj: number;
}

/** Energy of a run. */
export function dramEnergy(device: DramDevice, statistics: DramStatistics): DramEnergy {
  const { timings, currents, organization } = device;
  const { VDD, IDD0, IDD2N, IDD3N, IDD4R, IDD4W, IDD5AB, IDD6 } = currents;
  const { nRAS, nRP, nBL, nRFC } = timings;
  // VDD x mA x ns = pJ, for each device of a rank.
  const perCycle = VDD * organization.devicesPerRank * timings.tCKps * 1e-3;
  const activate = IDD0 * (nRAS + nRP) - IDD3N * nRAS - IDD2N * nRP;
  return {
    activatePj: statistics.activates * activate * perCycle,
    readPj: statistics.readCommands * (IDD4R - IDD3N) * nBL * perCycle,
    writePj: statistics.writeCommands * (IDD4W - IDD3N) * nBL * perCycle,
    refreshPj: statistics.refreshes * (IDD5AB - IDD3N) * nRFC * perCycle,
    activeStandbyPj: statistics.rankActiveCycles * IDD3N * perCycle,
    prechargeStandbyPj: statistics.rankIdleCycles * IDD2N * perCycle,
    selfRefreshPj: statistics.rankSelfRefreshCycles * IDD6 * perCycle,
  };
}

export function totalDramEnergyPj(energy: DramEnergy): number {
  return Object.values(energy).reduce((sum: number, part: number) => sum + part, 0);
}
