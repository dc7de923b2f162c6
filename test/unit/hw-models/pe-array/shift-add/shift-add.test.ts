/** Shift-and-add units on cases worked by hand: the terms of weights in each storage, their cycles, and what is refused. */
import { describe, expect, it } from "vitest";
import type { LayerValues } from "../../../../../hw-models/pe-array/layer-values.js";
import { ShiftAddArray } from "../../../../../hw-models/pe-array/shift-add/shift-add.js";
import { shiftAddTable } from "../../../../../hw-models/pe-array/shift-add/shift-add-parameters.js";
import { termFormatOf } from "../../../../../hw-models/pe-array/shift-add/weight-terms.js";
import { plainWindow } from "../../../../../sim/ir/layer.js";
import { wholeTile } from "../../../../helpers/random-layers.js";

const WIDE = { accumulatorBits: 32, overflow: "error", psumSpillBits: 32 } as const;
const machine = (own: object = {}) =>
  shiftAddTable.parse({
    kind: "shift-add",
    outputs: 1,
    inputs: 2,
    termsPerCycle: 1,
    activationBits: 8,
    weightBits: 8,
    ...own,
  });

type Parameters = Readonly<Record<string, number>>;

/** One output of a reduction, its weights from a file. */
function dotProduct(
  ifmap: readonly number[],
  weight: readonly number[],
  name: string,
  parameters: Parameters = {},
): LayerValues {
  return {
    name: "dot",
    bounds: { G: 1, N: 1, K: 1, C: ifmap.length, P: 1, Q: 1, R: 1, S: 1 },
    window: plainWindow(1, 1),
    ifmap: Int8Array.from(ifmap),
    weight: Int16Array.from(weight),
    stored: { encoding: { name, parameters }, activationBits: 8, weightBits: 8, isDrawn: false },
  };
}

/** Terms of each weight as signed powers, 0 for a missing one. */
function powersOf(weights: readonly number[], name: string, parameters?: Parameters): number[][] {
  const layer = dotProduct(
    weights.map(() => 1),
    weights,
    name,
    parameters,
  );
  const { terms, read } = termFormatOf(layer, machine());
  const codes = read();
  return weights.map((_, place) =>
    Array.from({ length: terms }, (_, term) => {
      const exponent = codes.exponent(0, place, term);
      if (exponent < 0) return 0;
      return codes.isNegative(0, place, term) ? -(2 ** exponent) : 2 ** exponent;
    }),
  );
}

describe("the terms of weights", () => {
  it("are the power itself in pow2", () => {
    expect(powersOf([4, 0, -16], "pow2", { bits: 4 })).toEqual([[4], [0], [-16]]);
  });

  it("are one a field in apot, of the sets that the paper gives", () => {
    // 4 bits: one of 0, 1, 4, 8 and one of 0, 2. 10 = 8 + 2, 6 = 4 + 2; all doubled, since 20 is no level and 10 is.
    expect(powersOf([20, -12, 8, 0], "apot", { bits: 4 })).toEqual([
      [16, 4],
      [-8, -4],
      [8, 0],
      [0, 0],
    ]);
    expect(powersOf([48], "apot", { bits: 5 })).toEqual([[32, 16]]);
  });

  it("are radix-4 Booth digits of dense weights, four for 8 bits", () => {
    // 100 = 0 + 1 * 4 - 2 * 16 + 2 * 64; -128 = -2 * 64; 127 = -1 + 2 * 64.
    expect(powersOf([100, -128, 127, 0], "dense")).toEqual([
      [0, 4, -32, 128],
      [0, 0, 0, -128],
      [-1, 0, 0, 128],
      [0, 0, 0, 0],
    ]);
  });

  it("are a digit more for integers less a zero point that need a ninth bit", () => {
    expect(powersOf([200], "dense")).toEqual([[0, -8, 16, -64, 256]]);
  });
});

describe("the array of shift-and-add units", () => {
  it("takes a cycle for a block of powers of two, two where they are sums of two, four where they are dense", () => {
    const cycles = (name: string, own?: object): number => {
      const layer = dotProduct([3, -5], [4, 8], name);
      return new ShiftAddArray(machine(own), WIDE).prepare(layer).timeTile(wholeTile(layer)).steadyCycles;
    };

    expect([cycles("pow2"), cycles("apot"), cycles("dense")]).toEqual([1, 2, 4]);
    expect([cycles("apot", { termsPerCycle: 2 }), cycles("dense", { termsPerCycle: 3 })]).toEqual([1, 2]);
  });

  it("adds up shifted inputs, and counts a missing power unless it is gated", () => {
    const layer = dotProduct([3, -5, 7], [-4, 0, 16], "pow2");
    const run = (zeroTerms: string) =>
      new ShiftAddArray(machine({ zeroTerms }), WIDE).prepare(layer).runTile(wholeTile(layer));

    // -12 + 112; a block of two inputs, one of one, and two stages behind.
    expect(run("added")).toMatchObject({ ofmap: Int32Array.of(100), cycles: 4, shiftAddOps: 3, macOps: 0 });
    expect(run("gated")).toMatchObject({ ofmap: Int32Array.of(100), cycles: 4, shiftAddOps: 2, coveredMacs: 3 });
  });

  it("refuses powers that its shifters do not reach, of a file by its weights and of drawn ones by their encoding", () => {
    const wide = dotProduct([1], [256], "pow2");
    const drawn = { ...dotProduct([1], [1], "pow2", { bits: 5 }), stored: undefined };
    const stored = {
      encoding: { name: "pow2", parameters: { bits: 5 } },
      activationBits: 8,
      weightBits: 8,
      isDrawn: true,
    };

    expect(() => new ShiftAddArray(machine(), WIDE).prepare(wide)).toThrow(/weights of up to 2\^8/);
    expect(() => new ShiftAddArray(machine(), WIDE).prepare({ ...drawn, stored })).toThrow(/weights of up to 2\^14/);
    expect(() => new ShiftAddArray(machine({ weightBits: 16 }), WIDE).prepare({ ...drawn, stored })).not.toThrow();
  });
});
