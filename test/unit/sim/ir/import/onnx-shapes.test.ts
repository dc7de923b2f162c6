/** Output shapes by the standard's own rules; every expected shape is worked out by hand from the operator's description. */
import { describe, expect, it } from "vitest";
import { NetworkError } from "../../../../../sim/core/errors.js";
import { importSpec, layerWriting, tensorOf } from "../../../../helpers/onnx-import.js";
import { floats, int64s, type NodeSpec, valueInfo } from "../../../../helpers/onnx-models.js";

type Attributes = NonNullable<NodeSpec["attributes"]>;
type Constants = Record<string, readonly number[]>;

/** One node over float inputs x0, x1, ... and int64 constants; the shape of its first output, or of all. */
async function shapes(
  op: string,
  inputs: readonly (readonly number[])[],
  options: { attributes?: Attributes; constants?: Constants; opset?: number; outputs?: number; domain?: string } = {},
): Promise<(readonly number[])[]> {
  const names = inputs.map((_, index) => `x${index}`);
  const constants = Object.entries(options.constants ?? {});
  const outputs = Array.from({ length: options.outputs ?? 1 }, (_, index) => `y${index}`);
  const network = await importSpec(
    {
      inputs: inputs.map((shape, index) => valueInfo(names[index]!, shape)),
      initializers: constants.map(([name, values]) => int64s(name, values)),
      nodes: [
        {
          op,
          in: [...names, ...constants.map(([name]) => name)],
          out: outputs,
          ...(options.attributes !== undefined && { attributes: options.attributes }),
          ...(options.domain !== undefined && { domain: options.domain }),
        },
      ],
      outputs,
    },
    options.opset ?? 17,
  );
  return outputs.map((name) => tensorOf(network, name).shape);
}

const shape = async (...args: Parameters<typeof shapes>) => (await shapes(...args))[0];

describe("element-wise operators", () => {
  it.each([
    [[2, 3, 4], [4], [2, 3, 4]],
    [
      [2, 3, 4],
      [3, 1],
      [2, 3, 4],
    ],
    [
      [1, 3, 1],
      [2, 1, 4],
      [2, 3, 4],
    ],
    [[], [5], [5]],
    [[2, 3], [], [2, 3]],
  ])("broadcast %j with %j to %j", async (a, b, expected) => {
    expect(await shape("Add", [a, b])).toEqual(expected);
  });

  it("refuse shapes that do not broadcast", async () => {
    await expect(shape("Mul", [[2, 3], [2]])).rejects.toThrow(/\[2, 3\] and \[2\][\s\S]*broadcast/);
  });

  it("compare to booleans", async () => {
    const network = await importSpec({
      inputs: [valueInfo("a", [2]), valueInfo("b", [2])],
      nodes: [{ op: "Less", in: ["a", "b"], out: ["y"] }],
      outputs: ["y"],
    });

    expect(tensorOf(network, "y").precision).toBe("bool");
    expect(layerWriting(network, "y")).toMatchObject({ kind: "vector", function: "compare", elements: 2 });
  });

  it("take a pass for each operand after the first in Sum", async () => {
    const network = await importSpec({
      inputs: [valueInfo("a", [2]), valueInfo("b", [2]), valueInfo("c", [1])],
      nodes: [{ op: "Sum", in: ["a", "b", "c"], out: ["y"] }],
      outputs: ["y"],
    });

    expect(layerWriting(network, "y")).toMatchObject({ function: "add", elements: 4 });
  });

  it.each([
    [2, "multiply", 3],
    [3, "multiply", 6],
    [0.5, "square-root", 3],
    [-1, "divide", 3],
    [1.7, "exponential", 3],
  ])("run Pow with exponent %d as %s", async (exponent, fn, elements) => {
    const network = await importSpec({
      inputs: [valueInfo("x", [3])],
      initializers: [floats("e", [], [exponent])],
      nodes: [{ op: "Pow", in: ["x", "e"], out: ["y"] }],
      outputs: ["y"],
    });

    expect(layerWriting(network, "y")).toMatchObject({ function: fn, elements });
  });
});

describe("pools", () => {
  it.each([
    // floor((32 - 3)/1) + 1 = 30
    ["default", [1, 3, 32, 32], { kernel_shape: [3, 3] }, [1, 3, 30, 30]],
    // floor((32 + 2 - 3)/2) + 1 = 16
    ["pads and strides", [1, 3, 32, 32], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }, [1, 3, 16, 16]],
    // floor((4 - 3)/2) + 1 = 1; ceil(1/2) + 1 = 2
    ["floor", [1, 1, 4, 4], { kernel_shape: [3, 3], strides: [2, 2] }, [1, 1, 1, 1]],
    ["ceil_mode", [1, 1, 4, 4], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }, [1, 1, 2, 2]],
    // ceil((2 + 1 - 1)/2) + 1 = 2, but the second window would start at 2 >= 2 + 0: 1
    [
      "ceil_mode with a window in the end padding",
      [1, 1, 2, 2],
      { kernel_shape: [1, 1], strides: [2, 2], pads: [0, 0, 1, 1], ceil_mode: 1 },
      [1, 1, 1, 1],
    ],
    // effective 2*(3-1)+1 = 5: 4 - 5 < 0 does not fit; over 7: 7 - 5 + 1 = 3
    ["dilations", [1, 1, 7, 7], { kernel_shape: [3, 3], dilations: [2, 2] }, [1, 1, 3, 3]],
    // ceil(5/2) = 3
    ["SAME_UPPER", [1, 1, 5, 5], { kernel_shape: [3, 3], strides: [2, 2], auto_pad: "SAME_UPPER" }, [1, 1, 3, 3]],
    ["SAME_LOWER", [1, 1, 5, 5], { kernel_shape: [3, 3], strides: [2, 2], auto_pad: "SAME_LOWER" }, [1, 1, 3, 3]],
    ["VALID", [1, 1, 5, 5], { kernel_shape: [3, 3], strides: [2, 2], auto_pad: "VALID" }, [1, 1, 2, 2]],
    ["one axis", [1, 2, 10], { kernel_shape: [2], strides: [2] }, [1, 2, 5]],
    ["three axes", [1, 1, 4, 4, 4], { kernel_shape: [2, 2, 2] }, [1, 1, 3, 3, 3]],
  ] as [string, number[], Attributes, number[]][])("%s", async (_, input, attributes, expected) => {
    expect(await shape("MaxPool", [input], { attributes })).toEqual(expected);
    expect(await shape("AveragePool", [input], { attributes, opset: 19 })).toEqual(expected);
  });

  it("count outputs times window and keep the resolved padding", async () => {
    const network = await importSpec({
      inputs: [valueInfo("x", [1, 2, 4, 4])],
      nodes: [{ op: "MaxPool", in: ["x"], out: ["y"], attributes: { kernel_shape: [2, 2], auto_pad: "SAME_UPPER" } }],
      outputs: ["y"],
    });

    // 2x4x4 outputs, 4 elements each; one pad at each end.
    expect(layerWriting(network, "y")).toMatchObject({ elements: 128, attributes: { pads: [0, 0, 1, 1] } });
  });

  it("go over the input once when global", async () => {
    const network = await importSpec({
      inputs: [valueInfo("x", [2, 8, 7, 7])],
      nodes: [{ op: "GlobalAveragePool", in: ["x"], out: ["y"] }],
      outputs: ["y"],
    });

    expect(tensorOf(network, "y").shape).toEqual([2, 8, 1, 1]);
    expect(layerWriting(network, "y")).toMatchObject({ function: "average-pool", elements: 784 });
  });

  it("refuse a window larger than the input", async () => {
    await expect(shape("MaxPool", [[1, 1, 2, 2]], { attributes: { kernel_shape: [3, 3] } })).rejects.toThrow(/fits/);
  });
});

describe("shape operators", () => {
  it.each([
    ["Reshape", [2, 3, 4], { shape: [4, -1] }, [4, 6]],
    ["Reshape", [2, 3, 4], { shape: [0, -1] }, [2, 12]],
    ["Reshape", [2, 3, 4], { shape: [-1, 0, 2] }, [4, 3, 2]],
    ["Reshape", [1], { shape: [] }, []],
    ["Squeeze", [1, 3, 1, 5], { axes: [0, -2] }, [3, 5]],
    ["Unsqueeze", [3, 5], { axes: [0, -1] }, [1, 3, 5, 1]],
    ["Expand", [3, 1], { shape: [2, 1, 6] }, [2, 3, 6]],
    ["Expand", [3, 4], { shape: [1, 4] }, [3, 4]],
    ["Tile", [2, 3], { repeats: [2, 4] }, [4, 12]],
    ["Pad", [2, 3], { pads: [0, 2, 1, -1] }, [3, 4]],
  ] as [string, number[], Constants, number[]][])("%s of %j by %j gives %j", async (op, input, constants, expected) => {
    expect(await shape(op, [input], { constants })).toEqual(expected);
  });

  it.each([
    ["Flatten", [2, 3, 4], {}, [2, 12]],
    ["Flatten", [2, 3, 4], { axis: 0 }, [1, 24]],
    ["Flatten", [2, 3, 4], { axis: 3 }, [24, 1]],
    ["Flatten", [2, 3, 4], { axis: -1 }, [6, 4]],
    ["Squeeze", [1, 3, 1], {}, [3]],
    ["Transpose", [2, 3, 4], {}, [4, 3, 2]],
    ["Transpose", [2, 3, 4], { perm: [0, 2, 1] }, [2, 4, 3]],
    ["DepthToSpace", [1, 8, 2, 3], { blocksize: 2 }, [1, 2, 4, 6]],
    ["SpaceToDepth", [1, 2, 4, 6], { blocksize: 2 }, [1, 8, 2, 3]],
  ] as [string, number[], Attributes, number[]][])(
    "%s of %j with %j gives %j",
    async (op, input, attributes, expected) => {
      expect(await shape(op, [input], { attributes })).toEqual(expected);
    },
  );

  it.each([
    [{ starts: [1], ends: [5] }, [4, 10]],
    [{ starts: [0, -3], ends: [2 ** 40, 2 ** 40] }, [20, 3]],
    [{ starts: [-1], ends: [-21], axes: [0], steps: [-1] }, [20, 10]],
    [{ starts: [1], ends: [-1], axes: [1], steps: [3] }, [20, 3]],
    [{ starts: [5], ends: [2] }, [0, 10]],
  ] as [Constants, number[]][])("Slice of [20, 10] by %j gives %j", async (constants, expected) => {
    expect(await shape("Slice", [[20, 10]], { constants })).toEqual(expected);
  });

  it("Slice before version 10 has attributes", async () => {
    const attributes = { starts: [2], ends: [1000], axes: [1] };

    expect(await shape("Slice", [[20, 10]], { attributes, opset: 9 })).toEqual([20, 8]);
  });

  it.each([
    [
      { axis: 1 },
      { split: [2, 4] },
      13,
      [
        [2, 2],
        [2, 4],
      ],
    ],
    [
      { axis: -1, num_outputs: 2 },
      {},
      18,
      [
        [2, 3],
        [2, 3],
      ],
    ],
    [
      { axis: 1, split: [5, 1] },
      {},
      11,
      [
        [2, 5],
        [2, 1],
      ],
    ],
  ] as [Attributes, Constants, number, number[][]][])(
    "Split by %j and %j in set %i",
    async (attributes, constants, opset, expected) => {
      expect(await shapes("Split", [[2, 6]], { attributes, constants, opset, outputs: 2 })).toEqual(expected);
    },
  );

  it("Split into uneven parts leaves the rest to the last", async () => {
    const attributes = { axis: 0, num_outputs: 3 };

    // 7 in 3 parts: ceil(7/3) = 3, 3, 1
    expect(await shapes("Split", [[7]], { attributes, opset: 18, outputs: 3 })).toEqual([[3], [3], [1]]);
  });

  it("Concat adds up the axis and refuses other differences", async () => {
    expect(
      await shape(
        "Concat",
        [
          [2, 3],
          [2, 5],
        ],
        { attributes: { axis: -1 } },
      ),
    ).toEqual([2, 8]);
    await expect(
      shape(
        "Concat",
        [
          [2, 3],
          [1, 5],
        ],
        { attributes: { axis: 1 } },
      ),
    ).rejects.toThrow(NetworkError);
  });

  it("Gather puts the indices' shape in the axis' place", async () => {
    expect(await shape("Gather", [[5, 4, 3]], { constants: { i: [0, 2] }, attributes: { axis: 1 } })).toEqual([
      5, 2, 3,
    ]);
  });

  it("a Transpose that moves only axes of size 1 is a view, another is a copy", async () => {
    const network = await importSpec({
      inputs: [valueInfo("x", [1, 4, 6])],
      nodes: [
        { op: "Transpose", in: ["x"], out: ["v"], attributes: { perm: [1, 0, 2] } },
        { op: "Transpose", in: ["v"], out: ["y"], attributes: { perm: [2, 1, 0] } },
      ],
      outputs: ["y"],
    });

    expect(layerWriting(network, "v")).toMatchObject({ movement: "view" });
    expect(layerWriting(network, "y")).toMatchObject({ movement: "copy" });
  });

  it.each([
    ["Reshape", [2, 3], { constants: { s: [4, -1] } }],
    ["Reshape", [2, 3], { constants: { s: [-1, -1] } }],
    ["Squeeze", [2, 3], { constants: { a: [0] } }],
    ["Unsqueeze", [2], { constants: { a: [0, 0] } }],
    ["Transpose", [2, 3], { attributes: { perm: [0, 0] } }],
    ["Softmax", [2, 3], { attributes: { axis: 2 } }],
  ] as [string, number[], Parameters<typeof shape>[2]][])("%s of %j refuses %j", async (op, input, options) => {
    await expect(shape(op, [input], options)).rejects.toThrow(NetworkError);
  });
});

describe("reductions", () => {
  it.each([
    ["ReduceMean", [2, 3, 4], { axes: [1] }, [2, 1, 4]],
    ["ReduceMax", [2, 3, 4], { axes: [-1, 0], keepdims: 0 }, [3]],
    ["ReduceMin", [2, 3], {}, [1, 1]],
    ["ReduceL2", [2, 3], { keepdims: 0 }, []],
    ["ArgMax", [2, 3, 4], { axis: 1, keepdims: 0 }, [2, 4]],
    ["ArgMin", [2, 3, 4], {}, [1, 3, 4]],
  ] as [string, number[], Attributes, number[]][])(
    "%s of %j with %j gives %j",
    async (op, input, attributes, expected) => {
      expect(await shape(op, [input], { attributes })).toEqual(expected);
    },
  );

  it("take axes from an input where the version has one", async () => {
    expect(await shape("ReduceSum", [[2, 3]], { constants: { axes: [1] } })).toEqual([2, 1]);
  });

  it("TopK gives values and indices", async () => {
    expect(await shapes("TopK", [[3, 10]], { constants: { k: [4] }, outputs: 2 })).toEqual([
      [3, 4],
      [3, 4],
    ]);
  });
});

describe("resizing", () => {
  const resize = async (input: readonly number[], scales: readonly number[], opset = 13) => {
    const network = await importSpec(
      {
        inputs: [valueInfo("x", input)],
        initializers: [floats("scales", [scales.length], scales)],
        nodes: [{ op: "Resize", in: opset < 11 ? ["x", "scales"] : ["x", "", "scales"], out: ["y"] }],
        outputs: ["y"],
      },
      opset,
    );
    return tensorOf(network, "y").shape;
  };

  it("multiplies by scales and rounds down", async () => {
    expect(await resize([1, 2, 4, 5], [1, 1, 2, 1.5])).toEqual([1, 2, 8, 7]);
    expect(await resize([1, 2, 4, 4], [1, 1, 0.6, 0.6], 10)).toEqual([1, 2, 2, 2]);
  });

  it("takes sizes", async () => {
    const network = await importSpec({
      inputs: [valueInfo("x", [1, 2, 4, 4])],
      initializers: [int64s("sizes", [1, 2, 7, 3])],
      nodes: [{ op: "Resize", in: ["x", "", "", "sizes"], out: ["y"], attributes: { mode: "linear" } }],
      outputs: ["y"],
    });

    expect(tensorOf(network, "y").shape).toEqual([1, 2, 7, 3]);
    expect(layerWriting(network, "y")).toMatchObject({ function: "resize-linear", elements: 42 });
  });

  it("refuses cubic interpolation", async () => {
    const spec = {
      inputs: [valueInfo("x", [1, 1, 2, 2])],
      initializers: [floats("scales", [4], [1, 1, 2, 2])],
      nodes: [{ op: "Resize", in: ["x", "", "scales"], out: ["y"], attributes: { mode: "cubic" } }],
      outputs: ["y"],
    };

    await expect(importSpec(spec)).rejects.toThrow(/mode cubic/);
  });
});

describe("normalisations", () => {
  it("LayerNormalization gives the mean with the normalised axes reduced", async () => {
    const network = await importSpec({
      inputs: [valueInfo("x", [2, 3, 4])],
      initializers: [floats("s", [4]), floats("b", [4])],
      nodes: [{ op: "LayerNormalization", in: ["x", "s", "b"], out: ["y", "mean", "deviation"] }],
      outputs: ["y", "mean"],
    });

    expect(tensorOf(network, "y").shape).toEqual([2, 3, 4]);
    expect(tensorOf(network, "mean").shape).toEqual([2, 3, 1]);
    expect(tensorOf(network, "s").role).toBe("weight");
  });

  it("BatchNormalization learns scale and shift, not mean and variance", async () => {
    const network = await importSpec({
      inputs: [valueInfo("x", [1, 3, 2, 2])],
      initializers: ["scale", "shift", "mean", "variance"].map((name) => floats(name, [3])),
      nodes: [{ op: "BatchNormalization", in: ["x", "scale", "shift", "mean", "variance"], out: ["y"] }],
      outputs: ["y"],
    });

    expect(["scale", "shift", "mean", "variance"].map((name) => tensorOf(network, name).role)).toEqual([
      "weight",
      "weight",
      "constant",
      "constant",
    ]);
    expect(layerWriting(network, "y")).toMatchObject({ function: "scale-shift", elements: 12 });
  });

  it("BatchNormalization refuses parameters of another length", async () => {
    const spec = {
      inputs: [valueInfo("x", [1, 3, 2, 2])],
      initializers: ["scale", "shift", "mean", "variance"].map((name) => floats(name, [4])),
      nodes: [{ op: "BatchNormalization", in: ["x", "scale", "shift", "mean", "variance"], out: ["y"] }],
      outputs: ["y"],
    };

    await expect(importSpec(spec)).rejects.toThrow(/each of 3 channels/);
  });
});
