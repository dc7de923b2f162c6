/**
 * Bit-pragmatic against a scheduler that knows nothing of it but the paper's rules, each column a coroutine that is resumed once
 * a cycle, on layers of at most 4096 MACs; and its sums against the bits of the integer convolution kernel.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { convInteger } from "../../algorithms/kernels/conv-integer.js";
import { BitPragmaticArray } from "../../hw-models/pe-array/bit-pragmatic/bit-pragmatic.js";
import {
  type BitPragmaticParameters,
  bitPragmaticTable,
} from "../../hw-models/pe-array/bit-pragmatic/bit-pragmatic-parameters.js";
import { DaDianNaoArray } from "../../hw-models/pe-array/dadiannao/dadiannao.js";
import { daDianNaoTable } from "../../hw-models/pe-array/dadiannao/dadiannao-parameters.js";
import type { LayerValues } from "../../hw-models/pe-array/layer-values.js";
import { randomLayers, wholeTile } from "../helpers/random-layers.js";

const WIDE = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 } as const;

const machines: fc.Arbitrary<BitPragmaticParameters> = fc
  .record({
    filtersPerTile: fc.integer({ min: 1, max: 3 }),
    windowsPerPallet: fc.integer({ min: 1, max: 6 }),
    lanes: fc.integer({ min: 1, max: 5 }),
    firstStageBits: fc.constantFrom(0, 1, 2, 3, "full"),
    synapseSetRegisters: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  })
  .map(({ synapseSetRegisters, ...own }) =>
    bitPragmaticTable.parse({
      ...{ kind: "bit-pragmatic", tiles: 1, activationBits: 16, weightBits: 16, ...own },
      ...(synapseSetRegisters === undefined
        ? { synchronisation: "pallet" }
        : { synchronisation: "column", synapseSetRegisters }),
    }),
  );

const smallLayers = randomLayers.filter(
  ({ bounds: { G, N, K, C, P, Q, R, S } }) => G * N * K * C * P * Q * R * S <= 4096,
);

/** Bricks of each column in the order of its sets: the activations of the lanes, undefined where it has no window. */
function bricksOf({ lanes, windowsPerPallet }: BitPragmaticParameters, layer: LayerValues, g: number) {
  const { G, N, C, P, Q, R, S } = layer.bounds;
  const { ifmapHeight: H, ifmapWidth: W, ...window } = layer.window;
  const outputs: [number, number, number][] = [];
  for (let n = 0; n < N; n++) for (let p = 0; p < P; p++) for (let q = 0; q < Q; q++) outputs.push([n, p, q]);
  const columns: (number[] | undefined)[][] = Array.from({ length: windowsPerPallet }, () => []);
  for (let first = 0; first < outputs.length; first += windowsPerPallet) {
    for (let r = 0; r < R; r++) {
      for (let s = 0; s < S; s++) {
        for (let brick = 0; brick < C; brick += lanes) {
          for (const [column, bricks] of columns.entries()) {
            const [n, p, q] = outputs[first + column] ?? [-1, 0, 0];
            const h = p * window.strideHeight + r * window.dilationHeight - window.padTop;
            const w = q * window.strideWidth + s * window.dilationWidth - window.padLeft;
            const isPadding = h < 0 || w < 0 || h >= H || w >= W;
            const channels = Array.from({ length: Math.min(lanes, C - brick) }, (_, lane) => g * C + brick + lane);
            const values = channels.map((c) => (isPadding ? 0 : layer.ifmap[((n * G * C + c) * H + h) * W + w]!));
            bricks.push(n < 0 ? undefined : values);
          }
        }
      }
    }
  }
  return columns;
}

/** Yields once for each cycle in which the brick is served: 2 to the power of what is left. */
function* serve(brick: readonly number[], reach: number): Generator<void, void, void> {
  const left = brick.map((value) => {
    const digits = [...Math.abs(value).toString(2)].reverse();
    return digits.flatMap((digit, power) => (digit === "1" ? [power] : []));
  });
  do {
    const common = Math.min(...left.flat());
    for (const powers of left) if (powers.length > 0 && powers[0]! <= common + reach - 1) powers.shift();
    yield;
  } while (left.some((powers) => powers.length > 0));
}

/** Cycles of one pass of a group. */
function schedule(machine: BitPragmaticParameters, columns: (number[] | undefined)[][]): number {
  const reach = machine.firstStageBits === "full" ? 16 : 2 ** machine.firstStageBits;
  const sets = columns[0]!.length;
  const registers = machine.synchronisation === "column" ? machine.synapseSetRegisters : 1;
  /** Cycle in which each column began each set. */
  const begun = columns.map((bricks) => bricks.map((brick) => (brick === undefined ? -1 : Number.POSITIVE_INFINITY)));
  const ended = columns.map((bricks) => bricks.map((brick) => (brick === undefined ? -1 : Number.POSITIVE_INFINITY)));
  let cycle = 0;
  const mayBegin = (set: number): boolean => {
    if (machine.synchronisation === "pallet") return ended.every((own) => set === 0 || own[set - 1]! < cycle);
    const isInRegister = begun.some((own) => own[set]! >= 0 && own[set]! <= cycle);
    const isFree = set < registers || begun.every((own) => own[set - registers]! < cycle);
    return isInRegister || isFree;
  };
  function* run(column: number): Generator<void, void, void> {
    for (let set = 0; set < sets; set++) {
      const brick = columns[column]![set];
      if (brick === undefined) continue;
      while (!mayBegin(set)) yield;
      begun[column]![set] = cycle;
      yield* serveUntilEnd(column, set, brick);
    }
  }
  function* serveUntilEnd(column: number, set: number, brick: number[]): Generator<void, void, void> {
    const cycles = [...serve(brick, reach)].length;
    for (let done = 1; done <= cycles; done++) {
      if (done === cycles) ended[column]![set] = cycle;
      yield;
    }
  }
  let running = columns.map((_, column) => run(column));
  while (true) {
    running = running.filter((column) => column.next().done !== true);
    if (running.length === 0) return cycle;
    cycle++;
  }
}

describe("Bit-pragmatic", () => {
  it("takes the cycles of a scheduler written from the paper's rules", () => {
    fc.assert(
      fc.property(machines, smallLayers, (machine, layer) => {
        const { G, K } = layer.bounds;
        const passes = Math.ceil(K / machine.filtersPerTile);
        let cycles = 0;
        for (let g = 0; g < G; g++) cycles += passes * schedule(machine, bricksOf(machine, layer, g));

        const onArray = new BitPragmaticArray(machine, WIDE).prepare(layer);

        expect(onArray.timeTile(wholeTile(layer)).steadyCycles).toBe(cycles);
        // The last sums leave in the cycle after.
        expect(onArray.runTile(wholeTile(layer)).cycles).toBe(cycles + 1);
      }),
      { numRuns: 300 },
    );
  });

  it("and DaDianNao give the bits of the integer convolution kernel", () => {
    fc.assert(
      fc.property(machines, smallLayers, (machine, layer) => {
        const { G, N, K, C, P, Q, R, S } = layer.bounds;
        const { window } = layer;
        const output = {
          shape: [N, G * K, P, Q],
          precision: "int32",
          values: new Int32Array(N * G * K * P * Q),
        } as const;
        convInteger(output, {
          input: { shape: [N, G * C, window.ifmapHeight, window.ifmapWidth], precision: "int16", values: layer.ifmap },
          weight: { shape: [G * K, C, R, S], precision: "int16", values: layer.weight },
          inputZero: 0,
          weightZeros: [0],
          groups: G,
          geometry: {
            sizes: [1, window.ifmapHeight, window.ifmapWidth],
            kernel: [1, R, S],
            strides: [1, window.strideHeight, window.strideWidth],
            dilations: [1, window.dilationHeight, window.dilationWidth],
            padBegins: [0, window.padTop, window.padLeft],
            padEnds: [0, window.padBottom, window.padRight],
            outputs: [1, P, Q],
          },
        });
        const kernelSums = Array.from({ length: N * P * Q * G * K }, (_, at) => {
          const [k, place] = [at % (G * K), Math.floor(at / (G * K))];
          const [n, pixel] = [Math.floor(place / (P * Q)), place % (P * Q)];
          return output.values[(n * G * K + k) * P * Q + pixel]!;
        });
        const { filtersPerTile, lanes } = machine;
        const dadn = daDianNaoTable.parse({
          ...{ kind: "dadiannao", tiles: 1, filtersPerTile, lanes, activationBits: 16, weightBits: 16 },
        });

        for (const array of [new BitPragmaticArray(machine, WIDE), new DaDianNaoArray(dadn, WIDE)]) {
          expect([...array.prepare(layer).runTile(wholeTile(layer)).ofmap]).toEqual(kernelSums);
        }
      }),
      { numRuns: 150 },
    );
  });
});
