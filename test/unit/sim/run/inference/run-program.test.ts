import { describe, expect, it } from "vitest";
import { CancelledError, ConfigError, NetworkError, UnsupportedError } from "../../../../../sim/core/errors.js";
import { importOnnxProgram } from "../../../../../sim/ir/import/onnx.js";
import { tensorOf } from "../../../../../sim/ir/tensor-data.js";
import { runProgram } from "../../../../../sim/run/inference/run-program.js";
import { BOOL, FLOAT, floats, graph, INT64, int64s, modelBytes, valueInfo } from "../../../../helpers/onnx-models.js";
import { runSpec } from "../../../../helpers/run-program.js";

const X = tensorOf([2], "fp32", [1, -2]);
const relu = (from: string, to: string) => ({ op: "Relu", in: [from], out: [to] });

describe("a run", () => {
  it("gives the outputs in the model's order, an input or a stored tensor among them", async () => {
    const outputs = await runSpec(
      {
        inputs: [valueInfo("x", [2])],
        initializers: [floats("w", [2], [10, 20])],
        nodes: [
          { op: "Add", in: ["x", "w"], out: ["s"] },
          { op: "Mul", in: ["s", "s"], out: ["y"] },
        ],
        outputs: ["y", "x", "w", "s"],
      },
      { x: X },
    );

    expect(Object.keys(outputs)).toEqual(["y", "x", "w", "s"]);
    expect([...outputs.y!.values]).toEqual([121, 324]);
    expect([...outputs.w!.values]).toEqual([10, 20]);
  });

  it("takes a stored tensor as the default of an input, and a given one instead", async () => {
    const spec = {
      inputs: [valueInfo("x", [2]), valueInfo("w", [2])],
      initializers: [floats("w", [2], [10, 20])],
      nodes: [{ op: "Add", in: ["x", "w"], out: ["y"] }],
      outputs: ["y"],
    };

    expect([...(await runSpec(spec, { x: X })).y!.values]).toEqual([11, 18]);
    expect([...(await runSpec(spec, { x: X, w: tensorOf([2], "fp32", [1, 1]) })).y!.values]).toEqual([2, -1]);
  });

  it("lets shapes depend on data", async () => {
    const y = await runSpec(
      {
        inputs: [valueInfo("x", [6]), valueInfo("shape", [2], INT64)],
        nodes: [{ op: "Reshape", in: ["x", "shape"], out: ["y"] }],
        outputs: ["y"],
      },
      { x: tensorOf([6], "fp32", [1, 2, 3, 4, 5, 6]), shape: tensorOf([2], "int64", [-1, 2]) },
    );

    expect(y.y!.shape).toEqual([3, 2]);
  });

  it("leaves out nodes that no output needs, also such as cannot be run", async () => {
    const seen: string[] = [];
    await runSpec(
      {
        inputs: [valueInfo("x", [2])],
        nodes: [relu("x", "y"), { op: "Unheard", in: ["x"], out: ["z"] }, relu("x", "w")],
        outputs: ["y"],
      },
      { x: X },
      17,
      { onNode: (_, outputs) => seen.push(...outputs.keys()) },
    );

    expect(seen).toEqual(["y"]);
  });

  it("frees every value after its last use", async () => {
    const chain = Array.from({ length: 20 }, (_, index) => relu(`v${index}`, `v${index + 1}`));
    const spec = { inputs: [valueInfo("v0", [1000])], nodes: chain, outputs: ["v20"] };
    const program = await importOnnxProgram(modelBytes(spec));
    const { peakHeldBytes } = await runProgram(program, { v0: tensorOf([1000], "fp32", []) });

    // Two neighbours of the chain at a time, 4000 bytes each.
    expect(peakHeldBytes).toBe(8000);
  });

  it("refuses what would exceed the memory before it is allocated", async () => {
    const spec = {
      inputs: [valueInfo("n", [1], INT64)],
      nodes: [{ op: "ConstantOfShape", in: ["n"], out: ["y"], name: "fill" }],
      outputs: ["y"],
    };
    const run = (elements: number, maxHeldBytes: number) =>
      runSpec(spec, { n: tensorOf([1], "int64", [elements]) }, 17, { maxHeldBytes });

    expect((await run(1000, 4008)).y!.shape).toEqual([1000]);
    await expect(run(1000, 4007)).rejects.toThrow(UnsupportedError);
    await expect(run(1000, 4007)).rejects.toThrow(/node fill[\s\S]*4000 bytes more than the 8 held already[\s\S]*4007/);
    await expect(run(2 ** 39, 2 ** 62)).rejects.toThrow(/no memory for/);
  });

  it("takes the branch that its condition asks for, with values from around it", async () => {
    const branch = (op: string) => ({
      graph: graph({
        initializers: [floats("k", [2], [3, 3])],
        nodes: [{ op, in: ["x", "k"], out: ["r"] }],
        outputs: ["r"],
      }),
    });
    const spec = {
      inputs: [valueInfo("x", [2]), valueInfo("c", [], BOOL)],
      nodes: [
        { op: "If", in: ["c"], out: ["b"], attributes: { then_branch: branch("Add"), else_branch: branch("Mul") } },
        relu("b", "y"),
      ],
      outputs: ["y", "x"],
    };
    const run = async (condition: number) => [
      ...(await runSpec(spec, { x: X, c: tensorOf([], "bool", [condition]) })).y!.values,
    ];

    expect(await run(1)).toEqual([4, 1]);
    expect(await run(0)).toEqual([3, 0]);
  });

  it("tells its progress, and ends where the signal aborts", async () => {
    const controller = new AbortController();
    const spec = {
      inputs: [valueInfo("x", [2])],
      nodes: [relu("x", "a"), relu("a", "b"), relu("b", "c")],
      outputs: ["c"],
    };
    const seen: number[][] = [];
    const run = runSpec(spec, { x: X }, 17, {
      signal: controller.signal,
      onProgress: (done, total) => {
        seen.push([done, total]);
        if (done === 2) controller.abort();
      },
    });

    await expect(run).rejects.toThrow(CancelledError);
    expect(seen).toEqual([
      [1, 3],
      [2, 3],
    ]);
  });

  it("rounds half precision after every node", async () => {
    const spec = {
      inputs: [valueInfo("x", [1], 10)],
      nodes: [
        { op: "Add", in: ["x", "x"], out: ["a"] },
        { op: "Exp", in: ["x"], out: ["e"] },
      ],
      outputs: ["a", "e"],
    };
    const { a, e } = await runSpec(spec, { x: tensorOf([1], "fp16", [1]) });

    expect(a!.values[0]).toBe(2);
    // e = 2.71828; half precision has steps of 2^-9 there: 1392 * 2^-9.
    expect(e!.values[0]).toBe(1392 / 512);
  });
});

describe("inputs", () => {
  const spec = {
    inputs: [valueInfo("x", ["n", 2]), valueInfo("y", ["n"], INT64)],
    nodes: [
      { op: "Identity", in: ["x"], out: ["a"] },
      { op: "Identity", in: ["y"], out: ["b"] },
    ],
    outputs: ["a", "b"],
  };
  const x = tensorOf([3, 2], "fp32", [0, 0, 0, 0, 0, 0]);
  const y = tensorOf([3], "int64", [0, 0, 0]);

  it("may have any size where the model leaves it open", async () => {
    expect((await runSpec(spec, { x, y })).a!.shape).toEqual([3, 2]);
  });

  it("are refused all at once when they are missing, unknown, of another type or shape", async () => {
    const run = runSpec(spec, { z: x, x: tensorOf([3, 2], "fp64", [0, 0, 0, 0, 0, 0]) });

    await expect(run).rejects.toThrow(ConfigError);
    await expect(run).rejects.toThrow(/input z[\s\S]*one of x, y/);
    await expect(run).rejects.toThrow(/input x[\s\S]*fp64 values[\s\S]*fp32 of shape \[n, 2\][\s\S]*convert/);
    await expect(run).rejects.toThrow(/input y[\s\S]*no values[\s\S]*--input y=file\.npy/);
  });

  it("share one size where the model names it once", async () => {
    const run = runSpec(spec, { x, y: tensorOf([4], "int64", [0, 0, 0, 0]) });

    await expect(run).rejects.toThrow(/input y[\s\S]*shape \[4\][\s\S]*\[n = 3\]/);
  });

  it("may come as bytes for types that arrays in files lack, within their range", async () => {
    const four = {
      inputs: [valueInfo("x", [2], 22)],
      nodes: [{ op: "Cast", in: ["x"], out: ["y"], attributes: { to: 1 } }],
      outputs: ["y"],
    };

    expect([...(await runSpec(four, { x: tensorOf([2], "int8", [-8, 7]) }, 25)).y!.values]).toEqual([-8, 7]);
    await expect(runSpec(four, { x: tensorOf([2], "int8", [0, 8]) }, 25)).rejects.toThrow(
      /8 at element 1[\s\S]*-8 to 7/,
    );
  });

  it("must be held in the array of their type", async () => {
    const strange = { shape: [3], precision: "int64", values: new Float32Array(3) } as const;
    await expect(runSpec(spec, { x, y: strange })).rejects.toThrow(
      /int64 values in a Float32Array[\s\S]*BigInt64Array/,
    );
  });

  it("must hold as many values as their shape says", async () => {
    const short = { shape: [3], precision: "int64", values: new BigInt64Array(2) } as const;
    await expect(runSpec(spec, { x, y: short })).rejects.toThrow(/2 values for shape \[3\]/);
  });
});

describe("a model that cannot be run", () => {
  const graphOf = (nodes: Parameters<typeof runSpec>[0]["nodes"]) => ({
    inputs: [valueInfo("x", [2])],
    nodes,
    outputs: ["y"],
  });

  it("is refused with the node, the operator, its domain and operator set, and what there is", async () => {
    const run = runSpec(graphOf([{ op: "Conf", in: ["x"], out: ["y"], name: "first" }]), { x: X });

    await expect(run).rejects.toThrow(UnsupportedError);
    await expect(run).rejects.toThrow(
      /node first[\s\S]*operator Conf \(domain ai\.onnx, operator set 17\)[\s\S]*did you mean 'Conv'/,
    );
    const strange = runSpec(graphOf([{ op: "Foo", domain: "com.strange", in: ["x"], out: ["y"] }]), { x: X });
    await expect(strange).rejects.toThrow(
      /com\.strange\.Foo \(domain com\.strange, operator set 1\)[\s\S]*\d+ operators/,
    );
  });

  it("is refused when values are used before they are defined, or defined twice", async () => {
    await expect(runSpec(graphOf([relu("a", "y"), relu("x", "a")]), { x: X })).rejects.toThrow(NetworkError);
    await expect(runSpec(graphOf([relu("x", "y"), relu("x", "y")]), { x: X })).rejects.toThrow(/y a second time/);
    await expect(runSpec(graphOf([relu("x", "z")]), { x: X })).rejects.toThrow(
      /output y[\s\S]*no node that defines it/,
    );
  });

  it("is refused when an output is asked for that the operator does not have", async () => {
    const run = runSpec(graphOf([{ op: "Relu", in: ["x"], out: ["y", "more"] }]), { x: X });
    await expect(run).rejects.toThrow(/output 1[\s\S]*only outputs that the operator has/);
  });

  it("is refused when its data contradict its shapes", async () => {
    const spec = {
      inputs: [valueInfo("x", [2], FLOAT)],
      initializers: [int64s("shape", [3])],
      nodes: [{ op: "Reshape", in: ["x", "shape"], out: ["y"], name: "turn" }],
      outputs: ["y"],
    };
    await expect(runSpec(spec, { x: X })).rejects.toThrow(/node turn \(Reshape\)[\s\S]*a shape of 2 elements/);
  });
});
