import { describe, expect, it } from "vitest";
import { type RequantizeMode, requantizeSum, scalingOf } from "../../../../algorithms/kernels/requantization.js";
import { UnsupportedError } from "../../../../sim/core/errors.js";
import { numbers } from "../../../helpers/kernel-tensors.js";
import { runNode } from "../../../helpers/run-program.js";

const RANGE = { outputZero: 0, limits: [-128, 127] } as const;

/** The code of a sum under the factor `inputScale * weightScale / outputScale`. */
function codeOf(
  mode: RequantizeMode,
  sum: number,
  inputScale: number,
  weightScale: number,
  outputScale: number,
): number {
  return requantizeSum({ ...RANGE, scaling: scalingOf(mode, inputScale, [weightScale], outputScale) }, sum, 0);
}

describe("requantization", () => {
  it("differs in its modes where they round apart", () => {
    // 5 * 0.5 = 2.5: half to even; 5 * 2^30 / 2^31 = 2.5, ties upward in both integer forms and the shift.
    const halves = (["onnx-float32", "fixed-point-double", "fixed-point-single", "pow2-shift"] as const).map((mode) =>
      codeOf(mode, 5, 0.5, 1, 1),
    );
    // 1 * 0.25: twice rounded 0.5 -> 1, then 1/2 -> 1; once rounded 0.
    const quarters = [codeOf("fixed-point-double", 1, 0.25, 1, 1), codeOf("fixed-point-single", 1, 0.25, 1, 1)];
    // 100 * 0.3: 30; the nearest power of two is 1/4: 25.
    const shifted = [codeOf("onnx-float32", 100, 0.3, 1, 1), codeOf("pow2-shift", 100, 0.3, 1, 1)];

    expect(halves).toEqual([2, 3, 3, 3]);
    expect(quarters).toEqual([1, 0]);
    expect(shifted).toEqual([30, 25]);
  });

  it("of float32 may differ from the integer forms by its rounded product", () => {
    // -24245 * 1201775990 / 2^31 / 2^9 = -26.50000068: the float32 product is the tie -26.5, which goes to the even -26.
    const factor = 1201775990 / 2 ** 40;
    const scaling = {
      kind: "fixed-point-single",
      multipliers: Int32Array.of(1201775990),
      shifts: Int32Array.of(-9),
    } as const;

    expect(requantizeSum({ ...RANGE, scaling }, -24245, 0)).toBe(-27);
    expect(codeOf("onnx-float32", -24245, factor, 1, 1)).toBe(-26);
  });

  it("takes a factor for each channel, adds the zero point after rounding and saturates", () => {
    const scaling = scalingOf("fixed-point-single", 1, [0.5, 2], 1);
    const requantization = { scaling, outputZero: -3, limits: [-3, 20] } as const;

    expect([9, -9, 100].map((sum) => requantizeSum(requantization, sum, 0))).toEqual([2, -3, 20]);
    // Channel 1 doubles: 18 - 3.
    expect(requantizeSum(requantization, 9, 1)).toBe(15);
  });

  it("starts from float64 in the integer forms, or from the float32 product when told", () => {
    // f32(0.1) * f32(0.3) has 48 bits; float32 keeps 24 of them.
    const [first, second] = [Math.fround(0.1), Math.fround(0.3)];
    const exact = scalingOf("fixed-point-single", first, [second], 1);
    const rounded = scalingOf("fixed-point-single", first, [second], 1, true);
    const multiplierOf = (real: number) => Math.round(real * 2 ** 31 * 2 ** 5);

    expect(exact).toMatchObject({
      multipliers: Int32Array.of(multiplierOf(first * second)),
      shifts: Int32Array.of(-5),
    });
    expect(rounded).toMatchObject({ multipliers: Int32Array.of(multiplierOf(Math.fround(first * second))) });
    expect(exact).not.toEqual(rounded);
  });

  it("refuses a factor that no multiplier and shift hold, but not float32", () => {
    expect(() => scalingOf("fixed-point-single", 2 ** 20, [2 ** 10], 1)).toThrow(UnsupportedError);
    expect(() => scalingOf("pow2-shift", 1, [1], 0)).toThrow(/a factor of Infinity/);
    expect(scalingOf("onnx-float32", 2 ** 20, [2 ** 10], 1)).toMatchObject({ multipliers: Float32Array.of(2 ** 30) });
    // What is too small for any sum is zero.
    expect(codeOf("fixed-point-double", 2 ** 31 - 1, 2 ** -40, 1, 1)).toBe(0);
    expect(codeOf("pow2-shift", -(2 ** 31), 2 ** -60, 2 ** -60, 1)).toBe(0);
  });
});

describe("the arithmetic of a run", () => {
  const registers = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 } as const;
  const reals = (shape: readonly number[], values: readonly number[]) => numbers(shape, "fp32", values);
  const scalar = (value: number) => reals([], [value]);
  const zero = numbers([], "int8", [0]);

  it("is that of QLinearConv, with float32 where none is given", async () => {
    const [x, w] = [numbers([1, 1, 1], "int8", [5]), numbers([1, 1, 1], "int8", [1])];
    const inputs = [x, scalar(0.5), zero, w, scalar(1), zero, scalar(1), zero];
    const of = async (requantize?: RequantizeMode) => {
      const options = requantize === undefined ? {} : { run: { arithmetic: { ...registers, requantize } } };
      return Number((await runNode({ op: "QLinearConv" }, inputs, options)).o0!.values[0]);
    };

    // 2.5, as above.
    expect([await of(), await of("onnx-float32"), await of("fixed-point-single")]).toEqual([2, 2, 3]);
  });

  it("is that of QLinearMatMul, by row and column", async () => {
    const a = numbers([2, 1], "int8", [5, 10]);
    const b = numbers([1, 2], "int8", [1, 3]);
    const inputs = [a, reals([2], [0.5, 0.25]), zero, b, reals([2], [1, 1]), zero, scalar(1), zero];
    const run = { arithmetic: { ...registers, requantize: "fixed-point-single" } } as const;
    const { o0 } = await runNode({ op: "QLinearMatMul" }, inputs, { run });

    // (5, 15) * 0.5 = 2.5, 7.5; (10, 30) * 0.25 = 2.5, 7.5; ties upward.
    expect([...o0!.values]).toEqual([3, 8, 3, 8]);
  });
});
