/**
 * VEGETA's engine against a scheduler that is written here from the machine's rules alone, on layers of at most 64 products: it deals
 * out lanes one by one, then lets positions pass fold after fold, and writes down what each lane and PE does.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LayerValues, TileBox } from "../../hw-models/pe-array/layer-values.js";
import { VegetaArray } from "../../hw-models/pe-array/vegeta/vegeta.js";
import { type VegetaParameters, vegetaTable } from "../../hw-models/pe-array/vegeta/vegeta-parameters.js";
import { type GroupAxis, groupedLayers, groupsOf } from "../helpers/grouped-layers.js";
import { cuts, tilesOf } from "../helpers/random-layers.js";

const WIDE = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 } as const;

const small = (max: number) => fc.integer({ min: 1, max });
const machines = fc
  .record({
    rows: small(3),
    peColumns: small(3),
    lanesPerPe: fc.constantFrom(4, 8),
    accumulatorChannels: small(5),
    accumulatorPositions: small(5),
  })
  .map((sizes) => vegetaTable.parse({ kind: "vegeta", activationBits: 8, weightBits: 8, ...sizes }));
const layers = groupedLayers([1, 2, 4]).filter(
  ({ bounds }) => Object.values(bounds).reduce((product, extent) => product * extent, 1) <= 64,
);

function* chunks<Item>(items: readonly Item[], count: number): Generator<Item[]> {
  for (let at = 0; at < items.length; at += count) yield items.slice(at, at + count);
}

const range = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at);

/** N of a filter in some groups of places. */
function keptOf({ weight, stored, bounds }: LayerValues, filter: number, groups: readonly number[][]): number {
  if (stored !== undefined) return Number(stored.encoding.parameters.n);
  const length = bounds.C * bounds.R * bounds.S;
  const most = Math.max(
    ...groups.map((group) => group.filter((place) => weight[filter * length + place] !== 0).length),
  );
  return most < 2 ? 1 : most === 2 ? 2 : 4;
}

/** Lanes of folds, each the filter that owns it. */
function dealLanes(kept: ReadonlyMap<number, number>, lanes: number): number[][] {
  const sorted = [...kept].toSorted(([, one], [, other]) => other - one);
  return [
    ...chunks(
      sorted.flatMap(([filter, n]) => Array.from({ length: n }, () => filter)),
      lanes,
    ),
  ];
}

function schedule(layer: LayerValues, { from, extent }: TileBox, machine: VegetaParameters) {
  const kernel = layer.bounds.R * layer.bounds.S;
  const isInside = (place: number) => place >= from.C * kernel && place < (from.C + extent.C) * kernel;
  const axis = (layer.stored?.encoding.parameters.axis ?? "filter") as GroupAxis;
  const groups = groupsOf(layer, axis).filter((group) => group.some(isInside));
  const lanes = machine.peColumns * machine.lanesPerPe;
  const counts = { folds: 0, macOps: 0, coveredMacs: 0, ifmapReads: 0, weightReads: 0, ofmapWrites: 0 };
  const registers = { operandRegisterWrites: 0, psumRegisterWrites: 0, indexEntries: 0, selectedBits: 0 };
  let [now, lastStart, lastLength] = [0, 0, 0];
  for (const g of range(from.G, extent.G)) {
    for (const strip of chunks(range(from.K, extent.K), machine.accumulatorChannels)) {
      for (const positions of chunks(range(0, extent.N * extent.P * extent.Q), machine.accumulatorPositions)) {
        for (const stretch of chunks(groups, machine.rows)) {
          const kept = new Map(strip.map((k) => [k, keptOf(layer, g * layer.bounds.K + k, stretch)]));
          for (const owners of dealLanes(kept, lanes)) {
            const filters = new Set(owners);
            const inside = stretch.flat().filter(isInside).length;
            const pes = [...chunks(owners, machine.lanesPerPe)].length;
            [lastStart, lastLength] = [now, positions.length];
            now += Math.max(positions.length, machine.rows, machine.peColumns);
            counts.folds++;
            counts.ifmapReads += positions.length * inside;
            counts.coveredMacs += positions.length * inside * filters.size;
            registers.operandRegisterWrites += positions.length * inside * pes;
            registers.psumRegisterWrites += positions.length * (owners.length * machine.rows + filters.size);
            if (stretch.at(-1) === groups.at(-1)) counts.ofmapWrites += positions.length * filters.size;
            for (const filter of filters) {
              const n = kept.get(filter)!;
              const held = stretch.flatMap((group) => group.slice(0, n)).length;
              counts.weightReads += stretch.flat().length;
              counts.macOps += positions.length * held;
              // Loaded behind the working weight, then in its place.
              registers.operandRegisterWrites += 2 * held;
              if (n < 4) registers.indexEntries += held;
              // One of four is two two-way choices for each of eight bits.
              registers.selectedBits += positions.length * held * 8 * 2;
            }
          }
        }
      }
    }
  }
  return { ...counts, ...registers, steadyCycles: lastStart + lastLength };
}

describe("VEGETA", () => {
  it("takes the cycles and makes the counts of a scheduler that deals out lane after lane", () => {
    fc.assert(
      fc.property(machines, layers, cuts, (machine, layer, steps) => {
        const prepared = new VegetaArray(machine, WIDE).prepare(layer);
        for (const tile of tilesOf(layer, steps)) {
          expect(prepared.timeTile(tile)).toMatchObject(schedule(layer, tile, machine));
        }
      }),
      { numRuns: 400 },
    );
  });

  it("fits four filters of 1:4, one of 2:4 and two of 1:4, or one dense one in the four lanes of a PE", () => {
    const machine = vegetaTable.parse({
      kind: "vegeta",
      rows: 2,
      peColumns: 1,
      lanesPerPe: 4,
      accumulatorChannels: 8,
      accumulatorPositions: 8,
      activationBits: 8,
      weightBits: 8,
    });
    const window = {
      ...{ ifmapHeight: 5, ifmapWidth: 1, strideHeight: 1, strideWidth: 1, dilationHeight: 1, dilationWidth: 1 },
      ...{ padTop: 0, padLeft: 0, padBottom: 0, padRight: 0 },
    };
    const foldsOf = (...filters: readonly (readonly number[])[]) => {
      const bounds = { G: 1, N: 1, K: filters.length, C: 8, P: 5, Q: 1, R: 1, S: 1 };
      const layer = { name: "layer", bounds, window, ifmap: new Int8Array(40), weight: Int8Array.from(filters.flat()) };
      const whole = { from: { G: 0, N: 0, K: 0, C: 0, P: 0, Q: 0, R: 0, S: 0 }, extent: bounds };
      return new VegetaArray(machine, WIDE).prepare(layer).timeTile(whole).folds;
    };
    const one = [0, 5, 0, 0, 0, 0, 0, 3];
    const two = [0, 5, 0, 0, 1, 0, 0, 3];
    const three = [0, 5, 0, 0, 1, 2, 0, 3];

    expect(foldsOf(one, one, one, one)).toBe(1);
    expect(foldsOf(one, two, one)).toBe(1);
    expect(foldsOf(three)).toBe(1);
    expect(foldsOf(one, one, one, one, one)).toBe(2);
    expect(foldsOf(one, two, two)).toBe(2);
    expect(foldsOf(one, three)).toBe(2);
  });
});
