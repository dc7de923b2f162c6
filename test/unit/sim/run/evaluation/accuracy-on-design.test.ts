import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tensorOf } from "../../../../../sim/ir/tensor-data.js";
import { evaluateOnDesign } from "../../../../../sim/run/evaluation/accuracy-on-design.js";
import { loadProgram } from "../../../../../sim/run/inference/run-program.js";
import { loadDesign } from "../../../../../sim/run/load-design.js";
import type { DataSet } from "../../../../../traces/data-set.js";
import { bytes, floats, modelBytes, valueInfo } from "../../../../helpers/onnx-models.js";

const folder = mkdtempSync(join(tmpdir(), "pj-accuracy-"));
const file = (name: string, content: Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

/** Points of the plane, class 1 where the second coordinate is the larger one. */
const POINTS = Array.from({ length: 40 }, (_, index) => [Math.cos(index), Math.sin(index)] as const);
const SET: DataSet = {
  name: "points",
  source: "by hand",
  isGenerated: true,
  task: "classification",
  size: POINTS.length,
  shape: [2],
  sample: (index) => {
    const [x, y] = POINTS[index]!;
    return { values: tensorOf([2], "fp32", [x, y]), label: Number(y > x) };
  },
};

const FLOAT = file(
  "float.onnx",
  modelBytes({
    inputs: [valueInfo("x", [1, 2])],
    initializers: [floats("w", [2, 2], [1, 0, 0, 1])],
    nodes: [{ op: "MatMul", in: ["x", "w"], out: ["y"], name: "product" }],
    outputs: ["y"],
  }),
);

/** Codes in steps of 1/100; the two sums of products are up to 100 * 100. */
const QUANTIZED = file(
  "quantized.onnx",
  modelBytes({
    inputs: [valueInfo("x", [1, 2])],
    initializers: [
      floats("s", [], [0.01]),
      floats("u", [], [0.02]),
      bytes("z", [], 3, [0]),
      bytes("w", [2, 2], 3, [100, 0, 0, 100]),
    ],
    nodes: [
      { op: "QuantizeLinear", in: ["x", "s", "z"], out: ["q"] },
      { op: "QLinearMatMul", in: ["q", "s", "z", "w", "s", "z", "u", "z"], out: ["p"], name: "product" },
      { op: "DequantizeLinear", in: ["p", "u", "z"], out: ["y"] },
    ],
    outputs: ["y"],
  }),
);

describe("accuracy on a design", () => {
  it("quantizes a float model to the operand width of the design", async () => {
    const accuracy = await evaluateOnDesign(await loadProgram(FLOAT), await loadDesign("systolic-32x32-os"), SET, {
      calibrationSamples: 8,
      limit: 20,
    });

    expect(accuracy).toMatchObject({
      data: "points",
      isGenerated: true,
      samples: 20,
      calibrationSamples: 8,
      method: "int8",
      floatTop1: 1,
    });
    // Steps of 1/127 of the range decide all but points within a step of the diagonal.
    expect(accuracy.top1).toBeGreaterThan(0.9);
    expect(accuracy.agreementFraction).toBe(accuracy.top1);
  });

  it("prunes as an N:M encoding says", async () => {
    const accuracy = await evaluateOnDesign(await loadProgram(FLOAT), await loadDesign("systolic-32x32-os"), SET, {
      encoding: "nm:n=1,m=2",
      calibrationSamples: 8,
    });

    // One weight of two is 0 in each column already.
    expect(accuracy).toMatchObject({ method: "magnitude:n=1,m=2", floatTop1: 1 });
    expect(accuracy.top1).toBeGreaterThan(0.9);
  });

  it("takes a quantized model as it is, and runs it with the accumulators of the design", async () => {
    const program = await loadProgram(QUANTIZED);
    const wide = await evaluateOnDesign(program, await loadDesign("systolic-32x32-os"), SET);
    // Sums go up to 10000: a register of 10 bits that stops at 511 gives equal scores to nearly all points.
    const set = ["arithmetic.accumulatorBits=10", "arithmetic.psumSpillBits=10", "arithmetic.overflow=saturate"];
    const narrow = await evaluateOnDesign(program, await loadDesign("systolic-32x32-os", { set }), SET);

    expect(wide).not.toHaveProperty("method");
    expect(wide).not.toHaveProperty("floatTop1");
    expect([wide.calibrationSamples, wide.agreementFraction]).toEqual([0, 1]);
    expect(wide.top1).toBeGreaterThan(0.9);
    expect(narrow.top1).toBeLessThan(wide.top1 - 0.2);
    expect(narrow.agreementFraction).toBeLessThan(0.8);
    expect([wide.onnxTop1, narrow.onnxTop1]).toEqual([wide.top1, wide.top1]);
  });

  it("counts the codes that differ from the standard's arithmetic, and the sums that left their register, layer by layer", async () => {
    const program = await loadProgram(QUANTIZED);
    const registers = ["arithmetic.accumulatorBits=14", "arithmetic.overflow=saturate"];
    const set = [...registers, "arithmetic.requantize=onnx-float32"];
    const design = await loadDesign("systolic-32x32-os", { set });
    const { mismatchFraction, overflowEvents, layers } = await evaluateOnDesign(program, design, SET);

    // A sum is 100 times a code, and a result half that code. 14 bits hold sums of codes up to 81, and stop at +-41 in results:
    // those of codes up to 82. The code of 83 gives 41.5, which goes to 42.
    const codes = POINTS.flat().map((value) => Math.abs(Math.round(value * 100)));
    const [stopped, wrong] = [82, 83].map((least) => codes.filter((code) => code >= least).length);
    expect(wrong).toBeGreaterThan(10);
    expect(overflowEvents).toBe(stopped);
    expect(layers).toEqual([
      { name: "product", operator: "QLinearMatMul", elements: 80, mismatches: wrong, overflowEvents: stopped },
    ]);
    expect(mismatchFraction).toBe(wrong! / 80);
  });

  it("refuses widths and encodings that no method serves", async () => {
    const program = await loadProgram(FLOAT);
    const design = await loadDesign("systolic-32x32-os");
    const wide = await loadDesign("systolic-32x32-os", { set: ["peArray.weightBits=16", "peArray.activationBits=16"] });

    const lite = { ...program, source: "model.tflite" };
    await expect(evaluateOnDesign(lite, design, SET)).rejects.toThrow(/a TFLite model to be compressed by int8/);
    await expect(evaluateOnDesign(program, wide, SET)).rejects.toThrow(/a design of 16-bit weights/);
    await expect(evaluateOnDesign(program, design, SET, { encoding: "none" })).rejects.toThrow(/none/);
  });
});
