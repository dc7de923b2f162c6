/** A network for several inputs: work and activations grow with the batch, what is learned does not. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { elementCount } from "../../sim/core/integers.js";
import { withBatch } from "../../sim/ir/batch.js";
import { isMatrixLayer, layerMacs } from "../../sim/ir/layer.js";
import { createNetwork, networkMacs, networkParameters } from "../../sim/ir/network.js";
import { NetworkBuilder } from "../../sim/ir/network-builder.js";
import { NETWORKS } from "../../sim/ir/networks/index.js";
import type { Tensor, TensorRole } from "../../sim/ir/tensor.js";

const small = Object.values(NETWORKS).filter(({ name }) => !name.startsWith("llama"));

describe("withBatch", () => {
  test("multiplies the MACs of every layer, the vector work and the activations, and no learned tensor", () => {
    fc.assert(
      fc.property(fc.constantFrom(...small), fc.integer({ min: 1, max: 64 }), (entry, batch) => {
        const one = entry.build();
        const many = withBatch(one, batch);

        expect(networkMacs(many)).toBe(batch * networkMacs(one));
        expect(networkParameters(many)).toBe(networkParameters(one));
        for (const [index, layer] of one.layers.entries()) {
          const batched = many.layers[index]!;
          expect(batched.name).toBe(layer.name);
          expect(layerMacs(batched)).toBe(batch * layerMacs(layer));
          if (layer.kind === "vector") expect(batched).toMatchObject({ elements: batch * layer.elements });
        }
        for (const tensor of one.tensors.values()) {
          const grows = tensor.role !== "weight" && tensor.role !== "constant";
          const elements = elementCount(many.tensors.get(tensor.name)!.shape);
          expect(elements, tensor.name).toBe(elementCount(tensor.shape) * (grows ? batch : 1));
        }
      }),
      { numRuns: 60 },
    );
  });

  test("keeps bounds and tensors of each product in agreement", () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(NETWORKS)), fc.integer({ min: 2, max: 9 }), (entry, batch) => {
        const many = withBatch(entry.build(), batch);

        for (const layer of many.layers) {
          if (!isMatrixLayer(layer)) continue;
          const { G, N, K, C, P, Q, R, S } = layer.bounds;
          const elements = (name: string): number => elementCount(many.tensors.get(name)!.shape);
          expect(elements(layer.outputs[0]!)).toBe(G * N * K * P * Q);
          expect(elements(layer.weight)).toBe(G * K * C * R * S);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("copies in a transpose that was free only while its leading axis was 1", () => {
    const net = new NetworkBuilder("test", "test");
    const x = net.input("x", [1, 5, 8]);
    const one = net.build([net.transpose("moved", x, [1, 0, 2]), net.transpose("kept", x, [0, 1, 2])]);

    expect(one.layers).toMatchObject([{ movement: "view" }, { movement: "view" }]);
    expect(withBatch(one, 2).layers).toMatchObject([{ movement: "copy" }, { movement: "view" }]);
  });

  test("copies in a transpose without a stated order, which turns all axes round", () => {
    const tensor = (name: string, role: TensorRole, shape: number[]): Tensor => ({
      name,
      role,
      shape,
      precision: "fp32",
    });
    const one = createNetwork({
      name: "test",
      source: "test",
      tensors: [tensor("x", "input", [1, 5]), tensor("y", "output", [5, 1])],
      layers: [{ kind: "move", movement: "view", name: "t", operator: "Transpose", inputs: ["x"], outputs: ["y"] }],
    });

    expect(withBatch(one, 3).layers).toMatchObject([{ movement: "copy" }]);
  });

  test("is the identity for a batch of one", () => {
    for (const entry of small) {
      const network = entry.build();
      expect(withBatch(network, 1)).toBe(network);
    }
  });

  test("takes the batch as N against learned weights, and as G between activations", () => {
    const network = withBatch(NETWORKS["bert-base"]!.build(), 3);
    const bounds = (name: string) => {
      const layer = network.layers.find((candidate) => candidate.name === name)!;
      return isMatrixLayer(layer) ? layer.bounds : undefined;
    };

    expect(bounds("encoder.layer.0.attention.self.query")).toMatchObject({ G: 1, N: 3, P: 128 });
    expect(bounds("encoder.layer.0.attention.self.scores")).toMatchObject({ G: 36, N: 1, P: 128 });
  });
});
