/**
 * The PP-OCR models on generated lines: their outputs against those of onnxruntime on the same values, and what they read. A
 * recogniser that is given its input in the wrong form (channels, range, height, padding) reads nothing that makes sense.
 */
import ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { evaluate } from "../../sim/run/evaluation/evaluate.js";
import { sampleInputs } from "../../sim/run/evaluation/sample-inputs.js";
import { loadProgram, runProgram } from "../../sim/run/inference/run-program.js";
import { type DataSet, drawSamples } from "../../traces/data-set.js";
import { openDataSet } from "../../traces/open-data-set.js";
import { ANGLE_CLASSIFIER, DICTIONARY, RECOGNISER, ROBOTO, ROBOTO_SLAB_BOLD } from "../helpers/ocr-assets.js";

const FONTS = `font=${ROBOTO},${ROBOTO_SLAB_BOLD}`;
const openLines = (): Promise<DataSet> => openDataSet(`text-lines:${FONTS},dictionary=${DICTIONARY}`);
const openAngles = (): Promise<DataSet> => openDataSet(`text-angles:${FONTS}`);

/** Largest difference of any output from onnxruntime's. */
async function largestDifference(path: string, set: DataSet, count: number): Promise<number> {
  const [program, session] = [await loadProgram(path), await ort.InferenceSession.create(path)];
  let largest = 0;
  for (const inputs of sampleInputs(program, set, { seed: "oracle", count })) {
    const { outputs } = await runProgram(program, inputs);
    const [[name, tensor]] = Object.entries(inputs) as [[string, (typeof inputs)[string]]];
    const expected = await session.run({
      [name]: new ort.Tensor("float32", tensor.values as Float32Array, tensor.shape),
    });
    for (const [output, { values, shape }] of outputs) {
      expect(shape).toEqual(expected[output]!.dims);
      const wanted = expected[output]!.data as Float32Array;
      for (const [at, value] of values.entries()) largest = Math.max(largest, Math.abs(Number(value) - wanted[at]!));
    }
  }
  return largest;
}

describe("PP-OCR on generated lines", () => {
  it.each([
    ["recogniser", RECOGNISER, openLines],
    ["classifier", ANGLE_CLASSIFIER, openAngles],
  ] as const)("the %s gives the numbers of onnxruntime", async (_, path, open) => {
    expect(await largestDifference(path, await open(), 2)).toBeLessThan(1e-4);
  });

  it("the recogniser reads nine characters of ten, as onnxruntime does on the same lines", async () => {
    const set = await openLines();
    const { data, model } = await evaluate(await loadProgram(RECOGNISER), set, { seed: "few", limit: 6 });

    expect(data.isGenerated).toBe(true);
    expect(model.accuracy.spacelessCharacterAccuracy).toBeGreaterThan(0.9);
    expect(model.accuracy.characterAccuracy).toBeGreaterThan(0.8);
  });

  it("the recogniser reads nothing where nothing is written", async () => {
    const set = await openLines();
    const blank: DataSet = {
      ...set,
      sample: (index) => {
        const { values, label } = set.sample(index);
        return { values: { ...values, values: new Float32Array(values.values.length) }, label };
      },
    };
    const { model } = await evaluate(await loadProgram(RECOGNISER), blank, { seed: "few", limit: 2 });

    expect(model.accuracy.characterAccuracy).toBeLessThan(0.1);
  });

  it("the classifier tells which lines are upside down", async () => {
    const set = await openAngles();
    const { model } = await evaluate(await loadProgram(ANGLE_CLASSIFIER), set, { seed: "few", limit: 16 });

    expect([...drawSamples(set, { seed: "few", count: 16 })].some(({ label }) => label === 1)).toBe(true);
    expect(model.accuracy.top1).toBeGreaterThan(0.8);
  });
});
