/** What a layer costs on a design, against simulations of that layer alone. */
import { describe, expect, it } from "vitest";
import { createMethod, parseMethodChoice } from "../../../../../algorithms/compression/index.js";
import type { LayerToCompress } from "../../../../../algorithms/compression/method.js";
import { compressMatrix } from "../../../../../algorithms/compression/smartdeal/compress-matrix.js";
import { quantizeUniform } from "../../../../../algorithms/compression/uniform.js";
import { simulatedCost } from "../../../../../sim/run/compression/simulated-cost.js";
import { loadProgram } from "../../../../../sim/run/inference/run-program.js";
import { loadDesign } from "../../../../../sim/run/load-design.js";
import { loadNetwork } from "../../../../../sim/run/load-network.js";
import { simulate } from "../../../../../sim/run/simulate.js";
import { ANGLE_CLASSIFIER as CLASSIFIER } from "../../../../helpers/ocr-assets.js";

const SHAPES = { x: [1, 3, 48, 192] };
const network = loadNetwork(CLASSIFIER, { shapes: SHAPES });
const program = loadProgram(CLASSIFIER);

/** A layer of the classifier with drawn weights: 1x1 convolutions with more filters than the array has slices. */
async function someLayer(): Promise<LayerToCompress> {
  const layer = (await network).layers.find((one) => {
    return one.kind === "conv" && one.bounds.R === 1 && one.bounds.C >= 32 && one.bounds.K >= 32;
  });
  if (layer?.kind !== "conv") throw new Error("expected such a layer");
  const { K, C } = layer.bounds;
  const values = Float32Array.from({ length: K * C }, (_, at) => Math.sin(at * at));
  const leastScales = new Float64Array(K);
  const filter = { channels: C, kernelHeight: 1, kernelWidth: 1, isConvolution: true };
  const matrix = { reduction: C, columns: K, values, leastScales, filter };
  return {
    name: layer.name,
    matrix,
    inputs: undefined,
    isCorrected: false,
    sensitivity: 1,
  };
}

describe("the cost of a layer on a design", () => {
  it.each(["diannao", "systolic-32x32-ws"])(
    "is the energy and the cycles that its simulation alone gives on %s",
    async (name) => {
      const [layer, design] = [await someLayer(), await loadDesign(name)];
      const dense = quantizeUniform(layer.matrix, { bits: 8, granularity: "tensor", symmetric: true });

      const costs = [];
      for (const quantity of ["energy", "cycles"] as const) {
        costs.push((await simulatedCost(await network, await program, design, quantity))(layer, dense));
      }

      const { totals } = await simulate(await network, design, { layers: [layer.name], fidelity: "analytic" });
      expect(costs[0]! / totals.energyPj).toBeCloseTo(1, 9);
      expect(costs[1]).toBe(totals.cycles);
    },
  );

  it.each([
    ["obs:n=2,m=4", "nm:n=2,m=4"],
    ["obs:n=2,m=4,bits=4", "nm:n=2,m=4,valueBits=4"],
    ["obq:bits=4", "dense:valueBits=4"],
  ])("is that of the stored form of %s, scales left out", async (method, encoding) => {
    const [layer, design] = [await someLayer(), await loadDesign("systolic-32x32-ws")];
    const compressed = createMethod(parseMethodChoice(method)).compressWeights(layer.matrix);

    const cost = await simulatedCost(await network, await program, design, "energy");

    const options = { layers: [layer.name], fidelity: "analytic", encoding } as const;
    const { totals } = await simulate(await network, design, options);
    expect(cost(layer, compressed) / totals.energyPj).toBeCloseTo(1, 9);
  });

  it("is less for weights of zeros where the array passes over them, as many as they are", async () => {
    const [layer, design] = [await someLayer(), await loadDesign("cambricon-x")];
    const cost = await simulatedCost(await network, await program, design, "cycles");
    const costs = ["int8", "obs:n=2,m=4", "obs:sparsity=0.9"].map((method) =>
      cost(layer, createMethod(parseMethodChoice(method)).compressWeights(layer.matrix)),
    );

    expect(costs[1]).toBeLessThan(costs[0]!);
    expect(costs[2]).toBeLessThan(costs[1]!);
  });

  it("is less for a container than for int8 where the array rebuilds weights, and less still with more rows of zeros", async () => {
    const [layer, design] = [await someLayer(), await loadDesign("smartexchange")];
    const cost = await simulatedCost(await network, await program, design, "energy");
    const dense = quantizeUniform(layer.matrix, { bits: 8, granularity: "tensor", symmetric: true });
    const container = (threshold: number) =>
      compressMatrix(
        layer.matrix,
        {
          iterations: 30,
          threshold,
          clearsRows: false,
          granularity: "tensor",
          weightBits: 8,
          fit: "weights",
          takesEvery: true,
        },
        undefined,
      );

    const [int8, little, much] = [dense, container(0.01), container(0.9)].map((compressed) => cost(layer, compressed));

    expect(little).toBeLessThan(int8!);
    expect(much).toBeLessThan(little!);
  });

  it("is refused for a layer that the network does not have", async () => {
    const layer = { ...(await someLayer()), name: "nowhere" };
    const cost = await simulatedCost(await network, await program, await loadDesign("diannao"), "energy");
    const dense = quantizeUniform(layer.matrix, { bits: 8, granularity: "tensor", symmetric: true });

    expect(() => cost(layer, dense)).toThrow(/layer nowhere, which the simulated network does not have/);
  });
});
