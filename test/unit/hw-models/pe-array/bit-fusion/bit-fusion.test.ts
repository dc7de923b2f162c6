/** Bit Fusion on cases worked by hand: how operands fall into digits, what a unit holds, and a layer of one unit. */
import { describe, expect, it } from "vitest";
import { BitFusionArray } from "../../../../../hw-models/pe-array/bit-fusion/bit-fusion.js";
import { bitFusionTable } from "../../../../../hw-models/pe-array/bit-fusion/bit-fusion-parameters.js";
import { digitsOf, fusionModeOf, partsOf } from "../../../../../hw-models/pe-array/bit-fusion/fusion-mode.js";
import { FusionUnit } from "../../../../../hw-models/pe-array/bit-fusion/fusion-unit.js";
import type { LayerValues } from "../../../../../hw-models/pe-array/layer-values.js";
import { UnsupportedError } from "../../../../../sim/core/errors.js";
import { plainWindow } from "../../../../../sim/ir/layer.js";
import { wholeTile } from "../../../../helpers/random-layers.js";

const WIDE = { accumulatorBits: 32, overflow: "error", psumSpillBits: 32 } as const;
const machine = (rows: number, cols: number) =>
  bitFusionTable.parse({ kind: "bit-fusion", rows, cols, activationBits: 8, weightBits: 8 });

/** One output of a reduction. */
function dotProduct(ifmap: Int8Array, weight: Int8Array, activationBits: number, weightBits: number): LayerValues {
  return {
    name: "dot",
    bounds: { G: 1, N: 1, K: 1, C: ifmap.length, P: 1, Q: 1, R: 1, S: 1 },
    window: plainWindow(1, 1),
    ifmap,
    weight,
    stored: { encoding: { name: "dense", parameters: {} }, activationBits, weightBits, isDrawn: true },
  };
}

describe("digits of an operand", () => {
  it("are its bits two by two, the sign in the top one", () => {
    // 1001 1100: -128 + 16 + 8 + 4 = -100 = 0 + 3 * 4 + 1 * 16 - 2 * 64.
    expect(digitsOf(-100, 4)).toEqual([0, 3, 1, -2]);
    expect(digitsOf(-2, 1)).toEqual([-2]);
    // Unsigned: 255 = 3 + 12 + 48 + 192; and less a zero point of 255.
    expect(digitsOf(255, 4)).toEqual([3, 3, 3, 3]);
    expect(digitsOf(-255, 4)).toEqual([1, 0, 0, -4]);
  });

  it("are refused for an operand past its width", () => {
    expect(() => digitsOf(256, 4)).toThrow(UnsupportedError);
    expect(() => digitsOf(-9, 2)).not.toThrow();
    expect(() => digitsOf(-17, 2)).toThrow(UnsupportedError);
  });
});

describe("a fusion unit", () => {
  it.each([
    // Sharma et al., ISCA 2018: products in parallel, and cycles for 16-bit operands.
    [8, 8, 1, 1],
    [8, 4, 2, 1],
    [4, 4, 4, 1],
    [8, 2, 4, 1],
    [4, 2, 8, 1],
    [2, 2, 16, 1],
    [16, 16, 1, 4],
    [16, 8, 1, 2],
    // Rounded up to 4 and 2.
    [3, 1, 8, 1],
  ])("of %i x %i bits holds %i products for %i cycles", (activationBits, weightBits, products, cycles) => {
    const mode = fusionModeOf(dotProduct(Int8Array.of(0), Int8Array.of(0), activationBits, weightBits), machine(1, 1));

    expect([mode.products, partsOf(mode)]).toEqual([products, cycles]);
  });

  it("multiplies 8 x 8 bits with 16 bricks", () => {
    const unit = new FusionUnit();

    expect(unit.multiply([digitsOf(-100, 4)], [digitsOf(77, 4)], { activation: 0, weight: 0 })).toBe(-7700);
    expect(unit.brickOps).toBe(16);
  });

  it("gives a 16-bit product in four parts", () => {
    const unit = new FusionUnit();
    const [a, w] = [digitsOf(-30000, 8), digitsOf(12345, 8)];
    const parts = [0, 1].flatMap((weight) =>
      [0, 1].map((activation) => unit.multiply([a], [w], { activation, weight })),
    );

    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(-30000 * 12345);
    expect(unit.brickOps).toBe(64);
  });
});

describe("a column of two units", () => {
  it("takes 40 products of 2 x 2 bits in two steps, the second one half a unit", () => {
    const ones = new Int8Array(40).fill(1);
    const run = new BitFusionArray(machine(2, 1), WIDE)
      .prepare(dotProduct(ones, ones, 2, 2))
      .runTile(wholeTile(dotProduct(ones, ones, 2, 2)));

    expect([...run.ofmap]).toEqual([40]);
    // 32 products in the first step, 8 in the second; then down the second row and into the accumulator.
    expect(run.cycles).toBe(2 + 1 + 1);
    expect(run.brickOps).toBe(40);
    // Three units that worked, and two sums below them.
    expect(run.treeSums).toBe(5);
  });

  it("refuses operands of more than 16 bits", () => {
    const layer = dotProduct(Int8Array.of(1), Int8Array.of(1), 17, 8);

    expect(() => new BitFusionArray(machine(1, 1), WIDE).prepare(layer)).toThrow(/17 bits/);
  });
});
