import { describe, expect, it } from "vitest";
import { CancelledError, ConfigError, UnsupportedError } from "../../../../../sim/core/errors.js";
import { importOnnxProgram } from "../../../../../sim/ir/import/onnx.js";
import type { Program } from "../../../../../sim/ir/import/onnx-program.js";
import { type TensorData, tensorOf } from "../../../../../sim/ir/tensor-data.js";
import { evaluate } from "../../../../../sim/run/evaluation/evaluate.js";
import { createSampleAdapter, sampleInputs } from "../../../../../sim/run/evaluation/sample-inputs.js";
import { type DataSet, drawSamples } from "../../../../../traces/data-set.js";
import { bytes, floats, type GraphSpec, modelBytes, valueInfo } from "../../../../helpers/onnx-models.js";

const program = (spec: GraphSpec): Promise<Program> => importOnnxProgram(modelBytes(spec));

/** Samples given as values and labels. */
function setOf(shape: readonly number[], samples: readonly (readonly [readonly number[], number])[]): DataSet {
  return {
    name: "set",
    source: "by hand",
    isGenerated: false,
    task: "classification",
    size: samples.length,
    shape,
    sample: (index) => ({ values: tensorOf(shape, "fp32", samples[index]![0]), label: samples[index]![1] }),
  };
}

/** y = x W with two classes; W the identity unless told otherwise. */
const product = (weights: readonly number[] = [1, 0, 0, 1]): Promise<Program> =>
  program({
    inputs: [valueInfo("x", [1, 2])],
    initializers: [floats("w", [2, 2], weights)],
    nodes: [
      { op: "MatMul", in: ["x", "w"], out: ["h"], name: "product" },
      { op: "Relu", in: ["h"], out: ["y"], name: "rectify" },
    ],
    outputs: ["y"],
  });

/** Class 0 is the larger first value; the last label is wrong on purpose. */
const SET = setOf(
  [2],
  [
    [[3, 1], 0],
    [[1, 2], 1],
    [[5, 4], 0],
    [[1, 9], 0],
  ],
);

describe("evaluating a model", () => {
  it("counts the samples whose largest score is their class", async () => {
    const { model, samples, data, variants } = await evaluate(await product(), SET);

    expect([model.accuracy, samples, data.size, variants]).toEqual([{ top1: 3 / 4, invalidSamples: 0 }, 4, 4, []]);
    expect(model).not.toHaveProperty("seconds");
  });

  it("takes as many samples as it is told, kept apart from those for calibration", async () => {
    const seen: number[] = [];
    const watched: DataSet = {
      ...SET,
      sample: (index) => {
        seen.push(index);
        return SET.sample(index);
      },
    };
    const model = await product();
    const calibration = [...sampleInputs(model, watched, { seed: "s", count: 2 })].length;
    const { samples } = await evaluate(model, watched, { seed: "s", calibrationSamples: calibration, limit: 1 });

    expect([calibration, samples]).toEqual([2, 1]);
    expect(new Set(seen).size).toBe(3);
  });

  it("says how often a variant agrees with the model, right or wrong", async () => {
    // Swapped scores are wrong where the model is right, and right on the sample whose label is wrong.
    const swapped = await product([0, 1, 1, 0]);
    const same = await product();
    const { variants } = await evaluate(await product(), SET, {
      variants: [
        { name: "swapped", program: swapped },
        { name: "same", program: same },
      ],
    });

    expect(variants.map(({ name, agreementFraction, accuracy }) => [name, agreementFraction, accuracy.top1])).toEqual([
      ["swapped", 0, 1 / 4],
      ["same", 1, 3 / 4],
    ]);
    expect(variants[1]!.layers).toEqual([
      { name: "h", operator: "MatMul" },
      { name: "y", operator: "Relu" },
    ]);
  });

  it("gives the signal to noise of each value over all samples", async () => {
    // Each value of the variant is 1.1 times the model's: signal over noise is 1 / 0.1^2, 20 dB.
    const { variants } = await evaluate(await product(), SET, {
      variants: [{ name: "louder", program: await product([1.1, 0, 0, 1.1]) }],
    });

    const levels = variants[0]!.layers.map(({ signalToNoiseDb }) => signalToNoiseDb);
    expect(levels).toEqual([expect.closeTo(20, 5), expect.closeTo(20, 5)]);
  });

  it("compares codes as the numbers that they stand for, under the names that quantizers give", async () => {
    // Steps of 0.5 around code 10: 1.2 becomes code 12, which is 1.0; 3 and 0.6 become 3.0 and 0.5.
    const quantized = await program({
      inputs: [valueInfo("x", [1, 2])],
      initializers: [floats("w", [2, 2], [1, 0, 0, 1]), floats("s", [], [0.5]), bytes("z", [], 3, [10])],
      nodes: [
        { op: "MatMul", in: ["x", "w"], out: ["h_real"] },
        { op: "QuantizeLinear", in: ["h_real", "s", "z"], out: ["h_codes"] },
        { op: "DequantizeLinear", in: ["h_codes", "s", "z"], out: ["h_dequantized"] },
        { op: "Relu", in: ["h_dequantized"], out: ["y"] },
      ],
      outputs: ["y"],
    });
    const set = setOf(
      [2],
      [
        [[1.2, 3], 1],
        [[0.6, 0], 0],
      ],
    );
    const { variants } = await evaluate(await product(), set, { variants: [{ name: "q", program: quantized }] });

    // Signal 1.44 + 9 + 0.36, noise 0.2^2 + 0.1^2.
    const expected = 10 * Math.log10(10.8 / 0.05);
    expect(variants[0]!.layers).toEqual([
      { name: "h", operator: "MatMul", signalToNoiseDb: expect.closeTo(expected, 4) },
      { name: "y", operator: "Relu", signalToNoiseDb: expect.closeTo(expected, 4) },
    ]);
  });

  it("measures time with the clock that it is given", async () => {
    let now = 0;
    const { model } = await evaluate(await product(), SET, { clock: () => now++ });

    expect(model.seconds).toBe(4);
  });

  it("reports every sample of every model, and stops when it is told to", async () => {
    const controller = new AbortController();
    const seen: string[] = [];
    const run = evaluate(await product(), SET, {
      variants: [{ name: "other", program: await product() }],
      signal: controller.signal,
      onProgress: (done, total, what) => {
        seen.push(`${done}/${total} ${what}`);
        if (done === 3) controller.abort();
      },
    });

    await expect(run).rejects.toThrow(CancelledError);
    expect(seen).toEqual(["1/8 model", "2/8 other", "3/8 model"]);
  });

  it("refuses a set with classes that the model does not have", async () => {
    await expect(evaluate(await product(), setOf([2], [[[1, 2], 7]]))).rejects.toThrow(/a score for class 7/);
  });

  it("refuses to keep all samples apart", async () => {
    await expect(evaluate(await product(), SET, { calibrationSamples: 4 })).rejects.toThrow(/at least one sample/);
  });
});

describe("samples as inputs", () => {
  const IMAGE = setOf([2, 1, 3], [[[1, 2, 3, 4, 5, 6], 0]]);
  const GREY = setOf([1, 2, 2], [[[1, 2, 3, 4], 0]]);
  const takes = (shape: readonly (number | string)[], dataType?: number): Promise<Program> =>
    program({
      inputs: [valueInfo("x", shape, dataType)],
      nodes: [{ op: "Identity", in: ["x"], out: ["y"] }],
      outputs: ["y"],
    });
  const given = async (set: DataSet, shape: readonly (number | string)[], dataType?: number): Promise<TensorData> =>
    createSampleAdapter(await takes(shape, dataType), set)(set.sample(0).values).x!;

  it.each([
    ["channels first", IMAGE, [1, 2, 1, 3], [1, 2, 1, 3], [1, 2, 3, 4, 5, 6]],
    ["an open batch", IMAGE, ["N", 2, 1, 3], [1, 2, 1, 3], [1, 2, 3, 4, 5, 6]],
    ["channels last", IMAGE, [1, 1, 3, 2], [1, 1, 3, 2], [1, 4, 2, 5, 3, 6]],
    ["one row", IMAGE, ["N", 6], [1, 6], [1, 2, 3, 4, 5, 6]],
    ["no batch", IMAGE, [2, 1, 3], [2, 1, 3], [1, 2, 3, 4, 5, 6]],
    ["no channel axis", GREY, [1, 2, 2], [1, 2, 2], [1, 2, 3, 4]],
    ["everything open", IMAGE, ["a", "b", "c", "d"], [1, 2, 1, 3], [1, 2, 3, 4, 5, 6]],
  ] as const)("go in with %s", async (_, set, declared, shape, values) => {
    expect(await given(set, declared)).toEqual(tensorOf(shape, "fp32", values));
  });

  it("become half precision where the model wants it", async () => {
    const set = setOf([2], [[[0.1, 65504], 0]]);

    // 0.1 in binary16 is 0x2e66, 1638 / 2^14.
    expect([...(await given(set, [1, 2], 10)).values]).toEqual([1638 / 2 ** 14, 65504]);
  });

  it("become whole numbers as they are, and nothing else does", async () => {
    expect(await given(GREY, [1, 2, 2], 2)).toEqual(tensorOf([1, 2, 2], "uint8", [1, 2, 3, 4]));
    await expect(given(setOf([2], [[[0.5, 1], 0]]), [1, 2], 2)).rejects.toThrow(/the value 0\.5[\s\S]*scale=1/);
    await expect(given(setOf([2], [[[-1, 1], 0]]), [1, 2], 2)).rejects.toThrow(ConfigError);
  });

  it("become codes by the scale and zero point of a TFLite input, halves away from zero, saturated", async () => {
    const plain = await takes([1, 4], 3);
    const quantization = { scales: [0.5], zeroPoints: [-3], axis: 0 };
    const tensor = { name: "x", shape: [1, 4], precision: "int8", quantization } as const;
    const [node] = plain.nodes;
    const tflite = { operator: "ADD", name: "add", where: "add", inputs: [tensor], outputs: [], options: {} };
    const model: Program = { ...plain, nodes: [{ ...node!, tflite }] };

    // 0.25 and -0.25 are half a step: 1 - 3 and -1 - 3; 1.9 is 3.8 steps, 4 - 3; 100 is 200 steps, over 127.
    const set = setOf([4], [[[0.25, -0.25, 1.9, 100], 0]]);
    expect(createSampleAdapter(model, set)(set.sample(0).values).x).toEqual(tensorOf([1, 4], "int8", [-2, -4, 1, 127]));
  });

  it.each([[[1, 3, 28, 28]], [[8, 2, 1, 3]], [[1, 7]]] as const)(
    "are refused by a model that takes %j",
    async (shape) => {
      await expect(given(IMAGE, shape)).rejects.toThrow(/samples of shape \[2, 1, 3\] from 'set'/);
    },
  );

  it("are refused by a model of 64-bit integers, or of two inputs", async () => {
    const two = await program({
      inputs: [valueInfo("a", [1, 2]), valueInfo("b", [1, 2])],
      nodes: [{ op: "Add", in: ["a", "b"], out: ["y"] }],
      outputs: ["y"],
    });

    await expect(given(GREY, [1, 2, 2], 7)).rejects.toThrow(UnsupportedError);
    expect(() => createSampleAdapter(two, SET)).toThrow(/2 inputs: a, b/);
  });

  it("come in the order of the draw", async () => {
    const model = await product();
    const drawn = [...drawSamples(SET, { seed: "q", count: 3 })].map(({ values }) => [...values.values]);

    expect([...sampleInputs(model, SET, { seed: "q", count: 3 })].map(({ x }) => [...x!.values])).toEqual(drawn);
  });
});
