/**
 * The SIGMA-like array against a scheduler that is written here from the machine's rules alone, on products of at most 64 MACs: it fills
 * multipliers one by one, and then, cycle after cycle, asks every port what it may give.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LayerValues } from "../../hw-models/pe-array/layer-values.js";
import { SigmaArray } from "../../hw-models/pe-array/sigma/sigma.js";
import { type SigmaParameters, sigmaTable } from "../../hw-models/pe-array/sigma/sigma-parameters.js";
import { plainWindow } from "../../sim/ir/layer.js";
import { wholeTile } from "../helpers/random-layers.js";

const WIDE = { accumulatorBits: 32, overflow: "error", psumSpillBits: 32 } as const;

const machines: fc.Arbitrary<SigmaParameters> = fc
  .record(
    {
      multipliers: fc.integer({ min: 2, max: 10 }),
      readPorts: fc.integer({ min: 1, max: 10 }),
      writePorts: fc.integer({ min: 1, max: 3 }),
      loadWords: fc.integer({ min: 1, max: 5 }),
      reductionBlock: fc.integer({ min: 1, max: 9 }),
      adderTap: fc.constantFrom("row", "root"),
    },
    { requiredKeys: ["multipliers", "readPorts", "writePorts", "loadWords", "adderTap"] },
  )
  .map((sizes) =>
    sigmaTable.parse({ kind: "sigma", stationary: "weights", activationBits: 8, weightBits: 8, ...sizes }),
  );

/** Products of M x K by K x N with at most 64 MACs: M filters stay, N positions stream. */
interface Problem {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly a: readonly number[];
  readonly b: readonly number[];
}

const problems: fc.Arbitrary<Problem> = fc
  .record({ M: fc.integer({ min: 1, max: 8 }), N: fc.integer({ min: 1, max: 8 }), K: fc.integer({ min: 1, max: 16 }) })
  .filter(({ M, N, K }) => M * N * K <= 64)
  .chain(({ M, N, K }) => {
    const value = fc.constantFrom(0, 0, 1, 2, -3);
    const a = fc.array(value, { minLength: M * K, maxLength: M * K });
    const b = fc.array(value, { minLength: K * N, maxLength: K * N });
    return fc.record({ M: fc.constant(M), N: fc.constant(N), K: fc.constant(K), a, b });
  });

/** [N, G*C, H, W] with H the N columns of B, and filters of 1 x 1 from the rows of A. */
function layerOf({ M, N, K, a, b }: Problem): LayerValues {
  return {
    name: "product",
    bounds: { G: 1, N: 1, K: M, C: K, P: N, Q: 1, R: 1, S: 1 },
    window: plainWindow(N, 1),
    ifmap: Int8Array.from(b),
    weight: Int8Array.from(a),
  };
}

/** A multiplier's content: a non-zero (k), the psum of its row, or nothing. */
type Content = { readonly m: number; readonly k: number } | { readonly m: number; readonly psum: true } | { m: number };

/** Rows into rounds, element by element: a row starts in the round at hand if all of it fits there. */
function fill({ M, K, a }: Problem, { multipliers, reductionBlock = K }: SigmaParameters): Content[][] {
  const rounds: Content[][] = [];
  const isStarted = new Set<number>();
  for (let block = 0; block < K; block += reductionBlock) {
    let round: Content[] = [];
    for (let m = 0; m < M; m++) {
      const inBlock = Array.from({ length: Math.min(reductionBlock, K - block) }, (_, index) => block + index);
      const queue = inBlock.filter((k) => a[m * K + k] !== 0);
      if (queue.length === 0 && block > 0) continue;
      const needed = Math.max(1, queue.length) + (isStarted.has(m) ? 1 : 0);
      if (round.length + needed > multipliers && round.length > 0) {
        rounds.push(round);
        round = [];
      }
      if (queue.length === 0) round.push({ m });
      const fitsWhole = needed <= multipliers;
      while (queue.length > 0) {
        if (round.length === 0 || fitsWhole) {
          if (isStarted.has(m)) round.push({ m, psum: true });
        }
        while (queue.length > 0 && round.length < multipliers) round.push({ m, k: queue.shift()! });
        isStarted.add(m);
        if (fitsWhole) continue;
        rounds.push(round);
        round = [];
      }
      isStarted.add(m);
    }
    if (round.length > 0) rounds.push(round);
  }
  return rounds;
}

function schedule(problem: Problem, machine: SigmaParameters) {
  const { N, b } = problem;
  const { multipliers, readPorts, writePorts, loadWords, adderTap } = machine;
  const perPort = Math.ceil(multipliers / readPorts);
  const counts = { steadyCycles: 0, folds: 0, ifmapReads: 0, weightReads: 0, psumReads: 0, ofmapWrites: 0, macOps: 0 };
  for (const round of fill(problem, machine)) {
    counts.folds++;
    const portOf = (slot: number): number => Math.floor(slot / perPort);
    // Loading: every cycle, the ports that have most left, one word each, as many as may load.
    const left = new Map<number, number>();
    for (const [slot, content] of round.entries()) {
      if ("k" in content) left.set(portOf(slot), (left.get(portOf(slot)) ?? 0) + 1);
    }
    while (left.size > 0) {
      const order = [...left].sort((one, other) => other[1] - one[1]).slice(0, loadWords);
      for (const [port, words] of order) {
        if (words === 1) left.delete(port);
        else left.set(port, words - 1);
        counts.weightReads++;
      }
      counts.steadyCycles++;
    }
    const rows = [...new Set(round.map(({ m }) => m))];
    const writeCycles = Math.ceil(rows.length / writePorts);
    for (let n = 0; n < N; n++) {
      // Streaming: each port gives what its multipliers need, a word a cycle, until all have all.
      const needs = new Map<number, Set<string>>();
      const read = new Set<number>();
      for (const [slot, content] of round.entries()) {
        const words = needs.get(portOf(slot)) ?? new Set<string>();
        needs.set(portOf(slot), words);
        if ("psum" in content) {
          words.add(`psum ${content.m}`);
          counts.psumReads++;
        }
        if (!("k" in content)) continue;
        words.add(`word ${content.k}`);
        if (b[content.k * N + n] === 0) continue;
        read.add(content.k);
        counts.macOps++;
      }
      counts.ifmapReads += read.size;
      let cycles = 0;
      while ([...needs.values()].some((words) => words.size > 0) || cycles < Math.max(1, writeCycles)) {
        for (const words of needs.values()) words.delete([...words][0] ?? "");
        cycles++;
      }
      counts.steadyCycles += cycles;
      counts.ofmapWrites += rows.length;
    }
    // Behind the last vector: multiply, halve the longest row (or all multipliers) until one is left, write.
    let widest = multipliers;
    if (adderTap === "row") widest = Math.max(...rows.map((row) => round.filter(({ m }) => m === row).length));
    let levels = 0;
    for (; widest > 1; widest = Math.ceil(widest / 2)) levels++;
    counts.steadyCycles += 1 + levels + writeCycles;
  }
  return counts;
}

describe("the SIGMA-like array", () => {
  it("takes the cycles and counts of a scheduler that tries cycle after cycle", () => {
    fc.assert(
      fc.property(machines, problems, (machine, problem) => {
        const layer = layerOf(problem);
        const expected = schedule(problem, machine);
        const prepared = new SigmaArray(machine, WIDE).prepare(layer);

        expect(prepared.timeTile(wholeTile(layer))).toMatchObject(expected);

        const { steadyCycles, folds: _, ...counts } = expected;
        expect(prepared.runTile(wholeTile(layer))).toMatchObject({ ...counts, cycles: steadyCycles });
      }),
      { numRuns: 1000 },
    );
  });

  it("takes the rounds of an example by hand", () => {
    // Rows of 3, 2, 0 and 6 non-zeros over 4 multipliers with a port each: [3], [2, 0], [4 of 6], [psum, 2].
    const a = [1, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1];
    const layer = layerOf({ M: 4, N: 2, K: 6, a, b: new Array<number>(12).fill(1) });
    const sizes = { multipliers: 4, readPorts: 4, writePorts: 2, loadWords: 4, adderTap: "row", stationary: "weights" };
    const machine = sigmaTable.parse({ kind: "sigma", activationBits: 8, weightBits: 8, ...sizes });

    const timing = new SigmaArray(machine, WIDE).prepare(layer).timeTile(wholeTile(layer));

    // Load 1, two vectors, multiply, levels (3 -> 2, 2 -> 1, 4 -> 2, 3 -> 2), write 1: 7 + 6 + 7 + 7.
    expect(timing).toMatchObject({ folds: 4, steadyCycles: 27, weightReads: 11, psumReads: 2, ofmapWrites: 10 });
    // Distinct places of the rounds: 3, 2, 4 and 2, for each of two vectors.
    expect(timing.ifmapReads).toBe(22);
    expect(timing.macOps).toBe(22);
  });
});
