/** Constant folding: shapes that the graph computes are known, and the folded values are those of the standard. */
import { describe, expect, it } from "vitest";
import { UnsupportedError } from "../../../../../sim/core/errors.js";
import { importSpec, layerWriting, tensorOf } from "../../../../helpers/onnx-import.js";
import { floats, type GraphSpec, INT64, int64s, type NodeSpec, valueInfo } from "../../../../helpers/onnx-models.js";

/** Values of the output `y` of nodes over constants only. */
async function folded(nodes: NodeSpec[], initializers: GraphSpec["initializers"], opset = 17) {
  const network = await importSpec(
    { inputs: [valueInfo("x", [2, 3, 4, 5])], initializers: initializers ?? [], nodes, outputs: ["y"] },
    opset,
  );
  const source = layerWriting(network, tensorOf(network, "y.output").name).inputs[0]!;
  const tensor = tensorOf(network, source);
  return { shape: tensor.shape, values: [...tensor.load!()].map(Number), precision: tensor.precision };
}

const one = (op: string, inputs: string[], attributes?: NodeSpec["attributes"]): NodeSpec[] => [
  { op, in: inputs, out: ["y"], ...(attributes !== undefined && { attributes }) },
];

describe("constant folding", () => {
  it("resolves a Reshape whose target is computed from the input's shape", async () => {
    // [batch, channels * height * width] as exporters write it: Shape, Gather, Unsqueeze, Concat, Reshape.
    const network = await importSpec({
      inputs: [valueInfo("x", [2, 3, 4, 5])],
      initializers: [int64s("zero", [0], []), int64s("axes", [0]), int64s("minus", [-1])],
      nodes: [
        { op: "Shape", in: ["x"], out: ["s"] },
        { op: "Gather", in: ["s", "zero"], out: ["n"] },
        { op: "Unsqueeze", in: ["n", "axes"], out: ["n1"] },
        { op: "Concat", in: ["n1", "minus"], out: ["target"], attributes: { axis: 0 } },
        { op: "Reshape", in: ["x", "target"], out: ["y"] },
      ],
      outputs: ["y"],
    });

    expect(tensorOf(network, "y").shape).toEqual([2, 60]);
    expect(network.layers.map((layer) => layer.operator)).toEqual(["Reshape"]);
  });

  it.each([
    ["Add", [7, -7], [2, 2], [9, -5]],
    ["Sub", [7, -7], [2, 2], [5, -9]],
    ["Mul", [7, -7], [2, 2], [14, -14]],
    // Integer division rounds towards zero; Mod has the sign of the divisor.
    ["Div", [7, -7], [2, 2], [3, -3]],
    ["Mod", [7, -7], [3, 3], [1, 2]],
    ["Max", [7, -7], [2, 2], [7, 2]],
    ["Equal", [7, 2], [2, 2], [0, 1]],
    ["Less", [1, 2], [2, 2], [1, 0]],
  ])("%s of %j and %j is %j", async (op, a, b, expected) => {
    const result = await folded(one(op, ["a", "b"]), [int64s("a", a), int64s("b", b)]);

    expect(result.values).toEqual(expected);
  });

  it("broadcasts", async () => {
    const result = await folded(one("Add", ["a", "b"]), [int64s("a", [10, 20], [2, 1]), int64s("b", [1, 2, 3])]);

    expect(result.shape).toEqual([2, 3]);
    expect(result.values).toEqual([11, 12, 13, 21, 22, 23]);
  });

  it("rounds float32 after every operation", async () => {
    const result = await folded(one("Div", ["a", "b"]), [floats("a", [1], [1]), floats("b", [1], [3])]);

    expect(result.values).toEqual([Math.fround(1 / 3)]);
  });

  it("Round goes to even", async () => {
    const result = await folded(one("Round", ["a"]), [floats("a", [4], [0.5, 1.5, -0.5, 2.4])]);

    expect(result.values.map(Math.abs)).toEqual([0, 2, 0, 2]);
  });

  it("Slice counts backwards with a negative step", async () => {
    const constants = [
      int64s("a", [0, 1, 2, 3, 4]),
      int64s("s", [-1]),
      int64s("e", [-6]),
      int64s("axes", [0]),
      int64s("steps", [-2]),
    ];

    expect((await folded(one("Slice", ["a", "s", "e", "axes", "steps"]), constants)).values).toEqual([4, 2, 0]);
  });

  it("Range, Where, Expand and Tile give their values", async () => {
    const scalars = [int64s("from", [2], []), int64s("to", [9], []), int64s("by", [3], [])];

    expect((await folded(one("Range", ["from", "to", "by"]), scalars)).values).toEqual([2, 5, 8]);
    expect(
      (await folded(one("Expand", ["a", "s"]), [int64s("a", [1, 2], [2, 1]), int64s("s", [2, 3])])).values,
    ).toEqual([1, 1, 1, 2, 2, 2]);
    expect((await folded(one("Tile", ["a", "r"]), [int64s("a", [1, 2]), int64s("r", [2])])).values).toEqual([
      1, 2, 1, 2,
    ]);
    const where: NodeSpec[] = [
      { op: "Less", in: ["a", "b"], out: ["c"] },
      { op: "Where", in: ["c", "a", "b"], out: ["y"] },
    ];
    expect((await folded(where, [int64s("a", [1, 5]), int64s("b", [3, 3])])).values).toEqual([1, 3]);
  });

  it("Shape takes a part, Size the product, ReduceProd the product of a list", async () => {
    expect((await folded(one("Shape", ["x"], { start: 1, end: -1 }), [])).values).toEqual([3, 4]);
    expect((await folded(one("Size", ["x"]), [])).values).toEqual([120]);
    expect((await folded(one("ReduceProd", ["a"], { keepdims: 0 }), [int64s("a", [3, 4])])).values).toEqual([12]);
  });

  it("ConstantOfShape repeats its value", async () => {
    const value = { tensor: int64s("", [7]) };

    const result = await folded(one("ConstantOfShape", ["s"], { value }), [int64s("s", [2, 2])]);

    expect(result).toEqual({ shape: [2, 2], values: [7, 7, 7, 7], precision: "int64" });
  });

  it("transposes a stored tensor when it is loaded, without a layer", async () => {
    const result = await folded(one("Transpose", ["a"]), [floats("a", [2, 3], [1, 2, 3, 4, 5, 6])]);

    expect(result.shape).toEqual([3, 2]);
    expect(result.values).toEqual([1, 4, 2, 5, 3, 6]);
  });

  it("leaves an overflow of int64 to the run", async () => {
    const network = await importSpec({
      inputs: [valueInfo("x", [1])],
      initializers: [int64s("a", [2 ** 52])],
      nodes: [{ op: "Mul", in: ["a", "a"], out: ["y"] }],
      outputs: ["y"],
    });

    expect(layerWriting(network, "y")).toMatchObject({ operator: "Mul" });
  });

  it("refuses a shape that depends on data", async () => {
    const spec: GraphSpec = {
      inputs: [valueInfo("x", [6]), valueInfo("s", [2], INT64)],
      nodes: [{ op: "Reshape", in: ["x", "s"], out: ["y"] }],
      outputs: ["y"],
    };

    await expect(importSpec(spec)).rejects.toThrow(UnsupportedError);
    await expect(importSpec(spec)).rejects.toThrow(/shape \(input s\) that depends on data/);
  });

  it("takes the values of an input that the caller gives", async () => {
    const spec: GraphSpec = {
      inputs: [valueInfo("x", [6]), valueInfo("s", [2], INT64)],
      nodes: [{ op: "Reshape", in: ["x", "s"], out: ["y"] }],
      outputs: ["y"],
    };

    const network = await importSpec(spec, 17, { values: { s: BigInt64Array.of(2n, -1n) } });

    expect(tensorOf(network, "y").shape).toEqual([2, 3]);
    expect(tensorOf(network, "s").role).toBe("input");
  });
});
