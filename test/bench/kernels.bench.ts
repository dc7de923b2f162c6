/**
 * Products and convolutions on SIMD, one thread, beside onnxruntime on one thread in the same run. In GMAC: 512^3 is 0.134, the
 * 3x3 convolution 0.116, the 1x1 one 0.0128 and the depthwise one 0.0027, so that hz times these is GMAC/s.
 */
import ort from "onnxruntime-node";
import { bench, describe } from "vitest";
import { SIMD_KERNELS } from "../../algorithms/kernels/kernel-set.js";
import { createTensor, type NumberTensor } from "../../sim/ir/tensor-data.js";
import { geometry, zeros } from "../helpers/kernel-tensors.js";
import { INT8, modelBytes, type NodeSpec, UINT8, valueInfo } from "../helpers/onnx-models.js";

const FLOAT = 1;

/** Values of every size that a code may have, the same in every run. */
function filled(shape: readonly number[], precision: "int8" | "uint8" | "fp32"): NumberTensor {
  const tensor = createTensor(shape, precision) as NumberTensor;
  for (let at = 0; at < tensor.values.length; at++)
    tensor.values[at] = ((at * 7919) % 251) - (precision === "int8" ? 125 : 0);
  return tensor;
}

const TYPES = { int8: INT8, uint8: UINT8, fp32: FLOAT } as const;
const ORT_TYPES = { int8: "int8", uint8: "uint8", fp32: "float32" } as const;

/** A run of one node by onnxruntime on tensors that stand ready. */
async function onnxruntimeNode(node: Omit<NodeSpec, "in" | "out">, inputs: readonly NumberTensor[]) {
  const names = inputs.map((_, index) => `i${index}`);
  const model = modelBytes({
    inputs: inputs.map(({ shape, precision }, index) =>
      valueInfo(names[index]!, shape, TYPES[precision as keyof typeof TYPES]),
    ),
    nodes: [{ ...node, in: names, out: ["y"] }],
    outputs: ["y"],
  });
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const feeds = Object.fromEntries(
    inputs.map(({ shape, precision, values }, index) => [
      names[index]!,
      new ort.Tensor(ORT_TYPES[precision as keyof typeof ORT_TYPES], values as Float32Array, shape),
    ]),
  );
  return () => session.run(feeds);
}

const scalar = (precision: "int8" | "uint8" | "fp32", value: number): NumberTensor => {
  const tensor = createTensor([], precision) as NumberTensor;
  tensor.values[0] = value;
  return tensor;
};

const SIZE = 512;
const SCALES = { values: [0.01], perMatrix: 1 };
const ZEROS = { values: [3], perMatrix: 1 };

describe("product of 512 x 512 matrices", async () => {
  const [a, b, codes] = [filled([SIZE, SIZE], "uint8"), filled([SIZE, SIZE], "int8"), zeros([SIZE, SIZE], "uint8")];
  const [x, w, y] = [filled([SIZE, SIZE], "fp32"), filled([SIZE, SIZE], "fp32"), zeros([SIZE, SIZE], "fp32")];
  const scaling = { mode: "onnx-float32", firstScales: SCALES, secondScales: SCALES } as const;
  const operands = { first: a, second: b, firstZeros: ZEROS, secondZeros: { values: [0], perMatrix: 1 } };
  const quantized = await onnxruntimeNode({ op: "QLinearMatMul" }, [
    a,
    scalar("fp32", 0.01),
    scalar("uint8", 3),
    b,
    scalar("fp32", 0.01),
    scalar("int8", 0),
    scalar("fp32", 3),
    scalar("uint8", 1),
  ]);
  const real = await onnxruntimeNode({ op: "MatMul" }, [x, w]);

  bench("QLinearMatMul, SIMD", () => {
    SIMD_KERNELS.qlinearMatmul(codes, operands, { ...scaling, outputScale: 3, outputZero: 1, limits: [0, 255] });
  });
  bench("QLinearMatMul, onnxruntime", async () => {
    await quantized();
  });
  bench("MatMul float32, SIMD", () => {
    SIMD_KERNELS.matmul(y, x, w);
  });
  bench("MatMul float32, onnxruntime", async () => {
    await real();
  });
});

const CONVOLUTIONS = [
  { name: "3x3, 64 to 64 channels, 56 x 56", channels: 64, groups: 1, kernel: 3 },
  { name: "1x1, 64 to 64 channels, 56 x 56", channels: 64, groups: 1, kernel: 1 },
  { name: "3x3 depthwise, 96 channels, 56 x 56", channels: 96, groups: 96, kernel: 3 },
] as const;

for (const { name, channels, groups, kernel } of CONVOLUTIONS) {
  describe(`convolution ${name}`, async () => {
    const pad = (kernel - 1) / 2;
    const spatial = { sizes: [56, 56], kernel: [kernel, kernel], outputs: [56, 56], padBegins: [pad, pad] };
    const [shape, weightShape] = [
      [1, channels, 56, 56],
      [channels, channels / groups, kernel, kernel],
    ];
    const [input, weight, codes] = [filled(shape, "uint8"), filled(weightShape, "int8"), zeros(shape, "uint8")];
    const [x, w, y] = [filled(shape, "fp32"), filled(weightShape, "fp32"), zeros(shape, "fp32")];
    const where = geometry({ ...spatial, padEnds: [pad, pad] });
    const requantization = {
      scaling: { kind: "onnx-float32", multipliers: Float32Array.of(0.001) },
      bias: undefined,
      outputZero: 1,
      limits: [0, 255],
    } as const;
    const attributes = { pads: [pad, pad, pad, pad], group: groups };
    const quantized = await onnxruntimeNode({ op: "QLinearConv", attributes }, [
      input,
      scalar("fp32", 0.1),
      scalar("uint8", 3),
      weight,
      scalar("fp32", 0.01),
      scalar("int8", 0),
      scalar("fp32", 1),
      scalar("uint8", 1),
    ]);
    const real = await onnxruntimeNode({ op: "Conv", attributes }, [x, w]);

    bench("QLinearConv, SIMD", () => {
      SIMD_KERNELS.qlinearConv(
        codes,
        { input, weight, inputZero: 3, weightZeros: [0], geometry: where, groups },
        requantization,
      );
    });
    bench("QLinearConv, onnxruntime", async () => {
      await quantized();
    });
    bench("Conv float32, SIMD", () => {
      SIMD_KERNELS.conv(y, x, w, undefined, where, groups);
    });
    bench("Conv float32, onnxruntime", async () => {
      await real();
    });
  });
}
