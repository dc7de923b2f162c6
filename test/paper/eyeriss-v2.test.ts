/**
 * Cycles of one PE with one MAC beside published ones: the ground truth of a validation of Sparseloop (Wu et al., MICRO 2022) on eight
 * 1x1 layers of a sparse MobileNet-0.5, with activations and weights of the densities given there at random places. A layer takes at
 * least its products of two non-zeros. What the published cycles have beyond the product of the densities, 0 to 7 %, lies in masks
 * that are not at random places, and in densities given to two digits; so ours may lie between that product and the published
 * figure, or past one of them by what the digits leave open.
 * Published figures: `published-accelerators.csv`.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { EyerissV2Array } from "../../hw-models/pe-array/eyeriss-v2/eyeriss-v2.js";
import { eyerissV2Table } from "../../hw-models/pe-array/eyeriss-v2/eyeriss-v2-parameters.js";
import type { LayerValues } from "../../hw-models/pe-array/layer-values.js";
import { plainWindow } from "../../sim/ir/layer.js";
import { wholeTile } from "../helpers/random-layers.js";
import { type Draw, drawFrom } from "../helpers/structured-weights.js";

const WIDE = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 } as const;

/** Output channels, output positions, input channels, densities of activations and weights, cycles. */
const PUBLISHED = [
  ["L07", 64, 1024, 64, 0.73, 0.52, 1702140],
  ["L09", 128, 256, 64, 0.86, 0.82, 1499682],
  ["L13", 256, 64, 128, 0.83, 0.64, 1144158],
  ["L19", 256, 64, 256, 0.61, 0.55, 1457458],
  ["L21", 256, 64, 256, 0.64, 0.6, 1677684],
  ["L23", 256, 64, 256, 0.61, 0.7, 1821557],
  ["L25", 512, 16, 256, 0.68, 0.65, 948572],
  ["L27", 512, 16, 512, 0.58, 0.3, 775316],
] as const;

/** Codes of which exactly that part is not zero. */
function masked(length: number, density: number, draw: Draw): Int8Array {
  const codes = new Int8Array(length);
  const order = Array.from({ length }, (_, at) => at);
  const kept = Math.round(density * length);
  for (let at = 0; at < kept; at++) {
    const other = at + draw(length - at);
    [order[at], order[other]] = [order[other]!, order[at]!];
    codes[order[at]!] = 1;
  }
  return codes;
}

function layerOf([name, K, P, C, activations, weights]: (typeof PUBLISHED)[number], seed: number): LayerValues {
  const draw = drawFrom(seed);
  return {
    name,
    bounds: { G: 1, N: 1, K, C, P, Q: 1, R: 1, S: 1 },
    window: plainWindow(P, 1),
    ifmap: masked(C * P, activations, draw),
    weight: masked(K * C, weights, draw),
  };
}

const ONE_PE = { pes: 1, macsPerPe: 1, outputChannels: 32, weightEntries: 192, chainPes: 1 };

function cyclesOf(layer: LayerValues, sizes: typeof ONE_PE): { readonly cycles: number; readonly macOps: number } {
  const table = eyerissV2Table.parse({ kind: "eyeriss-v2", activationBits: 8, weightBits: 8, ...sizes });
  const timing = new EyerissV2Array(table, WIDE).prepare(layer).timeTile(wholeTile(layer));
  return { cycles: timing.steadyCycles + timing.drainCycles, macOps: timing.macOps };
}

describe("one PE of Eyeriss v2", () => {
  const ours = new Map<string, ReturnType<typeof cyclesOf>>();
  const productOf = ([, K, P, C, activations, weights]: (typeof PUBLISHED)[number]) =>
    K * P * C * activations * weights;

  beforeAll(() => {
    const lines = PUBLISHED.map((row, at) => {
      ours.set(row[0], cyclesOf(layerOf(row, at + 1), ONE_PE));
      const { cycles } = ours.get(row[0])!;
      const of = (value: number) => `${value.toFixed(0)} (${(value / row[6]).toFixed(3)})`.padEnd(18);
      return `${row[0]}  published ${row[6]}  product of densities ${of(productOf(row))} ours ${of(cycles)}`;
    });
    console.info(lines.join("\n"));
  });

  const rows = PUBLISHED.map((row) => [row[0], row] as const);

  it.each(rows)("lies between the product of the densities and the published cycles on %s", (_name, row) => {
    const { cycles, macOps } = ours.get(row[0])!;
    const product = productOf(row);
    // Half a unit of the second digit of each density, the other way round for the two.
    const digits = 0.005 / row[4] + 0.005 / row[5];

    expect(cycles).toBeGreaterThanOrEqual(macOps);
    expect(cycles / product).toBeGreaterThan(1 - digits);
    expect(cycles / row[6]).toBeLessThan(1 + digits);
    expect(cycles / row[6]).toBeGreaterThan(0.93 - digits);
  });

  it("wastes half of a second MAC where columns have one weight, and nearly none where they are full", () => {
    const layer = layerOf(PUBLISHED[1], 2);
    const two = cyclesOf(layer, { ...ONE_PE, macsPerPe: 2 });
    const single = cyclesOf(layer, { ...ONE_PE, macsPerPe: 2, outputChannels: 1 });

    // Columns of 26 weights: ceil(26 / 2) = 13, half a cycle lost on every odd one.
    expect(two.macOps / two.cycles / 2).toBeGreaterThan(0.95);
    expect(single.macOps / single.cycles / 2).toBeLessThanOrEqual(0.5);
  });
});
