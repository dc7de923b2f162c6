/**
 * Core energy from action counts and state times, in picojoules: volts x milliamperes x nanoseconds, summed over the supplies
 * of a device and the devices of a rank. A command is charged with what it draws above the background of the banks that are
 * open anyway. Activates may come out negative, where IDD3N is above IDD0: the open bank is charged by its time.
 * Source: the equations of DRAMPower 6.
 */
import type { BankActions } from "./action-counts.js";
import { REFB, REFDB, REFP2B, REFSB } from "./power-commands.js";
import type { CommandPowerParameters, PowerRail } from "./power-parameters.js";
import { STANDARD_RULES } from "./standard-rules.js";
import { standbyCurrent, standbyMa } from "./standby-current.js";

const NS_PER_PS = 1e-3;
/** While IDD5PB is measured, a refresh is issued so many times in one nREFI. */
const BANK_REFRESHES_PER_INTERVAL = 8;

/** Energies of a rank by what they are spent on, or the energy of one such action or cycle. */
export interface CoreEnergyTerms {
  readonly activatePj: number;
  readonly prechargePj: number;
  readonly readPj: number;
  readonly writePj: number;
  readonly readAutoPrechargePj: number;
  readonly writeAutoPrechargePj: number;
  readonly refreshAllBanksPj: number;
  readonly refreshOneBankPj: number;
  readonly refreshSameBankPj: number;
  readonly refreshPairPj: number;
  /** Background that grows with the open banks. */
  readonly activeBanksPj: number;
  /** Background of an active rank apart from its banks. */
  readonly activeRankPj: number;
  readonly prechargedPj: number;
  readonly activePowerDownPj: number;
  readonly prechargePowerDownPj: number;
  readonly selfRefreshPj: number;
  readonly deepSleepPj: number;
}

/** Time of each rank by state, in cycles. They add up to the length of the run. */
export interface RankTimes {
  readonly activeCycles: readonly number[];
  readonly prechargedCycles: readonly number[];
  readonly activePowerDownCycles: readonly number[];
  readonly prechargePowerDownCycles: readonly number[];
  /** Without deep sleep. */
  readonly selfRefreshCycles: readonly number[];
  readonly deepSleepCycles: readonly number[];
}

/** What a rank spends on one action, or in one cycle of a state. Actions are counted as `BankActions` counts them. */
export function coreEnergyPerAction(parameters: CommandPowerParameters): CoreEnergyTerms {
  return sumTerms(parameters.rails.map((rail) => railEnergyPerAction(parameters, rail)));
}

function railEnergyPerAction(parameters: CommandPowerParameters, rail: PowerRail): CoreEnergyTerms {
  const { organization, timings, sharedStandbyFraction } = parameters;
  const rules = STANDARD_RULES[parameters.standard];
  const { bankGroups, devicesPerRank } = organization;
  const banks = bankGroups * organization.banksPerGroup;
  const { nRAS, nRP, nRFCab, nRFCsb = 0, nRFCpb = 0, burstClocks } = timings;
  const perCycle = rail.volts * timings.tCKps * NS_PER_PS * devicesPerRank;

  const standby = standbyCurrent(rail, banks, rules.idd3nOpenBanks, sharedStandbyFraction);
  const open = (count: number): number => standbyMa(standby, count);
  const precharging = rail.precharging ?? rail.IDD0;
  const activating = (rail.IDD0 * (nRP + nRAS) - precharging * nRP) / nRAS;
  const column = open(rules.columnOpenBanks(banks, bankGroups));
  const readPj = (rail.IDD4R - column) * burstClocks * perCycle;
  const writePj = (rail.IDD4W - column) * burstClocks * perCycle;
  const has = (command: number): boolean => rules.commands.includes(command);
  const refresh = has(REFB) ? bankRefresh(parameters, rail) : NO_REFRESH;
  return {
    activatePj: (activating - open(1)) * nRAS * perCycle,
    prechargePj: (precharging - rail.IDD2N) * nRP * perCycle,
    readPj,
    writePj,
    readAutoPrechargePj: readPj,
    writeAutoPrechargePj: writePj,
    refreshAllBanksPj: (((rail.IDD5AB - open(banks)) * nRFCab) / banks) * perCycle,
    refreshOneBankPj: has(REFB) ? (refresh.currentMa - open(1)) * nRFCpb * perCycle : 0,
    refreshSameBankPj: has(REFSB) ? (((rail.IDD5C! - open(bankGroups)) * nRFCsb) / bankGroups) * perCycle : 0,
    refreshPairPj: has(REFP2B) || has(REFDB) ? 0.5 * (refresh.currentMa - open(2)) * refresh.cycles * perCycle : 0,
    activeBanksPj: standby.perOpenBankMa * perCycle,
    activeRankPj: open(0) * perCycle,
    prechargedPj: rail.IDD2N * perCycle,
    activePowerDownPj: rail.IDD3P * perCycle,
    prechargePowerDownPj: rail.IDD2P * perCycle,
    selfRefreshPj: rail.IDD6 * perCycle,
    deepSleepPj: (rail.IDD6DS ?? 0) * perCycle,
  };
}

const NO_REFRESH = { currentMa: 0, cycles: 0 };

/**
 * Current and length of the refresh that IDD5PB is measured with. IDD5PB is an average over an eighth of nREFI, most of which
 * the device stands by with all banks closed.
 */
function bankRefresh({ standard, timings }: CommandPowerParameters, rail: PowerRail): typeof NO_REFRESH {
  const period = timings.nREFI! / BANK_REFRESHES_PER_INTERVAL;
  const cycles = timings[STANDARD_RULES[standard].bankRefreshTiming]!;
  return { currentMa: (rail.IDD5PB! * period - rail.IDD2N * (period - cycles)) / cycles, cycles };
}

/** Core energy of each rank. */
export function coreEnergy(
  parameters: CommandPowerParameters,
  actions: BankActions,
  bankActiveCycles: readonly number[],
  times: RankTimes,
): CoreEnergyTerms[] {
  const { ranks, bankGroups, banksPerGroup } = parameters.organization;
  const banksPerRank = bankGroups * banksPerGroup;
  const each = coreEnergyPerAction(parameters);
  return Array.from({ length: ranks }, (_, rank): CoreEnergyTerms => {
    const ofBanks = (column: readonly number[]): number => {
      let sum = 0;
      for (let bank = rank * banksPerRank; bank < (rank + 1) * banksPerRank; bank++) sum += column[bank]!;
      return sum;
    };
    return {
      activatePj: ofBanks(actions.activates) * each.activatePj,
      prechargePj: ofBanks(actions.precharges) * each.prechargePj,
      readPj: ofBanks(actions.reads) * each.readPj,
      writePj: ofBanks(actions.writes) * each.writePj,
      readAutoPrechargePj: ofBanks(actions.readsAutoPrecharge) * each.readAutoPrechargePj,
      writeAutoPrechargePj: ofBanks(actions.writesAutoPrecharge) * each.writeAutoPrechargePj,
      refreshAllBanksPj: ofBanks(actions.refreshesAllBanks) * each.refreshAllBanksPj,
      refreshOneBankPj: ofBanks(actions.refreshesOneBank) * each.refreshOneBankPj,
      refreshSameBankPj: ofBanks(actions.refreshesSameBank) * each.refreshSameBankPj,
      refreshPairPj: ofBanks(actions.refreshesPair) * each.refreshPairPj,
      activeBanksPj: ofBanks(bankActiveCycles) * each.activeBanksPj,
      activeRankPj: times.activeCycles[rank]! * each.activeRankPj,
      prechargedPj: times.prechargedCycles[rank]! * each.prechargedPj,
      activePowerDownPj: times.activePowerDownCycles[rank]! * each.activePowerDownPj,
      prechargePowerDownPj: times.prechargePowerDownCycles[rank]! * each.prechargePowerDownPj,
      selfRefreshPj: times.selfRefreshCycles[rank]! * each.selfRefreshPj,
      deepSleepPj: times.deepSleepCycles[rank]! * each.deepSleepPj,
    };
  });
}

/** The terms of several ranks or supplies together. */
export function sumTerms(parts: readonly CoreEnergyTerms[]): CoreEnergyTerms {
  const sum: Record<string, number> = {};
  for (const part of parts) {
    for (const [name, value] of Object.entries(part)) sum[name] = (sum[name] ?? 0) + value;
  }
  return sum as unknown as CoreEnergyTerms;
}

/** All terms of a rank together. */
export function totalCoreEnergyPj(terms: CoreEnergyTerms): number {
  return Object.values(terms).reduce((sum: number, part: number) => sum + part, 0);
}
