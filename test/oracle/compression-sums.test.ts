/**
 * Layers before operators on real numbers (HardSwish, LayerNormalization, Softmax): they hand on their sums as they are. The
 * models give the bits of onnxruntime, and what such a layer gives is nearer to the float model than 8 bits could say.
 */
import { describe, expect, it } from "vitest";
import { Random } from "../../sim/core/rng.js";
import { importOnnxProgram } from "../../sim/ir/import/onnx.js";
import { type TensorData, tensorOf } from "../../sim/ir/tensor-data.js";
import { compress } from "../../sim/run/compression/compress.js";
import { runProgram } from "../../sim/run/inference/run-program.js";
import { floats, type GraphSpec, int64s, modelBytes, valueInfo } from "../helpers/onnx-models.js";
import { INEXACT_PRODUCTS, runOnnxruntime } from "../helpers/onnxruntime.js";

if (INEXACT_PRODUCTS !== undefined) console.log(`skipped: ${INEXACT_PRODUCTS}`);

function drawn(seed: string, count: number, most = 1): number[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => random.between(-most, most));
}

/** A convolution with a bias before HardSwish, a depthwise one without, and two products of rank 3 around a Softmax. */
const NETWORK: GraphSpec = {
  inputs: [valueInfo("x", [1, 3, 8, 9])],
  initializers: [
    floats("w1", [6, 3, 3, 3], drawn("w1", 162, 0.5)),
    floats("b1", [6], drawn("b1", 6)),
    floats("w2", [6, 1, 3, 3], drawn("w2", 54, 0.5)),
    int64s("rows", [1, 6, 72]),
    floats("w3", [72, 10], drawn("w3", 720, 0.3)),
    floats("b3", [10], drawn("b3", 10)),
    floats("w4", [10, 4], drawn("w4", 40)),
  ],
  nodes: [
    { op: "Conv", in: ["x", "w1", "b1"], out: ["c1"], attributes: { pads: [1, 1, 1, 1] }, name: "first" },
    { op: "HardSwish", in: ["c1"], out: ["h1"] },
    { op: "Conv", in: ["h1", "w2"], out: ["c2"], attributes: { pads: [1, 1, 1, 1], group: 6 }, name: "depthwise" },
    { op: "HardSwish", in: ["c2"], out: ["h2"] },
    { op: "Reshape", in: ["h2", "rows"], out: ["r"] },
    { op: "MatMul", in: ["r", "w3"], out: ["m3"], name: "product" },
    { op: "Add", in: ["m3", "b3"], out: ["a3"] },
    { op: "Softmax", in: ["a3"], out: ["s"], attributes: { axis: -1 } },
    { op: "MatMul", in: ["s", "w4"], out: ["y"], name: "last" },
  ],
  outputs: ["y"],
};

const samples: readonly { readonly x: TensorData }[] = Array.from({ length: 4 }, (_, seed) => ({
  x: tensorOf([1, 3, 8, 9], "fp32", drawn(`x${seed}`, 216, 2)),
}));
const calibration = { source: "even numbers", isSynthetic: true, samples };

describe.skipIf(INEXACT_PRODUCTS !== undefined)("layers before operators on real numbers", () => {
  it.each([
    "int8",
    "int8:activations=int8",
    "int8:granularity=tensor,symmetric=false",
    "int4",
    "pow2:keep=none",
    "magnitude:n=2,m=4,correction=false",
  ])("with %s have the bits of onnxruntime", async (method) => {
    const { model } = await compress(modelBytes(NETWORK), method, { calibration });
    const program = await importOnnxProgram(model);

    const operators = program.nodes.map(({ operator }) => operator);
    expect(operators.filter((name) => name === "ConvInteger")).toHaveLength(2);
    expect(operators.filter((name) => name === "MatMulInteger")).toHaveLength(1);
    expect(operators.filter((name) => name === "QLinearMatMul")).toHaveLength(1);
    for (const sample of samples) {
      const ours = (await runProgram(program, sample)).outputs.get("y")!.values as Float32Array;
      const theirs = (await runOnnxruntime(model, sample)).y!;
      expect([...ours]).toEqual(Array.from(theirs));
    }
  });

  it("lose only what rounding input and weights loses, not another 8 bits", async () => {
    const { model } = await compress(modelBytes(NETWORK), "int8", { calibration });
    const [float, compressed] = [await importOnnxProgram(modelBytes(NETWORK)), await importOnnxProgram(model)];
    let [noise, greatest] = [0, 0];
    let count = 0;
    for (const sample of samples) {
      let wanted: number[] = [];
      await runProgram(float, sample, {
        onNode: (_, outputs) => {
          const value = outputs.get("c1");
          if (value !== undefined) wanted = [...(value.values as Float32Array)];
        },
      });
      await runProgram(compressed, sample, {
        onNode: (_, outputs) => {
          for (const [at, value] of (outputs.get("c1")?.values as Float32Array | undefined)?.entries() ?? []) {
            noise += (value - wanted[at]!) ** 2;
            greatest = Math.max(greatest, Math.abs(wanted[at]!));
            count++;
          }
        },
      });
    }

    // 27 products: inputs within +-2 in 255 steps on weights of mean square 0.25/3, weights in steps of 0.5/127 on inputs of 4/3.
    const [stepX, stepW] = [4 / 255, 0.5 / 127];
    const expected = 27 * ((0.25 / 3) * (stepX ** 2 / 12) + (4 / 3) * (stepW ** 2 / 12));
    // Zeros of the padding are exact, which is at most a quarter of what is read here.
    expect(noise / count).toBeLessThan(expected * 1.05);
    expect(noise / count).toBeGreaterThan(expected * 0.7);
    // Codes of c1 itself would add the square of their step over 12.
    expect(((2 * greatest) / 255) ** 2 / 12).toBeGreaterThan(expected);
  });
});
