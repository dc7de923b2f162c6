/** What is done against the error of rounding, each part against hand arithmetic or a computation that shares nothing with it. */
import { describe, expect, it } from "vitest";
import { biasCorrections } from "../../../../algorithms/compression/bias-correction.js";
import { compensateErrors } from "../../../../algorithms/compression/error-compensation.js";
import { type InputStatistics, LayerInputs } from "../../../../algorithms/compression/layer-inputs.js";
import { readLayerWeights } from "../../../../algorithms/compression/layer-weights.js";
import { layersKept } from "../../../../algorithms/compression/layers-kept.js";
import { equalizeLayers } from "../../../../algorithms/compression/passes/equalize-layers.js";
import type { CompressedMatrix, WeightMatrix } from "../../../../algorithms/compression/weight-matrix.js";
import { Random } from "../../../../sim/core/rng.js";
import { OnnxGraphEditor } from "../../../../sim/ir/export/onnx-graph-editor.js";
import { readProgram } from "../../../../sim/ir/import/onnx-program.js";
import { type NumberTensor, tensorOf } from "../../../../sim/ir/tensor-data.js";
import { runProgram } from "../../../../sim/run/inference/run-program.js";
import { floats, type GraphSpec, model, type NodeSpec, valueInfo } from "../../../helpers/onnx-models.js";

function drawn(seed: string, count: number, low = -1, high = 1): number[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => random.between(low, high));
}

const volumeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

interface OneLayer {
  readonly node: Omit<NodeSpec, "in" | "out">;
  readonly input: readonly number[];
  readonly weight: readonly number[];
}

/** A layer on inputs that are not centred, its statistics over three samples, and what it gives of weights on these. */
async function observe({ node, input, weight }: OneLayer) {
  const specOf = (weights: readonly number[]): GraphSpec => ({
    inputs: [valueInfo("x", [...input])],
    initializers: [floats("w", [...weight], [...weights])],
    nodes: [{ ...node, in: ["x", "w"], out: ["y"] }],
    outputs: ["y"],
  });
  const weights = drawn("w", volumeOf(weight)).map(Math.fround);
  const graph = new OnnxGraphEditor(model(specOf(weights), 17));
  const [layer] = graph.nodes;
  const samples = [0, 1, 2].map((seed) => tensorOf(input, "fp32", drawn(`x${seed}`, volumeOf(input), -1, 3)));
  const inputs = new LayerInputs(layer!, readLayerWeights(graph, layer!)!, true);
  for (const sample of samples) inputs.add(sample as NumberTensor);
  /** Outputs of each channel over all samples. */
  const outputsOf = async (values: readonly number[], channels: number, axis: 1 | -1): Promise<number[][]> => {
    const program = readProgram(model(specOf(values), 17), "layer");
    const found: number[][] = Array.from({ length: channels }, () => []);
    for (const x of samples) {
      const { shape, values: y } = (await runProgram(program, { x })).outputs.get("y")!;
      const inner = axis === -1 ? 1 : volumeOf(shape.slice(2));
      for (let at = 0; at < y.length; at++) found[Math.floor(at / inner) % channels]!.push(Number(y[at]));
    }
    return found;
  };
  return { weights, statistics: inputs.statistics()!, outputsOf, matrix: readLayerWeights(graph, layer!)! };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const CONV = { op: "Conv" };
const LAYERS: readonly (readonly [string, OneLayer, channels: number, axis: 1 | -1])[] = [
  [
    "a padded convolution with strides and dilations",
    {
      node: { ...CONV, attributes: { pads: [1, 0, 2, 1], strides: [2, 1], dilations: [1, 2] } },
      input: [2, 3, 6, 7],
      weight: [4, 3, 3, 2],
    },
    4,
    1,
  ],
  [
    "a convolution in groups",
    { node: { ...CONV, attributes: { group: 2 } }, input: [1, 4, 5, 5], weight: [6, 2, 2, 2] },
    6,
    1,
  ],
  [
    "one padded to its input's size, more at the end",
    { node: { ...CONV, attributes: { auto_pad: "SAME_UPPER", strides: [2] } }, input: [1, 2, 7], weight: [3, 2, 4] },
    3,
    1,
  ],
  [
    "one padded to its input's size, more at the beginning",
    { node: { ...CONV, attributes: { auto_pad: "SAME_LOWER" } }, input: [1, 2, 7], weight: [3, 2, 4] },
    3,
    1,
  ],
  ["a product of rank 3", { node: { op: "MatMul" }, input: [2, 3, 5], weight: [5, 4] }, 4, -1],
];

describe("what a layer reads", () => {
  it.each(LAYERS)("gives mean and energy of the outputs of %s", async (_, layer, channels, axis) => {
    const { statistics, matrix, weights, outputsOf } = await observe(layer);
    const outputs = await outputsOf(weights, channels, axis);
    const { groups, reduction, means, products } = statistics;

    for (const [channel, values] of outputs.entries()) {
      const group = Math.floor(channel / (channels / groups));
      const weight = (row: number): number => matrix.values[row * channels + channel]!;
      let [first, second] = [0, 0];
      for (let i = 0; i < reduction; i++) {
        first += weight(i) * means[group * reduction + i]!;
        for (let j = 0; j < reduction; j++) {
          second += weight(i) * products![(group * reduction + i) * reduction + j]! * weight(j);
        }
      }
      // E[y] = w E[x] and E[y^2] = w E[x x^T] w.
      expect(first).toBeCloseTo(mean(values), 5);
      expect(second).toBeCloseTo(mean(values.map((value) => value ** 2)), 4);
    }
  });

  it("is nothing when the input does not fit the layer, which is the layer's to refuse", async () => {
    const graph = new OnnxGraphEditor(
      model(
        {
          inputs: [valueInfo("x", [1, 3, 4, 4])],
          initializers: [floats("w", [2, 3, 3, 3])],
          nodes: [{ op: "Conv", in: ["x", "w"], out: ["y"], attributes: { strides: [0, 1] } }],
          outputs: ["y"],
        },
        17,
      ),
    );
    const inputs = new LayerInputs(graph.nodes[0]!, readLayerWeights(graph, graph.nodes[0]!)!, true);

    inputs.add(tensorOf([1, 3, 4, 4], "fp32", drawn("x", 48)) as NumberTensor);
    inputs.add(tensorOf([1, 2, 4, 4], "fp32", drawn("x", 32)) as NumberTensor);

    expect(inputs.statistics()).toBeUndefined();
  });
});

/** A matrix of one column with its codes at scale 1, and statistics with the given outer products. */
function column(values: readonly number[], products: readonly number[]) {
  const matrix: WeightMatrix = {
    reduction: values.length,
    columns: 1,
    values: Float32Array.from(values),
    leastScales: new Float64Array(1),
  };
  const compressed: CompressedMatrix = {
    codes: Int32Array.from(values, Math.round),
    scales: Float32Array.of(1),
    zero: 0,
    encoding: { name: "dense", parameters: {} },
    codeBits: 8,
  };
  const statistics: InputStatistics = {
    groups: 1,
    reduction: values.length,
    means: new Float64Array(values.length),
    products: Float64Array.from(products),
  };
  return { matrix, compressed, statistics };
}

/** The inverse of a matrix by Gauss and Jordan. */
function inverse(rows: readonly (readonly number[])[]): number[][] {
  const size = rows.length;
  const wide = rows.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let i = 0; i < size; i++) {
    const pivot = wide[i]![i]!;
    wide[i] = wide[i]!.map((value) => value / pivot);
    for (let k = 0; k < size; k++) {
      if (k !== i) wide[k] = wide[k]!.map((value, j) => value - wide[k]![i]! * wide[i]![j]!);
    }
  }
  return wide.map((row) => row.slice(size));
}

describe("rounding that makes up for itself", () => {
  const round = (quotient: number): number => Math.round(quotient);

  it("lets one of two weights on equal inputs take over what the other lost", () => {
    // y = 0.4 x + 0.4 x. The last is rounded to 0; the first gets 0.4 + 0.4 * 1/1.01 = 0.796 and is rounded to 1: 1 x, not 0 x.
    const { matrix, compressed, statistics } = column([0.4, 0.4], [1, 1, 1, 1]);

    expect([...compensateErrors(matrix, compressed, statistics, round).codes]).toEqual([1, 0]);
  });

  it("gives the codes that the authors' own steps give: a rounding, then the best change of all weights that are left", () => {
    const size = 12;
    for (let seed = 0; seed < 20; seed++) {
      const weights = drawn(`w${seed}`, size, -3, 3).map(Math.fround);
      const vectors = Array.from({ length: 30 }, (_, at) => {
        const common = drawn(`c${seed}/${at}`, 1)[0]!;
        return drawn(`v${seed}/${at}`, size).map((value, row) => (value + 2 * common) * (1 + row / size));
      });
      const products = Array.from({ length: size * size }, (_, at) =>
        mean(vectors.map((vector) => vector[Math.floor(at / size)]! * vector[at % size]!)),
      );
      const { matrix, compressed, statistics } = column(weights, products);

      // Optimal brain quantization: after a weight is fixed, the others move by -(w - q) / [H^-1]_ii times column i of H^-1.
      const damped = 0.01 * mean(Array.from({ length: size }, (_, i) => products[i * size + i]!));
      const left = Array.from({ length: size }, (_, i) => i).sort(
        (a, b) => products[b * size + b]! - products[a * size + a]!,
      );
      const moving = [...weights];
      const codes: number[] = [];
      while (left.length > 0) {
        const rows = left.map((i) => left.map((j) => products[i * size + j]! + (i === j ? damped : 0)));
        const inverted = inverse(rows);
        codes[left[0]!] = Math.round(moving[left[0]!]!);
        const error = (moving[left[0]!]! - codes[left[0]!]!) / inverted[0]![0]!;
        for (const [place, i] of left.entries()) moving[i]! -= error * inverted[place]![0]!;
        left.shift();
      }

      expect([...compensateErrors(matrix, compressed, statistics, round).codes].map((code) => code + 0)).toEqual(
        codes.map((code) => code + 0),
      );
    }
  });

  it("leaves pruned weights 0 and lets the others make up for them", () => {
    const { matrix, compressed, statistics } = column([4, 1], [1, 1, 1, 1]);
    const pruned = { ...compressed, codes: Int32Array.of(4, 0), kept: Uint8Array.of(1, 0) };

    // 4 + 1/1.01 = 4.99.
    expect([...compensateErrors(matrix, pruned, statistics, round).codes]).toEqual([5, 0]);
  });

  it("leaves the codes where the samples were zeros", () => {
    const { matrix, compressed, statistics } = column([0.4, 1.7], [0, 0, 0, 0]);

    expect(compensateErrors(matrix, compressed, statistics, round)).toEqual(compressed);
  });
});

describe("bias correction", () => {
  it.each(LAYERS)("makes the mean output error of %s zero on the samples", async (_, layer, channels, axis) => {
    const { statistics, matrix, weights, outputsOf } = await observe(layer);
    const scales = Float32Array.of(0.5);
    const codes = Int32Array.from(matrix.values, (value) => Math.round(value / 0.5));
    const compressed = { codes, scales, zero: 0, encoding: { name: "dense", parameters: {} }, codeBits: 8 };
    const rounded = weights.map((value) => Math.round(value / 0.5) * 0.5);

    const shifts = biasCorrections({ ...matrix, leastScales: new Float64Array(channels) }, compressed, statistics);

    const [wanted, found] = [await outputsOf(weights, channels, axis), await outputsOf(rounded, channels, axis)];
    for (const [channel, values] of wanted.entries()) {
      expect(mean(found[channel]!) + shifts[channel]! - mean(values)).toBeCloseTo(0, 5);
    }
    expect(Math.max(...shifts.map(Math.abs))).toBeGreaterThan(0.05);
  });
});

/** Three convolutions, the second depthwise, with `between` after the first. */
function threeLayers(between: string): GraphSpec {
  return {
    inputs: [valueInfo("x", [1, 3, 6, 6])],
    initializers: [
      floats(
        "w1",
        [4, 3, 3, 3],
        drawn("w1", 108).map((value, at) => value * 10 ** (Math.floor(at / 27) - 2)),
      ),
      floats("b1", [4], drawn("b1", 4)),
      floats("w2", [4, 1, 3, 3], drawn("w2", 36)),
      floats(
        "w3",
        [5, 4, 1, 1],
        drawn("w3", 20).map((value, at) => value * 10 ** (1 - (at % 4))),
      ),
      floats("low", [], [0]),
      floats("high", [], [6]),
    ],
    nodes: [
      { op: "Conv", in: ["x", "w1", "b1"], out: ["a"], name: "first" },
      { op: between, in: between === "Clip" ? ["a", "low", "high"] : ["a"], out: ["r"], name: "between" },
      { op: "Conv", in: ["r", "w2"], out: ["c"], attributes: { group: 4 }, name: "depthwise" },
      { op: "Conv", in: ["c", "w3"], out: ["y"], name: "last" },
    ],
    outputs: ["y"],
  };
}

describe("cross-layer equalization", () => {
  const greatest = (values: ArrayLike<number>, channel: (at: number) => number): number[] => {
    const found = [0, 0, 0, 0];
    for (let at = 0; at < values.length; at++) {
      found[channel(at)] = Math.max(found[channel(at)]!, Math.abs(values[at]!));
    }
    return found;
  };

  it("makes the ranges on both sides of a channel equal and keeps the function", async () => {
    const given = model(threeLayers("Relu"), 17);
    const graph = new OnnxGraphEditor(given);
    equalizeLayers(graph);
    const stored = (name: string) => graph.storedNumbers(name)!.values as Float32Array;
    const before = greatest(stored("w1"), (at) => Math.floor(at / 27));
    const depthwise = greatest(stored("w2"), (at) => Math.floor(at / 9));
    const after = greatest(stored("w3"), (at) => at % 4);
    const x = tensorOf([1, 3, 6, 6], "fp32", drawn("x", 108));

    const wanted = (await runProgram(readProgram(given, "given"), { x })).outputs.get("y")!.values as Float32Array;
    const found = (await runProgram(readProgram(graph.finish(), "equal"), { x })).outputs.get("y")!
      .values as Float32Array;

    for (let channel = 0; channel < 4; channel++) {
      expect(before[channel]! / depthwise[channel]!).toBeCloseTo(1, 1);
      expect(after[channel]! / depthwise[channel]!).toBeCloseTo(1, 1);
    }
    const most = Math.max(...wanted.map(Math.abs));
    for (const [at, value] of wanted.entries()) expect(Math.abs(value - found[at]!) / most).toBeLessThan(1e-5);
  });

  it("leaves layers alone that meet at a Clip, which does not scale", () => {
    const graph = new OnnxGraphEditor(model(threeLayers("Clip"), 17));
    const before = [...graph.storedNumbers("w1")!.values];

    equalizeLayers(graph);

    expect([...graph.storedNumbers("w1")!.values]).toEqual(before);
  });
});

describe("layers that stay at 8 bits", () => {
  it.each([
    ["none", []],
    ["depthwise", ["depthwise"]],
    ["edges", ["first", "last"]],
    ["sensitive", ["depthwise", "first", "last"]],
  ] as const)("with keep=%s are these", (keep, names) => {
    const graph = new OnnxGraphEditor(model(threeLayers("Relu"), 17));
    const layers = graph.nodes.filter(({ opType }) => opType === "Conv");

    expect([...layersKept(graph, layers, keep)].map(({ name }) => name)).toEqual(names);
    // Of two layers neither stands at an edge.
    expect([...layersKept(graph, layers.slice(1), keep)].map(({ name }) => name)).toEqual(
      names.filter((name) => name === "depthwise"),
    );
  });
});
