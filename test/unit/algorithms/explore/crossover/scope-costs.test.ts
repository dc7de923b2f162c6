/** Types of layers, and costs gathered by them, by hand. */
import { describe, expect, it } from "vitest";
import { layerTypeOf } from "../../../../../algorithms/explore/crossover/layer-type.js";
import { scopeCostsOf } from "../../../../../algorithms/explore/crossover/scope-costs.js";
import { testReport } from "../../../../helpers/test-report.js";

const bounds = { N: 1, K: 8, C: 8, P: 4, Q: 4, R: 3, S: 3 };

describe("the type of a layer", () => {
  it.each([
    ["conv 3x3", "conv", { ...bounds, G: 1 }],
    ["conv 1x1", "conv", { ...bounds, G: 1, R: 1, S: 1 }],
    ["depthwise 3x3", "conv", { ...bounds, G: 8, K: 1, C: 1 }],
    ["grouped conv 3x3", "conv", { ...bounds, G: 2, K: 4, C: 4 }],
    ["conv-transpose 2x2", "conv-transpose", { ...bounds, G: 1, R: 2, S: 2 }],
    ["linear", "linear", { ...bounds, G: 1, R: 1, S: 1 }],
    ["matmul", "matmul", { ...bounds, G: 12, R: 1, S: 1 }],
  ])("is %s", (type, kind, shape) => {
    expect(layerTypeOf({ kind, shape, macs: 1 })).toBe(type);
  });

  it("is none without a matrix product", () => {
    expect(layerTypeOf({ kind: "softmax", shape: { elements: 10 }, macs: 0 })).toBeUndefined();
  });
});

describe("costs by type", () => {
  const shape = { ...bounds, G: 1 };
  const report = testReport([
    { name: "a", kind: "conv", shape, macs: 1000, cyclesByCause: { compute: 40, waitWeights: 10 } },
    { name: "b", kind: "conv", shape, macs: 300, cyclesByCause: { compute: 30 } },
    { name: "c", kind: "linear", shape: { ...shape, R: 1, S: 1 }, macs: 50, cyclesByCause: { compute: 5 } },
    { name: "d", kind: "softmax", shape: { elements: 10 }, macs: 0, cyclesByCause: { vector: 7 } },
  ]);
  const [a, b, c, d] = report.layers;
  const layers = [
    { ...a!, actions: { ...a!.actions, macOps: 250 }, weightBits: 800, metadataBits: 400 },
    // Counts no multiplications, as an array of digits does: its stored weights are 300 products.
    { ...b!, actions: { ...b!.actions, macOps: 0 }, effectualMacs: 300 },
    {
      ...c!,
      actions: { ...c!.actions, macOps: 50, dramMetadataReadBytes: 64 },
      dram: { ...c!.dram, readBytes: 256 },
      dramEnergyPj: { ...c!.dramEnergyPj, read: 1000, background: 500 },
    },
    d!,
  ];

  const scopes = scopeCostsOf({ layers }, { clockHz: 1e9, peakMacsPerCycle: 100 });

  it("have the network first, with every layer, then types as they come", () => {
    expect([...scopes].map(([scope, { layers: count }]) => [scope, count])).toEqual([
      ["network", 4],
      ["conv 3x3", 2],
      ["linear", 1],
    ]);
    // 50 + 30 + 5 + 7 cycles at 1 GHz.
    expect(scopes.get("network")!.costs).toMatchObject({ cycles: 92, latencySeconds: 92e-9, computeCycles: 75 });
  });

  it("balance products layer by layer: ceil(250 / 100) + ceil(300 / 100) = 6 cycles of 70", () => {
    expect(scopes.get("conv 3x3")!.costs).toMatchObject({ products: 550, balancedCycles: 6, computeCycles: 70 });
  });

  it("give metadata its part of the bytes read, of the energy of reading alone: 1000 x 64 / 256 pJ", () => {
    expect(scopes.get("linear")!.costs).toMatchObject({ dramMetadataBytes: 64, metadataEnergyPj: 250 });
    expect(scopes.get("conv 3x3")!.costs).toMatchObject({ valueBits: 800, metadataBits: 400, metadataEnergyPj: 0 });
  });
});
