/** Charges a run: action counts and time against the energy model, per operation. */
import { accountEnergy, type EnergyAccount } from "../../hw-models/energy/account.js";
import type { EnergyModel } from "../../hw-models/energy/energy-model.js";
import { ENERGY_COMPONENTS, type EnergyComponent } from "../../hw-models/energy/energy-types.js";
import type { Run } from "./run-network.js";

export interface RunCharge {
  readonly operations: readonly EnergyAccount[];
  readonly total: {
    readonly energyPj: number;
    readonly energyLowPj: number;
    readonly energyHighPj: number;
    readonly energyByComponentPj: Readonly<Record<EnergyComponent, number>>;
  };
}

/** Energy of every operation of a run and of all together. */
export function chargeRun(run: Run, model: EnergyModel, clockHz: number): RunCharge {
  const operations = run.works.map((work, index) => {
    const time = run.times[index]!;
    return accountEnergy(model, work.actions, (time.endCycle - time.startCycle) / clockHz);
  });
  const byComponent = Object.fromEntries(ENERGY_COMPONENTS.map((component) => [component, 0])) as Record<
    EnergyComponent,
    number
  >;
  const total = { energyPj: 0, energyLowPj: 0, energyHighPj: 0, energyByComponentPj: byComponent };
  for (const account of operations) {
    total.energyPj += account.energyPj;
    total.energyLowPj += account.energyLowPj;
    total.energyHighPj += account.energyHighPj;
    for (const component of ENERGY_COMPONENTS) byComponent[component] += account.energyByComponentPj[component];
  }
  return { operations, total };
}
