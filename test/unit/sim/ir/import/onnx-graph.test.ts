/** Inputs, names, unknown operators, control flow and roles of a whole graph. */
import { create } from "@bufbuild/protobuf";
import { OperatorSetIdProtoSchema, ValueInfoProtoSchema } from "onnx-buf";
import { describe, expect, it } from "vitest";
import { NetworkError, UnsupportedError } from "../../../../../sim/core/errors.js";
import { importOnnxModel } from "../../../../../sim/ir/import/onnx-graph.js";
import { networkMacs, networkParameters } from "../../../../../sim/ir/network.js";
import { importSpec, layerWriting, tensorOf } from "../../../../helpers/onnx-import.js";
import {
  BOOL,
  floats,
  type GraphSpec,
  graph,
  int64s,
  model,
  type NodeSpec,
  valueInfo,
} from "../../../../helpers/onnx-models.js";

const relu = (from: string, to: string, name?: string): NodeSpec => ({
  op: "Relu",
  in: [from],
  out: [to],
  ...(name !== undefined && { name }),
});

describe("graph inputs", () => {
  const open: GraphSpec = {
    inputs: [valueInfo("ids", ["batch", "seq"]), valueInfo("mask", ["batch", "seq"]), valueInfo("z", [0, 4])],
    nodes: [{ op: "Add", in: ["ids", "mask"], out: ["y"] }, relu("z", "w")],
    outputs: ["y", "w"],
  };

  it("with open dimensions are all listed, each with a --shape to copy", async () => {
    const error = await importSpec(open).catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(NetworkError);
    expect((error as NetworkError).issues.map((issue) => issue.fix)).toEqual([
      "--shape ids=1,<size>",
      "--shape mask=1,<size>",
      "--shape z=1,4",
    ]);
  });

  it("take shapes by name, and axes named alike take the same size", async () => {
    const network = await importSpec(open, 17, { shapes: { ids: [2, 7], z: [3, 4] } });

    expect(tensorOf(network, "mask").shape).toEqual([2, 7]);
    expect(tensorOf(network, "y").shape).toEqual([2, 7]);
  });

  it.each([
    ["an unknown name", { nothing: [1] }, /no graph input of that name/],
    ["another size than the file's", { ids: [1, 1], z: [1, 5] }, /fits the file's \[\?, 4\]/],
    ["another rank", { ids: [1, 1, 1], z: [1, 4] }, /fits the file's/],
    ["two sizes for one axis name", { ids: [1, 5], mask: [1, 6], z: [1, 4] }, /seq = 5/],
    ["a negative size", { ids: [1, -5], z: [1, 4] }, /whole numbers/],
    ["a fraction", { ids: [1, 2.5], z: [1, 4] }, /whole numbers/],
  ])("refuse %s", async (_, shapes, message) => {
    await expect(importSpec(open, 17, { shapes })).rejects.toThrow(message);
  });

  it("that are initializers need no shape and stay stored", async () => {
    const network = await importSpec({
      inputs: [valueInfo("x", [1, 2]), valueInfo("w", [2, 3])],
      initializers: [floats("w", [2, 3])],
      nodes: [{ op: "MatMul", in: ["x", "w"], out: ["y"] }],
      outputs: ["y"],
    });

    expect(tensorOf(network, "w").role).toBe("weight");
    expect(layerWriting(network, "y").kind).toBe("linear");
  });

  it("that are no tensors are refused", async () => {
    const spec: GraphSpec = {
      inputs: [create(ValueInfoProtoSchema, { name: "x" })],
      nodes: [relu("x", "y")],
      outputs: ["y"],
    };

    await expect(importSpec(spec)).rejects.toThrow(/no type/);
  });
});

describe("names", () => {
  it("are made where they are empty or taken", async () => {
    const network = await importSpec({
      inputs: [valueInfo("x", [2])],
      nodes: [relu("x", "a"), relu("a", "b", "act"), relu("b", "c", "act"), relu("c", "d", "Relu_0")],
      outputs: ["d"],
    });

    expect(network.layers.map((layer) => layer.name)).toEqual(["Relu_0", "act", "act_2", "Relu_0_3"]);
  });

  it("may be long and hostile; they are kept as data and quoted in messages", async () => {
    const hostile = `\u001b[31m${"n".repeat(10_000)}`;
    const spec: GraphSpec = {
      inputs: [valueInfo("x", [2])],
      nodes: [relu("x", "a", hostile), { op: "Nothing", in: ["a"], out: ["y"], name: hostile }],
      outputs: ["y"],
    };

    const network = await importSpec({ ...spec, nodes: [relu("x", "y", hostile)] });
    const error = (await importSpec(spec).catch((reason: unknown) => reason)) as UnsupportedError;

    expect(network.layers[0]!.name).toBe(hostile);
    expect(error.message.length).toBeLessThan(1000);
    expect(error.message).not.toContain("\u001b");
  });

  it("may be those of object prototypes", async () => {
    const network = await importSpec({
      inputs: [valueInfo("__proto__", [2])],
      nodes: [
        { op: "Relu", in: ["__proto__"], out: ["constructor"], attributes: { __proto__x: 1, constructor: 2 } },
        { op: "Relu", in: ["constructor"], out: ["toString"] },
      ],
      outputs: ["toString"],
    });

    expect(tensorOf(network, "toString").shape).toEqual([2]);
    await expect(
      importSpec({ inputs: [valueInfo("x", [2])], nodes: [{ op: "toString", in: ["x"], out: ["y"] }], outputs: ["y"] }),
    ).rejects.toThrow(/operator toString/);
  });
});

describe("a broken graph", () => {
  const inputs = [valueInfo("x", [2])];

  it.each([
    ["an undefined input", { inputs, nodes: [relu("nothing", "y")], outputs: ["y"] }, /nothing before it defines/],
    ["nodes out of order", { inputs, nodes: [relu("a", "y"), relu("x", "a")], outputs: ["y"] }, /execution order/],
    ["a value defined twice", { inputs, nodes: [relu("x", "y"), relu("x", "y")], outputs: ["y"] }, /a second time/],
    ["an output that nothing defines", { inputs, nodes: [relu("x", "y")], outputs: ["z"] }, /no node that defines it/],
    ["no outputs", { inputs, nodes: [relu("x", "y")], outputs: [] }, /no graph outputs/],
    ["a missing input", { inputs, nodes: [{ op: "Add", in: ["x"], out: ["y"] }], outputs: ["y"] }, /1 inputs/],
    [
      "an attribute of another type",
      { inputs, nodes: [{ op: "Softmax", in: ["x"], out: ["y"], attributes: { axis: "one" } }], outputs: ["y"] },
      /type string[\s\S]*type int/,
    ],
  ] as [string, GraphSpec, RegExp][])("with %s is refused", async (_, spec, message) => {
    await expect(importSpec(spec)).rejects.toThrow(NetworkError);
    await expect(importSpec(spec)).rejects.toThrow(message);
  });

  it("without a graph, with an old operator set or an old IR version is refused", () => {
    const sound = () => model({ inputs, nodes: [relu("x", "y")], outputs: ["y"] });
    const names = { name: "m", source: "m.onnx" };

    expect(() => importOnnxModel({ ...sound(), graph: undefined } as never, {}, names)).toThrow(/no graph/);
    expect(() => importOnnxModel({ ...sound(), irVersion: 0n }, {}, names)).toThrow(/IR version 0/);
    const old = [create(OperatorSetIdProtoSchema, { domain: "", version: 6n })];
    expect(() => importOnnxModel({ ...sound(), opsetImport: old }, {}, names)).toThrow(/operator set 6/);
    expect(() => importOnnxModel({ ...sound(), opsetImport: [] }, {}, names)).toThrow(/no operator set/);
  });

  it("newer than what is known is read with a note", async () => {
    const network = await importSpec({ inputs, nodes: [relu("x", "y")], outputs: ["y"] }, 99);

    expect(network.notes.join()).toMatch(/operator set 99 is newer than 25/);
  });
});

describe("unknown operators", () => {
  const spec: GraphSpec = {
    inputs: [valueInfo("x", [2])],
    nodes: [
      { op: "Foo", in: ["x"], out: ["a"], domain: "my.domain", name: "first" },
      { op: "Foo", in: ["a"], out: ["b"], domain: "my.domain" },
      { op: "Bar", in: ["b"], out: ["y"] },
    ],
    valueInfo: [valueInfo("a", [3]), valueInfo("b", [4])],
    outputs: [valueInfo("y", [5])],
  };

  it("are gathered by name with a count", async () => {
    const error = (await importSpec(spec).catch((reason: unknown) => reason)) as UnsupportedError;

    expect(error).toBeInstanceOf(UnsupportedError);
    expect(error.issues.map(({ where, got }) => [where, got])).toEqual([
      ["node first", "operator my.domain.Foo (2 nodes)"],
      ["node node 2", "operator Bar"],
    ]);
  });

  it("are moves marked assumed when that is allowed, with the declared shapes", async () => {
    const network = await importSpec(spec, 17, { allowUnknown: true });

    expect(network.layers.map((layer) => layer.kind === "move" && layer.movement)).toEqual([
      "assumed",
      "assumed",
      "assumed",
    ]);
    expect(tensorOf(network, "b").shape).toEqual([4]);
    expect(network.notes.filter((note) => note.includes("is not known"))).toHaveLength(3);
  });

  it("are refused all the same when a shape is not declared", async () => {
    await expect(importSpec({ ...spec, valueInfo: [] }, 17, { allowUnknown: true })).rejects.toThrow(
      /no declared shape/,
    );
  });

  it("Loop is refused by name", async () => {
    const loop: GraphSpec = {
      inputs: [valueInfo("x", [2])],
      nodes: [
        { op: "Loop", in: ["x", "x"], out: ["y"], attributes: { body: { graph: graph({ nodes: [], outputs: [] }) } } },
      ],
      outputs: ["y"],
    };

    await expect(importSpec(loop)).rejects.toThrow(/operator Loop/);
  });
});

describe("If", () => {
  const branch = (op: string, count = 1) => {
    const nodes: NodeSpec[] = Array.from({ length: count }, (_, index) => ({
      op,
      in: [index === 0 ? "x" : `t${index - 1}`],
      out: [`t${index}`],
      name: "inner",
    }));
    return { graph: graph({ nodes, outputs: [`t${count - 1}`] }) };
  };
  const spec = (thenBranch: ReturnType<typeof branch>, elseBranch: ReturnType<typeof branch>): GraphSpec => ({
    inputs: [valueInfo("x", [4]), valueInfo("c", [], BOOL)],
    nodes: [
      {
        op: "If",
        in: ["c"],
        out: ["r"],
        name: "choose",
        attributes: { then_branch: thenBranch, else_branch: elseBranch },
      },
      relu("r", "y"),
    ],
    outputs: ["y"],
  });

  it("with a known condition takes that branch only", async () => {
    const known = spec(branch("Sigmoid"), branch("NoSuchOperator"));
    const network = await importSpec({
      ...known,
      inputs: [known.inputs![0]!],
      nodes: [
        { op: "Constant", in: [], out: ["one"], attributes: { value_int: 1 } },
        { op: "Equal", in: ["one", "one"], out: ["c"] },
        ...known.nodes,
      ],
    });

    expect(network.layers.map((layer) => layer.operator)).toEqual(["Sigmoid", "Relu"]);
  });

  it("with a condition from data costs the branch that writes more, and says so", async () => {
    const network = await importSpec(spec(branch("Sigmoid"), branch("Tanh", 3)));

    expect(network.layers.map((layer) => layer.operator)).toEqual(["Tanh", "Tanh", "Tanh", "Relu"]);
    expect(network.notes.join()).toMatch(/If choose: .* else branch/);
  });

  it("with branches of different shapes is refused", async () => {
    const flat = { graph: graph({ nodes: [{ op: "Size", in: ["x"], out: ["t0"] }], outputs: ["t0"] }) };

    await expect(importSpec(spec(branch("Sigmoid"), flat))).rejects.toThrow(
      /the same shape and type from both branches/,
    );
  });
});

describe("roles and sharing", () => {
  it("count each learned tensor once, also when it is used as it is and transposed", async () => {
    const network = await importSpec({
      inputs: [valueInfo("ids", [3], 7)],
      initializers: [floats("embedding", [10, 4])],
      nodes: [
        { op: "Gather", in: ["embedding", "ids"], out: ["h"] },
        { op: "Transpose", in: ["embedding"], out: ["t"], attributes: { perm: [1, 0] } },
        { op: "MatMul", in: ["h", "t"], out: ["y"] },
      ],
      outputs: ["y"],
    });

    expect(networkParameters(network)).toBe(40);
    // 3 tokens x 10 words x 4
    expect(networkMacs(network)).toBe(120);
  });

  it("a bias added after a product is learned, a single number is a constant", async () => {
    const network = await importSpec({
      inputs: [valueInfo("x", [2, 4])],
      initializers: [floats("w", [4, 3]), floats("b", [3]), floats("six", [], [6])],
      nodes: [
        { op: "MatMul", in: ["x", "w"], out: ["p"] },
        { op: "Add", in: ["p", "b"], out: ["q"] },
        { op: "Div", in: ["q", "six"], out: ["y"] },
      ],
      outputs: ["y"],
    });

    expect(["w", "b", "six"].map((name) => tensorOf(network, name).role)).toEqual(["weight", "weight", "constant"]);
  });

  it("layers that no output needs are left out, with a note", async () => {
    const network = await importSpec({
      inputs: [valueInfo("x", [2])],
      nodes: [relu("x", "y"), relu("x", "unused")],
      outputs: ["y"],
    });

    expect(network.layers).toHaveLength(1);
    expect(network.notes.join()).toMatch(/1 layers that no output depends on/);
  });

  it("an input that is an output is passed on by a view", async () => {
    const network = await importSpec({ inputs: [valueInfo("x", [2])], nodes: [], outputs: ["x"] });

    expect(network.layers[0]).toMatchObject({
      operator: "Identity",
      movement: "view",
      inputs: ["x"],
      outputs: ["x.output"],
    });
  });

  it("a declared shape that contradicts the computed one is noted", async () => {
    const network = await importSpec({
      inputs: [valueInfo("x", [2])],
      nodes: [relu("x", "y")],
      outputs: [valueInfo("y", [3])],
    });

    expect(network.notes.join()).toMatch(/y: the file declares shape \[3\], computed is \[2\]/);
  });

  it("weights are loaded lazily with the values of the file", async () => {
    const network = await importSpec({
      inputs: [valueInfo("x", [1, 2])],
      initializers: [floats("w", [2, 1], [1.5, -2]), int64s("s", [2])],
      nodes: [{ op: "MatMul", in: ["x", "w"], out: ["y"] }],
      outputs: ["y"],
    });

    expect([...tensorOf(network, "w").load!()]).toEqual([1.5, -2]);
  });
});
