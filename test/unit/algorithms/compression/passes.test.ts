/**
 * Each clean-up pass on a small graph that has what it looks for: the graph becomes what the pass promises, and the outputs stay
 * within float32 rounding (relative to the greatest output, 1e-6 for one folding, where a float32 number has 6e-8).
 */
import { describe, expect, it } from "vitest";
import { foldAffine } from "../../../../algorithms/compression/passes/fold-affine.js";
import { foldBatchNorm } from "../../../../algorithms/compression/passes/fold-batch-norm.js";
import { foldTranspose } from "../../../../algorithms/compression/passes/fold-transpose.js";
import { mergeHardSwish } from "../../../../algorithms/compression/passes/merge-hard-swish.js";
import { mergeLayerNorm } from "../../../../algorithms/compression/passes/merge-layer-norm.js";
import { mergeMatmulBias } from "../../../../algorithms/compression/passes/merge-matmul-bias.js";
import { raiseOpset } from "../../../../algorithms/compression/passes/raise-opset.js";
import { removeIdentities } from "../../../../algorithms/compression/passes/remove-identities.js";
import { UnsupportedError } from "../../../../sim/core/errors.js";
import { Random } from "../../../../sim/core/rng.js";
import { OnnxGraphEditor } from "../../../../sim/ir/export/onnx-graph-editor.js";
import { readProgram } from "../../../../sim/ir/import/onnx-program.js";
import { type TensorData, tensorOf } from "../../../../sim/ir/tensor-data.js";
import { runProgram } from "../../../../sim/run/inference/run-program.js";
import { floats, type GraphSpec, int64s, model, type NodeSpec, valueInfo } from "../../../helpers/onnx-models.js";

function drawn(seed: string, count: number, low = -1, high = 1): number[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => random.between(low, high));
}

function tensor(shape: readonly number[], seed: string): TensorData {
  return tensorOf(
    shape,
    "fp32",
    drawn(
      seed,
      shape.reduce((product, size) => product * size, 1),
      -4,
      4,
    ),
  );
}

const CONV: NodeSpec = { op: "Conv", in: ["x", "w"], out: ["c"], attributes: { pads: [1, 1, 1, 1] } };
const IMAGE = valueInfo("x", [1, 3, 6, 5]);
const WEIGHT = floats("w", [4, 3, 3, 3], drawn("w", 108));
const image = tensor([1, 3, 6, 5], "x");

/** Runs a graph before and after a pass; gives the operators that remain and how far outputs moved, relative to the greatest. */
async function apply(
  spec: GraphSpec,
  pass: (graph: OnnxGraphEditor) => void,
  inputs: Readonly<Record<string, TensorData>>,
  opset = 17,
) {
  const given = model(spec, opset);
  const graph = new OnnxGraphEditor(given);
  pass(graph);
  const changed = graph.finish();
  const before = await runProgram(readProgram(given, "before"), inputs);
  const after = await runProgram(readProgram(changed, "after"), inputs);
  let [moved, greatest] = [0, 0];
  for (const [name, { shape, values }] of before.outputs) {
    const other = after.outputs.get(name)!;
    expect(other.shape).toEqual(shape);
    for (const [at, value] of values.entries()) {
      moved = Math.max(moved, Math.abs(Number(value) - Number(other.values[at])));
      greatest = Math.max(greatest, Math.abs(Number(value)));
    }
  }
  expect(greatest).toBeGreaterThan(0);
  return { operators: changed.graph!.node.map(({ opType }) => opType), moved: moved / greatest, changed };
}

describe("folding batch normalization", () => {
  const norm = { op: "BatchNormalization", in: ["c", "s", "t", "m", "v"], out: ["y"] };
  const numbers = [
    floats("s", [4], drawn("s", 4)),
    floats("t", [4], drawn("t", 4)),
    floats("m", [4], drawn("m", 4)),
    floats("v", [4], drawn("v", 4, 0.1, 2)),
  ];

  it.each([[[]], [[floats("b", [4], drawn("b", 4))]]])("leaves a convolution of the same outputs", async (bias) => {
    const conv = { ...CONV, in: [...CONV.in, ...bias.map(({ name }) => name)] };
    const spec = { inputs: [IMAGE], initializers: [WEIGHT, ...numbers, ...bias], nodes: [conv, norm], outputs: ["y"] };

    const { operators, moved } = await apply(spec, foldBatchNorm, { x: image });

    expect(operators).toEqual(["Conv"]);
    expect(moved).toBeLessThan(1e-6);
  });

  it("leaves both alone when something else uses the convolution's output", async () => {
    const spec = { inputs: [IMAGE], initializers: [WEIGHT, ...numbers], nodes: [CONV, norm], outputs: ["y", "c"] };

    const { operators, moved } = await apply(spec, foldBatchNorm, { x: image });

    expect(operators).toEqual(["Conv", "BatchNormalization"]);
    expect(moved).toBe(0);
  });
});

describe("folding factors and addends", () => {
  const channel = floats("k", [1, 4, 1, 1], drawn("k", 4, 0.5, 2));
  const scalar = floats("q", [1], [1.75]);
  const all = [WEIGHT, channel, scalar];

  it("takes a chain of all four operators into a convolution, whichever side the stored operand is on", async () => {
    const nodes = [
      CONV,
      { op: "Mul", in: ["k", "c"], out: ["c1"] },
      { op: "Add", in: ["c1", "q"], out: ["c2"] },
      { op: "Sub", in: ["k", "c2"], out: ["c3"] },
      { op: "Div", in: ["c3", "k"], out: ["c4"] },
      { op: "Sub", in: ["c4", "q"], out: ["y"] },
    ];

    const { operators, moved } = await apply(
      { inputs: [IMAGE], initializers: all, nodes, outputs: ["y"] },
      foldAffine,
      {
        x: image,
      },
    );

    expect(operators).toEqual(["Conv"]);
    expect(moved).toBeLessThan(5e-6);
  });

  it.each([
    ["a division of a number by the output", { op: "Div", in: ["q", "c"], out: ["y"] }, []],
    ["an operand along the width", { op: "Mul", in: ["c", "r"], out: ["y"] }, [floats("r", [5], drawn("r", 5, 1, 2))]],
    ["a square", { op: "Mul", in: ["c", "c"], out: ["y"] }, []],
    ["an operand of more axes", { op: "Mul", in: ["c", "r"], out: ["y"] }, [floats("r", [1, 1, 1, 1, 1], [2])]],
  ])("leaves %s alone", async (_, node, more) => {
    const spec = { inputs: [IMAGE], initializers: [...all, ...more], nodes: [CONV, node], outputs: ["y"] };

    const { operators, moved } = await apply(spec, foldAffine, { x: image });

    expect(operators).toEqual(["Conv", node.op]);
    expect(moved).toBe(0);
  });

  it("takes factors and addends a column into Gemm, and factors into MatMul, which has no bias", async () => {
    const row = floats("k", [4], drawn("row", 4, 0.5, 2));
    const spec = {
      inputs: [valueInfo("x", [2, 3])],
      initializers: [floats("w", [4, 3], drawn("g", 12)), floats("u", [4, 4], drawn("u", 16)), row],
      nodes: [
        { op: "Gemm", in: ["x", "w"], out: ["g"], attributes: { transB: 1 } },
        { op: "Add", in: ["g", "k"], out: ["g1"] },
        { op: "MatMul", in: ["g1", "u"], out: ["p"] },
        { op: "Mul", in: ["p", "k"], out: ["p1"] },
        { op: "Add", in: ["p1", "k"], out: ["y"] },
      ],
      outputs: ["y"],
    };

    const { operators, moved } = await apply(spec, foldAffine, { x: tensor([2, 3], "rows") });

    expect(operators).toEqual(["Gemm", "MatMul", "Add"]);
    expect(moved).toBeLessThan(1e-6);
  });
});

describe("a bias that differs from row to row", () => {
  it("is left alone, though it has as many numbers as there are columns", async () => {
    const spec = {
      inputs: [valueInfo("x", [4, 3])],
      initializers: [
        floats("w", [3, 4], drawn("rw", 12)),
        floats("b", [4, 1], drawn("rb", 4)),
        floats("k", [4], [1, 2, 3, 4]),
      ],
      nodes: [
        { op: "Gemm", in: ["x", "w", "b"], out: ["g"] },
        { op: "Mul", in: ["g", "k"], out: ["y"] },
      ],
      outputs: ["y"],
    };

    const { operators, moved } = await apply(spec, foldAffine, { x: tensor([4, 3], "rows") });

    expect(operators).toEqual(["Gemm", "Mul"]);
    expect(moved).toBe(0);
  });
});

describe("merging a product and its bias", () => {
  const spec = {
    inputs: [valueInfo("x", [2, 3])],
    initializers: [floats("w", [3, 4], drawn("mm", 12)), floats("b", [4], drawn("mb", 4))],
    nodes: [
      { op: "MatMul", in: ["x", "w"], out: ["p"] },
      { op: "Add", in: ["b", "p"], out: ["y"] },
    ],
    outputs: ["y"],
  };

  it("makes one Gemm of matrices", async () => {
    const { operators, moved } = await apply(spec, (graph) => mergeMatmulBias(graph, () => 2), {
      x: tensor([2, 3], "p"),
    });

    expect(operators).toEqual(["Gemm"]);
    expect(moved).toBeLessThan(1e-6);
  });

  it("leaves products of higher or unknown rank alone", async () => {
    for (const rank of [3, undefined]) {
      const pass = (graph: OnnxGraphEditor) => mergeMatmulBias(graph, () => rank);
      expect((await apply(spec, pass, { x: tensor([2, 3], "p") })).operators).toEqual(["MatMul", "Add"]);
    }
  });
});

describe("merging hard activations", () => {
  const numbers = [
    floats("three", [1], [3]),
    floats("six", [1], [6]),
    floats("sixth", [1], [1 / 6]),
    floats("zero", [], [0]),
  ];
  const top = floats("top", [], [6]);
  const head = [
    { op: "Add", in: ["x", "three"], out: ["a"] },
    { op: "Clip", in: ["a", "zero", "top"], out: ["c"] },
  ];
  const run = (nodes: NodeSpec[], cap = top) =>
    apply({ inputs: [IMAGE], initializers: [...numbers, cap], nodes, outputs: ["y"] }, mergeHardSwish, { x: image });

  it.each([
    [
      "x * clip / 6",
      "HardSwish",
      [
        { op: "Mul", in: ["x", "c"], out: ["p"] },
        { op: "Div", in: ["p", "six"], out: ["y"] },
      ],
    ],
    [
      "x * clip * sixth",
      "HardSwish",
      [
        { op: "Mul", in: ["c", "x"], out: ["p"] },
        { op: "Mul", in: ["sixth", "p"], out: ["y"] },
      ],
    ],
    [
      "x * (clip / 6)",
      "HardSwish",
      [
        { op: "Div", in: ["c", "six"], out: ["p"] },
        { op: "Mul", in: ["x", "p"], out: ["y"] },
      ],
    ],
    ["clip / 6", "HardSigmoid", [{ op: "Div", in: ["c", "six"], out: ["y"] }]],
  ])("%s becomes %s", async (_, operator, tail) => {
    const { operators, moved } = await run([...head, ...tail]);

    expect(operators).toEqual([operator]);
    expect(moved).toBeLessThan(5e-7);
  });

  it("leaves another cap than 6 alone", async () => {
    const { operators } = await run([...head, { op: "Div", in: ["c", "six"], out: ["y"] }], floats("top", [], [5]));

    expect(operators).toEqual(["Add", "Clip", "Div"]);
  });
});

describe("merging layer normalization", () => {
  const x = tensor([2, 5, 6], "rows");
  const spec = (changes: Readonly<Record<string, NodeSpec>> = {}, outputs: readonly string[] = ["y"]): GraphSpec => {
    const nodes: Record<string, NodeSpec> = {
      mean: { op: "ReduceMean", in: ["x"], out: ["m"], attributes: { axes: [-1] } },
      sub: { op: "Sub", in: ["x", "m"], out: ["d"] },
      pow: { op: "Pow", in: ["d", "two"], out: ["p"] },
      variance: { op: "ReduceMean", in: ["p"], out: ["v"], attributes: { axes: [2] } },
      add: { op: "Add", in: ["v", "tiny"], out: ["e"] },
      sqrt: { op: "Sqrt", in: ["e"], out: ["s"] },
      div: { op: "Div", in: ["d", "s"], out: ["q"] },
      mul: { op: "Mul", in: ["scale", "q"], out: ["z"] },
      last: { op: "Add", in: ["z", "shift"], out: ["y"] },
      ...changes,
    };
    return {
      inputs: [valueInfo("x", [2, 5, 6])],
      initializers: [
        floats("two", [], [2]),
        floats("four", [], [4]),
        floats("tiny", [], [1e-5]),
        floats("scale", [6], drawn("scale", 6, 0.5, 2)),
        floats("shift", [6], drawn("shift", 6)),
      ],
      nodes: Object.values(nodes),
      outputs: [...outputs],
    };
  };
  const pass = (graph: OnnxGraphEditor) => mergeLayerNorm(graph, () => 3);

  it("takes nine nodes to one of the same outputs", async () => {
    const { operators, moved } = await apply(spec(), pass, { x });

    expect(operators).toEqual(["LayerNormalization"]);
    expect(moved).toBeLessThan(1e-6);
  });

  it.each<[string, GraphSpec]>([
    [
      "the mean is along another axis",
      spec({ mean: { op: "ReduceMean", in: ["x"], out: ["m"], attributes: { axes: [1] } } }),
    ],
    ["the power is another", spec({ pow: { op: "Pow", in: ["d", "four"], out: ["p"] } })],
    ["the quotient is turned round", spec({ div: { op: "Div", in: ["s", "d"], out: ["q"] } })],
    ["the mean is taken from something else", spec({ sub: { op: "Sub", in: ["scale", "m"], out: ["d"] } })],
    ["something else uses the difference", spec({}, ["y", "d"])],
    ["something else uses the deviation", spec({}, ["y", "s"])],
  ])("leaves them when %s", async (_, given) => {
    const { operators, moved } = await apply(given, pass, { x });

    expect(operators).toHaveLength(9);
    expect(moved).toBe(0);
  });
});

describe("folding transposed weights", () => {
  it("stores them turned round, with the same outputs", async () => {
    const nodes = [
      { op: "Transpose", in: ["w"], out: ["t"], attributes: { perm: [1, 0] } },
      { op: "MatMul", in: ["x", "t"], out: ["p"] },
      { op: "Transpose", in: ["p"], out: ["y"] },
    ];
    const initializers = [floats("w", [4, 3], drawn("w", 12))];

    const { operators, moved, changed } = await apply(
      { inputs: [valueInfo("x", [2, 3])], initializers, nodes, outputs: ["y"] },
      foldTranspose,
      { x: tensor([2, 3], "t") },
    );

    expect(operators).toEqual(["MatMul", "Transpose"]);
    expect(moved).toBe(0);
    expect(changed.graph!.initializer[0]!.dims).toEqual([3n, 4n]);
  });

  it("leaves an order that is none for the operator itself to refuse", () => {
    const nodes = [
      { op: "Transpose", in: ["w"], out: ["y"], attributes: { perm: [1, 1] } },
      { op: "Relu", in: ["y"], out: ["z"] },
    ];
    const graph = new OnnxGraphEditor(model({ initializers: [floats("w", [4, 3])], nodes, outputs: ["z"] }));

    foldTranspose(graph);

    expect(graph.nodes).toHaveLength(2);
  });
});

describe("removing identities", () => {
  it("takes away what hands its input on, and keeps the names of outputs", async () => {
    const spec = {
      inputs: [IMAGE],
      nodes: [
        { op: "Identity", in: ["x"], out: ["i"] },
        { op: "Dropout", in: ["i"], out: ["d"] },
        { op: "Relu", in: ["d"], out: ["r"] },
        { op: "Identity", in: ["r"], out: ["y"] },
      ],
      outputs: ["y"],
    };

    const { operators, moved } = await apply(spec, removeIdentities, { x: image });

    expect(operators).toEqual(["Relu", "Identity"]);
    expect(moved).toBe(0);
  });
});

describe("raising the operator set", () => {
  const raise = (graph: OnnxGraphEditor) => raiseOpset(graph, 21, (name) => ({ x: 4, s: 2 })[name]);

  it("moves attributes to inputs where later sets have them, with the same outputs", async () => {
    const nodes = [
      { op: "Clip", in: ["x"], out: ["a"], attributes: { min: { float: -2 }, max: { float: 3 } } },
      { op: "Slice", in: ["a"], out: ["b"], attributes: { starts: [1], ends: [6], axes: [2] } },
      { op: "Pad", in: ["b"], out: ["c"], attributes: { pads: [0, 0, 1, 0, 0, 0, 0, 2], value: { float: 0.5 } } },
      { op: "Split", in: ["c"], out: ["d", "e", "f"], attributes: { axis: 1, split: [1, 1, 1] } },
      { op: "ReduceMean", in: ["e"], out: ["g"], attributes: { axes: [2], keepdims: 0 } },
      { op: "Unsqueeze", in: ["g"], out: ["h"], attributes: { axes: [0] } },
      { op: "Squeeze", in: ["h"], out: ["i"], attributes: { axes: [0, 1] } },
      { op: "Softmax", in: ["x"], out: ["j"], attributes: { axis: 3 } },
      { op: "ReduceSum", in: ["d"], out: ["k"], attributes: { axes: [1, 3] } },
    ];
    const spec = { inputs: [IMAGE], nodes, outputs: ["f", "i", "j", "k"] };

    const { moved, changed } = await apply(spec, raise, { x: image }, 9);

    expect(moved).toBe(0);
    expect(changed.opsetImport[0]!.version).toBe(21n);
    expect(changed.graph!.node.flatMap(({ attribute }) => attribute.map(({ name }) => name)).sort()).toEqual([
      "axis",
      "axis",
      "keepdims",
    ]);
  });

  it("refuses a Softmax over several axes together, operators that changed, and says which", () => {
    const softmax = { inputs: [IMAGE], nodes: [{ op: "Softmax", in: ["x"], out: ["y"] }], outputs: ["y"] };
    const resize = {
      inputs: [IMAGE],
      initializers: [int64s("k", [1])],
      nodes: [{ op: "TopK", in: ["x", "k"], out: ["y", ""] }],
      outputs: ["y"],
    };

    expect(() => raise(new OnnxGraphEditor(model(softmax, 9)))).toThrow(/Softmax along axis 1 of 4/);
    expect(() => raise(new OnnxGraphEditor(model(resize, 10)))).toThrow(/TopK in operator set 10/);
    expect(() => raise(new OnnxGraphEditor(model(resize, 10)))).toThrow(UnsupportedError);
  });

  it("leaves a model of a later set as it is", () => {
    const graph = new OnnxGraphEditor(
      model({ inputs: [IMAGE], nodes: [{ op: "Unknown", in: ["x"], out: ["y"] }], outputs: ["y"] }, 21),
    );

    raise(graph);

    expect(graph.opset).toBe(21);
  });
});
