import { describe, expect, it } from "vitest";
import { Accumulator, largestDistance } from "../../../../algorithms/kernels/accumulator.js";
import { convInteger, qlinearConv } from "../../../../algorithms/kernels/conv-integer.js";
import { UnsupportedError } from "../../../../sim/core/errors.js";
import { geometry, numbers, zeros } from "../../../helpers/kernel-tensors.js";

const point = geometry({ sizes: [1], kernel: [1], outputs: [1] });

/** Sums of a 1x1 convolution whose products are `products`, in the order of input channels. */
function sumOf(products: readonly number[], accumulator: Accumulator): number {
  const y = zeros([1, 1, 1], "int32");
  convInteger(y, {
    input: numbers([1, products.length, 1], "int16", products),
    weight: numbers(
      [1, products.length, 1],
      "int8",
      products.map(() => 1),
    ),
    inputZero: 0,
    weightZeros: [0],
    geometry: point,
    groups: 1,
    accumulator,
  });
  return y.values[0]!;
}

describe("an accumulator of 8 bits", () => {
  it("saturates each addition in the order of the input channels", () => {
    const accumulator = new Accumulator({ accumulatorBits: 8, overflow: "saturate", psumSpillBits: 32 }, "node");

    // 100 + 100 = 200 -> 127; 127 - 50 = 77; 77 + 60 = 137 -> 127.
    expect(sumOf([100, 100, -50, 60], accumulator)).toBe(127);
    expect(accumulator.overflowEvents).toBe(2);
  });

  it("wraps modulo 256, each wrap an event", () => {
    const accumulator = new Accumulator({ accumulatorBits: 8, overflow: "wrap", psumSpillBits: 32 }, "node");

    // 200 - 256 = -56; -56 - 100 = -156 + 256 = 100; 100 + 27 = 127.
    expect(sumOf([100, 100, -100, 27], accumulator)).toBe(127);
    expect(accumulator.overflowEvents).toBe(2);
  });

  it("ends the run where overflow is an error, naming the node", () => {
    const accumulator = new Accumulator(
      { accumulatorBits: 8, overflow: "error", psumSpillBits: 32 },
      "node 'a' (Conv)",
    );

    expect(() => sumOf([100, 28], accumulator)).toThrow(UnsupportedError);
    expect(() => sumOf([100, 28], accumulator)).toThrow(/node 'a' \(Conv\)\n {2}got: a sum of 128/);
    expect(sumOf([100, 27], accumulator)).toBe(127);
  });

  it("adds the bias last, in the same register", () => {
    const accumulator = new Accumulator({ accumulatorBits: 8, overflow: "saturate", psumSpillBits: 32 }, "node");
    const y = zeros([1, 1, 1], "int8");
    const operands = {
      ...{ input: numbers([1, 2, 1], "int8", [90, -60]), weight: numbers([1, 2, 1], "int8", [1, 1]) },
      ...{ inputZero: 0, weightZeros: [0], geometry: point, groups: 1, accumulator },
    };
    const scaling = { kind: "pow2-shift", shifts: Int32Array.of(-1) } as const;
    qlinearConv(y, operands, { bias: [100], scaling, outputZero: 0, limits: [-128, 127] });

    // 90 - 60 + 100 = 130 -> 127; (127 + 1) / 2 = 64. A bias first would have saturated at 190 and given 67.
    expect([...y.values]).toEqual([64]);
    expect(accumulator).toMatchObject({ overflowEvents: 1, leastSum: 127, greatestSum: 127 });
  });
});

describe("a reduction in folds of two", () => {
  const rules = { accumulatorBits: 32, overflow: "saturate", psumSpillBits: 8 } as const;

  it("holds the psums between folds to the width that they wait at, and not the finished sum", () => {
    const accumulator = new Accumulator({ ...rules, folds: { length: 2, spills: true } }, "node");

    // 100 + 100 = 200 -> 127 waits; 127 + (-150 - 20) = -43 waits; -43 + 1000 is finished and whole.
    expect(sumOf([100, 100, -150, -20, 1000], accumulator)).toBe(957);
    expect(accumulator).toMatchObject({ overflowEvents: 1, leastSum: 957, greatestSum: 957 });
  });

  it("keeps psums whole in accumulator registers, and when all products fit into one fold", () => {
    const kept = new Accumulator({ ...rules, folds: { length: 2, spills: false } }, "node");
    const short = new Accumulator({ ...rules, folds: { length: 5, spills: true } }, "node");

    expect(sumOf([100, 100, -150, -20, 1000], kept)).toBe(1030);
    expect(sumOf([100, 100, -150, -20, 1000], short)).toBe(1030);
    expect([kept.overflowEvents, short.overflowEvents]).toEqual([0, 0]);
  });

  it("starts every fold from 0, and adds it to the psum in a register as wide", () => {
    const narrow = { accumulatorBits: 8, overflow: "saturate", psumSpillBits: 8 } as const;
    const folded = new Accumulator({ ...narrow, folds: { length: 2, spills: false } }, "node");

    // 100 + 20 = 120; -60 + 100 = 40; 120 + 40 -> 127. In one register: 120, 60, 160 -> 127 as well, but:
    expect(sumOf([100, 20, -60, 100], folded)).toBe(127);
    // 120; 60 + 60 = 120; 240 -> 127; one after the other 120 + 60 -> 127, + 60 -> 127 with two events.
    expect(sumOf([100, 20, 60, 60], folded)).toBe(127);
    expect(folded.overflowEvents).toBe(2);
  });
});

describe("bounds of sums", () => {
  it("take the largest distance from any zero point", () => {
    expect(largestDistance([-3, 5], [0])).toBe(5);
    expect(largestDistance([-3, 5], [1, 7])).toBe(10);
    expect(largestDistance([], [0])).toBe(0);
  });

  it("tell when no sum can leave the register", () => {
    const accumulator = new Accumulator({ accumulatorBits: 16, overflow: "wrap", psumSpillBits: 16 }, "node");

    // 2 * 127 * 129 = 32766, below 32768; with 130 it is 33020.
    expect(accumulator.holdsAll(2, 127, 129)).toBe(true);
    expect(accumulator.holdsAll(2, 127, 130)).toBe(false);
  });

  it("count the width of psums only where some wait outside", () => {
    const rules = {
      accumulatorBits: 32,
      overflow: "wrap",
      psumSpillBits: 8,
      folds: { length: 4, spills: true },
    } as const;

    expect(new Accumulator(rules, "node").holdsAll(4, 10, 10)).toBe(true);
    expect(new Accumulator(rules, "node").holdsAll(5, 10, 10)).toBe(false);
  });
});
