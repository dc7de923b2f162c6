/** Models written and read again. */
import { describe, expect, it } from "vitest";
import { UnsupportedError } from "../../../../../sim/core/errors.js";
import { encodeOnnxModel } from "../../../../../sim/ir/export/onnx.js";
import { OnnxGraphEditor } from "../../../../../sim/ir/export/onnx-graph-editor.js";
import { attributeProto, nodeProto, tensorProto } from "../../../../../sim/ir/export/onnx-parts.js";
import { decodeOnnxModel, importOnnxProgram } from "../../../../../sim/ir/import/onnx.js";
import { OnnxAttributes } from "../../../../../sim/ir/import/onnx-attributes.js";
import { readTensorProto } from "../../../../../sim/ir/import/onnx-tensor.js";
import type { Precision } from "../../../../../sim/ir/tensor.js";
import { createTensor, tensorOf } from "../../../../../sim/ir/tensor-data.js";
import { runProgram } from "../../../../../sim/run/inference/run-program.js";
import { floats, int64s, model, valueInfo } from "../../../../helpers/onnx-models.js";

const SPEC = {
  inputs: [valueInfo("x", [1, 4])],
  initializers: [floats("w", [4, 2], [1, -2, 3, 0.5, 5, 6, -7, 8]), int64s("shape", [2, 1])],
  nodes: [
    { op: "MatMul", in: ["x", "w"], out: ["y"] },
    { op: "Reshape", in: ["y", "shape"], out: ["z"] },
  ],
  outputs: [valueInfo("z", [2, 1])],
};

describe("a model that is written", () => {
  it("reads back as the model that it was and computes the same", async () => {
    const x = tensorOf([1, 4], "fp32", [0.1, 0.2, 0.3, 0.4]);
    const given = model(SPEC);

    const bytes = encodeOnnxModel(given);

    expect(await decodeOnnxModel(bytes)).toEqual(given);
    const { outputs } = await runProgram(await importOnnxProgram(bytes), { x });
    // 0.1*1 + 0.2*3 + 0.3*5 + 0.4*-7 = -0.6 and 0.1*-2 + 0.2*0.5 + 0.3*6 + 0.4*8 = 4.9
    expect(Array.from(outputs.get("z")!.values as Float32Array, (value) => value.toFixed(5))).toEqual([
      "-0.60000",
      "4.90000",
    ]);
  });

  it("has the same bytes every time, also after a round trip", async () => {
    const bytes = encodeOnnxModel(model(SPEC));

    expect(encodeOnnxModel(model(SPEC))).toEqual(bytes);
    expect(encodeOnnxModel(await decodeOnnxModel(bytes))).toEqual(bytes);
  });

  it("is refused before a message that cannot hold it is built", () => {
    const given = model({ ...SPEC, initializers: [floats("w", [1])] });
    const huge = { length: 2 ** 31 } as Uint8Array<ArrayBuffer>;
    given.graph!.initializer[0]!.rawData = huge;

    expect(() => encodeOnnxModel(given)).toThrow(UnsupportedError);
  });
});

describe("a tensor that is written", () => {
  it.each<[Precision, readonly number[]]>([
    ["int2", [-2, -1, 0, 1, 1]],
    ["uint2", [0, 1, 2, 3, 3]],
    ["int4", [-8, 7, -1]],
    ["uint4", [0, 15, 9]],
    ["int8", [-128, 127, -1]],
    ["uint8", [0, 255]],
    ["int16", [-32768, 32767]],
    ["int32", [-(2 ** 31), 2 ** 31 - 1]],
    ["fp32", [1.5, -0.1]],
    ["fp64", [0.1]],
    ["bool", [0, 1]],
    ["int64", [-1, 5]],
  ])("of %s reads back", (precision, numbers) => {
    const tensor = tensorOf([numbers.length], precision, numbers);

    const { load, shape, precision: read } = readTensorProto(tensorProto("t", tensor), "t", undefined);

    expect({ shape, precision: read, values: load() }).toEqual(tensor);
  });

  it("packs two 4-bit values a byte, the first in the low bits", () => {
    const proto = tensorProto("t", tensorOf([3], "int4", [-8, 7, -1]));

    // -8 is 1000, 7 is 0111: 0111_1000; -1 is 1111 with zeros above.
    expect([...proto.rawData]).toEqual([0b0111_1000, 0b0000_1111]);
  });

  it("is refused in a format that is not written", () => {
    expect(() => tensorProto("t", createTensor([2], "fp16"))).toThrow(/values of fp16/);
  });
});

describe("a node that is written", () => {
  it("keeps attributes of every kind", () => {
    const tensor = tensorProto("t", tensorOf([1], "fp32", [3]));
    const node = nodeProto({
      operator: "Custom",
      name: "n",
      inputs: ["a", "", "b"],
      outputs: ["c"],
      attributes: { axis: -1, alpha: { float: 0.5 }, mode: "linear", pads: [1, 2], value: { tensor } },
    });

    const attributes = new OnnxAttributes(node, "n");

    expect(attributes.int("axis")).toBe(-1);
    expect(attributes.float("alpha")).toBe(0.5);
    expect(attributes.string("mode")).toBe("linear");
    expect(attributes.ints("pads")).toEqual([1, 2]);
    expect(attributes.tensor("value")?.rawData).toEqual(tensor.rawData);
    expect(attributeProto("k", 7).i).toBe(7n);
    expect(node.input).toEqual(["a", "", "b"]);
  });
});

describe("the graph editor", () => {
  it("leaves the model that it was given as it was", () => {
    const given = model(SPEC);
    const graph = new OnnxGraphEditor(given);

    graph.change(graph.nodes[0]!, (node) => {
      node.opType = "Other";
    });
    graph.storeInstead("w", tensorOf([4, 2], "fp32", [1, 2, 3, 4, 5, 6, 7, 8]));

    expect(given).toEqual(model(SPEC));
  });

  it("knows makers and users, keeps the names of outputs, and drops what nothing uses", () => {
    const graph = new OnnxGraphEditor(model(SPEC));

    expect(graph.makerOf("z")?.opType).toBe("Reshape");
    expect(graph.onlyUserOf("y")?.opType).toBe("Reshape");
    expect(graph.onlyUserOf("z")).toBeUndefined();
    expect(graph.isPinned("z")).toBe(true);
    const name = graph.store("w", tensorOf([1], "fp32", [1]));
    expect(name).toBe("w.2");
    expect(graph.finish().graph!.initializer.map((tensor) => tensor.name)).toEqual(["w", "shape"]);
  });

  it("stores a tensor anew when another node uses the old one", () => {
    const shared = {
      ...SPEC,
      nodes: [...SPEC.nodes, { op: "MatMul", in: ["x", "w"], out: ["other"] }],
      outputs: [...SPEC.outputs, valueInfo("other", [1, 2])],
    };
    const graph = new OnnxGraphEditor(model(shared));

    expect(graph.storeInstead("w", tensorOf([1], "fp32", [1]))).toBe("w.2");
    expect(graph.storedNumbers("w")?.values[1]).toBe(-2);
  });

  it("reads Constant nodes and stored inputs as initializers", () => {
    const graph = new OnnxGraphEditor(
      model({
        inputs: [valueInfo("x", [2]), valueInfo("w", [2])],
        initializers: [floats("w", [2], [1, 2])],
        nodes: [
          { op: "Constant", in: [], out: ["c"], attributes: { value: { tensor: floats("", [2], [3, 4]) } } },
          { op: "Add", in: ["x", "w"], out: ["s"] },
          { op: "Mul", in: ["s", "c"], out: ["y"] },
        ],
        outputs: ["y"],
      }),
    );

    expect(graph.inputs).toEqual(["x"]);
    expect([...graph.storedNumbers("c")!.values]).toEqual([3, 4]);
    expect(graph.nodes.map(({ opType }) => opType)).toEqual(["Add", "Mul"]);
    const written = graph.finish().graph!;
    expect(written.input.map(({ name }) => name)).toEqual(["x"]);
    expect(written.initializer.map(({ name }) => name)).toEqual(["w", "c"]);
  });
});
