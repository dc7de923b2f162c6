/** Charges a run: action counts and time against the energy model, per operation. */
import { accountEnergy, type EnergyAccount, emptyDramParts } from "../../hw-models/energy/account.js";
import type { EnergyModel } from "../../hw-models/energy/energy-model.js";
import {
  type ActionCounts,
  DRAM_PARTS,
  type DramPart,
  ENERGY_COMPONENTS,
  type EnergyComponent,
} from "../../hw-models/energy/energy-types.js";
import type { LayerTime } from "./layer-time.js";
import type { Run } from "./run-network.js";
import type { WorkSummary } from "./work.js";

export interface RunCharge {
  readonly operations: readonly EnergyAccount[];
  readonly total: {
    readonly energyPj: number;
    readonly energyLowPj: number;
    readonly energyHighPj: number;
    readonly energyByComponentPj: Readonly<Record<EnergyComponent, number>>;
    readonly dramEnergyPj: Readonly<Record<DramPart, number>>;
  };
}

/** Everything that an operation did: its work, and what the memory did meanwhile. */
export function actionsOf(work: WorkSummary, { activity }: LayerTime): ActionCounts {
  return {
    ...work.actions,
    dramWeightActivates: activity.activates.weight,
    dramIfmapActivates: activity.activates.ifmap,
    dramOfmapActivates: activity.activates.ofmap,
    dramRefreshes: activity.refreshes,
    dramBankRefreshes: activity.bankRefreshes,
    dramActiveStandbyCycles: activity.activeStandbyCycles,
    dramPrechargeStandbyCycles: activity.prechargeStandbyCycles,
    dramActivePowerDownCycles: activity.activePowerDownCycles,
    dramPrechargePowerDownCycles: activity.prechargePowerDownCycles,
    dramSelfRefreshCycles: activity.selfRefreshCycles,
  };
}

/** Energy of every operation of a run and of all together. */
export function chargeRun(run: Run, model: EnergyModel, clockHz: number): RunCharge {
  const operations = run.works.map((work, index) => {
    const time = run.times[index]!;
    return accountEnergy(model, actionsOf(work, time), (time.endCycle - time.startCycle) / clockHz);
  });
  const byComponent = Object.fromEntries(ENERGY_COMPONENTS.map((component) => [component, 0])) as Record<
    EnergyComponent,
    number
  >;
  const dramEnergyPj = emptyDramParts();
  const total = { energyPj: 0, energyLowPj: 0, energyHighPj: 0, energyByComponentPj: byComponent, dramEnergyPj };
  for (const account of operations) {
    total.energyPj += account.energyPj;
    total.energyLowPj += account.energyLowPj;
    total.energyHighPj += account.energyHighPj;
    for (const component of ENERGY_COMPONENTS) byComponent[component] += account.energyByComponentPj[component];
    for (const part of DRAM_PARTS) dramEnergyPj[part] += account.dramEnergyPj[part];
  }
  return { operations, total };
}
