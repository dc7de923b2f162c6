/**
 * Cambricon-X over DianNao, and the peak rates of both, beside their papers' figures. The networks behind the published average
 * are not named where it was read, nor is the memory; here they are those of `pruned-networks.ts` at a batch of 1, on the array
 * alone and with a DRAM that delivers some bytes a cycle: whichever takes longer, layer by layer. What cannot agree for that
 * reason is printed; asserted is what the machines' rules bound.
 * Published figures: `published-accelerators.csv`, read in notes on the papers.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { CambriconXArray } from "../../hw-models/pe-array/cambricon-x/cambricon-x.js";
import { cambriconXTable } from "../../hw-models/pe-array/cambricon-x/cambricon-x-parameters.js";
import { DianNaoArray } from "../../hw-models/pe-array/diannao/diannao.js";
import { dianNaoTable } from "../../hw-models/pe-array/diannao/diannao-parameters.js";
import { CAMBRICON_X_PRESET } from "../../hw-models/presets/cambricon-x.js";
import { DIANNAO_PRESET } from "../../hw-models/presets/diannao.js";
import { PRUNED_NETWORKS, type PrunedLayer, prunedLayers } from "../helpers/pruned-networks.js";
import { wholeTile } from "../helpers/random-layers.js";

const PUBLISHED_SPEEDUP = 7.23;
const WIDE = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 } as const;
const BYTES = { activationBits: 8, weightBits: 8 };
const STEP_BITS = 4;
/** A window that holds any reduction of these networks: PEs wait for each other at the end of an output only. */
const WHOLE_REDUCTION = 65536;

const dianNao = (outputs: number, inputs: number) =>
  new DianNaoArray(dianNaoTable.parse({ kind: "diannao", outputs, inputs, ...BYTES }), WIDE);
const cambriconX = (pes: number, multipliersPerPe: number, windowNeurons: number) =>
  new CambriconXArray(
    cambriconXTable.parse({ kind: "cambricon-x", pes, multipliersPerPe, windowNeurons, stepBits: STEP_BITS, ...BYTES }),
    WIDE,
  );

/** Machines of equal multipliers: as published, and of 1,024. */
const MACHINES = {
  "256 multipliers": {
    dense: dianNao(16, 16),
    sparse: cambriconX(16, 16, 256),
    free: cambriconX(16, 16, WHOLE_REDUCTION),
  },
  "1,024 multipliers": {
    dense: dianNao(32, 32),
    sparse: cambriconX(64, 16, 256),
    free: cambriconX(64, 16, WHOLE_REDUCTION),
  },
} as const;
type MachineName = keyof typeof MACHINES;
const MACHINE_NAMES = Object.keys(MACHINES) as MachineName[];

type NetworkName = keyof typeof PRUNED_NETWORKS;
const NETWORK_NAMES = Object.keys(PRUNED_NETWORKS) as NetworkName[];

/** Array cycles and DRAM bytes of a layer on both machines. */
interface LayerFigures {
  readonly name: string;
  readonly density: number;
  readonly denseCycles: number;
  readonly sparseCycles: number;
  readonly freeCycles: number;
  readonly sparseMacs: number;
  readonly denseBytes: number;
  readonly sparseBytes: number;
}

function figuresOf(layer: PrunedLayer, machine: MachineName): LayerFigures {
  const { dense, sparse, free } = MACHINES[machine];
  const { G, N, K, C, P, Q, R, S } = layer.bounds;
  const denseTiming = dense.timeTile({ rows: N * P * Q, columns: K, reduction: C * R * S });
  const sparseTiming = sparse.prepare(layer).timeTile(wholeTile(layer));
  const freeTiming = free.prepare(layer).timeTile(wholeTile(layer));
  const activations = N * G * (C * layer.window.ifmapHeight * layer.window.ifmapWidth + K * P * Q);
  // Every position takes each stored synapse once; one has 8 bits and a step. Counts of columns are left out.
  const stored = sparseTiming.weightReads / (N * P * Q);
  return {
    name: layer.name,
    density: layer.density,
    denseCycles: G * denseTiming.steadyCycles + denseTiming.drainCycles,
    sparseCycles: sparseTiming.steadyCycles + sparseTiming.drainCycles,
    freeCycles: freeTiming.steadyCycles + freeTiming.drainCycles,
    sparseMacs: sparseTiming.macOps,
    denseBytes: layer.weight.length + activations,
    sparseBytes: (stored * (8 + STEP_BITS)) / 8 + activations,
  };
}

function ratio(layers: readonly LayerFigures[], bytesPerCycle: number, sparse: "sparseCycles" | "freeCycles"): number {
  let [denseTime, sparseTime] = [0, 0];
  for (const layer of layers) {
    denseTime += Math.max(layer.denseCycles, layer.denseBytes / bytesPerCycle);
    sparseTime += Math.max(layer[sparse], layer.sparseBytes / bytesPerCycle);
  }
  return denseTime / sparseTime;
}

const COLUMNS = {
  "array alone": (layers: readonly LayerFigures[]) => ratio(layers, Number.POSITIVE_INFINITY, "sparseCycles"),
  "one window": (layers: readonly LayerFigures[]) => ratio(layers, Number.POSITIVE_INFINITY, "freeCycles"),
  "64 B/cycle": (layers: readonly LayerFigures[]) => ratio(layers, 64, "sparseCycles"),
  "16 B/cycle": (layers: readonly LayerFigures[]) => ratio(layers, 16, "sparseCycles"),
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("Cambricon-X over DianNao", () => {
  const figures = new Map<string, readonly LayerFigures[]>();
  const of = (machine: MachineName, network: NetworkName) => figures.get(`${machine} ${network}`)!;
  let text = "";

  beforeAll(() => {
    for (const network of NETWORK_NAMES) {
      const rows: Record<MachineName, LayerFigures[]> = { "256 multipliers": [], "1,024 multipliers": [] };
      for (const layer of prunedLayers(network)) {
        for (const machine of MACHINE_NAMES) rows[machine].push(figuresOf(layer, machine));
      }
      for (const machine of MACHINE_NAMES) figures.set(`${machine} ${network}`, rows[machine]);
    }
    const lines = MACHINE_NAMES.flatMap((machine) => [
      `${machine}: times faster than DianNao (published average ${PUBLISHED_SPEEDUP})`,
      ["", ...Object.keys(COLUMNS)].map((cell) => cell.padEnd(16)).join(""),
      ...NETWORK_NAMES.map((network) => {
        const cells = Object.values(COLUMNS).map((column) => column(of(machine, network)).toFixed(2));
        return [network, ...cells].map((cell) => cell.padEnd(16)).join("");
      }),
      [
        "mean",
        ...Object.values(COLUMNS).map((column) =>
          mean(NETWORK_NAMES.map((name) => column(of(machine, name)))).toFixed(2),
        ),
      ]
        .map((cell) => cell.padEnd(16))
        .join(""),
    ]);
    text = lines.join("\n");
    console.info(text);
  });

  it.each(NETWORK_NAMES)(
    "is between 1 and 16 times as fast on every layer of %s, as published: windows hold 16 picks",
    (name) => {
      for (const { name: layer, denseCycles, sparseCycles } of of("256 multipliers", name)) {
        // Both drain: three cycles on Cambricon-X, two on DianNao.
        expect((denseCycles - 2) / (sparseCycles - 3), `${layer}\n${text}`).toBeGreaterThanOrEqual(1);
        expect((denseCycles - 2) / (sparseCycles - 3), `${layer}\n${text}`).toBeLessThanOrEqual(16);
      }
    },
  );

  it.each(NETWORK_NAMES)("takes no less on %s than its multipliers allow, nor than one window for all", (name) => {
    for (const machine of MACHINE_NAMES) {
      const { peakMacsPerCycle } = MACHINES[machine].sparse;
      for (const { name: layer, sparseCycles, freeCycles, sparseMacs } of of(machine, name)) {
        expect(freeCycles, `${layer}\n${text}`).toBeLessThanOrEqual(sparseCycles);
        expect(freeCycles, `${layer}\n${text}`).toBeGreaterThanOrEqual(sparseMacs / peakMacsPerCycle);
      }
    }
  });

  it("has the mean that every comparison says of the model", () => {
    const ours = mean(NETWORK_NAMES.map((name) => COLUMNS["array alone"](of("256 multipliers", name))));

    expect(CAMBRICON_X_PRESET.calibration?.ours).toBeCloseTo(ours, 2);
  });

  it("gains most where most is pruned, with the multipliers of the papers (LeNet-5 has no channels for 64 PEs)", () => {
    const machine = "256 multipliers";
    const alone = NETWORK_NAMES.map((name) => COLUMNS["array alone"](of(machine, name)));
    const kept = NETWORK_NAMES.map((name) => {
      const layers = of(machine, name);
      const dense = layers.reduce((sum, { denseCycles }) => sum + denseCycles, 0);
      return layers.reduce((sum, { denseCycles, density }) => sum + density * denseCycles, 0) / dense;
    });
    const byKept = NETWORK_NAMES.map((_, index) => index).toSorted((one, other) => kept[one]! - kept[other]!);
    const gains = byKept.map((index) => alone[index]!);

    expect(gains, text).toEqual(gains.toSorted((one, other) => other - one));
  });
});

describe("peak rates", () => {
  it.each([
    // Multiplies and adds of each lane; DianNao at 0.98 GHz, Cambricon-X at 1 GHz (recalled).
    ["DianNao", dianNao(16, 16).peakMacsPerCycle, 0.98, 452],
    ["Cambricon-X", cambriconX(16, 16, 256).peakMacsPerCycle, 1, 544],
  ])("of %s are near the published one, which counts operations in its own way", (name, macs, clockGhz, published) => {
    const rate = 2 * macs * clockGhz;
    if (name.startsWith("DianNao")) expect(DIANNAO_PRESET.calibration?.ours).toBeCloseTo(rate, 6);
    console.info(`${name}: ${rate.toFixed(1)} GOP/s, published ${published}, ${(rate / published).toFixed(3)} of it`);

    expect(macs).toBe(256);
  });
});
