/** Values of a model's layers as the array is given them, against what the model's own operators give. */
import { describe, expect, it } from "vitest";
import { PE_ARRAYS } from "../../../../../hw-models/pe-array/index.js";
import { importOnnxProgram } from "../../../../../sim/ir/import/onnx.js";
import { isMatrixLayer } from "../../../../../sim/ir/layer.js";
import { viewsOf } from "../../../../../sim/run/functional/functional-layouts.js";
import { blocksOfView, ifmapMatrix } from "../../../../../sim/run/functional/functional-operands.js";
import { drawInputs, ProgramValues } from "../../../../../sim/run/functional/functional-program.js";
import { runProgram } from "../../../../../sim/run/inference/run-program.js";
import { simulate } from "../../../../../sim/run/simulate.js";
import { importSpec } from "../../../../helpers/onnx-import.js";
import {
  bytes,
  FLOAT,
  floats,
  type GraphSpec,
  INT8,
  modelBytes,
  UINT8,
  valueInfo,
} from "../../../../helpers/onnx-models.js";
import { testDesign } from "../../../../helpers/test-design.js";

/** Whole numbers that step through `size` values from `from`. */
const ramp = (count: number, step: number, size: number, from: number) =>
  Array.from({ length: count }, (_, index) => from + ((index * step) % size));

/** Sums of the spec's matrix layer by the array, one [N*P*Q, K] a group, and the model's first output. */
async function arrayAndModel(spec: GraphSpec) {
  const program = await importOnnxProgram(modelBytes(spec));
  const network = await importSpec(spec);
  const { peArray, arithmetic } = testDesign();
  const inputs = drawInputs(program, network, "seed");
  const values = await ProgramValues.run(program, network, peArray, inputs, "", {});
  const layer = network.layers.find(isMatrixLayer)!;
  const found = values.operandsOf(layer)!;
  const views = viewsOf(layer, found)!;
  const { G, N, P, Q, K, C, R, S } = layer.bounds;
  const array = PE_ARRAYS.systolic.create(peArray, arithmetic);
  const blocks = blocksOfView(views.weight, layer.bounds);
  const groups = Array.from({ length: G }, (_, group) => {
    const from = { G: group, N: 0, K: 0, C: 0, P: 0, Q: 0, R: 0, S: 0 };
    const matrix = ifmapMatrix(views.ifmap, layer.window, group, { from, extent: { ...layer.bounds, G: 1 } });
    const tile = { rows: N * P * Q, columns: K, reduction: C * R * S };
    return array.runTile(matrix, blocks(group, 0, K), tile).ofmap;
  });
  const { outputs } = await runProgram(program, inputs);
  const output = Array.from<number | bigint, number>([...outputs.values()][0]!.values, Number);
  return { bounds: layer.bounds, groups, output };
}

/** Sums as a convolution lays them out, [N, G*K, P, Q]. */
function asPlanes({ bounds, groups }: Awaited<ReturnType<typeof arrayAndModel>>): number[] {
  const { G, N, K, P, Q } = bounds;
  const planes: number[] = [];
  for (let n = 0; n < N; n++) {
    for (let channel = 0; channel < G * K; channel++) {
      for (let pixel = 0; pixel < P * Q; pixel++) {
        planes.push(groups[Math.floor(channel / K)]![(n * P * Q + pixel) * K + (channel % K)]!);
      }
    }
  }
  return planes;
}

describe("values of a model", () => {
  it("are codes less their zero points: a grouped convolution with stride and padding", async () => {
    const run = await arrayAndModel({
      inputs: [valueInfo("x", [2, 4, 7, 5], UINT8)],
      initializers: [
        bytes("w", [6, 2, 3, 2], INT8, ramp(72, 37, 251, -125)),
        bytes("xz", [], UINT8, [131]),
        bytes("wz", [6], INT8, [3, 0, -7, 12, 1, -1]),
      ],
      nodes: [
        {
          op: "ConvInteger",
          in: ["x", "w", "xz", "wz"],
          out: ["y"],
          attributes: { group: 2, strides: [2, 1], pads: [1, 0, 2, 1], dilations: [1, 2] },
        },
      ],
      outputs: ["y"],
    });

    expect(asPlanes(run)).toEqual(run.output);
  });

  it("of a product with a zero point a column", async () => {
    const run = await arrayAndModel({
      inputs: [valueInfo("x", [2, 3, 5], UINT8)],
      initializers: [
        bytes("w", [5, 4], INT8, ramp(20, 37, 251, -125)),
        bytes("xz", [], UINT8, [9]),
        bytes("wz", [4], INT8, [3, 0, -7, 12]),
      ],
      nodes: [{ op: "MatMulInteger", in: ["x", "w", "xz", "wz"], out: ["y"] }],
      outputs: ["y"],
    });

    expect([...run.groups[0]!]).toEqual(run.output);
  });

  it("of a batch of products, the first operand given once for all", async () => {
    for (const first of [
      [3, 2, 5],
      [2, 5],
    ]) {
      const run = await arrayAndModel({
        inputs: [valueInfo("x", first, INT8), valueInfo("y", [3, 5, 4], INT8)],
        nodes: [{ op: "MatMulInteger", in: ["x", "y"], out: ["z"] }],
        outputs: ["z"],
      });

      expect(run.groups.flatMap((sums) => [...sums])).toEqual(run.output);
    }
  });

  for (const [transA, transB] of [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ] as const) {
    it(`of a Gemm with transA ${transA}, transB ${transB}: floats that are codes already stay as they are`, async () => {
      // Cast bytes reach 127 and have the scale 1; the weights do so by their list.
      const shape = transB === 1 ? [4, 64] : [64, 4];
      const run = await arrayAndModel({
        initializers: [
          floats("x", transA === 1 ? [64, 3] : [3, 64], [127, ...ramp(191, 37, 255, -127)]),
          floats("zero", [1], [0]),
          floats("w", shape, [-127, ...ramp(255, 29, 255, -127)]),
        ],
        inputs: [valueInfo("unused", [1], FLOAT)],
        nodes: [
          { op: "Mul", in: ["unused", "zero"], out: ["nothing"] },
          { op: "Add", in: ["x", "nothing"], out: ["activation"] },
          { op: "Gemm", in: ["activation", "w"], out: ["y"], attributes: { transA, transB } },
        ],
        outputs: ["y"],
      });

      expect([...run.groups[0]!]).toEqual(run.output);
    });
  }

  it("of a transposed convolution without overlap: each pixel makes a block of the output", async () => {
    const run = await arrayAndModel({
      initializers: [
        floats("x", [1, 2, 3, 3], [127, ...ramp(17, 37, 255, -127)]),
        floats("zero", [1], [0]),
        floats("w", [2, 3, 2, 2], [127, ...ramp(23, 29, 255, -127)]),
      ],
      inputs: [valueInfo("unused", [1], FLOAT)],
      nodes: [
        { op: "Mul", in: ["unused", "zero"], out: ["nothing"] },
        { op: "Add", in: ["x", "nothing"], out: ["activation"] },
        { op: "ConvTranspose", in: ["activation", "w"], out: ["y"], attributes: { strides: [2, 2] } },
      ],
      outputs: ["y"],
    });

    const blocks: number[] = [];
    for (let k = 0; k < 3; k++) {
      for (let row = 0; row < 6; row++) {
        for (let column = 0; column < 6; column++) {
          const pixel = Math.floor(row / 2) * 3 + Math.floor(column / 2);
          blocks.push(run.groups[0]![pixel * 12 + k * 4 + (row % 2) * 2 + (column % 2)]!);
        }
      }
    }
    expect(blocks).toEqual(run.output);
  });
});

const QUANTIZED_AND_DYNAMIC: GraphSpec = {
  inputs: [valueInfo("x", [1, 2, 6, 6], FLOAT)],
  initializers: [floats("w", [4, 2, 3, 3], ramp(72, 37, 71, -35)), floats("v", [64, 8], ramp(512, 11, 61, -30))],
  nodes: [
    { op: "Conv", in: ["x", "w"], out: ["a"], name: "conv" },
    { op: "Relu", in: ["a"], out: ["b"], name: "relu" },
    { op: "Flatten", in: ["b"], out: ["c"], name: "flatten" },
    { op: "Gemm", in: ["c", "v"], out: ["d"], name: "fc" },
    { op: "Transpose", in: ["d"], out: ["e"], attributes: { perm: [1, 0] }, name: "turn" },
    { op: "MatMul", in: ["e", "d"], out: ["f"], name: "outer" },
  ],
  outputs: ["f"],
};

describe("a run with values of a model", () => {
  it("says which values come from the file, which from the run, and which are drawn", async () => {
    const program = await importOnnxProgram(modelBytes(QUANTIZED_AND_DYNAMIC));
    const network = await importSpec(QUANTIZED_AND_DYNAMIC);

    const report = await simulate(network, testDesign(), { fidelity: "analytic", functional: { program } });

    const origins = report.layers.flatMap(({ name, functional }) =>
      functional === undefined ? [] : [[name, functional.weights, functional.activations]],
    );
    expect(origins).toEqual([
      ["conv", "file", "run"],
      ["fc", "file", "run"],
      ["outer", "run", "run"],
    ]);
    expect(report.functional).toMatchObject({
      layers: 3,
      layersWithSyntheticWeights: 0,
      layersWithSyntheticActivations: 0,
    });
  });

  it("refuses weights that are no numbers, naming layer, tensor and element", async () => {
    const spec: GraphSpec = {
      inputs: [valueInfo("x", [1, 4], FLOAT)],
      initializers: [floats("w", [4, 2], [1, 2, Number.NaN])],
      nodes: [{ op: "MatMul", in: ["x", "w"], out: ["y"], name: "fc" }],
      outputs: ["y"],
    };
    const program = await importOnnxProgram(modelBytes(spec));

    const run = simulate(await importSpec(spec), testDesign(), { fidelity: "analytic", functional: { program } });

    await expect(run).rejects.toThrow(/where: layer fc, tensor w\n {2}got: NaN at element 2\n/);
  });
});
