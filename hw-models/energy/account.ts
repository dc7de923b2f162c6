/** Charges action counts and time: energy = counts x table + leakage x time. */
import type { EnergyModel } from "./energy-model.js";
import {
  ACTIONS,
  type ActionCounts,
  type ActionName,
  type DramPart,
  ENERGY_COMPONENTS,
  type EnergyComponent,
} from "./energy-types.js";

export interface EnergyAccount {
  readonly energyPj: number;
  readonly energyLowPj: number;
  readonly energyHighPj: number;
  readonly energyByComponentPj: Readonly<Record<EnergyComponent, number>>;
  /** DRAM alone, by what it was spent on. */
  readonly dramEnergyPj: Readonly<Record<DramPart, number>>;
  /** Buffers and DRAM, by the tensor that was moved. */
  readonly energyByTensorPj: Readonly<Record<"weight" | "ifmap" | "ofmap", number>>;
}

/** Tensor of each memory action. */
const TENSOR_OF: Readonly<Partial<Record<ActionName, "weight" | "ifmap" | "ofmap">>> = {
  ifmapBufferReads: "ifmap",
  ifmapBufferWrites: "ifmap",
  weightBufferReads: "weight",
  weightBufferWrites: "weight",
  ofmapBufferReads: "ofmap",
  ofmapBufferWrites: "ofmap",
  dramWeightReadBytes: "weight",
  dramMetadataReadBytes: "weight",
  dramIfmapReadBytes: "ifmap",
  dramPsumReadBytes: "ofmap",
  dramPsumWriteBytes: "ofmap",
  dramOfmapWriteBytes: "ofmap",
  dramWeightActivates: "weight",
  dramIfmapActivates: "ifmap",
  dramOfmapActivates: "ofmap",
};

/** What each action of DRAM is part of. */
const DRAM_PART_OF: Readonly<Partial<Record<ActionName, DramPart>>> = {
  dramWeightReadBytes: "read",
  dramMetadataReadBytes: "read",
  dramIfmapReadBytes: "read",
  dramPsumReadBytes: "read",
  dramPsumWriteBytes: "write",
  dramOfmapWriteBytes: "write",
  dramWeightActivates: "activate",
  dramIfmapActivates: "activate",
  dramOfmapActivates: "activate",
  dramRefreshes: "refresh",
  dramBankRefreshes: "refresh",
  dramActiveStandbyCycles: "background",
  dramPrechargeStandbyCycles: "background",
  dramActivePowerDownCycles: "background",
  dramPrechargePowerDownCycles: "background",
  dramSelfRefreshCycles: "selfRefresh",
};

export function emptyDramParts(): Record<DramPart, number> {
  return { read: 0, write: 0, activate: 0, refresh: 0, background: 0, selfRefresh: 0 };
}

const PJ_PER_JOULE = 1e12;

/** Energy of some actions over some time. @param seconds time for which the chip leaks */
export function accountEnergy(model: EnergyModel, counts: ActionCounts, seconds: number): EnergyAccount {
  const byComponent = Object.fromEntries(ENERGY_COMPONENTS.map((name) => [name, 0])) as Record<EnergyComponent, number>;
  const byTensor = { weight: 0, ifmap: 0, ofmap: 0 };
  const dram = emptyDramParts();
  let low = model.leakageWatts.low * seconds * PJ_PER_JOULE;
  let high = model.leakageWatts.high * seconds * PJ_PER_JOULE;
  byComponent.leakage = model.leakageWatts.nominal * seconds * PJ_PER_JOULE;
  for (const action of ACTIONS) {
    const count = counts[action];
    const { nominalPj, lowPj, highPj, component } = model.actions[action];
    byComponent[component] += count * nominalPj;
    low += count * lowPj;
    high += count * highPj;
    const tensor = TENSOR_OF[action];
    if (tensor !== undefined) byTensor[tensor] += count * nominalPj;
    const part = DRAM_PART_OF[action];
    if (part !== undefined) dram[part] += count * nominalPj;
  }
  let total = 0;
  for (const component of ENERGY_COMPONENTS) total += byComponent[component];
  return {
    energyPj: total,
    energyLowPj: Math.min(low, total),
    energyHighPj: Math.max(high, total),
    energyByComponentPj: byComponent,
    dramEnergyPj: dram,
    energyByTensorPj: byTensor,
  };
}
