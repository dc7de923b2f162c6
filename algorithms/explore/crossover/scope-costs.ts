/**
 * A report cut by types of layers: what each costs, what metadata has of it, and how evenly its products fall on the multipliers.
 * Layers own their cycles as in the report, so a type has what its layers waited for and not what was hidden behind others. Left
 * out of the energy of metadata: its way through the weight buffer, and row activations.
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import type { LayerReport, Report } from "../../../sim/run/report-types.js";
import type { CrossoverCosts } from "./crossover-types.js";
import { layerTypeOf } from "./layer-type.js";

/** The scope that has every layer, those without matrix products included. */
export const NETWORK_SCOPE = "network";

export interface ScopeCosts {
  readonly layers: number;
  readonly costs: CrossoverCosts;
}

type Machine = { readonly clockHz: number; readonly peakMacsPerCycle: number };

/** Costs of the network and of each type of layer, in the order in which types come. */
export function scopeCostsOf({ layers }: Pick<Report, "layers">, machine: Machine): ReadonlyMap<string, ScopeCosts> {
  const scopes = new Map<string, LayerReport[]>([[NETWORK_SCOPE, [...layers]]]);
  for (const layer of layers) {
    const type = layerTypeOf(layer);
    if (type === undefined) continue;
    const known = scopes.get(type);
    if (known === undefined) scopes.set(type, [layer]);
    else known.push(layer);
  }
  return new Map(
    [...scopes].map(([scope, members]) => [scope, { layers: members.length, costs: costsOf(members, machine) }]),
  );
}

function costsOf(layers: readonly LayerReport[], { clockHz, peakMacsPerCycle }: Machine): CrossoverCosts {
  const sum = (figure: (layer: LayerReport) => number): number =>
    layers.reduce((total, layer) => total + figure(layer), 0);
  const cycles = sum((layer) => layer.cycles);
  return {
    cycles,
    latencySeconds: cycles / clockHz,
    energyPj: sum(({ energyPj }) => energyPj),
    energyLowPj: sum(({ energyLowPj }) => energyLowPj),
    energyHighPj: sum(({ energyHighPj }) => energyHighPj),
    macs: sum(({ macs }) => macs),
    products: sum(productsOf),
    computeCycles: sum(({ cyclesByCause }) => cyclesByCause.compute),
    balancedCycles: sum((layer) => ceilDiv(productsOf(layer), peakMacsPerCycle)),
    valueBits: sum(({ weightBits }) => weightBits),
    metadataBits: sum(({ metadataBits }) => metadataBits),
    dramBytes: sum(({ dram }) => dram.burstBytes),
    dramMetadataBytes: sum(({ actions }) => actions.dramMetadataReadBytes),
    dramEnergyPj: sum(({ energyByComponentPj }) => energyByComponentPj.dram),
    metadataEnergyPj: sum(metadataEnergyOf),
  };
}

/** Multiplications that are done; an array of digits or bits counts none, and is given those of its stored weights. */
function productsOf({ actions, effectualMacs }: LayerReport): number {
  return actions.macOps > 0 ? actions.macOps : effectualMacs;
}

function metadataEnergyOf({ actions, dram, dramEnergyPj }: LayerReport): number {
  return dram.readBytes === 0 ? 0 : (dramEnergyPj.read * actions.dramMetadataReadBytes) / dram.readBytes;
}
