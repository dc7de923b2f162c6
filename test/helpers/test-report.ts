/** A small report for tests whose sums hold: totals are the sums of the layers given. */
import { ACTIONS, DRAM_PARTS, ENERGY_COMPONENTS, type EnergyComponent } from "../../hw-models/energy/energy-types.js";
import { CYCLE_CAUSES, type CycleCause, type LayerReport, type Report } from "../../sim/run/report-types.js";
import { testDesign } from "./test-design.js";

/** What a test says of a layer; the rest is nought. */
export interface TestLayer extends Partial<Omit<LayerReport, "cyclesByCause" | "energyByComponentPj">> {
  readonly name: string;
  readonly cyclesByCause?: Partial<Record<CycleCause, number>>;
  readonly energyByComponentPj?: Partial<Record<EnergyComponent, number>>;
}

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}

function sum(record: Readonly<Record<string, number>>): number {
  return Object.values(record).reduce((total, value) => total + value, 0);
}

const BUFFER = { usedBytes: 0, capacityBytes: 65536, arrayReads: 0, arrayWrites: 0, conflictCycles: 0 };

function testLayer(given: TestLayer): LayerReport {
  const cyclesByCause = { ...zeros(CYCLE_CAUSES), ...given.cyclesByCause };
  const energyByComponentPj = { ...zeros(ENERGY_COMPONENTS), ...given.energyByComponentPj };
  const energyPj = sum(energyByComponentPj);
  return {
    kind: "conv",
    fused: [],
    shape: {},
    precision: "int8 x int8 -> int32 -> int8",
    encoding: "dense",
    mapping: { dataflow: "os", tile: { G: 1, N: 1, K: 1, C: 1, P: 1, Q: 1, R: 1, S: 1 }, levels: [] },
    macs: 0,
    effectualMacs: 0,
    cycles: sum(cyclesByCause),
    waitReasons: { bandwidth: 0, rowConflict: 0, refresh: 0, latency: 0, bufferPort: 0, dependency: 0 },
    hiddenCycles: 0,
    energyPj,
    energyLowPj: energyPj / 2,
    energyHighPj: energyPj * 10,
    dramEnergyPj: { ...zeros(DRAM_PARTS), read: energyByComponentPj.dram },
    energyByTensorPj: { weight: 0, ifmap: 0, ofmap: 0 },
    actions: zeros(ACTIONS),
    dram: { usefulBytes: 0, burstBytes: 0, readBytes: 0, writeBytes: 0, bursts: 0, rowHits: 0 },
    buffers: { ifmap: BUFFER, weight: BUFFER, ofmap: BUFFER },
    weightBits: 0,
    metadataBits: 0,
    utilizationFraction: 0,
    boundBy: "compute",
    statistics: "none",
    assumed: false,
    ...given,
    cyclesByCause,
    energyByComponentPj,
  };
}

/** A report of the layers, on an 8x8 output-stationary array at 1 GHz (64 MACs a cycle). */
export function testReport(given: readonly TestLayer[], changes: Partial<Report> = {}): Report {
  const layers = given.map(testLayer);
  const total = (pick: (layer: LayerReport) => number): number => layers.reduce((all, layer) => all + pick(layer), 0);
  const totalOf = <Name extends string>(names: readonly Name[], pick: (layer: LayerReport) => Record<Name, number>) =>
    Object.fromEntries(names.map((name) => [name, total((layer) => pick(layer)[name])])) as Record<Name, number>;
  const cycles = total((layer) => layer.cycles);
  const energyPj = total((layer) => layer.energyPj);
  const macs = total((layer) => layer.macs);
  const latencySeconds = cycles / 1e9;
  return {
    schema: "picojoule/report@1",
    tool: { name: "picojoule", version: "1.2.3" },
    seed: "0",
    network: { name: "net", source: "test", macs, parameters: 1234 },
    design: testDesign(),
    array: "8x8 os",
    encoding: "dense",
    fidelity: "cycle",
    clock: { baseTickHz: 1e9, domains: [] },
    totals: {
      cycles,
      latencySeconds,
      averagePowerWatts: (energyPj * 1e-12) / latencySeconds,
      macs,
      effectualMacs: macs,
      utilizationFraction: macs / (64 * cycles),
      energyPj,
      energyLowPj: total((layer) => layer.energyLowPj),
      energyHighPj: total((layer) => layer.energyHighPj),
      dramBytes: total((layer) => layer.dram.burstBytes),
      dram: totalOf(
        ["usefulBytes", "burstBytes", "readBytes", "writeBytes", "bursts", "rowHits"],
        (layer) => layer.dram,
      ),
      weightBits: total((layer) => layer.weightBits),
      metadataBits: total((layer) => layer.metadataBits),
      peakActivationBytes: 2048,
      peakSramBytes: 512,
      weightBytes: total((layer) => layer.weightBits) / 8,
      areaUm2: 2_500_000,
      cyclesByCause: totalOf(CYCLE_CAUSES, (layer) => layer.cyclesByCause),
      waitReasons: totalOf(
        ["bandwidth", "rowConflict", "refresh", "latency", "bufferPort", "dependency"],
        (layer) => layer.waitReasons,
      ),
      energyByComponentPj: totalOf(ENERGY_COMPONENTS, (layer) => layer.energyByComponentPj),
      dramEnergyPj: totalOf(DRAM_PARTS, (layer) => layer.dramEnergyPj),
    },
    layers,
    operatingPoints: [],
    sources: [],
    notModelled: [],
    notes: [],
    ...changes,
  };
}
