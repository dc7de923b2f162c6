/**
 * Sparse tensor cores against a scheduler that is written here from the machine's rules alone, on layers of at most 64 products: it
 * deals out sums to cores, then reductions to steps, and writes down what each core holds.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LayerValues, TileBox } from "../../hw-models/pe-array/layer-values.js";
import { SparseTensorCoreArray } from "../../hw-models/pe-array/sparse-tensor-core/sparse-tensor-core.js";
import {
  type SparseTensorCoreParameters,
  sparseTensorCoreTable,
} from "../../hw-models/pe-array/sparse-tensor-core/sparse-tensor-core-parameters.js";
import { type GroupAxis, groupedLayers, groupsOf } from "../helpers/grouped-layers.js";
import { cuts, tilesOf } from "../helpers/random-layers.js";

const WIDE = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 } as const;

const small = (max: number) => fc.integer({ min: 1, max });
const machines = fc
  .record({ channelCores: small(2), positionCores: small(2), rows: small(2), columns: small(2), pairs: small(3) })
  .map((sizes) =>
    sparseTensorCoreTable.parse({ kind: "sparse-tensor-core", activationBits: 8, weightBits: 8, ...sizes }),
  );
const layers = groupedLayers([2]).filter(
  ({ bounds }) => Object.values(bounds).reduce((product, extent) => product * extent, 1) <= 64,
);

/** Takes up to `count` from the front. */
function* chunks<Item>(items: readonly Item[], count: number): Generator<Item[]> {
  for (let at = 0; at < items.length; at += count) yield items.slice(at, at + count);
}

/** What a step takes of a filter: its places, those in the tile, and how many are multiplied. */
interface Step {
  readonly read: number;
  readonly covered: number;
  readonly multiplied: number;
}

function stepsOf(layer: LayerValues, { from, extent }: TileBox, pairs: number): Step[] {
  const kernel = layer.bounds.R * layer.bounds.S;
  const isInside = (place: number) => place >= from.C * kernel && place < (from.C + extent.C) * kernel;
  if (layer.stored === undefined) {
    const places = Array.from({ length: layer.bounds.C * kernel }, (_, place) => place).filter(isInside);
    return [...chunks(places, 2 * pairs)].map(({ length }) => ({ read: length, covered: length, multiplied: length }));
  }
  const groups = groupsOf(layer, layer.stored.encoding.parameters.axis as GroupAxis);
  return [
    ...chunks(
      groups.filter((group) => group.some(isInside)),
      pairs,
    ),
  ].map((step) => ({
    read: step.flat().length,
    covered: step.flat().filter(isInside).length,
    multiplied: step.flatMap((group) => group.slice(0, 2)).length,
  }));
}

function schedule(layer: LayerValues, tile: TileBox, machine: SparseTensorCoreParameters) {
  const { G, N, K, P, Q } = tile.extent;
  const counts = { steadyCycles: 0, macOps: 0, coveredMacs: 0, ifmapReads: 0, weightReads: 0, ofmapWrites: 0 };
  const registers = { operandRegisterWrites: 0, psumRegisterWrites: 0, indexEntries: 0, selectedBits: 0 };
  const channels = Array.from({ length: K }, (_, channel) => channel);
  const positions = Array.from({ length: N * P * Q }, (_, position) => position);
  for (let group = 0; group < G; group++) {
    for (const channelBlock of chunks(channels, machine.channelCores * machine.rows)) {
      for (const positionBlock of chunks(positions, machine.positionCores * machine.columns)) {
        counts.ofmapWrites += channelBlock.length * positionBlock.length;
        for (const { read, covered, multiplied } of stepsOf(layer, tile, machine.pairs)) {
          counts.steadyCycles++;
          counts.weightReads += channelBlock.length * read;
          counts.ifmapReads += positionBlock.length * covered;
          for (const rows of chunks(channelBlock, machine.rows)) {
            for (const columns of chunks(positionBlock, machine.columns)) {
              const products = rows.length * columns.length * multiplied;
              counts.macOps += products;
              counts.coveredMacs += rows.length * columns.length * covered;
              registers.operandRegisterWrites += rows.length * multiplied + columns.length * covered;
              registers.psumRegisterWrites += rows.length * columns.length;
              if (layer.stored === undefined) continue;
              registers.indexEntries += rows.length * multiplied;
              // One of four is two two-way choices for each of eight bits.
              registers.selectedBits += products * 8 * 2;
            }
          }
        }
      }
    }
  }
  return { ...counts, ...registers };
}

describe("sparse tensor cores", () => {
  it("take the cycles and make the counts of a scheduler that deals out step after step", () => {
    fc.assert(
      fc.property(machines, layers, cuts, (machine, layer, steps) => {
        const prepared = new SparseTensorCoreArray(machine, WIDE).prepare(layer);
        for (const tile of tilesOf(layer, steps)) {
          expect(prepared.timeTile(tile)).toMatchObject(schedule(layer, tile, machine));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("take one step of 2:4 for two of dense weights: 2 filters, 3 positions, 32 weights on one core of 2 x 4 x 8", () => {
    const machine = sparseTensorCoreTable.parse({
      kind: "sparse-tensor-core",
      channelCores: 1,
      positionCores: 1,
      rows: 2,
      columns: 4,
      pairs: 4,
      activationBits: 8,
      weightBits: 8,
    });
    const bounds = { G: 1, N: 1, K: 2, C: 32, P: 3, Q: 1, R: 1, S: 1 };
    const window = {
      ...{ ifmapHeight: 3, ifmapWidth: 1, strideHeight: 1, strideWidth: 1, dilationHeight: 1, dilationWidth: 1 },
      ...{ padTop: 0, padLeft: 0, padBottom: 0, padRight: 0 },
    };
    const dense = { name: "layer", bounds, window, ifmap: new Int8Array(96), weight: new Int8Array(64) };
    const encoding = { name: "nm", parameters: { n: 2, m: 4 } };
    const sparse = { ...dense, stored: { encoding, weightBits: 8, activationBits: 8, isDrawn: true } };
    const whole = { from: { G: 0, N: 0, K: 0, C: 0, P: 0, Q: 0, R: 0, S: 0 }, extent: bounds };
    const timeOf = (layer: LayerValues) => new SparseTensorCoreArray(machine, WIDE).prepare(layer).timeTile(whole);

    // 32 weights are four steps of eight, or two of four groups; products are 2 * 3 * 32, or half; activations 3 * 32 for both.
    expect(timeOf(dense)).toMatchObject({ steadyCycles: 4, macOps: 192, ifmapReads: 96, selectedBits: 0 });
    expect(timeOf(sparse)).toMatchObject({ steadyCycles: 2, macOps: 96, ifmapReads: 96, selectedBits: 96 * 16 });
  });
});
