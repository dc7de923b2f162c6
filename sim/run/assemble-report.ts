/** Puts a run and its energy into the report's form, and checks that sums agree. */
import type { Design } from "../../hw-models/design.js";
import type { EnergyAccount } from "../../hw-models/energy/account.js";
import type { EnergyModel } from "../../hw-models/energy/energy-model.js";
import { DRAM_PARTS, ENERGY_COMPONENTS, type SourceEntry } from "../../hw-models/energy/energy-types.js";
import { describeArray } from "../../hw-models/pe-array/index.js";
import { ModelError } from "../core/errors.js";
import { VERSION } from "../core/version.js";
import { type Network, networkMacs, networkParameters } from "../ir/network.js";
import type { Operation } from "../ir/operation.js";
import { tensorElements } from "../ir/tensor.js";
import { actionsOf, chargeRun, type RunCharge } from "./charge.js";
import type { FunctionalNetwork } from "./functional/functional-network.js";
import { emptyCauses, emptyReasons, type LayerTime } from "./layer-time.js";
import { peakActivationBytes } from "./liveness.js";
import { encodingText, provenanceOf, reportNotes } from "./report-notes.js";
import {
  CYCLE_CAUSES,
  type CycleCause,
  type DistributionReport,
  type DramSummary,
  type LayerReport,
  type OperatingPointReport,
  REPORT_SCHEMA_ID,
  type Report,
  type ReportTotals,
  WAIT_REASONS,
} from "./report-types.js";
import type { Run, SimulateOptions } from "./run-network.js";
import { type BufferUse, dramReadBytes, dramWriteBytes, type WorkSummary } from "./work.js";

/** What a report is made of. */
export interface ReportParts {
  readonly network: Network;
  readonly design: Design;
  readonly options: SimulateOptions;
  readonly run: Run;
  readonly energy: EnergyModel;
  readonly operatingPoints: readonly OperatingPointReport[];
  readonly distributions: readonly DistributionReport[];
  readonly functional: FunctionalNetwork | undefined;
}

/** Relative slack of floating-point sums. */
const SUM_TOLERANCE = 1e-9;

/** The report of a run. @throws ModelError when a sum does not hold */
export function assembleReport(parts: ReportParts): Report {
  const { network, design, options, run, energy, functional } = parts;
  const charge = chargeRun(run, energy, design.clockHz);
  const layers = run.works.map((work, index) =>
    layerReport(work, run.times[index]!, charge.operations[index]!, design, run, functional),
  );
  const report: Report = {
    schema: REPORT_SCHEMA_ID,
    tool: { name: "picojoule", version: VERSION },
    seed: options.seed ?? "0",
    network: {
      name: network.name,
      source: network.source,
      macs: networkMacs(network),
      parameters: networkParameters(network),
    },
    design,
    array: describeArray(design.peArray),
    encoding: options.encoding ?? network.compression ?? "dense",
    fidelity: options.fidelity ?? "cycle",
    clock: { baseTickHz: run.clocks.baseTickHz, domains: run.clocks.domains },
    totals: totalsOf(network, run, charge, design, energy),
    layers,
    operatingPoints: parts.operatingPoints,
    ...(parts.distributions.length > 0 && { distributions: parts.distributions }),
    ...(functional !== undefined && { functional: functional.totals }),
    sources: [...energy.sources, ...sourcesOfRarer(run, energy)],
    notModelled: energy.notModelled,
    notes: reportNotes(network, design, run, options, parts.operatingPoints),
  };
  checkSums(report);
  return report;
}

/** Sources of the actions that this run did and most do not. */
function sourcesOfRarer({ works }: Run, { sourcesOf }: EnergyModel): SourceEntry[] {
  const names = Object.keys(sourcesOf) as (keyof typeof sourcesOf)[];
  return names.filter((name) => works.some(({ actions }) => actions[name] > 0)).flatMap((name) => sourcesOf[name]);
}

function shapeOf(operation: Operation): LayerReport["shape"] {
  if (operation.kind !== "matrix") return { elements: operation.output.elements };
  return { ...operation.bounds, H: operation.window.ifmapHeight, W: operation.window.ifmapWidth };
}

function dramSummary(work: WorkSummary, { activity }: LayerTime): DramSummary {
  const { actions } = work;
  const readBytes = dramReadBytes(actions);
  const writeBytes = dramWriteBytes(actions);
  return {
    usefulBytes: work.usefulDramBytes,
    burstBytes: readBytes + writeBytes,
    readBytes,
    writeBytes,
    bursts: activity.readBursts + activity.writeBursts,
    rowHits: activity.rowHits,
  };
}

function sumOfDram(run: Run): DramSummary {
  const total = { usefulBytes: 0, burstBytes: 0, readBytes: 0, writeBytes: 0, bursts: 0, rowHits: 0 };
  for (const [index, work] of run.works.entries()) {
    const part = dramSummary(work, run.times[index]!);
    for (const name of Object.keys(total) as (keyof DramSummary)[]) total[name] += part[name];
  }
  return total;
}

function largestCause(causes: Readonly<Record<CycleCause, number>>): CycleCause {
  return CYCLE_CAUSES.reduce((best, cause) => (causes[cause] > causes[best] ? cause : best));
}

function layerReport(
  work: WorkSummary,
  time: LayerTime,
  account: EnergyAccount,
  design: Design,
  { peakMacsPerCycle, values }: Run,
  functional: FunctionalNetwork | undefined,
): LayerReport {
  const { operation } = work;
  const valuesRun = functional?.layers.get(operation.name);
  const cycles = time.endCycle - time.startCycle;
  const buffer = (use: BufferUse, capacityBytes: number) => ({ ...use, capacityBytes });
  return {
    name: operation.name,
    kind: operation.label,
    fused: operation.fused,
    shape: shapeOf(operation),
    precision: operation.precision,
    encoding: encodingText(operation),
    mapping: work.mapping,
    macs: work.macs,
    effectualMacs: work.effectualMacs,
    cycles,
    cyclesByCause: time.cyclesByCause,
    waitReasons: time.waitReasons,
    hiddenCycles: time.hiddenCycles,
    energyPj: account.energyPj,
    energyLowPj: account.energyLowPj,
    energyHighPj: account.energyHighPj,
    energyByComponentPj: account.energyByComponentPj,
    dramEnergyPj: account.dramEnergyPj,
    energyByTensorPj: account.energyByTensorPj,
    actions: actionsOf(work, time),
    dram: dramSummary(work, time),
    buffers: {
      ifmap: buffer(work.buffers.ifmap, design.buffers.ifmap.capacityBytes),
      weight: buffer(work.buffers.weight, design.buffers.weight.capacityBytes),
      ofmap: buffer(work.buffers.ofmap, design.buffers.ofmap.capacityBytes),
    },
    weightBits: work.weightBits,
    metadataBits: work.metadataBits,
    utilizationFraction: cycles === 0 ? 0 : work.macs / (cycles * peakMacsPerCycle),
    boundBy: largestCause(time.cyclesByCause),
    statistics: provenanceOf(operation, values),
    assumed: operation.assumed,
    ...(valuesRun !== undefined && { functional: valuesRun }),
  };
}

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

function totalsOf(network: Network, run: Run, charge: RunCharge, design: Design, energy: EnergyModel): ReportTotals {
  const cycles = run.times.at(-1)?.endCycle ?? 0;
  const latencySeconds = cycles / design.clockHz;
  const macs = sum(run.works, (work) => work.macs);
  const dram = sumOfDram(run);
  const causes = emptyCauses();
  const reasons = emptyReasons();
  for (const time of run.times) {
    for (const cause of CYCLE_CAUSES) causes[cause] += time.cyclesByCause[cause];
    for (const reason of WAIT_REASONS) reasons[reason] += time.waitReasons[reason];
  }
  return {
    cycles,
    latencySeconds,
    energyPj: charge.total.energyPj,
    energyLowPj: charge.total.energyLowPj,
    energyHighPj: charge.total.energyHighPj,
    averagePowerWatts: latencySeconds === 0 ? 0 : (charge.total.energyPj * 1e-12) / latencySeconds,
    macs,
    effectualMacs: sum(run.works, (work) => work.effectualMacs),
    utilizationFraction: cycles === 0 ? 0 : macs / (cycles * run.peakMacsPerCycle),
    dramBytes: dram.burstBytes,
    dram,
    weightBits: sum(run.works, (work) => work.weightBits),
    metadataBits: sum(run.works, (work) => work.metadataBits),
    peakActivationBytes: peakActivationBytes(run.operations, network),
    peakSramBytes: run.works.reduce((most, { buffers }) => {
      return Math.max(most, buffers.ifmap.usedBytes + buffers.weight.usedBytes + buffers.ofmap.usedBytes);
    }, 0),
    weightBytes: storedWeights(network, run),
    areaUm2: energy.areaUm2,
    cyclesByCause: causes,
    waitReasons: reasons,
    energyByComponentPj: charge.total.energyByComponentPj,
    dramEnergyPj: charge.total.dramEnergyPj,
  };
}

/** Bytes of learned weights in memory, each tensor once and whole, however much of it a run touches. */
function storedWeights(network: Network, run: Run): number {
  const bitsOf = new Map<string, number>();
  for (const work of run.works) {
    const { operation } = work;
    if (operation.kind === "matrix") {
      if (operation.weightIsStatic) bitsOf.set(operation.weight.storage, work.weightBits + work.metadataBits);
      continue;
    }
    for (const { storage, bitsPerElement } of operation.parameters) {
      const tensor = network.tensors.get(storage);
      if (tensor !== undefined && !bitsOf.has(storage)) bitsOf.set(storage, tensorElements(tensor) * bitsPerElement);
    }
  }
  return [...bitsOf.values()].reduce((total, bits) => total + Math.ceil(bits / 8), 0);
}

/** Sums over layers equal totals; causes sum to cycles; components sum to energy. */
function checkSums(report: Report): void {
  const { totals, layers } = report;
  const cycles = sum(layers, (layer) => layer.cycles);
  if (cycles !== totals.cycles)
    throw new ModelError("report", `layers have ${cycles} cycles, the total ${totals.cycles}`);
  for (const item of [totals, ...layers]) {
    const byCause = CYCLE_CAUSES.reduce((part, cause) => part + item.cyclesByCause[cause], 0);
    if (byCause !== item.cycles) throw new ModelError("report", `causes sum to ${byCause}, cycles are ${item.cycles}`);
    const byPart = DRAM_PARTS.reduce((part, name) => part + item.dramEnergyPj[name], 0);
    if (Math.abs(byPart - item.energyByComponentPj.dram) > SUM_TOLERANCE * Math.max(1, byPart)) {
      throw new ModelError("report", `parts of DRAM sum to ${byPart} pJ, DRAM is ${item.energyByComponentPj.dram} pJ`);
    }
    const byComponent = ENERGY_COMPONENTS.reduce((part, name) => part + item.energyByComponentPj[name], 0);
    if (Math.abs(byComponent - item.energyPj) > SUM_TOLERANCE * Math.max(1, item.energyPj)) {
      throw new ModelError("report", `components sum to ${byComponent} pJ, energy is ${item.energyPj} pJ`);
    }
    if (item.energyLowPj > item.energyPj || item.energyHighPj < item.energyPj) {
      throw new ModelError("report", `energy ${item.energyPj} pJ lies outside its range`);
    }
  }
}
