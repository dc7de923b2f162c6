/** What the energy tables give for one design: energy per action with its range, leakage, area, and the sources of each. */
import type { ValuedAction } from "../pe-array/layer-values.js";
import type { ActionName, EnergyComponent, NotModelled, SourceEntry } from "./energy-types.js";

/** Energy of one action, from its first source and over all of them. */
export interface ActionEnergy {
  readonly nominalPj: number;
  readonly lowPj: number;
  readonly highPj: number;
  readonly component: EnergyComponent;
}

export interface EnergyModel {
  readonly actions: Readonly<Record<ActionName, ActionEnergy>>;
  /** Static power of the chip at the design's supply. */
  readonly leakageWatts: { readonly nominal: number; readonly low: number; readonly high: number };
  readonly areaUm2: number;
  readonly sources: readonly SourceEntry[];
  /** Sources of actions that only some machines do. */
  readonly sourcesOf: Readonly<Record<ValuedAction, readonly SourceEntry[]>>;
  readonly notModelled: readonly NotModelled[];
}
