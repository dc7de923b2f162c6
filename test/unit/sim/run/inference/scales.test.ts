/** Scales that no calibration gives are refused where they are used, by every operator that divides or multiplies by them. */
import { describe, expect, it } from "vitest";
import { NetworkError } from "../../../../../sim/core/errors.js";
import { tensorOf } from "../../../../../sim/ir/tensor-data.js";
import { runNode } from "../../../../helpers/run-program.js";

const bytes = (shape: readonly number[], ...values: number[]) => tensorOf(shape, "uint8", values);
const reals = (shape: readonly number[], ...values: number[]) => tensorOf(shape, "fp32", values);
const zero = bytes([], 0);
const one = reals([], 1);
const image = bytes([1, 1, 1, 2], 3, 4);

/** Each operator with the scale under test in one of its places. */
const PLACES: Readonly<Record<string, (scale: ReturnType<typeof reals>) => Parameters<typeof runNode>[1]>> = {
  QuantizeLinear: (scale) => [reals([2], 1, 2), scale, zero],
  DequantizeLinear: (scale) => [bytes([2], 1, 2), scale, zero],
  QLinearMatMul: (scale) => [bytes([1, 1], 3), one, zero, bytes([1, 1], 4), one, zero, scale, zero],
  QLinearConv: (scale) => [image, scale, zero, bytes([1, 1, 1, 1], 2), one, zero, one, zero],
  "com.microsoft.QLinearAdd": (scale) => [bytes([1], 1), one, zero, bytes([1], 2), scale, zero, one, zero],
  "com.microsoft.QLinearGlobalAveragePool": (scale) => [image, one, zero, scale, zero],
};

/** The node of an operator that may be in a domain. */
function nodeOf(operator: string): Parameters<typeof runNode>[0] {
  const [domain, op] = operator.startsWith("com.microsoft.") ? ["com.microsoft", operator.slice(14)] : ["", operator];
  return domain === "" ? { op } : { op, domain };
}

describe.each(Object.entries(PLACES))("%s", (operator, inputsWith) => {
  it("takes a positive scale", async () => {
    await expect(runNode(nodeOf(operator), inputsWith(reals([], 0.5)))).resolves.toBeDefined();
  });

  it.each([0, -0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses %d as a scale", async (scale) => {
    const run = runNode(nodeOf(operator), inputsWith(reals([], scale)));

    await expect(run).rejects.toThrow(NetworkError);
    await expect(run).rejects.toThrow(/a positive, finite scale/);
  });
});

describe("scales of channels", () => {
  it("are refused by place", async () => {
    const scales = reals([2], 1, Number.NaN);
    const run = runNode({ op: "DequantizeLinear", attributes: { axis: 1 } }, [bytes([1, 2], 1, 2), scales]);

    await expect(run).rejects.toThrow(/NaN as a scale at index 1/);
  });
});
