/**
 * The bit-serial array over DaDianNao, as Stripes is compared, and its rate by the width of weights, as UNPU's is given, beside the
 * published figures. The widths behind Stripes' average were not found, so a network cannot be set beside it: printed is what one
 * width for all layers gives, and asserted what the machine's rule says, 16 / p for p bits. UNPU finds sums of activations in tables,
 * which gains more than 16 times from 16 bits to 1. Published figures: `published-accelerators.csv`, abstracts of both papers.
 */
import { describe, expect, it } from "vitest";
import { BitSerialArray } from "../../hw-models/pe-array/bit-serial/bit-serial.js";
import { bitSerialTable } from "../../hw-models/pe-array/bit-serial/bit-serial-parameters.js";
import { DaDianNaoArray } from "../../hw-models/pe-array/dadiannao/dadiannao.js";
import { daDianNaoTable } from "../../hw-models/pe-array/dadiannao/dadiannao-parameters.js";
import type { LayerValues } from "../../hw-models/pe-array/layer-values.js";
import { isMatrixLayer } from "../../sim/ir/layer.js";
import { buildNetwork } from "../../sim/ir/networks/build.js";
import { wholeTile } from "../helpers/random-layers.js";

const STRIPES_MEAN = 1.92;
const STRIPES_RANGE = [1.3, 4.51] as const;
const UNPU_GOPS = { 16: 345.6, 1: 7372 } as const;
const WIDE = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 } as const;
const WIDTHS = { activationBits: 16, weightBits: 16 };
const TILES = { tiles: 16, filtersPerTile: 16, lanes: 16, ...WIDTHS };

const daDianNao = new DaDianNaoArray(daDianNaoTable.parse({ kind: "dadiannao", ...TILES }), WIDE);
const serial = (serialOperand: "activation" | "weight") =>
  new BitSerialArray(bitSerialTable.parse({ kind: "bit-serial", ...TILES, windowsPerPallet: 16, serialOperand }), WIDE);

function convolutions(network: string): LayerValues[] {
  const layers = buildNetwork(network, {}).layers.filter(isMatrixLayer);
  return layers
    .filter(({ bounds }) => bounds.R > 1)
    .map(({ name, bounds, window }) => ({ name, bounds, window, ifmap: new Int8Array(0), weight: new Int8Array(0) }));
}

function cyclesOf(array: BitSerialArray | DaDianNaoArray, layers: readonly LayerValues[], bits: number): number {
  const stored = { encoding: { name: "dense", parameters: {} }, activationBits: bits, weightBits: bits, isDrawn: true };
  return layers.reduce(
    (cycles, layer) => cycles + array.prepare({ ...layer, stored }).timeTile(wholeTile(layer)).steadyCycles,
    0,
  );
}

describe("Stripes over DaDianNao", () => {
  it.each(["alexnet", "vgg16"])(
    "is 16 / p times as fast on the convolutions of %s, less what pallets leave empty",
    (name) => {
      const layers = convolutions(name);
      const dense = cyclesOf(daDianNao, layers, 16);
      const speedups = [16, 12, 8, 4, 2, 1].map((bits) => [bits, dense / cyclesOf(serial("activation"), layers, bits)]);
      const text = speedups.map(([bits, speedup]) => `${bits} bits ${speedup!.toFixed(2)}x`).join(", ");
      const [least, most] = STRIPES_RANGE;
      const widths = [least, STRIPES_MEAN, most].map((speedup) => (16 / speedup).toFixed(1));
      console.info(
        `${name}: ${text}; published ${STRIPES_MEAN}x, ${least}x to ${most}x, as of ${widths[1]}, ${widths[0]} to ${widths[2]} bits`,
      );

      for (const [bits, speedup] of speedups) {
        expect(speedup, text).toBeLessThanOrEqual(16 / bits!);
        // Pallets of 16 windows: the last of a layer may have one, of 13 x 13 = 169 windows in 11 pallets at the least here.
        expect(speedup, text).toBeGreaterThan((16 / bits!) * (169 / 176));
      }
    },
  );
});

describe("UNPU", () => {
  it("gains 16 times from weights of 1 bit in this model, and 21.3 times as published", () => {
    const layers = convolutions("vgg16");
    const ours = cyclesOf(serial("weight"), layers, 16) / cyclesOf(serial("weight"), layers, 1);
    const published = UNPU_GOPS[1] / UNPU_GOPS[16];
    console.info(
      `UNPU from 16 bits to 1: ${ours.toFixed(1)}x, published ${published.toFixed(1)}x, ${(ours / published).toFixed(2)} of it`,
    );

    expect(ours).toBe(16);
    expect(published).toBeCloseTo(21.33, 2);
  });
});
