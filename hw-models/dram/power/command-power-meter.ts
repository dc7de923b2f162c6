/**
 * Meters the energy of one DRAM channel from its commands, as they issue: counts and state times while commands come, energy
 * once at the end. Commands, banks and cycles are plain numbers and a command allocates nothing, so that a controller may
 * report to it. Legality of the commands is not checked. Source: the command power model of DRAMPower 6, without its faults.
 */
import { ModelError, UnsupportedError } from "../../../sim/core/errors.js";
import { ActionCounts, type BankActions, bankActions } from "./action-counts.js";
import { type BusActivity, busActivity, type LineActivity } from "./bus-activity.js";
import { type CoreEnergyTerms, coreEnergy, type RankTimes } from "./core-energy.js";
import { type InterfaceEnergy, interfaceEnergy } from "./interface-energy.js";
import * as commands from "./power-commands.js";
import { POWER_COMMANDS } from "./power-commands.js";
import { type CommandPowerParameters, parsePowerParameters } from "./power-parameters.js";
import { PAIR_BANKS, RankStates } from "./rank-states.js";
import { STANDARD_RULES } from "./standard-rules.js";

/** What was metered up to a cycle. Arrays hold one number a bank of the channel, or a rank. */
export interface PowerRecord {
  readonly endCycle: number;
  readonly actions: BankActions;
  readonly bankActiveCycles: readonly number[];
  readonly rankTimes: RankTimes;
  /** Core energy of each rank. */
  readonly core: readonly CoreEnergyTerms[];
  /** Of all lines but the command bus; absent without parameters of the interface. */
  readonly bus?: BusActivity;
  /** Absent without parameters of the interface or activity of the command bus. */
  readonly interface?: InterfaceEnergy;
}

export class CommandPowerMeter {
  private readonly parameters: CommandPowerParameters;
  private readonly banks: number;
  private readonly counts: ActionCounts;
  private readonly states: RankStates;
  private readonly rankOf: Int32Array;
  /** 1 for commands that the device has. */
  private readonly accepted: Uint8Array;
  private readonly nRFCab: number;
  private readonly nRFCsb: number;
  private readonly nRFCpb: number;
  private readonly nRFCdb: number;
  private readonly nRDAtoPRE: number;
  private readonly nWRAtoPRE: number;
  private now = 0;
  private lastReadCycle = 0;
  private lastWriteCycle = 0;

  /** @throws ConfigError when a parameter is missing or out of its range */
  constructor(given: CommandPowerParameters) {
    const parameters = parsePowerParameters(given);
    const { standard, organization, timings } = parameters;
    const banksPerRank = organization.bankGroups * organization.banksPerGroup;
    this.parameters = parameters;
    this.banks = organization.ranks * banksPerRank;
    this.counts = new ActionCounts(this.banks);
    this.states = new RankStates(parameters, this.counts);
    this.rankOf = Int32Array.from({ length: this.banks }, (_, bank) => Math.floor(bank / banksPerRank));
    this.accepted = new Uint8Array(POWER_COMMANDS.length);
    for (const command of STANDARD_RULES[standard].commands) this.accepted[command] = 1;
    if (banksPerRank < PAIR_BANKS) this.accepted[commands.REFP2B] = this.accepted[commands.REFDB] = 0;
    this.nRFCab = timings.nRFCab;
    this.nRFCsb = timings.nRFCsb ?? 0;
    this.nRFCpb = timings.nRFCpb ?? 0;
    this.nRFCdb = timings.nRFCdb ?? 0;
    this.nRDAtoPRE = timings.nRDAtoPRE;
    this.nWRAtoPRE = timings.nWRAtoPRE;
  }

  /** Back to the fresh state. */
  reset(): void {
    this.counts.reset();
    this.states.reset();
    this.now = 0;
    this.lastReadCycle = 0;
    this.lastWriteCycle = 0;
  }

  /**
   * A command issues.
   * @param cycle not before that of the command before
   * @param command number of a `POWER_COMMANDS`
   * @param bank flat index in the channel; any bank of the rank for commands to a whole rank
   * @throws UnsupportedError for a command that the device does not have, ModelError for time that runs backwards or no such
   *   bank
   */
  command(cycle: number, command: number, bank: number): void {
    if (!(cycle >= this.now) || bank >>> 0 !== bank || bank >= this.banks) this.refusePlace(cycle, bank);
    if (this.accepted[command] !== 1) this.refuseCommand(cycle, command);
    const { states, counts } = this;
    this.now = cycle;
    if (states.deferred.nextCycle <= cycle) states.runUntil(cycle);
    const rank = this.rankOf[bank]!;
    switch (command) {
      case commands.RD:
        counts.reads[bank]!++;
        this.lastReadCycle = cycle;
        break;
      case commands.WR:
        counts.writes[bank]!++;
        this.lastWriteCycle = cycle;
        break;
      case commands.RDA:
        counts.readsAutoPrecharge[bank]!++;
        this.lastReadCycle = cycle;
        states.prechargeLater(bank, cycle, this.nRDAtoPRE);
        break;
      case commands.WRA:
        counts.writesAutoPrecharge[bank]!++;
        this.lastWriteCycle = cycle;
        states.prechargeLater(bank, cycle, this.nWRAtoPRE);
        break;
      case commands.ACT:
        states.activate(bank, rank, cycle);
        break;
      case commands.PRE:
        states.precharge(bank, rank, cycle);
        break;
      default:
        this.rareCommand(cycle, command, bank, rank);
    }
  }

  /**
   * What was metered up to a cycle, which is not before the last command. Metering may go on afterwards.
   * @param commandAddress activity of the command bus up to that cycle
   * @throws ModelError for an end before the last command
   */
  finish(endCycle: number, commandAddress?: LineActivity): PowerRecord {
    if (!(endCycle >= this.now)) throw new ModelError("dram.power", `an end before cycle ${this.now}`, endCycle);
    this.now = endCycle;
    this.states.runUntil(endCycle);
    const { parameters, counts } = this;
    const actions = bankActions(counts);
    const bankActiveCycles = this.states.active.banks.totalsAt(endCycle);
    const rankTimes = this.rankTimesAt(endCycle);
    const core = coreEnergy(parameters, actions, bankActiveCycles, rankTimes);
    const record = { endCycle, actions, bankActiveCycles, rankTimes, core };
    if (parameters.interface === undefined) return record;
    const reads = { count: sum(actions.reads) + sum(actions.readsAutoPrecharge), lastCycle: this.lastReadCycle };
    const writes = { count: sum(actions.writes) + sum(actions.writesAutoPrecharge), lastCycle: this.lastWriteCycle };
    const { devicesPerRank } = parameters.organization;
    const bus = busActivity(parameters.interface, devicesPerRank, reads, writes, endCycle);
    if (commandAddress === undefined) return { ...record, bus };
    return { ...record, bus, interface: interfaceEnergy(parameters, parameters.interface, bus, commandAddress) };
  }

  private rankTimesAt(cycle: number): RankTimes {
    const { states } = this;
    const activeCycles = states.active.ranks.totalsAt(cycle);
    const activePowerDownCycles = states.activePowerDown.totalsAt(cycle);
    const prechargePowerDownCycles = states.prechargePowerDown.totalsAt(cycle);
    const sleepCycles = states.selfRefresh.totalsAt(cycle);
    const deepSleepCycles = states.deepSleep.totalsAt(cycle);
    return {
      activeCycles,
      prechargedCycles: activeCycles.map((active, rank) => {
        const down = activePowerDownCycles[rank]! + prechargePowerDownCycles[rank]!;
        return cycle - (active + down + sleepCycles[rank]!);
      }),
      activePowerDownCycles,
      prechargePowerDownCycles,
      selfRefreshCycles: sleepCycles.map((sleep, rank) => sleep - deepSleepCycles[rank]!),
      deepSleepCycles,
    };
  }

  private rareCommand(cycle: number, command: number, bank: number, rank: number): void {
    const { states } = this;
    switch (command) {
      case commands.PREA:
        states.prechargeAll(rank, cycle);
        break;
      case commands.PRESB:
        states.prechargeSameBank(bank, rank, cycle);
        break;
      case commands.REFA:
        states.refreshAll(rank, cycle, this.nRFCab);
        break;
      case commands.REFB:
        states.refreshOne(bank, rank, cycle, this.nRFCpb);
        break;
      case commands.REFSB:
        states.refreshSameBank(bank, rank, cycle, this.nRFCsb);
        break;
      case commands.REFP2B:
        states.refreshPair(bank, rank, cycle, this.nRFCpb);
        break;
      case commands.REFDB:
        states.refreshPair(bank, rank, cycle, this.nRFCdb);
        break;
      case commands.SREFEN:
        states.enterSelfRefresh(rank, cycle, this.nRFCab);
        break;
      case commands.SREFEX:
        states.selfRefresh.stop(rank, cycle);
        break;
      case commands.DSMEN:
        states.deepSleep.start(rank, cycle);
        break;
      case commands.DSMEX:
        states.deepSleep.stop(rank, cycle);
        break;
      case commands.PDEA:
        states.enterActivePowerDown(rank, cycle);
        break;
      case commands.PDXA:
        states.exitActivePowerDown(rank, cycle);
        break;
      case commands.PDEP:
        states.enterPrechargePowerDown(rank, cycle);
        break;
      case commands.PDXP:
        states.exitPrechargePowerDown(rank, cycle);
        break;
    }
  }

  private refusePlace(cycle: number, bank: number): never {
    const what =
      cycle >= this.now
        ? `bank ${bank}, where there are 0 to ${this.banks - 1}`
        : `a command after one of cycle ${this.now}`;
    throw new ModelError("dram.power", what, cycle);
  }

  private refuseCommand(cycle: number, command: number): never {
    const { standard, organization } = this.parameters;
    const known = POWER_COMMANDS.filter((_, number) => this.accepted[number] === 1).join(", ");
    const banksPerRank = organization.bankGroups * organization.banksPerGroup;
    throw new UnsupportedError({
      where: `dram.power, cycle ${cycle}`,
      got: POWER_COMMANDS[command] ?? `command number ${command}`,
      want: `a command that ${standard} with ${banksPerRank} banks a rank has: ${known}`,
      fix: "leave the command out, or name the standard that has it",
    });
  }
}

function sum(column: readonly number[]): number {
  return column.reduce((total, value) => total + value, 0);
}
