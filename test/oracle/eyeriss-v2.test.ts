/**
 * Eyeriss v2 against the earliest schedule that keeps the rules of its stages, found by relaxing them one by one on layers of at most
 * 64 products, and against the kernel that multiplies the packed form which the array consumes.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packedMatmul } from "../../algorithms/kernels/packed-matmul.js";
import { EyerissV2Array } from "../../hw-models/pe-array/eyeriss-v2/eyeriss-v2.js";
import { type EyerissV2Parameters, eyerissV2Table } from "../../hw-models/pe-array/eyeriss-v2/eyeriss-v2-parameters.js";
import type { LayerValues } from "../../hw-models/pe-array/layer-values.js";
import { createEncoding } from "../../sim/ir/encodings/index.js";
import { plainWindow } from "../../sim/ir/layer.js";
import { forEachProduct, wholeTile } from "../helpers/random-layers.js";
import { drawFrom } from "../helpers/structured-weights.js";

const WIDE = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 } as const;

const machines = fc
  .record({
    pes: fc.integer({ min: 1, max: 6 }),
    macsPerPe: fc.integer({ min: 1, max: 2 }),
    outputChannels: fc.integer({ min: 1, max: 4 }),
    more: fc.integer({ min: 0, max: 8 }),
    chainPes: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ more, ...sizes }) =>
    eyerissV2Table.parse({
      kind: "eyeriss-v2",
      activationBits: 8,
      weightBits: 8,
      weightEntries: sizes.outputChannels + more,
      ...sizes,
    }),
  );

/** Products [rows, C] x [C, K] of at most `most` multiplications, with shares of zeros. */
const productsOfAtMost = (most: number) =>
  fc
    .record({
      rows: fc.integer({ min: 1, max: 8 }),
      C: fc.integer({ min: 1, max: 16 }),
      K: fc.integer({ min: 1, max: 8 }),
      seed: fc.nat(),
    })
    .filter(({ rows, C, K }) => rows * C * K <= most)
    .map(({ rows, C, K, seed }): LayerValues => {
      const draw = drawFrom(seed);
      const [silent, pruned] = [draw(9), draw(9)];
      const code = (zeros: number) => (draw(8) < zeros ? 0 : draw(127) - 63);
      return {
        name: "product",
        bounds: { G: 1, N: 1, K, C, P: rows, Q: 1, R: 1, S: 1 },
        window: plainWindow(rows, 1),
        ifmap: Int8Array.from({ length: C * rows }, () => code(silent)),
        weight: Int8Array.from({ length: K * C }, () => code(pruned)),
      };
    });

/** Weights that an activation meets, at each output channel of a PE. */
function metBy({ weight, bounds }: LayerValues, c: number, channels: readonly number[]): number {
  return channels.filter((k) => weight[k * bounds.C + c] !== 0).length;
}

function ranges(length: number, step: number): number[][] {
  const all = Array.from({ length }, (_, index) => index);
  return Array.from({ length: Math.ceil(length / step) }, (_, at) => all.slice(at * step, (at + 1) * step));
}

/** Cuts a reduction so that no PE of a fold holds more weights than it has room for. */
function cutReduction(layer: LayerValues, blocks: readonly (readonly number[])[], room: number): number[][] {
  const chunks: number[][] = [[]];
  for (let c = 0; c < layer.bounds.C; c++) {
    const longer = [...chunks.at(-1)!, c];
    const fits = blocks.every((block) => longer.reduce((sum, place) => sum + metBy(layer, place, block), 0) <= room);
    if (fits) chunks[chunks.length - 1] = longer;
    else chunks.push([c]);
  }
  return chunks;
}

/** Cycles that a team needs for windows, each a list of the weights that every PE's activations meet. */
function earliest(windows: readonly (readonly (readonly number[])[])[], macs: number): number {
  const pes = windows[0]?.length ?? 0;
  const times = new Map<string, number>();
  const at = (key: string): number => times.get(key) ?? 0;
  let isMoving = true;
  const atLeast = (key: string, time: number): void => {
    if (at(key) >= time) return;
    times.set(key, time);
    isMoving = true;
  };
  while (isMoving) {
    isMoving = false;
    for (let pe = 0; pe < pes; pe++) {
      let before: string | undefined;
      let walked: string | undefined;
      for (const [window, lists] of windows.entries()) {
        atLeast(`start ${window}`, Math.max(1, at(`passed ${window - 1}`) + 1, at(`added ${window - 2}`) + 1));
        // A window without activations passes like one that meets nothing.
        const tokens = lists[pe]!.length === 0 ? [0] : lists[pe]!;
        for (const [index, met] of tokens.entries()) {
          const token = `${pe} ${window} ${index}`;
          atLeast(`fetch ${token}`, at(`start ${window}`));
          if (before !== undefined) atLeast(`fetch ${token}`, at(`read ${before}`));
          atLeast(`read ${token}`, at(`fetch ${token}`) + 1);
          if (before !== undefined) atLeast(`read ${token}`, at(`pass ${before}`));
          atLeast(`pass ${token}`, at(`read ${token}`) + 1);
          if (met > 0) {
            if (walked !== undefined) atLeast(`pass ${token}`, at(`walk ${walked}`));
            atLeast(`walk ${token}`, at(`pass ${token}`) + Math.ceil(met / macs));
            walked = token;
          }
          atLeast(`passed ${window}`, at(`pass ${token}`));
          before = token;
        }
        // Sums leave in order: multiply and accumulate follow the last weight so far.
        if (walked !== undefined) atLeast(`added ${window}`, at(`walk ${walked}`) + 2);
      }
    }
  }
  return windows.length === 0 ? 0 : Math.max(at(`passed ${windows.length - 1}`), at(`added ${windows.length - 1}`)) + 1;
}

function schedule(layer: LayerValues, machine: EyerissV2Parameters) {
  const { C, K, P } = layer.bounds;
  const { pes, macsPerPe, outputChannels, weightEntries, chainPes } = machine;
  const counts = { cycles: 0, folds: 0, ifmapReads: 0, psumReads: 0, ofmapWrites: 0 };
  const blocksOfLayer = ranges(K, outputChannels);
  for (const fold of ranges(blocksOfLayer.length, pes)) {
    const blocks = fold.map((block) => blocksOfLayer[block]!);
    const chunks = cutReduction(layer, blocks, weightEntries);
    const links = Math.min(chainPes, chunks.length, Math.floor(pes / blocks.length));
    const teams = Math.min(P, Math.floor(pes / blocks.length / links));
    for (const [pass, chain] of ranges(chunks.length, links).entries()) {
      const windows = Array.from({ length: P }, (_, p) =>
        chain.map((chunk) => chunks[chunk]!.filter((c) => layer.ifmap[c * P + p] !== 0)),
      );
      const times = Array.from({ length: teams }, (_, team) => {
        const turns = windows.filter((_window, p) => p % teams === team);
        return earliest(
          turns.map((lists) => lists.flatMap((list) => blocks.map((block) => list.map((c) => metBy(layer, c, block))))),
          macsPerPe,
        );
      });
      const channels = blocks.flat().length;
      counts.cycles += Math.max(...times);
      counts.folds++;
      counts.ifmapReads += windows.flat(2).length;
      counts.ofmapWrites += P * channels;
      if (pass > 0) counts.psumReads += P * channels;
    }
  }
  expect(blocksOfLayer.flat().length * C).toBe(K * C);
  return counts;
}

describe("Eyeriss v2", () => {
  it("takes the cycles of the earliest schedule that its stages allow", () => {
    fc.assert(
      fc.property(machines, productsOfAtMost(64), (machine, layer) => {
        const timing = new EyerissV2Array(machine, WIDE).prepare(layer).timeTile(wholeTile(layer));
        const { cycles, ...counts } = schedule(layer, machine);

        expect(timing).toMatchObject(counts);
        expect(timing.preloadCycles + timing.steadyCycles + timing.drainCycles).toBe(cycles);
      }),
      { numRuns: 400 },
    );
  });

  it("takes the cycles that are counted by hand", () => {
    // One PE of one MAC, two channels; activations 1 0 2 3 meet 2, -, 0 and 1 weights. Fetched in cycles 1, 2, 3; pointers stand
    // in cycles 3, 4 (a bubble, behind weights) and 5; weights are walked in 4, 5 and 6; added until 8, and out in 9.
    const layer: LayerValues = {
      name: "hand",
      bounds: { G: 1, N: 1, K: 2, C: 4, P: 1, Q: 1, R: 1, S: 1 },
      window: plainWindow(1, 1),
      ifmap: Int8Array.of(1, 0, 2, 3),
      weight: Int8Array.of(5, 7, 0, 0, 6, 0, 0, 8),
    };
    const sizes = { pes: 1, macsPerPe: 1, outputChannels: 2, weightEntries: 8, chainPes: 1 };
    const table = eyerissV2Table.parse({ kind: "eyeriss-v2", activationBits: 8, weightBits: 8, ...sizes });

    const run = new EyerissV2Array(table, WIDE).prepare(layer).runTile(wholeTile(layer));

    // 1*5; 1*6 + 3*8.
    expect([...run.ofmap]).toEqual([5, 30]);
    expect(run).toMatchObject({ cycles: 9, macOps: 3, ifmapReads: 3, weightReads: 4, indexEntries: 3 + 3 });
    // Three activations and four weights into memories; three activations and three weights into stages.
    expect(run.operandRegisterWrites).toBe(3 + 4 + 3 + 3);
    // Three products added, two sums handed on.
    expect(run.psumRegisterWrites).toBe(3 + 2);
  });

  it("has the sums of the kernel on the packed form that it consumes, and reads each stored weight once", () => {
    fc.assert(
      fc.property(machines, productsOfAtMost(512), (machine, layer) => {
        const { K, C, P } = layer.bounds;
        const shape = { reduction: C, columns: K, valueBits: 8 };
        const encoding = createEncoding({ name: "csc", parameters: {} });
        const columns = Int32Array.from({ length: C * K }, (_, at) => layer.weight[(at % K) * C + Math.floor(at / K)]!);
        const packed = encoding.pack(columns, shape);
        const values = Int8Array.from({ length: P * C }, (_, at) => layer.ifmap[(at % C) * P + Math.floor(at / C)]!);

        const run = new EyerissV2Array(machine, WIDE).prepare(layer).runTile(wholeTile(layer));

        expect([...run.ofmap]).toEqual([...packedMatmul({ values, rows: P, zero: 0 }, packed, encoding)]);
        expect(run.weightReads).toBe(packed.work.storedValues);
        let useful = 0;
        for (let p = 0; p < P; p++) {
          for (let k = 0; k < K; k++) {
            forEachProduct(layer, wholeTile(layer), [0, p, 0, 0, k], (activation, weight) => {
              if (activation !== 0 && weight !== 0) useful++;
            });
          }
        }
        expect(run.macOps).toBe(useful);
      }),
      { numRuns: 100 },
    );
  });
});
