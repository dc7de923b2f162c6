/** What the adapters add to the kernels: defaults, versions, shapes, and what they refuse. */
import { describe, expect, it } from "vitest";
import { UserError } from "../../../../../sim/core/errors.js";
import type { Precision } from "../../../../../sim/ir/tensor.js";
import { type TensorData, tensorOf } from "../../../../../sim/ir/tensor-data.js";
import { readEinsumLoops } from "../../../../../sim/run/inference/operators/einsum-equation.js";
import { RUNNABLE_OPERATORS } from "../../../../../sim/run/inference/operators/index.js";
import { runNode } from "../../../../helpers/run-program.js";

const tensor = (shape: readonly number[], precision: Precision, values: readonly number[]) =>
  tensorOf(shape, precision, values);
const reals = (shape: readonly number[], ...values: number[]) => tensor(shape, "fp32", values);
const longs = (...values: number[]) => tensor([values.length], "int64", values);
const shown = ({ shape, precision, values }: TensorData) => [
  shape,
  precision,
  Array.from<number | bigint, number>(values, Number),
];

describe("versions of operators", () => {
  it("Softmax takes all axes from its own on before version 13, one axis since", async () => {
    const x = reals([1, 2, 2], 0, 0, 0, 0);
    const old = await runNode({ op: "Softmax" }, [x], { opset: 11 });
    const now = await runNode({ op: "Softmax" }, [x], { opset: 13 });

    expect([...old.o0!.values]).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect([...now.o0!.values]).toEqual([0.5, 0.5, 0.5, 0.5]);
  });

  it("Clip, Slice, Pad, Squeeze and ReduceSum read attributes in old versions and inputs in new ones", async () => {
    const x = reals([1, 4], 1, 2, 3, 4);
    const old = [
      await runNode({ op: "Clip", attributes: { min: { float: 2 }, max: { float: 3 } } }, [x], { opset: 6 + 1 }),
      await runNode({ op: "Slice", attributes: { starts: [1], ends: [3], axes: [1] } }, [x], { opset: 9 }),
      await runNode({ op: "Pad", attributes: { pads: [0, 1, 0, 0], value: { float: 7 } } }, [x], { opset: 10 }),
      await runNode({ op: "Squeeze", attributes: { axes: [0] } }, [x], { opset: 11 }),
      await runNode({ op: "ReduceSum", attributes: { axes: [1] } }, [x], { opset: 11 }),
    ];
    const now = [
      await runNode({ op: "Clip" }, [x, reals([], 2), reals([], 3)], { opset: 13 }),
      await runNode({ op: "Slice" }, [x, longs(1), longs(3), longs(1)], { opset: 13 }),
      await runNode({ op: "Pad" }, [x, longs(0, 1, 0, 0), reals([], 7)], { opset: 13 }),
      await runNode({ op: "Squeeze" }, [x, longs(0)], { opset: 13 }),
      await runNode({ op: "ReduceSum" }, [x, longs(1)], { opset: 13 }),
    ];

    const expected = [[2, 2, 3, 3], [2, 3], [7, 1, 2, 3, 4], [1, 2, 3, 4], [10]];
    expect(old.map(({ o0 }) => [...o0!.values])).toEqual(expected);
    expect(now.map(({ o0 }) => [...o0!.values])).toEqual(expected);
    expect(old.map(({ o0 }) => o0!.shape)).toEqual(now.map(({ o0 }) => o0!.shape));
  });

  it("Dropout's mask is of the data's type before version 10, bool since, and all true", async () => {
    const x = reals([2], 3, 4);
    const old = await runNode({ op: "Dropout" }, [x], { opset: 7, outputs: 2 });
    const now = await runNode({ op: "Dropout" }, [x], { opset: 13, outputs: 2 });

    expect([old.o0!, old.o1!, now.o1!].map(shown)).toEqual([
      [[2], "fp32", [3, 4]],
      [[2], "fp32", [1, 1]],
      [[2], "bool", [1, 1]],
    ]);
  });

  it("Upsample and early Resize take the element before, Resize now the nearest", async () => {
    const x = reals([2], 1, 2);
    const scales = reals([1], 1.5);
    const old = await runNode({ op: "Upsample" }, [x, scales], { opset: 9 });
    const now = await runNode({ op: "Resize" }, [x, null, scales], { opset: 13 });

    // Places 0, 0.67, 1.33 and -0.17, 0.5, 1.17: the tie goes to the lower element.
    expect([...old.o0!.values]).toEqual([1, 1, 2]);
    expect([...now.o0!.values]).toEqual([1, 1, 2]);
    const ceiling = await runNode({ op: "Resize", attributes: { nearest_mode: "round_prefer_ceil" } }, [
      x,
      null,
      scales,
    ]);
    expect([...ceiling.o0!.values]).toEqual([1, 2, 2]);
  });
});

describe("convolutions and pools", () => {
  it("pad as auto_pad says, the odd element at the end or at the begin", async () => {
    const [x, w] = [reals([1, 1, 2], 1, 10), reals([1, 1, 2], 1, 1)];
    const padded = async (mode: string) => [
      ...(await runNode({ op: "Conv", attributes: { auto_pad: mode } }, [x, w])).o0!.values,
    ];

    expect(await padded("SAME_UPPER")).toEqual([11, 10]);
    expect(await padded("SAME_LOWER")).toEqual([1, 11]);
    expect(await padded("VALID")).toEqual([11]);
  });

  it("run in three spatial axes", async () => {
    const y = await runNode({ op: "Conv" }, [
      reals([1, 1, 2, 1, 2], 1, 2, 3, 4),
      reals([1, 1, 2, 1, 2], 1, 10, 100, 1000),
    ]);

    expect(shown(y.o0!)).toEqual([[1, 1, 1, 1, 1], "fp32", [4321]]);
  });

  it("transposed take their size from output_shape", async () => {
    const attributes = { strides: [2], output_shape: [4] };
    const y = await runNode({ op: "ConvTranspose", attributes }, [reals([1, 1, 2], 1, 2), reals([1, 1, 2], 1, 10)]);

    expect([...y.o0!.values]).toEqual([1, 10, 2, 20]);
  });

  it("refuse weights, biases and windows that do not fit", async () => {
    const x = reals([1, 2, 3], 0, 0, 0, 0, 0, 0);
    const refused = (inputs: (TensorData | null)[], attributes = {}) =>
      expect(runNode({ op: "Conv", attributes }, inputs)).rejects;

    await refused([x, reals([1, 1, 1], 1)]).toThrow(/weights \[1, 1, 1\] in 1 groups for an input \[1, 2, 3\]/);
    await refused([x, reals([1, 2, 4], 0)]).toThrow(/a filter \[4\] over \[3\]/);
    await refused([x, reals([1, 2, 1], 0, 0), reals([2], 0, 0)]).toThrow(/a bias of shape \[2\][\s\S]*1 values/);
    await refused([x, reals([3, 1, 1], 0, 0, 0)], { group: 2 }).toThrow(/2 groups for 2 and 3 channels/);
    await refused([x, reals([1, 2, 1], 0, 0)], { kernel_shape: [3] }).toThrow(/kernel_shape \[3\]/);
    await refused([tensor([1, 1, 1], "int32", [1]), tensor([1, 1, 1], "int32", [1])]).toThrow(
      /int32[\s\S]*floating-point/,
    );
  });
});

describe("quantization", () => {
  it("takes scales by axis, by block, or one for all", async () => {
    const x = reals([2, 4], 1, 2, 3, 4, 10, 20, 30, 40);
    const byAxis = await runNode({ op: "QuantizeLinear", attributes: { axis: 0 } }, [x, reals([2], 1, 10)]);
    const byBlock = await runNode(
      { op: "QuantizeLinear", attributes: { axis: 1, block_size: 2 } },
      [x, reals([2, 2], 1, 2, 10, 20), tensor([2, 2], "int8", [0, 1, 2, 3])],
      { opset: 21 },
    );

    expect(shown(byAxis.o0!)).toEqual([[2, 4], "uint8", [1, 2, 3, 4, 1, 2, 3, 4]]);
    // 3/2 = 1.5 -> 2, 4/2; 30/20 = 1.5 -> 2, 40/20.
    expect(shown(byBlock.o0!)).toEqual([[2, 4], "int8", [1, 2, 3, 3, 3, 4, 5, 5]]);
  });

  it("refuses scales that fit neither", async () => {
    const run = runNode({ op: "QuantizeLinear", attributes: { axis: 1 } }, [reals([2, 3], 0), reals([2], 1, 1)]);
    await expect(run).rejects.toThrow(/scales of shape \[2\][\s\S]*1 or 3/);
  });
});

describe("Einsum", () => {
  it("reads labels, diagonals, ellipses and implicit outputs", () => {
    expect(
      readEinsumLoops("ij,jk->ik", [
        [2, 3],
        [3, 4],
      ]).shape,
    ).toEqual([2, 4]);
    expect(readEinsumLoops("ba", [[2, 3]]).shape).toEqual([3, 2]);
    expect(readEinsumLoops("ii->i", [[3, 3]]).loops.strides).toEqual([[4]]);
    expect(
      readEinsumLoops("...ij,...jk->...ik", [
        [5, 1, 2, 3],
        [4, 3, 6],
      ]).shape,
    ).toEqual([5, 4, 2, 6]);
    expect(readEinsumLoops("i...->...", [[2, 3]]).shape).toEqual([3]);
  });

  it("refuses equations that are malformed or do not fit", () => {
    for (const [equation, shapes, message] of [
      [
        "ij,jk->il",
        [
          [1, 1],
          [1, 1],
        ],
        /labels of the terms/,
      ],
      ["ij->ii", [[1, 1]], /each once/],
      ["ijk", [[1, 1]], /a label an axis/],
      ["ij,j", [[1, 2]], /1 terms/],
      ["i1->i", [[1]], /terms of letters/],
      [
        "ij,jk",
        [
          [1, 2],
          [3, 4],
        ],
        /broadcast/,
      ],
    ] as const) {
      expect(() => readEinsumLoops(equation, shapes)).toThrow(message);
    }
  });
});

describe("recurrent layers", () => {
  const zero = (shape: readonly number[]) =>
    reals(shape, ...new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(0));

  it("keep the batch first with layout 1", async () => {
    const run = await runNode(
      { op: "LSTM", attributes: { layout: 1 } },
      [zero([3, 2, 1]), zero([1, 8, 1]), zero([1, 8, 2])],
      {
        outputs: 3,
      },
    );

    expect([run.o0!.shape, run.o1!.shape, run.o2!.shape]).toEqual([
      [3, 2, 1, 2],
      [3, 1, 2],
      [3, 1, 2],
    ]);
  });

  it("refuse operands of another shape", async () => {
    const run = runNode({ op: "GRU" }, [zero([2, 1, 1]), zero([1, 3, 1]), zero([1, 4, 1])]);
    await expect(run).rejects.toThrow(/R of shape \[1, 4, 1\][\s\S]*\[1, 3, 1\]/);
  });
});

describe("operators refuse", () => {
  const x = reals([2, 2], 1, 2, 3, 4);
  const cases: Readonly<
    Record<string, readonly [Parameters<typeof runNode>[0], readonly (TensorData | null)[], RegExp]>
  > = {
    "operands of two types": [{ op: "Add" }, [x, longs(1)], /operands of fp32 and int64/],
    "shapes that do not broadcast": [{ op: "Mul" }, [x, reals([3], 1, 2, 3)], /\[2, 2\] and \[3\]/],
    "an absent operand": [{ op: "Sub" }, [x], /no input 1/],
    "a slope larger than the data": [{ op: "PRelu" }, [reals([2], 1, 2), x], /a slope of shape \[2, 2\]/],
    "a matrix product of unequal lengths": [{ op: "MatMul" }, [x, reals([3, 1], 1, 2, 3)], /\[2, 2\] and \[3, 1\]/],
    "an axis outside": [{ op: "Softmax", attributes: { axis: 2 } }, [x], /axis 2[\s\S]*-2 to 1/],
    "more than there are": [{ op: "TopK" }, [x, longs(3)], /k = 3[\s\S]*0 to 2/],
    "an index outside": [{ op: "Gather" }, [x, longs(2)], /index 2[\s\S]*-2 to 1/],
    "an unknown mode": [{ op: "Pad", attributes: { mode: "mirror" } }, [x, longs(0, 0, 0, 0)], /mode mirror/],
    "a cast to text": [{ op: "Cast", attributes: { to: 8 } }, [x], /STRING/],
    "a cast to 8-bit floats": [{ op: "Cast", attributes: { to: 17 } }, [x], /a result of fp8/],
    antialiasing: [{ op: "Resize", attributes: { antialias: 1 } }, [x, null, reals([2], 1, 2)], /antialias 1/],
    training: [{ op: "Dropout" }, [x, reals([], 0.5), tensor([], "bool", [1])], /training_mode/],
    "a range without end": [{ op: "Range" }, [reals([], 0), reals([], 1), reals([], 0)], /a delta of 0/],
    "updates of another shape": [
      { op: "ScatterElements" },
      [x, tensor([1, 1], "int64", [0]), reals([1, 2], 0, 0)],
      /updates of shape/,
    ],
    "blocks that do not divide": [
      { op: "DepthToSpace", attributes: { blocksize: 2 } },
      [reals([1, 3, 1, 1], 1, 2, 3)],
      /3 channels/,
    ],
  };
  for (const [name, [node, inputs, message]] of Object.entries(cases)) {
    it(name, async () => {
      await expect(runNode(node, inputs)).rejects.toThrow(message);
    });
  }
});

describe("every operator", () => {
  const operands = [reals([2, 2], 1, 2, 3, 4), reals([2], 1, 2), longs(1, 0), reals([]), tensor([1], "uint8", [1])];
  for (const operator of RUNNABLE_OPERATORS) {
    it(`${operator} runs or says what is wrong, whatever it is given`, async () => {
      const [op, domain] = operator.startsWith("com.microsoft.")
        ? [operator.slice("com.microsoft.".length), "com.microsoft"]
        : [operator, ""];
      const given = [[], ...operands.map((operand) => [operand]), operands.slice(0, 2), operands.slice(1, 4), operands];
      let ends = 0;
      for (const inputs of given) {
        const end = await runNode({ op, domain }, inputs).catch((error: unknown) => error);
        if (end instanceof Error) {
          expect(end).toBeInstanceOf(UserError);
          expect(end.message).toMatch(/where: node \S+ \(/);
        } else expect(end).toHaveProperty("o0");
        ends++;
      }
      expect(ends).toBe(given.length);
    });
  }
});
