/** Convolutions and products: loop bounds, windows and operands, by hand arithmetic. */
import { describe, expect, it } from "vitest";
import { NetworkError, UnsupportedError } from "../../../../../sim/core/errors.js";
import { readEinsum } from "../../../../../sim/ir/import/onnx-einsum.js";
import { layerMacs, type MatrixLayer } from "../../../../../sim/ir/layer.js";
import { importSpec, layerWriting, tensorOf } from "../../../../helpers/onnx-import.js";
import { floats, type NodeSpec, valueInfo } from "../../../../helpers/onnx-models.js";

async function matrix(
  op: string,
  input: readonly number[],
  weight: readonly number[],
  attributes: NonNullable<NodeSpec["attributes"]> = {},
  storedFirst = false,
) {
  const network = await importSpec({
    inputs: [valueInfo("x", input)],
    initializers: [floats("w", weight)],
    nodes: [{ op, in: storedFirst ? ["w", "x"] : ["x", "w"], out: ["y"], attributes }],
    outputs: ["y"],
  });
  const layer = layerWriting(network, "y") as MatrixLayer;
  return { layer, shape: tensorOf(network, "y").shape, macs: layerMacs(layer) };
}

describe("Conv", () => {
  it("of a ResNet stem has its published shape", async () => {
    const { layer, shape, macs } = await matrix("Conv", [1, 3, 224, 224], [64, 3, 7, 7], {
      strides: [2, 2],
      pads: [3, 3, 3, 3],
    });

    // floor((224 + 6 - 7)/2) + 1 = 112
    expect(shape).toEqual([1, 64, 112, 112]);
    expect(layer.bounds).toEqual({ G: 1, N: 1, K: 64, C: 3, P: 112, Q: 112, R: 7, S: 7 });
    // 64 * 3 * 49 * 112 * 112, as published for ResNet
    expect(macs).toBe(118_013_952);
  });

  it("depthwise has a group for each channel", async () => {
    const { layer, macs } = await matrix("Conv", [2, 8, 10, 12], [8, 1, 3, 3], { group: 8, pads: [1, 1, 1, 1] });

    expect(layer.bounds).toEqual({ G: 8, N: 2, K: 1, C: 1, P: 10, Q: 12, R: 3, S: 3 });
    expect(macs).toBe(2 * 8 * 10 * 12 * 9);
  });

  it("keeps uneven padding, stride and dilation with height before width", async () => {
    const { layer, shape } = await matrix("Conv", [1, 1, 20, 30], [1, 1, 3, 5], {
      strides: [2, 3],
      dilations: [2, 1],
      pads: [1, 0, 2, 4],
    });

    // height: 20 + 1 + 2 - 5 = 18, /2 + 1 = 10; width: 30 + 0 + 4 - 5 = 29, floor(29/3) + 1 = 10
    expect(shape).toEqual([1, 1, 10, 10]);
    expect(layer.window).toEqual({
      ifmapHeight: 20,
      ifmapWidth: 30,
      strideHeight: 2,
      strideWidth: 3,
      dilationHeight: 2,
      dilationWidth: 1,
      padTop: 1,
      padLeft: 0,
      padBottom: 2,
      padRight: 4,
    });
  });

  it.each([
    // input 5, filter 4, stride 2: outputs 3, total padding (3-1)*2 + 4 - 5 = 3
    ["SAME_UPPER", { padTop: 1, padBottom: 2 }],
    ["SAME_LOWER", { padTop: 2, padBottom: 1 }],
  ])("resolves auto_pad %s", async (mode, pads) => {
    const { layer, shape } = await matrix("Conv", [1, 1, 5, 5], [1, 1, 4, 4], { strides: [2, 2], auto_pad: mode });

    expect(shape).toEqual([1, 1, 3, 3]);
    expect(layer.window).toMatchObject(pads);
  });

  it("of one spatial axis lies along the width", async () => {
    const { layer, shape } = await matrix("Conv", [1, 2, 9], [4, 2, 3]);

    expect(shape).toEqual([1, 4, 7]);
    expect(layer.bounds).toMatchObject({ P: 1, Q: 7, R: 1, S: 3 });
    expect(layer.window).toMatchObject({ ifmapHeight: 1, ifmapWidth: 9 });
  });

  it.each([
    ["channels that do not fit", [1, 3, 5, 5], [4, 2, 3, 3], {}, /groups/],
    ["groups that do not divide the outputs", [1, 4, 5, 5], [3, 2, 3, 3], { group: 2 }, /groups/],
    ["a filter larger than the input", [1, 1, 2, 2], [1, 1, 3, 3], {}, /not larger than the padded ifmap/],
    [
      "a kernel_shape that contradicts the weights",
      [1, 1, 5, 5],
      [1, 1, 3, 3],
      { kernel_shape: [2, 2] },
      /kernel_shape/,
    ],
    ["negative padding", [1, 1, 5, 5], [1, 1, 3, 3], { pads: [-1, 0, 0, 0] }, /pads/],
    ["stride 0", [1, 1, 5, 5], [1, 1, 3, 3], { strides: [0, 1] }, /strides/],
    ["another rank of weights", [1, 1, 5, 5], [1, 1, 3], {}, /as many axes/],
  ] as [string, number[], number[], NonNullable<NodeSpec["attributes"]>, RegExp][])(
    "refuses %s",
    async (_, input, weight, attributes, message) => {
      await expect(matrix("Conv", input, weight, attributes)).rejects.toThrow(NetworkError);
      await expect(matrix("Conv", input, weight, attributes)).rejects.toThrow(message);
    },
  );

  it("says that three spatial axes are not supported", async () => {
    await expect(matrix("Conv", [1, 1, 4, 4, 4], [1, 1, 3, 3, 3])).rejects.toThrow(UnsupportedError);
  });
});

describe("ConvTranspose", () => {
  it.each([
    // stride*(in-1) + ((k-1)*d + 1) - pads: 2*2 + 3 = 7
    ["default", { strides: [2, 2] }, [7, 7]],
    ["pads", { strides: [2, 2], pads: [1, 0, 1, 1] }, [5, 6]],
    ["output_padding", { strides: [2, 2], output_padding: [1, 0] }, [8, 7]],
    ["dilations", { dilations: [2, 2] }, [7, 7]],
    ["output_shape", { strides: [3, 2], output_shape: [10, 8] }, [10, 8]],
    ["SAME_UPPER", { strides: [2, 2], auto_pad: "SAME_UPPER" }, [6, 6]],
  ] as [string, NonNullable<NodeSpec["attributes"]>, number[]][])("with %s", async (_, attributes, spatial) => {
    const { shape, macs } = await matrix("ConvTranspose", [1, 2, 3, 3], [2, 5, 3, 3], attributes);

    expect(shape).toEqual([1, 5, ...spatial]);
    // Each of 3x3 inputs of 2 channels meets 3x3 taps of 5 outputs.
    expect(macs).toBe(9 * 2 * 9 * 5);
  });

  it("in groups", async () => {
    const { shape, macs } = await matrix("ConvTranspose", [1, 4, 3, 3], [4, 3, 2, 2], { group: 2, strides: [2, 2] });

    expect(shape).toEqual([1, 6, 6, 6]);
    // 9 positions x 4 channels x 4 taps x 3 outputs of the channel's group
    expect(macs).toBe(9 * 4 * 4 * 3);
  });
});

describe("products", () => {
  it.each([
    [[2, 3, 4], [4, 5], [2, 3, 5], 120],
    [[4], [4, 5], [5], 20],
    [[3, 4], [4], [3], 12],
    [[4], [4], [], 4],
    [[2, 1, 3, 4], [7, 4, 5], [2, 7, 3, 5], 2 * 7 * 60],
  ])("MatMul of %j by a stored %j gives %j", async (a, b, expected, macs) => {
    const result = await matrix("MatMul", a, b);

    expect(result.shape).toEqual(expected);
    expect(result.layer.kind).toBe("linear");
    expect(result.macs).toBe(macs);
  });

  it("against a stored matrix has the rows of all batches", async () => {
    const { layer } = await matrix("MatMul", [2, 3, 4], [4, 5]);

    expect(layer.bounds).toMatchObject({ G: 1, K: 5, C: 4 });
    expect(layer.bounds.N * layer.bounds.P * layer.bounds.Q).toBe(6);
    expect(layer).toMatchObject({ ifmap: "x", weight: "w" });
  });

  it("with the stored matrix on the left swaps the operands", async () => {
    const { layer, shape } = await matrix("MatMul", [4, 5], [3, 4], {}, true);

    expect(shape).toEqual([3, 5]);
    expect(layer).toMatchObject({ kind: "linear", ifmap: "x", weight: "w", inputs: ["w", "x"] });
    expect(layer.bounds).toMatchObject({ K: 3, C: 4 });
  });

  it("of two activations has a matrix for each batch", async () => {
    const network = await importSpec({
      inputs: [valueInfo("q", [1, 12, 10, 64]), valueInfo("k", [1, 12, 64, 10])],
      nodes: [{ op: "MatMul", in: ["q", "k"], out: ["y"] }],
      outputs: ["y"],
    });
    const layer = layerWriting(network, "y") as MatrixLayer;

    expect(layer.kind).toBe("matmul");
    expect(layer.bounds).toMatchObject({ G: 12, K: 10, C: 64 });
    expect(layerMacs(layer)).toBe(12 * 10 * 10 * 64);
  });

  it("Gemm follows its transposes and takes a stored C as bias", async () => {
    const network = await importSpec({
      inputs: [valueInfo("x", [4, 2])],
      initializers: [floats("w", [3, 4]), floats("c", [3])],
      nodes: [{ op: "Gemm", in: ["x", "w", "c"], out: ["y"], attributes: { transA: 1, transB: 1 } }],
      outputs: ["y"],
    });
    const layer = layerWriting(network, "y") as MatrixLayer;

    expect(tensorOf(network, "y").shape).toEqual([2, 3]);
    expect(layer.bounds).toMatchObject({ K: 3, C: 4 });
    expect(layer.bias).toBe("c");
    expect(tensorOf(network, "c").role).toBe("weight");
  });

  it("refuse inner axes of different sizes", async () => {
    await expect(matrix("MatMul", [2, 3], [4, 5])).rejects.toThrow(/\[2, 3\] times \[4, 5\]/);
  });
});

describe("Einsum", () => {
  it.each([
    ["ij,jk->ik", [2, 3], [3, 4], { outputShape: [2, 4], batches: 1, rows: 2, reduction: 3, columns: 4 }],
    [
      "bhid, bhjd -> bhij",
      [2, 8, 5, 64],
      [2, 8, 7, 64],
      { outputShape: [2, 8, 5, 7], batches: 16, rows: 5, reduction: 64, columns: 7 },
    ],
    ["i,j->ij", [3], [4], { outputShape: [3, 4], batches: 1, rows: 3, reduction: 1, columns: 4 }],
    ["ij,jk", [2, 3], [3, 4], { outputShape: [2, 4], batches: 1, rows: 2, reduction: 3, columns: 4 }],
  ])("%s is one product", (equation, first, second, expected) => {
    expect(readEinsum(equation, first, second)).toEqual(expected);
  });

  it.each(["ii,ij->ij", "ij,jk->k", "...ij,jk->...ik", "ij->ji", "a,b,c->abc"])("%s is not", (equation) => {
    expect(readEinsum(equation, [2, 2], [2, 2])).toBeUndefined();
  });
});
