/**
 * Cambricon-X against a scheduler that is written here from the machine's rules alone, on layers of 64 to 4,096 products, and
 * against the kernel that multiplies the packed form which the array consumes.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { preparePackedConv } from "../../algorithms/kernels/packed-conv.js";
import { CambriconXArray } from "../../hw-models/pe-array/cambricon-x/cambricon-x.js";
import {
  type CambriconXParameters,
  cambriconXTable,
} from "../../hw-models/pe-array/cambricon-x/cambricon-x-parameters.js";
import type { LayerValues, TileBox } from "../../hw-models/pe-array/layer-values.js";
import { RunLengthEncoding } from "../../sim/ir/encodings/run-length.js";
import { geometry } from "../helpers/kernel-tensors.js";
import { cuts, randomLayers, tilesOf, wholeTile } from "../helpers/random-layers.js";

const WIDE = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 } as const;

const machines = fc
  .record({
    pes: fc.integer({ min: 1, max: 4 }),
    multipliersPerPe: fc.integer({ min: 1, max: 4 }),
    windowNeurons: fc.integer({ min: 2, max: 40 }),
    stepBits: fc.integer({ min: 1, max: 4 }),
  })
  .map((sizes) => cambriconXTable.parse({ kind: "cambricon-x", activationBits: 8, weightBits: 8, ...sizes }));

function productsOf({ bounds }: LayerValues): number {
  return Object.values(bounds).reduce((product, extent) => product * extent, 1);
}

/** Layers of 64 to 4,096 products, of whose weights a share is pruned. */
const layers = fc
  .tuple(
    randomLayers.filter((layer) => productsOf(layer) >= 64 && productsOf(layer) <= 4096),
    fc.integer({ min: 0, max: 15 }),
  )
  .map(([layer, pruned]) => ({
    ...layer,
    weight: layer.weight.map((value, at) => (((at * 40503) >>> 4) % 16 < pruned ? 0 : value)),
  }));

/** Places of a column that are stored: each run of zeros before a non-zero gives up every 2^stepBits-th of its zeros. */
function storedPlaces(column: readonly number[], stepBits: number): number[] {
  const text = column.map((value) => (value === 0 ? "0" : "1")).join("");
  const longRun = new RegExp(`0{${2 ** stepBits}}(?=0*1)`, "g");
  const marked = text.replace(longRun, (run) => `${run.slice(1)}1`);
  return [...marked].flatMap((mark, place) => (mark === "1" ? [place] : []));
}

/** Cycle after cycle, every PE picks what it can of the window; who is through waits. */
function schedule({ bounds, weight }: LayerValues, { from, extent }: TileBox, machine: CambriconXParameters) {
  const { pes, multipliersPerPe, windowNeurons, stepBits } = machine;
  const kernel = bounds.R * bounds.S;
  const length = bounds.C * kernel;
  const [first, end] = [from.C * kernel, (from.C + extent.C) * kernel];
  const counts = { steadyCycles: 0, macOps: 0, psumRegisterWrites: 0, ifmapReads: 0, busyCycles: 0, windows: 0 };
  for (let g = from.G; g < from.G + extent.G; g++) {
    for (let k = from.K; k < from.K + extent.K; k += pes) {
      const channels = Array.from({ length: Math.min(pes, from.K + extent.K - k) }, (_, pe) => g * bounds.K + k + pe);
      for (let position = 0; position < extent.N * extent.P * extent.Q; position++) {
        const queues = channels.map((channel) =>
          storedPlaces([...weight.slice(channel * length, (channel + 1) * length)], stepBits).filter(
            (place) => place >= first && place < end,
          ),
        );
        let windowEnd = Math.min(first + windowNeurons, end);
        counts.ifmapReads += windowEnd - first;
        counts.windows++;
        while (true) {
          let picks = 0;
          for (const queue of queues) {
            const inWindow = queue.filter((place) => place < windowEnd).length;
            const taken = queue.splice(0, Math.min(inWindow, multipliersPerPe)).length;
            picks += taken;
            if (taken > 0) counts.psumRegisterWrites++;
          }
          counts.steadyCycles++;
          counts.macOps += picks;
          if (picks > 0) counts.busyCycles++;
          if (queues.some((queue) => queue.length > 0 && queue[0]! < windowEnd)) continue;
          if (windowEnd === end) break;
          const next = Math.min(windowEnd + windowNeurons, end);
          counts.ifmapReads += next - windowEnd;
          counts.windows++;
          windowEnd = next;
        }
      }
    }
  }
  return counts;
}

describe("Cambricon-X", () => {
  it("takes the cycles and products of a scheduler that tries cycle after cycle", () => {
    fc.assert(
      fc.property(machines, layers, cuts, (machine, layer, steps) => {
        const prepared = new CambriconXArray(machine, WIDE).prepare(layer);
        for (const tile of tilesOf(layer, steps)) {
          const { busyCycles, windows, ...expected } = schedule(layer, tile, machine);

          const timing = prepared.timeTile(tile);

          expect(timing).toMatchObject(expected);
          expect(timing.weightFeed.beats).toBe(busyCycles);
          expect(timing.ifmapFeed.beats).toBe(windows);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("has the sums of the kernel on the packed form that it consumes", () => {
    const byteLayers = layers.filter(({ ifmap, weight }) => ifmap instanceof Int8Array && weight instanceof Int8Array);
    fc.assert(
      fc.property(machines, byteLayers, (machine, layer) => {
        const { G, N, K, C, P, Q, R, S } = layer.bounds;
        const { window } = layer;
        const shape = { reduction: C * R * S, columns: G * K, valueBits: 8, kernelSize: R * S };
        const columns = Int32Array.from(
          layer.weight,
          (_, at) => layer.weight[(at % shape.columns) * shape.reduction + Math.floor(at / shape.columns)]!,
        );
        const encoding = new RunLengthEncoding(machine);
        const where = geometry({
          sizes: [window.ifmapHeight, window.ifmapWidth],
          kernel: [R, S],
          strides: [window.strideHeight, window.strideWidth],
          dilations: [window.dilationHeight, window.dilationWidth],
          padBegins: [window.padTop, window.padLeft],
          padEnds: [window.padBottom, window.padRight],
          outputs: [P, Q],
        });
        const packed = encoding.pack(columns, shape);
        const conv = preparePackedConv(packed, encoding, { channels: G * C, groups: G, geometry: where });
        const sums = conv.convolve({ values: layer.ifmap as Int8Array, batch: N, zero: 0 });

        const run = new CambriconXArray(machine, WIDE).prepare(layer).runTile(wholeTile(layer));

        // The kernel gives [N, G*K, P, Q], the array [N, P, Q, G*K].
        const turned = Array.from(run.ofmap, (_, at) => {
          const [channel, position] = [at % (G * K), Math.floor(at / (G * K))];
          const image = Math.floor(position / (P * Q));
          return sums[(image * G * K + channel) * P * Q + (position % (P * Q))]!;
        });
        expect([...run.ofmap]).toEqual(turned);
        // Each position takes every stored synapse once.
        expect(run.weightReads).toBe(packed.work.storedValues * N * P * Q);
      }),
      { numRuns: 150 },
    );
  });
});
