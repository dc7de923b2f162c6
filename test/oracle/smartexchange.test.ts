/**
 * The SmartExchange array against a scheduler that is written out for it: times on a time line instead of sums of cycles, digits by
 * division, rows as they are named in the paper. Layers of one group and one image, whole tiles, weights from Ce and B.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { convInteger } from "../../algorithms/kernels/conv-integer.js";
import type { LayerValues } from "../../hw-models/pe-array/layer-values.js";
import { SmartExchangeArray } from "../../hw-models/pe-array/smartexchange/smartexchange.js";
import type { SmartExchangeParameters } from "../../hw-models/pe-array/smartexchange/smartexchange-parameters.js";
import { geometry, numbers, zeros } from "../helpers/kernel-tensors.js";
import { wholeTile } from "../helpers/random-layers.js";
import { rebuiltSquareLayer, smallMachine, WIDE } from "../helpers/smartexchange-layers.js";

/** Digits of radix-4 Booth recoding that are not 0, as they are defined: bit 2i - 1 plus bit 2i less twice bit 2i + 1. */
function boothDigits(value: number): number {
  const bit = (at: number): number => (at < 0 ? 0 : Math.abs(Math.floor(value / 2 ** at) % 2));
  return range(9).filter((i) => bit(2 * i - 1) + bit(2 * i) - 2 * bit(2 * i + 1) !== 0).length;
}

interface Expected {
  cycles: number;
  boothDigitOps: number;
  rebuildShiftAdds: number;
  ifmapReads: number;
  weightReads: number;
  folds: number;
}

/** One weight row: which activations each of its weights meets at an output column, and its basis. */
interface Row {
  readonly index: number;
  readonly line: number;
  readonly basis: number;
}

type Activation = (row: Row, weight: number, position: readonly [number, number]) => number | undefined;

/** Runs a layer on the time line. `positions` are those of each block, in order; `passes` the rows of each pass, or of each basis. */
function schedule(
  machine: SmartExchangeParameters,
  layer: LayerValues,
  blocks: readonly (readonly (readonly [number, number])[])[],
  passes: readonly (readonly Row[])[],
  activation: Activation,
  isRowActive: (row: Row, block: readonly (readonly [number, number])[]) => boolean,
  reads: (row: Row, block: readonly (readonly [number, number])[]) => number,
): Expected {
  const { codes, shape } = layer.smartdeal!;
  const { size, slices, sliceRows } = shape;
  const { C, R, S, K } = layer.bounds;
  const weightsOf = (row: Row): number[] =>
    Array.from({ length: size }, (_, weight) => weight).filter((weight) => row.index * size + weight < C * R * S);
  const coefficients = (filter: number, row: Row): number[] =>
    Array.from({ length: size }, (_, i) => codes[(filter * slices * sliceRows + row.index) * size + i]!);
  const total: Expected = {
    cycles: 0,
    boothDigitOps: 0,
    rebuildShiftAdds: 0,
    ifmapReads: 0,
    weightReads: 0,
    folds: 0,
  };
  const loadTime = Math.ceil(size ** 2 / machine.basisValuesPerCycle);
  let now = 0;
  let [held, takenOverAt, hasLoaded] = ["", 0, false];
  // Rows one by one go to the lines in turn; else the rows of a pass have theirs.
  const partsOf = (rows: Row[]): Row[][] => {
    if (machine.lineAssignment === "channel") return rows.length > 0 ? [rows] : [];
    return chunks(rows, machine.lines).map((part) => part.map((row, line) => ({ ...row, line })));
  };
  for (let first = 0; first < K; first += machine.slices) {
    const filters = Array.from({ length: Math.min(machine.slices, K - first) }, (_, at) => first + at);
    for (const block of blocks) {
      for (const pass of passes) {
        const rows = pass.filter((row) => {
          const hasWeights = filters.some((filter) => coefficients(filter, row).some((code) => code !== 0));
          if (machine.indexSelector === "none") return true;
          return hasWeights && (machine.indexSelector === "weights" || isRowActive(row, block));
        });
        for (const part of partsOf(rows)) {
          total.folds++;
          const basis = `${first} ${part[0]!.basis}`;
          if (basis !== held) {
            const startsAt = machine.rebuildEnginesPerLine === 2 && hasLoaded ? takenOverAt : now;
            now = Math.max(now, startsAt + loadTime);
            [held, takenOverAt, hasLoaded] = [basis, now, true];
          }
          const stepsOfLines = new Map<number, number[]>();
          for (const row of part) {
            total.ifmapReads += reads(row, block);
            for (const weight of weightsOf(row)) {
              const met = block.map((position) => boothDigits(activation(row, weight, position) ?? 0));
              stepsOfLines.set(row.line, [...(stepsOfLines.get(row.line) ?? []), Math.max(1, ...met)]);
              for (const filter of filters) {
                const own = coefficients(filter, row).filter((code) => code !== 0).length;
                if (own === 0 && machine.indexSelector !== "none") continue;
                total.weightReads++;
                total.rebuildShiftAdds += own;
                for (const digits of met) total.boothDigitOps += digits;
              }
            }
          }
          const lines = [...stepsOfLines.values()];
          const add = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
          const longest = Math.max(...lines.map((steps) => steps.length));
          const together = Array.from({ length: longest }, (_, at) =>
            Math.max(...lines.map((steps) => steps[at] ?? 0)),
          );
          now += machine.synchronisation === "slice" ? add(together) : Math.max(...lines.map(add));
        }
      }
    }
  }
  total.cycles = total.folds === 0 ? 0 : now + Math.ceil(Math.log2(machine.lines));
  return total;
}

/** Things of a list, so many at a time. */
function chunks<Thing>(things: readonly Thing[], length: number): Thing[][] {
  const cut: Thing[][] = [];
  for (let at = 0; at < things.length; at += length) cut.push(things.slice(at, at + length));
  return cut;
}

const range = (length: number): number[] => Array.from({ length }, (_, at) => at);

/** A 3x3 layer: a channel a line, its three rows one after the other as far as they have the same basis. */
function scheduleKernels(machine: SmartExchangeParameters, layer: LayerValues): Expected {
  const { C, R, P, Q, S } = layer.bounds;
  const { strideHeight, strideWidth, padTop, padLeft, ifmapHeight, ifmapWidth } = layer.window;
  const { sliceRows, slices } = layer.smartdeal!.shape;
  const at = (row: Row, h: number, w: number): number | undefined =>
    h < 0 || h >= ifmapHeight || w < 0 || w >= ifmapWidth
      ? undefined
      : layer.ifmap[(Math.floor(row.index / R) * ifmapHeight + h) * ifmapWidth + w];
  const blocks = range(P).flatMap((p) =>
    chunks(range(Q), machine.macsPerLine).map((qs) => qs.map((q) => [p, q] as const)),
  );
  const passes = range(slices).flatMap((basis) => {
    const channels = range(C).filter((c) => range(R).some((r) => Math.floor((c * R + r) / sliceRows) === basis));
    const side = machine.lineAssignment === "row" ? C : machine.lines;
    return chunks(channels, side).map((group) =>
      group.flatMap((c, line) =>
        range(R)
          .map((r) => ({ index: c * R + r, line, basis: Math.floor((c * R + r) / sliceRows) }))
          .filter((row) => row.basis === basis),
      ),
    );
  });
  const ifmapRow = (row: Row, p: number): number => p * strideHeight - padTop + (row.index % R);
  return schedule(
    machine,
    layer,
    blocks,
    passes,
    (row, weight, [p, q]) => at(row, ifmapRow(row, p), q * strideWidth - padLeft + weight),
    (row, block) => range(ifmapWidth).some((w) => (at(row, ifmapRow(row, block[0]![0]), w) ?? 0) !== 0),
    (row, block) => {
      const from = block[0]![1] * strideWidth - padLeft;
      const to = block[block.length - 1]![1] * strideWidth - padLeft + S - 1;
      return range(to - from + 1).filter((w) => at(row, ifmapRow(row, block[0]![0]), from + w) !== undefined).length;
    },
  );
}

/** A 1x1 layer: three channels a line, positions of all rows as one row. */
function schedulePoints(machine: SmartExchangeParameters, layer: LayerValues): Expected {
  const { C, P, Q } = layer.bounds;
  const { sliceRows, slices, size } = layer.smartdeal!.shape;
  const blocks = chunks(range(P * Q), machine.macsPerLine).map((block) => block.map((at) => [at, 0] as const));
  const passes = range(slices).flatMap((basis) => {
    const rows = range(sliceRows)
      .map((row) => basis * sliceRows + row)
      .filter((row) => row * size < C);
    const side = machine.lineAssignment === "row" ? C : machine.lines;
    return chunks(rows, side).map((group) => group.map((index, line) => ({ index, line, basis })));
  });
  const value = (row: Row, weight: number, at: number): number | undefined =>
    row.index * size + weight < C ? layer.ifmap[(row.index * size + weight) * P * Q + at] : undefined;
  const met = (row: Row, block: readonly (readonly [number, number])[]): (number | undefined)[] =>
    range(size).flatMap((weight) => block.map(([at]) => value(row, weight, at)));
  return schedule(
    machine,
    layer,
    blocks,
    passes,
    (row, weight, [at]) => value(row, weight, at),
    (row, block) => met(row, block).some((own) => own !== undefined && own !== 0),
    (row, block) => met(row, block).filter((own) => own !== undefined).length,
  );
}

const machineChoices = fc
  .record({
    slices: fc.integer({ min: 1, max: 3 }),
    lines: fc.integer({ min: 1, max: 4 }),
    macsPerLine: fc.integer({ min: 1, max: 4 }),
    rebuildEnginesPerLine: fc.integer({ min: 1, max: 2 }),
    basisValuesPerCycle: fc.integer({ min: 1, max: 9 }),
    synchronisation: fc.constantFrom("line", "slice"),
    lineAssignment: fc.constantFrom("channel", "row"),
    indexSelector: fc.constantFrom("both", "weights", "none"),
  })
  .map(smallMachine);

const sizes = { K: fc.integer({ min: 1, max: 4 }), C: fc.integer({ min: 7, max: 16 }), seed: fc.nat() };
const density = fc.constantFrom(0, 40, 70, 100);

function check(machine: SmartExchangeParameters, layer: LayerValues, expected: Expected): void {
  const { preloadCycles, steadyCycles, drainCycles, ...timing } = new SmartExchangeArray(machine, WIDE)
    .prepare(layer)
    .timeTile(wholeTile(layer));

  expect({ ...timing, cycles: preloadCycles + steadyCycles + drainCycles }).toMatchObject({ ...expected });
}

describe("the SmartExchange array beside a scheduler on a time line", () => {
  it("takes as long and counts as much for 3x3 kernels, with any stride", () => {
    const cases = fc.record({ ...sizes, stride: fc.integer({ min: 1, max: 2 }), pad: fc.nat({ max: 1 }), density });
    fc.assert(
      fc.property(machineChoices, cases, (machine, { K, C, seed, stride, pad, density }) => {
        const layer = rebuiltSquareLayer({ K, C, side: 5, kernel: 3, stride, pad }, seed, density);

        check(machine, layer, scheduleKernels(machine, layer));
      }),
      { numRuns: 100 },
    );
  });

  it("takes as long and counts as much for 1x1 kernels", () => {
    fc.assert(
      fc.property(machineChoices, fc.record({ ...sizes, density }), (machine, { K, C, seed, density }) => {
        const layer = rebuiltSquareLayer({ K, C, side: 3, kernel: 1 }, seed, density);

        check(machine, layer, schedulePoints(machine, layer));
      }),
      { numRuns: 150 },
    );
  });
});

describe("the SmartExchange array beside the kernels", () => {
  it("gives the bits of the integer convolution", () => {
    fc.assert(
      fc.property(machineChoices, fc.record({ ...sizes, density }), (machine, { K, C, seed, density }) => {
        const layer = rebuiltSquareLayer({ K, C, side: 5, kernel: 3, pad: 1 }, seed, density);
        const { P, Q } = layer.bounds;
        const output = zeros([1, K, P, Q], "int32");
        convInteger(output, {
          input: numbers([1, C, 5, 5], "int8", [...layer.ifmap]),
          weight: numbers([K, C, 3, 3], "int16", [...layer.weight]),
          inputZero: 0,
          weightZeros: [0],
          geometry: geometry({ sizes: [5, 5], kernel: [3, 3], outputs: [P, Q], padBegins: [1, 1], padEnds: [1, 1] }),
          groups: 1,
        });

        const { ofmap } = new SmartExchangeArray(machine, WIDE).prepare(layer).runTile(wholeTile(layer));

        const channelsFirst = range(K).flatMap((k) => range(P * Q).map((position) => ofmap[position * K + k]!));
        expect(channelsFirst).toEqual([...output.values]);
      }),
      { numRuns: 30 },
    );
  });
});
