/**
 * Figures of one run in the columns, units and counting of the DRAM energy table: joule, counters summed over the banks,
 * a list with one value a rank where the table has one. The peer counts the levels of WCK by a rate of its own.
 */
import type { BusActivity, LineActivity } from "../../../hw-models/dram/power/bus-activity.js";
import { CommandPowerMeter, type PowerRecord } from "../../../hw-models/dram/power/command-power-meter.js";
import { type CoreEnergyTerms, sumTerms, totalCoreEnergyPj } from "../../../hw-models/dram/power/core-energy.js";
import { interfaceEnergy, totalInterfaceEnergyPj } from "../../../hw-models/dram/power/interface-energy.js";
import { UnsupportedError } from "../../core/errors.js";
import type { PeerWriteClock } from "./drampower-interface.js";
import type { ReferenceSet } from "./drampower-sets.js";
import type { DrampowerTrace } from "./drampower-trace.js";

const J_PER_PJ = 1e-12;

export type Figures = Readonly<Record<string, number | readonly number[]>>;

/** Runs a trace on a parameter set. @throws UnsupportedError for a command that the device does not have */
export function runDrampowerTrace({ parameters }: ReferenceSet, trace: DrampowerTrace): PowerRecord {
  const meter = new CommandPowerMeter(parameters);
  const { cycles, commands, banks } = trace;
  for (let index = 0; index < trace.length; index++) meter.command(cycles[index]!, commands[index]!, banks[index]!);
  return meter.finish(trace.endCycle);
}

const sum = (column: readonly number[]): number => column.reduce((total, value) => total + value, 0);

/** Counts and times. */
export function stateFigures({ parameters }: ReferenceSet, trace: DrampowerTrace, record: PowerRecord): Figures {
  const { actions, rankTimes } = record;
  const pairs = sum(actions.refreshesPair);
  const isDualBank = parameters.standard === "LPDDR6";
  return {
    commands: trace.length + 1,
    cycles: record.endCycle,
    n_act: sum(actions.activates),
    n_pre: sum(actions.precharges),
    n_rd: sum(actions.reads),
    n_wr: sum(actions.writes),
    n_rda: sum(actions.readsAutoPrecharge),
    n_wra: sum(actions.writesAutoPrecharge),
    n_ref_ab: sum(actions.refreshesAllBanks),
    n_ref_pb: sum(actions.refreshesOneBank),
    n_ref_sb: sum(actions.refreshesSameBank),
    n_ref_2b: isDualBank ? 0 : pairs,
    n_ref_db: isDualBank ? pairs : 0,
    bank_act_cycles: sum(record.bankActiveCycles),
    rank_act_cycles: rankTimes.activeCycles,
    rank_pre_cycles: rankTimes.prechargedCycles,
    rank_pdna_cycles: rankTimes.activePowerDownCycles,
    rank_pdnp_cycles: rankTimes.prechargePowerDownCycles,
    rank_sref_cycles: rankTimes.selfRefreshCycles,
    rank_dsm_cycles: rankTimes.deepSleepCycles,
  };
}

export function coreFigures({ parameters }: ReferenceSet, record: PowerRecord): Figures {
  const total = sumTerms(record.core);
  const joule = (name: keyof CoreEnergyTerms): number => total[name] * J_PER_PJ;
  const byRank = (name: keyof CoreEnergyTerms): number[] => record.core.map((terms) => terms[name] * J_PER_PJ);
  const isDualBank = parameters.standard === "LPDDR6";
  return {
    e_act: joule("activatePj"),
    e_pre: joule("prechargePj"),
    e_rd: joule("readPj"),
    e_wr: joule("writePj"),
    e_rda: joule("readAutoPrechargePj"),
    e_wra: joule("writeAutoPrechargePj"),
    e_ref_ab: joule("refreshAllBanksPj"),
    e_ref_pb: joule("refreshOneBankPj"),
    e_ref_sb: joule("refreshSameBankPj"),
    e_ref_2b: isDualBank ? 0 : joule("refreshPairPj"),
    e_ref_db: isDualBank ? joule("refreshPairPj") : 0,
    e_bg_act_bank: joule("activeBanksPj"),
    e_bg_act_shared: joule("activeRankPj"),
    e_bg_pre: joule("prechargedPj"),
    e_bg_act_bank_by_rank: byRank("activeBanksPj"),
    e_bg_pre_by_rank: byRank("prechargedPj"),
    e_pdna: joule("activePowerDownPj"),
    e_pdnp: joule("prechargePowerDownPj"),
    e_sref: joule("selfRefreshPj"),
    e_dsm: joule("deepSleepPj"),
    e_core_total: totalCoreEnergyPj(total) * J_PER_PJ,
  };
}

/**
 * Figures of the interface, given what the command bus does.
 * @throws UnsupportedError for a set without an interface that the model knows
 */
export function interfaceFigures(
  { parameters, writeClock }: ReferenceSet,
  record: PowerRecord,
  commandAddress: LineActivity,
): Figures {
  if (parameters.interface === undefined || record.bus === undefined) {
    throw new UnsupportedError({
      where: `interface of ${parameters.standard}`,
      got: "figures of an interface",
      want: "empty cells: its lines are not modelled",
      fix: "leave the cells of the interface empty",
    });
  }
  const bus = writeClock === undefined ? record.bus : { ...record.bus, writeClock: peerActivity(writeClock, record) };
  const energy = interfaceEnergy(parameters, parameters.interface, bus, commandAddress);
  return {
    i_ctrl_static: energy.controllerStaticPj * J_PER_PJ,
    i_ctrl_dynamic: energy.controllerDynamicPj * J_PER_PJ,
    i_dram_static: energy.dramStaticPj * J_PER_PJ,
    i_dram_dynamic: energy.dramDynamicPj * J_PER_PJ,
    i_total: totalInterfaceEnergyPj(energy) * J_PER_PJ,
    ...busFigures(bus),
  };
}

function busFigures(bus: BusActivity): Figures {
  return {
    ck_edges: bus.clock.risingEdges,
    wck_edges: bus.writeClock.risingEdges,
    rdqs_edges: bus.readStrobe.risingEdges,
    wdqs_edges: bus.writeStrobe.risingEdges,
    rdq_ones: bus.readData.ones,
    rdq_zeroes: bus.readData.zeros,
    rdq_01: bus.readData.risingEdges,
    wdq_ones: bus.writeData.ones,
    wdq_zeroes: bus.writeData.zeros,
    wdq_01: bus.writeData.risingEdges,
  };
}

/** Both lines of WCK, all the time or burst by burst, at the peer's rate. */
function peerActivity({ levelsPerClock, burstClocks, alwaysOn }: PeerWriteClock, record: PowerRecord): LineActivity {
  const { reads, readsAutoPrecharge, writes, writesAutoPrecharge } = record.actions;
  const bursts = sum(reads) + sum(readsAutoPrecharge) + sum(writes) + sum(writesAutoPrecharge);
  const edges = alwaysOn
    ? 2 * Math.floor((record.endCycle * levelsPerClock) / 2)
    : bursts * 2 * Math.floor((burstClocks * levelsPerClock) / 2);
  return { ones: edges, zeros: edges, risingEdges: edges };
}
