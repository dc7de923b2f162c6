/**
 * What each event of a DRAM device costs by its supply and currents (the JEDEC IDD method): opening and closing a row, a
 * burst, a refresh, a cycle of a rank in each state. Picojoules: volts x milliamperes x nanoseconds, all devices of a rank
 * together. Left out: interface and termination, IPP.
 * Source: Micron TN-41-01; the event formulas of DRAMsim3, with its missing factor of tCK put in.
 */
import { banksOf, type DramDevice } from "./device.js";

export interface EventEnergy {
  readonly energyPj: number;
  /** In JEDEC names, supply and period left out. */
  readonly formula: string;
}

/** States that no source gives a current for have no energy. */
export interface DramEventEnergies {
  readonly activate: EventEnergy;
  readonly readBurst: EventEnergy;
  readonly writeBurst: EventEnergy;
  readonly refresh: EventEnergy;
  readonly bankRefresh: EventEnergy;
  readonly activeStandbyCycle: EventEnergy;
  readonly prechargeStandbyCycle: EventEnergy;
  readonly activePowerDownCycle: EventEnergy | undefined;
  readonly prechargePowerDownCycle: EventEnergy | undefined;
  readonly selfRefreshCycle: EventEnergy;
}

const NS_PER_PS = 1e-3;

export function dramEventEnergies(device: DramDevice): DramEventEnergies {
  const { timings, currents, organization } = device;
  const { VDD, IDD0, IDD2N, IDD2P, IDD3N, IDD3P, IDD4R, IDD4W, IDD5AB, IDD5PB, IDD6 } = currents;
  const { nRAS, nRP, nBL, nRFC, nRFCpb } = timings;
  const perMilliampereCycle = VDD * organization.devicesPerRank * timings.tCKps * NS_PER_PS;
  const event = (milliampereCycles: number, formula: string): EventEnergy => {
    return { energyPj: milliampereCycles * perMilliampereCycle, formula };
  };
  const state = (current: number | undefined, name: string): EventEnergy | undefined =>
    current === undefined ? undefined : event(current, name);
  const banksPerRank = banksOf(organization) / organization.ranks;
  return {
    activate: event(IDD0 * (nRAS + nRP) - IDD3N * nRAS - IDD2N * nRP, "IDD0 x nRC - IDD3N x nRAS - IDD2N x nRP"),
    readBurst: event((IDD4R - IDD3N) * nBL, "(IDD4R - IDD3N) x nBL"),
    writeBurst: event((IDD4W - IDD3N) * nBL, "(IDD4W - IDD3N) x nBL"),
    refresh: event((IDD5AB - IDD3N) * nRFC, "(IDD5AB - IDD3N) x nRFC"),
    // Where no source gives the current of one bank, its share of a refresh of all.
    bankRefresh:
      IDD5PB !== undefined && nRFCpb !== undefined
        ? event((IDD5PB - IDD3N) * nRFCpb, "(IDD5PB - IDD3N) x nRFCpb")
        : event(((IDD5AB - IDD3N) * nRFC) / banksPerRank, `(IDD5AB - IDD3N) x nRFC / ${banksPerRank} banks`),
    activeStandbyCycle: event(IDD3N, "IDD3N"),
    prechargeStandbyCycle: event(IDD2N, "IDD2N"),
    activePowerDownCycle: state(IDD3P, "IDD3P"),
    prechargePowerDownCycle: state(IDD2P, "IDD2P"),
    selfRefreshCycle: event(IDD6, "IDD6"),
  };
}
