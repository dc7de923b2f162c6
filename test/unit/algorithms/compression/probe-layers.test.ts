/** Layers that err a little, and statistics without their mean, against sums by hand. */
import { describe, expect, it } from "vitest";
import { createMethod, parseMethodChoice } from "../../../../algorithms/compression/index.js";
import { centredStatistics } from "../../../../algorithms/compression/layer-inputs.js";
import { NetworkInputs } from "../../../../algorithms/compression/network-inputs.js";
import { probeLayers } from "../../../../algorithms/compression/probe-layers.js";
import { Random } from "../../../../sim/core/rng.js";
import { OnnxGraphEditor } from "../../../../sim/ir/export/onnx-graph-editor.js";
import { type NumberTensor, tensorOf } from "../../../../sim/ir/tensor-data.js";
import { floats, model, valueInfo } from "../../../helpers/onnx-models.js";

const random = new Random("probe");
const numbers = (count: number): number[] => Array.from({ length: count }, () => random.between(-1, 1));

describe("statistics without their mean", () => {
  it("have the products of deviations", () => {
    // x is (1, 2) or (3, 2): products (5, 4, 4, 4), means (2, 2), deviations (1, 0): 1 in the corner and 0 elsewhere.
    const centred = centredStatistics({
      ...{ groups: 1, reduction: 2, means: Float64Array.of(9, 9) },
      ...{ products: Float64Array.of(5, 4, 4, 4), productMeans: Float64Array.of(2, 2) },
    });

    expect([...centred.products!]).toEqual([1, 0, 0, 0]);
  });
});

describe("a probe of a layer", () => {
  const weights = numbers(7 * 12);
  const graph = new OnnxGraphEditor(
    model({
      inputs: [valueInfo("x", [5, 12])],
      initializers: [floats("w", [7, 12], weights)],
      nodes: [
        { op: "Gemm", in: ["x", "w"], out: ["y"], attributes: { transB: 1, alpha: { float: 0.5 } }, name: "layer" },
      ],
      outputs: ["y"],
    }),
  );
  const method = createMethod(parseMethodChoice("smartdeal:rate=4,keep=none"));
  const inputs = new NetworkInputs(graph, method);
  const x = Array.from({ length: 5 }, () => numbers(12).map((value) => value + 1));
  inputs.add("x", tensorOf([5, 12], "fp32", x.flat()) as NumberTensor);
  const [probe] = probeLayers(graph, method, inputs);

  const outputsOf = (stored: ArrayLike<number>) =>
    x.map((row) => Array.from({ length: 7 }, (_, k) => row.reduce((sum, a, c) => sum + a * stored[k * 12 + c]!, 0)));

  it("has weights in the model's layout whose outputs err by nothing in the mean", () => {
    expect(probe).toMatchObject({ name: "layer", weight: "w" });
    const [wanted, got] = [outputsOf(weights), outputsOf(probe!.values)];
    for (let k = 0; k < 7; k++) {
      const errors = wanted.map((row, at) => row[k]! - got[at]![k]!);
      expect(Math.abs(errors.reduce((sum, error) => sum + error, 0))).toBeLessThan(1e-4);
      expect(Math.max(...errors.map(Math.abs))).toBeGreaterThan(1e-4);
    }
  });

  it("knows the noise of those outputs", () => {
    const [wanted, got] = [outputsOf(weights).flat(), outputsOf(probe!.values).flat()];

    const noise = wanted.reduce((sum, value, at) => sum + (value - got[at]!) ** 2, 0);
    expect(probe!.noise / (noise / wanted.reduce((sum, value) => sum + value ** 2, 0))).toBeCloseTo(1, 4);
  });
});
