/** What holds for every built-in network, so that a new entry is tested on the day it is added. */
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ConfigError } from "../../../../../sim/core/errors.js";
import { elementCount } from "../../../../../sim/core/integers.js";
import { isMatrixLayer } from "../../../../../sim/ir/layer.js";
import type { Network } from "../../../../../sim/ir/network.js";
import { buildNetwork } from "../../../../../sim/ir/networks/build.js";
import { NETWORKS } from "../../../../../sim/ir/networks/index.js";

function plain(network: Network): string {
  return JSON.stringify({ ...network, tensors: [...network.tensors.values()] });
}

describe.each(Object.entries(NETWORKS))("%s", (key, entry) => {
  const network = entry.build();

  test("is registered under its own lower-case name, with a source and a description", () => {
    expect(entry.name).toBe(key);
    expect(network.name).toBe(key);
    expect(key).toBe(key.toLowerCase());
    expect(entry.source.length).toBeGreaterThan(20);
    expect(entry.description.length).toBeGreaterThan(10);
  });

  test("is the same when built again", () => {
    expect(plain(entry.build())).toBe(plain(network));
  });

  test("has whole, positive shapes", () => {
    for (const { name, shape } of network.tensors.values()) {
      const isSound = shape.every((extent) => Number.isSafeInteger(extent) && extent >= 1);
      expect(isSound, name).toBe(true);
    }
  });

  test("uses every tensor and every layer", () => {
    const read = new Set(network.layers.flatMap((layer) => layer.inputs));
    const written = new Set(network.layers.flatMap((layer) => layer.outputs));

    for (const { name, role } of network.tensors.values()) {
      if (role === "output") expect(written.has(name), name).toBe(true);
      else expect(read.has(name), name).toBe(true);
      if (role === "activation" || role === "state") expect(written.has(name), name).toBe(true);
      if (role === "input" || role === "weight" || role === "constant") expect(written.has(name), name).toBe(false);
    }
  });

  test("has ofmaps as large as the loop bounds say, and operands that they reach", () => {
    for (const layer of network.layers) {
      if (!isMatrixLayer(layer)) continue;
      const { G, N, K, C, P, Q, R, S } = layer.bounds;
      const elements = (name: string): number => elementCount(network.tensors.get(name)!.shape);

      expect(elements(layer.outputs[0]!), layer.name).toBe(G * N * K * P * Q);
      expect(elements(layer.weight), layer.name).toBe(G * K * C * R * S);
      expect(elements(layer.ifmap), layer.name).toBe(G * N * C * layer.window.ifmapHeight * layer.window.ifmapWidth);
    }
  });

  test("keeps every element in its views, and writes each with its copies", () => {
    const elements = (name: string): number => elementCount(network.tensors.get(name)!.shape);
    for (const layer of network.layers) {
      if (layer.kind !== "move") continue;
      if (layer.movement === "view" || layer.operator === "Transpose" || layer.operator === "Concat") {
        const given = layer.inputs.reduce((sum, input) => sum + elements(input), 0);
        expect(elements(layer.outputs[0]!), layer.name).toBe(given);
      }
    }
  });

  test("says of each option what it is, its unit, its source and a default", () => {
    for (const [name, field] of Object.entries(entry.optionsTable.shape)) {
      const schema = z.toJSONSchema(field as z.ZodType);
      expect(schema, name).toMatchObject({ description: expect.any(String), source: expect.any(String) });
      expect(schema.default, name).toBeDefined();
    }
  });

  test("changes with each of its options", () => {
    for (const [name, field] of Object.entries(entry.optionsTable.shape)) {
      const schema = z.toJSONSchema(field as z.ZodType);
      const other = schema.enum?.find((value) => value !== schema.default) ?? schema.minimum;
      expect(plain(entry.build({ [name]: other })), name).not.toBe(plain(network));
    }
  });

  test("refuses an option that it does not have", () => {
    expect(() => entry.build({ depth: 3 })).toThrow(ConfigError);
  });
});

describe("buildNetwork", () => {
  test("ignores case and reads digits as numbers", () => {
    const network = buildNetwork("BERT-base", { sequenceTokens: "384" });

    expect(network.tensors.get("input_ids")!.shape).toEqual([1, 384]);
  });

  test("names the nearest network for a slip of the keyboard", () => {
    expect(() => buildNetwork("resnet5O")).toThrow(/did you mean 'resnet50'/);
  });

  test("says where, what was given, and what is wanted for an option out of bounds", () => {
    expect(() => buildNetwork("gpt2-decode", { contextTokens: 2000 })).toThrow(
      /where: network\.gpt2-decode\.contextTokens\n {2}got: 2000\n want: .*1024/,
    );
  });
});

describe("notes", () => {
  test("say where a network departs from what its name may mean to others", () => {
    expect(buildNetwork("alexnet").notes).toEqual([expect.stringContaining("one tower")]);
    expect(buildNetwork("gpt2-prefill").notes).toEqual([expect.stringContaining("last token only")]);
    expect(buildNetwork("gpt2-decode").notes).toEqual([]);
  });
});

test("in ResNet-164 a shortcut that changes shape shares the first activation of its block", () => {
  const { layers } = buildNetwork("resnet164");
  const inputsOf = (name: string) => layers.find((layer) => layer.name === name)?.inputs[0];

  for (const block of ["layer1.0", "layer2.0", "layer3.0"]) {
    expect(inputsOf(`${block}.downsample.0`)).toBe(`${block}.relu1`);
    expect(inputsOf(`${block}.conv1`)).toBe(`${block}.relu1`);
  }
  expect(layers.filter(({ name }) => name.includes("downsample")).length).toBe(3);
});

describe("key-value caches", () => {
  test.each(["gpt2-decode", "llama3-8b-decode"])("%s appends one token to each and reads the whole", (name) => {
    const network = buildNetwork(name, { contextTokens: 500 });
    const caches = [...network.tensors.values()].filter(({ role }) => role === "state");

    expect(caches.length).toBe(name === "gpt2-decode" ? 24 : 64);
    for (const cache of caches) {
      const append = network.layers.find((layer) => layer.outputs.includes(cache.name))!;
      const readers = network.layers.filter((layer) => layer.inputs.includes(cache.name));
      expect(append).toMatchObject({ kind: "move", movement: "append" });
      expect(cache.shape[2]).toBe(500);
      expect(network.tensors.get(append.inputs[0]!)!.shape).toEqual(cache.shape.with(2, 1));
      expect(readers).toMatchObject([{ kind: "matmul", weight: cache.name }]);
    }
  });

  test("four query heads of Llama are the rows of one product with their key head", () => {
    const network = buildNetwork("llama3-8b-decode", { contextTokens: 500 });
    const scores = network.layers.find(({ name }) => name === "model.layers.0.self_attn.scores");
    const context = network.layers.find(({ name }) => name === "model.layers.0.self_attn.context");

    expect(scores).toMatchObject({ bounds: { G: 8, N: 1, K: 500, C: 128, P: 4, Q: 1, R: 1, S: 1 } });
    expect(context).toMatchObject({ bounds: { G: 8, N: 1, K: 128, C: 500, P: 4, Q: 1, R: 1, S: 1 } });
  });

  test("the causal mask hides the future of each token", () => {
    const mask = buildNetwork("gpt2-prefill", { contextTokens: 3 }).tensors.get("causal_mask")!;
    const hidden = Number.NEGATIVE_INFINITY;

    expect(mask.shape).toEqual([3, 3]);
    expect([...mask.load!()]).toEqual([0, hidden, hidden, 0, 0, hidden, 0, 0, 0]);
  });
});
