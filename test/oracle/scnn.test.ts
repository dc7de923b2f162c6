/**
 * SCNN against a scheduler that is written here from the machine's rules alone, on layers of 64 to 4,096 products, and against the
 * kernel that multiplies packed weights.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { preparePackedConv } from "../../algorithms/kernels/packed-conv.js";
import type { LayerValues, TileBox } from "../../hw-models/pe-array/layer-values.js";
import { ScnnArray } from "../../hw-models/pe-array/scnn/scnn.js";
import { type ScnnParameters, scnnTable } from "../../hw-models/pe-array/scnn/scnn-parameters.js";
import { RunLengthEncoding } from "../../sim/ir/encodings/run-length.js";
import { geometry } from "../helpers/kernel-tensors.js";
import { cuts, randomLayers, tilesOf, wholeTile } from "../helpers/random-layers.js";

const WIDE = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 } as const;

const count = (max: number) => fc.integer({ min: 1, max });

/** Banks hold any sums and FIFOs any weights of these layers: one pass, groups as wide as asked for. */
const machines = fc
  .record({
    peRows: count(3),
    peCols: count(3),
    activationVector: count(4),
    weightVector: count(4),
    accumulatorBanks: count(33),
    queueEntries: count(4),
    outputChannelGroup: count(4),
    indexBits: count(3),
  })
  .map((sizes) =>
    scnnTable.parse({
      kind: "scnn",
      bankEntries: 1024,
      weightFifoVectors: 4096,
      activationBits: 8,
      weightBits: 8,
      ...sizes,
    }),
  );

function productsOf({ bounds }: LayerValues): number {
  return Object.values(bounds).reduce((product, extent) => product * extent, 1);
}

/** Layers of 64 to 4,096 products with planes, of whose operands a share is pruned. */
const layers = fc
  .tuple(
    randomLayers.filter((layer) => productsOf(layer) >= 64 && productsOf(layer) <= 4096 && layer.window.ifmapWidth > 1),
    fc.nat({ max: 15 }),
    fc.nat({ max: 15 }),
  )
  .map(([layer, activations, weights]) => ({
    ...layer,
    ifmap: layer.ifmap.map((value, at) => (((at * 40503) >>> 4) % 16 < activations ? 0 : value)),
    weight: layer.weight.map((value, at) => (((at * 30011) >>> 4) % 16 < weights ? 0 : value)),
  }));

interface Operand {
  readonly value: number;
  readonly where: readonly number[];
}

/** Operands that are kept: of a run of zeros before a non-zero every 2^bits-th stays. */
function compress(operands: readonly Operand[], bits: number): Operand[] {
  const text = operands.map(({ value }) => (value === 0 ? "0" : "1")).join("");
  const longRun = new RegExp(`0{${2 ** bits}}(?=0*1)`, "g");
  const marked = text.replace(longRun, (run) => `${run.slice(1)}1`);
  return operands.filter((_, place) => marked[place] === "1");
}

function vectorsOf<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

const range = (from: number, end: number): number[] =>
  Array.from({ length: Math.max(0, end - from) }, (_, i) => from + i);

/** Ifmap places under outputs, in pieces of one length, and a function from place and tap to output. */
function axis(layer: LayerValues, tile: TileBox, output: "P" | "Q", filter: "R" | "S", parts: number) {
  const { window, bounds } = layer;
  const [size, stride, dilation, pad] =
    output === "P"
      ? [window.ifmapHeight, window.strideHeight, window.dilationHeight, window.padTop]
      : [window.ifmapWidth, window.strideWidth, window.dilationWidth, window.padLeft];
  const outputs = range(tile.from[output], tile.from[output] + tile.extent[output]);
  const last = outputs.at(-1)! * stride - pad + (bounds[filter] - 1) * dilation;
  const places = range(0, size).filter((place) => place >= outputs[0]! * stride - pad && place <= last);
  const outputOf = (place: number, tap: number): number | undefined =>
    outputs.find((candidate) => candidate * stride + tap * dilation - pad === place);
  return { pieces: vectorsOf(places, Math.ceil(places.length / parts)), outputOf };
}

/** Cycle after cycle: banks take a product each, multipliers start a step when they hold nothing. */
function runPe(
  steps: readonly (readonly number[])[],
  { accumulatorBanks, queueEntries }: ScnnParameters,
): { cycles: number } {
  const queues = new Array<number>(accumulatorBanks).fill(0);
  const waiting = [...steps];
  let held: number[] = [];
  let cycles = 0;
  while (waiting.length > 0 || held.length > 0 || queues.some((length) => length > 0)) {
    for (let bank = 0; bank < queues.length; bank++) queues[bank] = Math.max(0, queues[bank]! - 1);
    if (held.length === 0) held = [...(waiting.shift() ?? [])];
    held = held.filter((bank) => {
      if (queues[bank] === queueEntries) return true;
      queues[bank]!++;
      return false;
    });
    cycles++;
  }
  return { cycles };
}

function schedule(layer: LayerValues, tile: TileBox, machine: ScnnParameters) {
  const { bounds, window, ifmap, weight } = layer;
  const { from, extent } = tile;
  const { activationVector, weightVector, accumulatorBanks, indexBits, outputChannelGroup } = machine;
  const rows = axis(layer, tile, "P", "R", machine.peRows);
  const columns = axis(layer, tile, "Q", "S", machine.peCols);
  const sum = { computeCycles: 0, macOps: 0, crossbarTransfers: 0, ifmapReads: 0, weightReads: 0, folds: 0 };
  for (const n of range(from.N, from.N + extent.N)) {
    for (const g of range(from.G, from.G + extent.G)) {
      for (const group of vectorsOf(range(from.K, from.K + extent.K), outputChannelGroup)) {
        sum.folds++;
        const weights = range(from.C, from.C + extent.C).map((c) => {
          const dense = group.flatMap((k, local) =>
            range(0, bounds.R).flatMap((r) =>
              range(0, bounds.S).map((s) => ({
                value: weight[(((g * bounds.K + k) * bounds.C + c) * bounds.R + r) * bounds.S + s]!,
                where: [local, r, s],
              })),
            ),
          );
          return compress(dense, indexBits);
        });
        sum.weightReads += weights.reduce((total, { length }) => total + length, 0);
        let slowest = 0;
        for (const pieceRows of rows.pieces) {
          for (const pieceColumns of columns.pieces) {
            const reached = (places: readonly number[], { outputOf }: typeof rows, taps: number): number[] =>
              places.flatMap((place) => range(0, taps).flatMap((tap) => outputOf(place, tap) ?? []));
            const firstRow = Math.min(...reached(pieceRows, rows, bounds.R));
            const firstColumn = Math.min(...reached(pieceColumns, columns, bounds.S));
            const steps: number[][] = [];
            for (const [index, c] of range(from.C, from.C + extent.C).entries()) {
              const plane = (n * bounds.G + g) * bounds.C + c;
              const dense = pieceRows.flatMap((h) =>
                pieceColumns.map((w) => ({
                  value: ifmap[(plane * window.ifmapHeight + h) * window.ifmapWidth + w]!,
                  where: [h, w],
                })),
              );
              const activations = compress(dense, indexBits);
              if (weights[index]!.length === 0) continue;
              sum.ifmapReads += activations.length;
              for (const activationsAtOnce of vectorsOf(activations, activationVector)) {
                for (const weightsAtOnce of vectorsOf(weights[index]!, weightVector)) {
                  const banks = activationsAtOnce.flatMap(({ where: [h, w] }) =>
                    weightsAtOnce.flatMap(({ where: [k, r, s] }) => {
                      const p = rows.outputOf(h!, r!);
                      const q = columns.outputOf(w!, s!);
                      if (p === undefined || q === undefined) return [];
                      const place =
                        activationVector * k! + (2 * activationVector + 2) * (p - firstRow) + (q - firstColumn);
                      return [place % accumulatorBanks];
                    }),
                  );
                  sum.macOps += activationsAtOnce.length * weightsAtOnce.length;
                  sum.crossbarTransfers += banks.length;
                  steps.push(banks);
                }
              }
            }
            slowest = Math.max(slowest, runPe(steps, machine).cycles);
          }
        }
        sum.computeCycles += slowest;
      }
    }
  }
  return sum;
}

describe("SCNN", () => {
  it("takes the cycles and products of a scheduler that tries cycle after cycle", () => {
    fc.assert(
      fc.property(machines, layers, cuts, (machine, layer, steps) => {
        const prepared = new ScnnArray(machine, WIDE).prepare(layer);
        for (const tile of tilesOf(layer, steps)) {
          expect(prepared.timeTile(tile)).toMatchObject(schedule(layer, tile, machine));
        }
      }),
      { numRuns: 120 },
    );
  });

  it("has the sums of the kernel on packed weights", () => {
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
        const encoding = new RunLengthEncoding({ stepBits: machine.indexBits });
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

        const { ofmap } = new ScnnArray(machine, WIDE).prepare(layer).runTile(wholeTile(layer));

        // The kernel gives [N, G*K, P, Q], the array [N, P, Q, G*K].
        const turned = Array.from(ofmap, (_, at) => {
          const [channel, position] = [at % (G * K), Math.floor(at / (G * K))];
          const image = Math.floor(position / (P * Q));
          return sums[(image * G * K + channel) * P * Q + (position % (P * Q))]!;
        });
        expect([...ofmap]).toEqual(turned);
      }),
      { numRuns: 100 },
    );
  });
});
