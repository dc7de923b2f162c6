/**
 * Bit Fusion beside its authors' simulator: cycles of the units of every layer of its eight networks, which must be the same, and the
 * latencies at 192 bits a cycle of DRAM, which cannot be. Theirs reads and writes every output as a psum of 32 bits, waits for the
 * first and last tiles by themselves, and takes tiles of powers of two, whose last ones it times as if they were full; ours writes
 * outputs at the width of the next layer, and tiles end where the layer does. Both run with outputs of 32 bits too, as context.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { type Design, designTable } from "../../hw-models/design.js";
import { logicUm2 } from "../../hw-models/energy/area.js";
import { BIT_FUSION_45NM } from "../../hw-models/energy/bit-fusion-45nm.js";
import { brickOpinions } from "../../hw-models/energy/datapath-energies.js";
import { BitFusionArray } from "../../hw-models/pe-array/bit-fusion/bit-fusion.js";
import { bitFusionTable } from "../../hw-models/pe-array/bit-fusion/bit-fusion-parameters.js";
import { bitFusionInventory } from "../../hw-models/pe-array/bit-fusion/bit-fusion-structure.js";
import { BIT_FUSION_PRESET } from "../../hw-models/presets/bit-fusion.js";
import { simulate } from "../../sim/run/simulate.js";
import {
  BATCH,
  boundsOf,
  FUSED_NETWORK_NAMES,
  type FusedLayer,
  type FusedNetworkName,
  fusedLayers,
  fusedNetwork,
} from "../helpers/bit-fusion-networks.js";

const CLOCK_HZ = 500e6;
/** Milliseconds an input, and those of the authors' model of Eyeriss: published-accelerators.csv, the authors' notebook. */
const PUBLISHED: Readonly<Record<FusedNetworkName, readonly [bitFusion: number, eyeriss: number]>> = {
  AlexNet: [4.7083, 8.7858],
  SVHN: [0.1647, 1.4121],
  CIFAR10: [0.4117, 5.5192],
  "LeNet-5": [0.0513, 0.1397],
  "VGG-7": [0.3528, 2.7032],
  "ResNet-18": [6.135, 11.9357],
  RNN: [0.0493, 0.1311],
  LSTM: [0.0421, 0.1026],
};

const WIDE = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 } as const;
const UNITS = { kind: "bit-fusion", rows: 16, cols: 32, activationBits: 8, weightBits: 8 } as const;

function designOf(reductionOrder: "channels" | "im2col"): Design {
  const sram = { ports: 1, doubleBuffered: true, widthBytes: 4 };
  const { design } = BIT_FUSION_PRESET;
  return designTable.parse({
    ...design,
    name: "bit-fusion-16x32",
    clockHz: CLOCK_HZ,
    technology: { nodeNm: 45, supplyVolts: 0.9, operatingPoints: [] },
    peArray: { ...UNITS, dataflow: "bit-fusion", reductionOrder },
    buffers: {
      ...design.buffers,
      weight: { ...sram, capacityBytes: 65536, banks: 512 },
      ifmap: { ...sram, capacityBytes: 32768, banks: 16 },
      ofmap: { ...sram, capacityBytes: 16384, banks: 32 },
    },
    dram: { ...design.dram, clockHz: CLOCK_HZ, bytesPerClock: 24 },
  });
}

const DESIGNS = { channels: designOf("channels"), im2col: designOf("im2col") };

/** Of layers one after the other, the first ones with im2col. */
async function millisecondsOf(layers: readonly FusedLayer[], outputBits: number | undefined): Promise<number> {
  let seconds = 0;
  for (const order of ["im2col", "channels"] as const) {
    const own = layers.filter(({ isFirst }) => isFirst === (order === "im2col"));
    if (own.length === 0) continue;
    const options = { fidelity: "analytic", values: { distribution: "gaussian" } } as const;
    seconds += (await simulate(fusedNetwork(own, outputBits), DESIGNS[order], options)).totals.latencySeconds;
  }
  return (seconds * 1e3) / BATCH;
}

/** The floor of a layer in the authors' model: its units, or every output to and fro in 32 bits. */
function floorMilliseconds(layer: FusedLayer): number {
  const { K, P, Q } = boundsOf(layer).bounds;
  const outputCycles = (BATCH * K * P * Q * 64) / 192;
  return (Math.max(layer.unitCycles, outputCycles) / CLOCK_HZ / BATCH) * 1e3;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const geometricMean = (values: readonly number[]): number =>
  Math.exp(sum(values.map((value) => Math.log(value))) / values.length);

describe.each(FUSED_NETWORK_NAMES)("the units of Bit Fusion on %s", (network) => {
  it("take the cycles of the authors' simulator on every layer", () => {
    for (const layer of fusedLayers(network)) {
      const { bounds, window } = boundsOf(layer);
      const [activationBits, weightBits] = layer.widths;
      const reductionOrder = layer.isFirst ? "im2col" : "channels";
      const array = new BitFusionArray(bitFusionTable.parse({ ...UNITS, reductionOrder }), WIDE);
      const stored = { encoding: { name: "dense", parameters: {} }, activationBits, weightBits, isDrawn: true };
      const empty = new Int8Array(0);
      const prepared = array.prepare({ name: layer.name, bounds, window, ifmap: empty, weight: empty, stored });
      const from = { G: 0, N: 0, K: 0, C: 0, P: 0, Q: 0, R: 0, S: 0 };

      expect([layer.name, prepared.timeTile({ from, extent: bounds }).steadyCycles]).toEqual([
        layer.name,
        layer.unitCycles,
      ]);
    }
  });

  it("are listed with cycles that add up to the published latency", () => {
    const cycles = sum(fusedLayers(network).map((layer) => layer.cycles));

    expect((cycles / CLOCK_HZ / BATCH) * 1e3).toBeCloseTo(PUBLISHED[network][0], network === "ResNet-18" ? 3 : 4);
  });
});

describe("a fusion unit", () => {
  it("has an area and an energy near those of the authors' synthesis, which holds its psum adder and registers too", () => {
    const { nodeNm } = DESIGNS.channels.technology;
    const inventory = bitFusionInventory(bitFusionTable.parse({ ...UNITS, rows: 1, cols: 1 }), 32);
    const [, one, other] = brickOpinions(DESIGNS.channels.technology);
    const area = logicUm2(inventory, nodeNm);
    const energies = [one!, other!].map(({ energyPj }) => 16 * energyPj);
    console.info(
      `a fusion unit at ${nodeNm} nm: ${area.toFixed(0)} um2, synthesis ${BIT_FUSION_45NM.fusionUnitOp8Area.value}; ` +
        `16 bricks by their parts ${energies.map((value) => value.toFixed(2)).join(" or ")} pJ, synthesis ${BIT_FUSION_45NM.fusionUnitOp8.value}`,
    );

    // Larger than the same authors' fixed multiplier of 8 bits, 687.6 um2 in the same table.
    expect(area).toBeGreaterThan(687.6);
    for (const energy of energies) expect(energy).toBeGreaterThan(0.2);
  });
});

describe("latencies at 192 bits a cycle of DRAM", () => {
  const ours = new Map<FusedNetworkName, { narrow: number; wide: number; units: number; floor: number }>();
  let text = "";

  beforeAll(async () => {
    for (const network of FUSED_NETWORK_NAMES) {
      const layers = fusedLayers(network);
      const [narrow, wide] = [await millisecondsOf(layers, undefined), await millisecondsOf(layers, 32)];
      const units = (sum(layers.map(({ unitCycles }) => unitCycles)) / CLOCK_HZ / BATCH) * 1e3;
      ours.set(network, { narrow, wide, units, floor: sum(layers.map(floorMilliseconds)) });
    }
    const cells = (...texts: readonly string[]): string => texts.map((cell) => cell.padEnd(13)).join("");
    text = [
      cells(
        "ms an input",
        "units alone",
        "ours",
        "ours, 32 bit",
        "their floor",
        "authors",
        "ours/authors",
        "32/authors",
      ),
      ...FUSED_NETWORK_NAMES.map((network) => {
        const { narrow, wide, units, floor } = ours.get(network)!;
        const [published] = PUBLISHED[network];
        const times = [units, narrow, wide, floor, published].map((value) => value.toFixed(4));
        return cells(network, ...times, (narrow / published).toFixed(3), (wide / published).toFixed(3));
      }),
      `over the authors' model of Eyeriss: ${speedup("narrow").toFixed(3)}, 32 bit ${speedup("wide").toFixed(3)}, published 3.9`,
    ].join("\n");
    console.info(text);
  });

  const speedup = (outputs: "narrow" | "wide"): number =>
    geometricMean(FUSED_NETWORK_NAMES.map((network) => PUBLISHED[network][1] / ours.get(network)![outputs]));

  it("are no less than the units alone take", () => {
    for (const { narrow, wide, units } of ours.values()) {
      expect(narrow, text).toBeGreaterThanOrEqual(units);
      expect(wide, text).toBeGreaterThanOrEqual(narrow);
    }
  });

  it("have the mean over Eyeriss that every comparison says of the model", () => {
    const published = geometricMean(
      FUSED_NETWORK_NAMES.map((network) => PUBLISHED[network][1] / PUBLISHED[network][0]),
    );

    expect(published).toBeCloseTo(3.93, 2);
    expect(BIT_FUSION_PRESET.calibration?.ours).toBeCloseTo(speedup("narrow"), 2);
  });
});
