/**
 * Bit-pragmatic over DaDianNao beside the figures of the paper (convolution layers of ImageNet networks with ReLU; their
 * activations are not stored here). Ours are real networks too, of another kind: PP-OCR's recogniser on a line of text, whose
 * activations are hardly ever 0 (HardSwish), and MLPerf Tiny's ResNet-8 on drawn images (ReLU, 8 bits). The paper covers
 * ordinary convolutions, so depthwise ones and those of a single window are left out. What cannot agree for that reason
 * is printed; asserted is what must hold for any activations, and what the paper says of shifters.
 * Published figures: `published-accelerators.csv`, all read in arXiv 1610.06920v1 by others.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { BitPragmaticArray } from "../../hw-models/pe-array/bit-pragmatic/bit-pragmatic.js";
import { bitPragmaticTable } from "../../hw-models/pe-array/bit-pragmatic/bit-pragmatic-parameters.js";
import { DaDianNaoArray } from "../../hw-models/pe-array/dadiannao/dadiannao.js";
import { daDianNaoTable } from "../../hw-models/pe-array/dadiannao/dadiannao-parameters.js";
import type { LayerValues, ValuedArray } from "../../hw-models/pe-array/layer-values.js";
import { BIT_PRAGMATIC_PRESET } from "../../hw-models/presets/bit-pragmatic.js";
import { quantizedConvolutions, type RealLayer, recogniserConvolutions } from "../helpers/real-activations.js";
import { referencePath } from "../helpers/references.js";

const WIDE = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 } as const;
const SHAPE = { tiles: 16, filtersPerTile: 16, lanes: 16, activationBits: 16, weightBits: 16 };
const UNLIMITED = 1 << 20;
/** Of the 16 bits of fixed point, behind the point: 6 integer bits as in DianNao (recalled), for want of the paper's own. */
const FRACTION_BITS = 10;

/** Machines of the paper, with their published speed-up over DaDianNao at 16 and at 8 bits. */
const MACHINES = {
  "single stage, pallet": { own: { firstStageBits: "full", synchronisation: "pallet" }, at16: 2.59 },
  "3b, pallet": { own: { firstStageBits: 3, synchronisation: "pallet" }, at16: 2.59 },
  "2b, pallet": { own: { firstStageBits: 2, synchronisation: "pallet" }, at16: 2.59 },
  "0b, pallet": { own: { firstStageBits: 0, synchronisation: "pallet" } },
  "2b, column, 1 SSR": {
    own: { firstStageBits: 2, synchronisation: "column", synapseSetRegisters: 1 },
    at16: 3.1,
    at8: 3.5,
  },
  "2b, column, unlimited SSR": {
    own: { firstStageBits: 2, synchronisation: "column", synapseSetRegisters: UNLIMITED },
    at16: 3.45,
  },
} as const;
type MachineName = keyof typeof MACHINES;

function cyclesOf(array: ValuedArray, layer: RealLayer<Int16Array>): number {
  const values: LayerValues = { ...layer, weight: new Int16Array(0) };
  const from = { G: 0, N: 0, K: 0, C: 0, P: 0, Q: 0, R: 0, S: 0 };
  return array.prepare(values).timeTile({ from, extent: layer.bounds }).steadyCycles;
}

/** Mean over layers of the speed-up of a machine over DaDianNao. */
function speedup(name: MachineName, layers: readonly RealLayer<Int16Array>[]): number {
  const dadn = new DaDianNaoArray(daDianNaoTable.parse({ kind: "dadiannao", ...SHAPE }), WIDE);
  const own = { kind: "bit-pragmatic", ...SHAPE, windowsPerPallet: 16, ...MACHINES[name].own };
  const array = new BitPragmaticArray(bitPragmaticTable.parse(own), WIDE);
  const sum = layers.reduce((total, layer) => total + cyclesOf(dadn, layer) / cyclesOf(array, layer), 0);
  return sum / layers.length;
}

function speedups(layers: readonly RealLayer<Int16Array>[]): Record<MachineName, number> {
  const names = Object.keys(MACHINES) as MachineName[];
  return Object.fromEntries(names.map((name) => [name, speedup(name, layers)])) as Record<MachineName, number>;
}

/** Share of ones in magnitudes of that many bits. */
function essentialBits(layers: readonly RealLayer<Int16Array>[], bits: number): number {
  let ones = 0;
  let count = 0;
  for (const { ifmap } of layers) {
    for (const code of ifmap) for (const digit of Math.abs(code).toString(2)) ones += digit === "1" ? 1 : 0;
    count += ifmap.length;
  }
  return ones / (bits * count);
}

/** Published beside ours. */
function table(ours: Record<MachineName, number>, layers: readonly RealLayer<Int16Array>[], bits: 8 | 16): string {
  const rows = Object.entries(MACHINES).map(([name, machine]) => {
    const published =
      bits === 16 && "at16" in machine ? machine.at16 : bits === 8 && "at8" in machine ? machine.at8 : "-";
    return `  ${name.padEnd(26)} paper ${String(published).padEnd(5)} here ${ours[name as MachineName].toFixed(3)}`;
  });
  const worst = bits === 16 ? "12.7" : "38.4";
  const ones = (100 * essentialBits(layers, bits)).toFixed(1);
  return [`speed-up over DaDianNao, ${bits} bits; ${ones} % ones here, at most ${worst} % in the paper`, ...rows].join(
    "\n",
  );
}

/** Prints the table, and holds the figures to the order that any activations give. */
function expectOrder(ours: Record<MachineName, number>, layers: readonly RealLayer<Int16Array>[], bits: 8 | 16): void {
  const text = table(ours, layers, bits);
  console.info(text);
  const shifters: MachineName[] = ["0b, pallet", "2b, pallet", "3b, pallet", "single stage, pallet"];
  const waits: MachineName[] = ["2b, pallet", "2b, column, 1 SSR", "2b, column, unlimited SSR"];
  for (const names of [shifters, waits]) {
    const figures = names.map((name) => ours[name]);
    expect(figures, text).toEqual(figures.toSorted((one, other) => one - other));
  }
}

/** Fixed point with that many bits behind the point, saturating. */
function fixedPoint(layers: readonly RealLayer<Float32Array>[], fractionBits: number): RealLayer<Int16Array>[] {
  return layers.map((layer) => ({
    ...layer,
    ifmap: Int16Array.from(layer.ifmap, (value) =>
      Math.max(-32768, Math.min(32767, Math.round(value * 2 ** fractionBits))),
    ),
  }));
}

describe("Bit-pragmatic over DaDianNao on PP-OCR's recogniser, 16-bit fixed point", () => {
  let layers: RealLayer<Float32Array>[] = [];
  beforeAll(async () => {
    const all = await recogniserConvolutions();
    layers = all.filter(({ bounds: { G, P, Q } }) => G === 1 && P * Q >= 16);
  });

  it("has the layers that it is about", () => {
    // 38 convolutions: 14 depthwise, 4 of a single window in squeeze-and-excitation.
    expect(layers).toHaveLength(20);
  });

  it("loses no more than 0.2 % by a first stage of 3 bits, as in the paper, and gains by each synapse set register", () => {
    const format = fixedPoint(layers, FRACTION_BITS);

    const ours = speedups(format);

    expectOrder(ours, format, 16);
    expect(ours["3b, pallet"] / ours["single stage, pallet"]).toBeGreaterThan(0.998);
    // What every comparison says of the model.
    expect(BIT_PRAGMATIC_PRESET.calibration?.ours).toBeCloseTo(ours["2b, column, 1 SSR"], 3);
  });

  it("is the faster the fewer of the activations' bits are ones", () => {
    const formats = [6, 8, 10, 12].map((bits) => fixedPoint(layers, bits));
    const shares = formats.map((format) => essentialBits(format, 16));
    const figures = formats.map((format) => speedup("2b, column, 1 SSR", format));

    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(figures).toEqual(figures.toSorted((a, b) => b - a));
  });

  it("is never slower than DaDianNao where pallets are full, whatever the values: 16 windows in at most 16 cycles", () => {
    const full = layers.filter(({ bounds: { P, Q }, window }) => (P * Q) % 16 === 0 && window.padTop === 0);
    const worst = full.map((layer) => ({ ...layer, ifmap: new Int16Array(layer.ifmap.length).fill(32767) }));

    // 15 ones of the greatest magnitude: 16/15 of DaDianNao's speed.
    const ours = speedups(worst);

    expect(worst.length).toBeGreaterThan(10);
    for (const figure of Object.values(ours)) expect(figure).toBeCloseTo(16 / 15, 9);
  });
});

const RESNET = referencePath("mlperf-tiny/pretrainedResnet_quant.tflite");

describe.skipIf(RESNET === undefined)("Bit-pragmatic over DaDianNao on ResNet-8, 8 bits", () => {
  it("gains by each step of the paper", async () => {
    const layers = await quantizedConvolutions(RESNET!);

    const ours = speedups(layers);

    expect(layers).toHaveLength(9);
    expectOrder(ours, layers, 8);
    expect(ours["3b, pallet"] / ours["single stage, pallet"]).toBeGreaterThan(0.998);
    expect(ours["2b, pallet"] / ours["single stage, pallet"]).toBeGreaterThan(0.998);
  });
});
