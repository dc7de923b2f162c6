/** Quantized graphs: integer operators keep the file's precision; Q/DQ pairs leave integers as operands. */
import { describe, expect, it } from "vitest";
import type { MatrixLayer } from "../../../../../sim/ir/layer.js";
import { networkParameters } from "../../../../../sim/ir/network.js";
import { importSpec, layerWriting, tensorOf } from "../../../../helpers/onnx-import.js";
import { bytes, floats, type GraphSpec, INT8, UINT8, valueInfo } from "../../../../helpers/onnx-models.js";

const scale = (name: string, value = 0.5) => floats(name, [], [value]);
const zero = (name: string, dataType = INT8) => bytes(name, [], dataType);

describe("QLinear operators", () => {
  it("QLinearConv is a convolution of the integers", async () => {
    const network = await importSpec({
      inputs: [valueInfo("x", [1, 3, 8, 8], UINT8)],
      initializers: [
        scale("xs"),
        zero("xz", UINT8),
        bytes("w", [4, 3, 3, 3]),
        scale("ws"),
        zero("wz"),
        scale("ys"),
        zero("yz", UINT8),
      ],
      nodes: [{ op: "QLinearConv", in: ["x", "xs", "xz", "w", "ws", "wz", "ys", "yz"], out: ["y"] }],
      outputs: ["y"],
    });
    const layer = layerWriting(network, "y") as MatrixLayer;

    expect(layer).toMatchObject({ kind: "conv", ifmap: "x", weight: "w" });
    expect(layer.bounds).toEqual({ G: 1, N: 1, K: 4, C: 3, P: 6, Q: 6, R: 3, S: 3 });
    expect(tensorOf(network, "w")).toMatchObject({ precision: "int8", role: "weight" });
    expect(tensorOf(network, "y").precision).toBe("uint8");
    expect(["xs", "xz", "ws", "wz", "ys", "yz"].map((name) => tensorOf(network, name).role)).toEqual(
      new Array(6).fill("constant"),
    );
  });

  it("ConvInteger and MatMulInteger give int32", async () => {
    const network = await importSpec({
      inputs: [valueInfo("x", [2, 4], UINT8)],
      initializers: [bytes("w", [4, 3])],
      nodes: [{ op: "MatMulInteger", in: ["x", "w"], out: ["y"] }],
      outputs: ["y"],
    });

    expect(tensorOf(network, "y")).toMatchObject({ precision: "int32", shape: [2, 3] });
  });

  it("QLinearAdd is an addition of bytes with broadcasting", async () => {
    const network = await importSpec({
      inputs: [valueInfo("a", [2, 3], UINT8), valueInfo("b", [3], UINT8)],
      initializers: [scale("s"), zero("z", UINT8)],
      nodes: [{ op: "QLinearAdd", domain: "com.microsoft", in: ["a", "s", "z", "b", "s", "z", "s", "z"], out: ["y"] }],
      outputs: ["y"],
    });

    expect(tensorOf(network, "y")).toMatchObject({ precision: "uint8", shape: [2, 3] });
    expect(layerWriting(network, "y")).toMatchObject({
      operator: "com.microsoft.QLinearAdd",
      function: "add",
      elements: 6,
    });
  });

  it("DynamicQuantizeLinear gives bytes, a scale and a zero point", async () => {
    const network = await importSpec({
      inputs: [valueInfo("x", [2, 3])],
      nodes: [{ op: "DynamicQuantizeLinear", in: ["x"], out: ["y", "s", "z"] }],
      outputs: ["y", "s", "z"],
    });

    expect(["y", "s", "z"].map((name) => tensorOf(network, name).precision)).toEqual(["uint8", "fp32", "uint8"]);
    expect(tensorOf(network, "s").shape).toEqual([]);
  });
});

describe("Q/DQ graphs", () => {
  const qdq: GraphSpec = {
    inputs: [valueInfo("x", [1, 3, 8, 8])],
    initializers: [scale("s"), zero("z"), bytes("w", [4, 3, 3, 3])],
    nodes: [
      { op: "QuantizeLinear", in: ["x", "s", "z"], out: ["xq"] },
      { op: "DequantizeLinear", in: ["xq", "s", "z"], out: ["xd"] },
      { op: "DequantizeLinear", in: ["w", "s", "z"], out: ["wd"] },
      { op: "Conv", in: ["xd", "wd"], out: ["c"] },
      { op: "QuantizeLinear", in: ["c", "s", "z"], out: ["cq"] },
      { op: "DequantizeLinear", in: ["cq", "s", "z"], out: ["y"] },
    ],
    outputs: ["y"],
  };

  it("give the convolution the stored integers as operands", async () => {
    const network = await importSpec(qdq);
    const layer = layerWriting(network, "c") as MatrixLayer;

    expect(layer).toMatchObject({ ifmap: "xq", weight: "w", inputs: ["xd", "wd"] });
    expect(tensorOf(network, "w")).toMatchObject({ precision: "int8", role: "weight" });
    expect(networkParameters(network)).toBe(4 * 3 * 9);
  });

  it("keep a DequantizeLinear as a view of bytes, and as a pass where it is the output", async () => {
    const network = await importSpec(qdq);

    expect(layerWriting(network, "xd")).toMatchObject({ kind: "move", movement: "view" });
    expect(tensorOf(network, "xd").precision).toBe("int8");
    expect(tensorOf(network, "wd")).toMatchObject({ precision: "int8", role: "constant" });
    expect(layerWriting(network, "xq")).toMatchObject({ kind: "vector", function: "quantize" });
    expect(layerWriting(network, "y")).toMatchObject({ kind: "vector", function: "quantize" });
    expect(tensorOf(network, "y").precision).toBe("fp32");
  });

  it("transpose the integers of a dequantized weight when they are loaded", async () => {
    const network = await importSpec({
      inputs: [valueInfo("x", [1, 2])],
      initializers: [scale("s"), zero("z"), bytes("w", [3, 2], INT8, [1, 2, 3, 4, 5, 6])],
      nodes: [
        { op: "DequantizeLinear", in: ["w", "s", "z"], out: ["wd"] },
        { op: "Transpose", in: ["wd"], out: ["t"] },
        { op: "MatMul", in: ["x", "t"], out: ["y"] },
      ],
      outputs: ["y"],
    });
    const layer = layerWriting(network, "y") as MatrixLayer;
    const weight = tensorOf(network, layer.weight);

    expect(layer.kind).toBe("linear");
    expect(weight).toMatchObject({ shape: [2, 3], precision: "int8", role: "weight" });
    expect([...weight.load!()]).toEqual([1, 3, 5, 2, 4, 6]);
    expect(networkParameters(network)).toBe(6);
  });

  it("quantize a stored float weight when it is loaded: half to even, saturating, per channel", async () => {
    const network = await importSpec({
      inputs: [valueInfo("x", [1, 3])],
      initializers: [
        floats("w", [2, 3], [0.25, 0.75, -0.25, 300, -300, 1]),
        floats("s", [2], [0.5, 1]),
        bytes("z", [2], INT8, [0, 1]),
      ],
      nodes: [
        { op: "QuantizeLinear", in: ["w", "s", "z"], out: ["wq"], attributes: { axis: 0 } },
        { op: "DequantizeLinear", in: ["wq", "s", "z"], out: ["wd"], attributes: { axis: 0 } },
        { op: "Gemm", in: ["x", "wd"], out: ["y"], attributes: { transB: 1 } },
      ],
      outputs: ["y"],
    });
    const weight = tensorOf(network, (layerWriting(network, "y") as MatrixLayer).weight);

    // 0.25/0.5 = 0.5 -> 0; 1.5 -> 2; -0.5 -> 0; 300 + 1 -> 127; -300 + 1 -> -128; 1 + 1 = 2
    expect(weight.precision).toBe("int8");
    expect([...weight.load!()]).toEqual([0, 2, 0, 127, -128, 2]);
  });
});
