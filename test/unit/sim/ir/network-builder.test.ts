/** What the builder makes of each word: names, shapes, roles, and what moves bytes and what does not. */
import { describe, expect, test } from "vitest";
import { NetworkError } from "../../../../sim/core/errors.js";
import { networkParameters } from "../../../../sim/ir/network.js";
import { NetworkBuilder } from "../../../../sim/ir/network-builder.js";

function builder(): NetworkBuilder {
  return new NetworkBuilder("test", "test");
}

describe("NetworkBuilder", () => {
  test("a layer writes a tensor of its own name and learns <name>.weight and <name>.bias", () => {
    const net = builder();
    const network = net.build([net.conv("conv1", net.input("x", [1, 3, 8, 8]), { filters: 4, kernel: 3, bias: true })]);

    expect([...network.tensors.values()].map(({ name, role, shape }) => [name, role, shape])).toEqual([
      ["x", "input", [1, 3, 8, 8]],
      ["conv1.weight", "weight", [4, 3, 3, 3]],
      ["conv1.bias", "weight", [4]],
      ["conv1", "output", [1, 4, 6, 6]],
    ]);
  });

  test("batch norm learns scale and shift; its running statistics are constants", () => {
    const net = builder();
    const network = net.build([net.batchNorm("bn", net.input("x", [1, 5, 2, 2]))]);

    expect(networkParameters(network)).toBe(10);
    expect(network.tensors.get("bn.running_var")).toMatchObject({ role: "constant", shape: [5] });
    expect(network.layers).toMatchObject([{ function: "scale-shift", elements: 20 }]);
  });

  test("tied weights count once", () => {
    const net = builder();
    const embedded = net.embedding("wte", net.input("ids", [1, 4], "int64"), { entries: 10, width: 6 });
    const network = net.build([net.linear("head", embedded, { outputs: 10, bias: false, weight: "wte.weight" })]);

    expect(networkParameters(network)).toBe(60);
  });

  test.each([
    [[2, 5, 3, 4], [0, 2, 1, 3], "copy", [2, 3, 5, 4]],
    [[2, 1, 3, 4], [0, 2, 1, 3], "view", [2, 3, 1, 4]],
    [[1, 3, 4], [1, 0, 2], "view", [3, 1, 4]],
    [[3, 4], [1, 0], "copy", [4, 3]],
  ] as const)("transposing %j by %j is a %s", (shape, permutation, movement, expected) => {
    const net = builder();
    const network = net.build([net.transpose("t", net.input("x", shape), permutation)]);

    expect(network.layers).toMatchObject([{ kind: "move", movement }]);
    expect(network.tensors.get("t")!.shape).toEqual(expected);
  });

  test("an append writes into state, and a later product waits for it", () => {
    const net = builder();
    const q = net.input("q", [1, 2, 1, 8]);
    const cache = net.append("append", net.state("cache", [1, 2, 16, 8]), net.input("k", [1, 2, 1, 8]));
    const network = net.build([net.matmulTransposed("scores", q, cache, 0.5)]);

    expect(network.layers.map(({ name }) => name)).toEqual(["append", "scores"]);
    expect(network.tensors.get("cache")!.role).toBe("state");
    expect(network.layers[1]).toMatchObject({ weight: "cache", attributes: { transB: 1, alpha: 0.5 } });
  });

  test("sums broadcast, and refuse shapes that do not", () => {
    const net = builder();
    const x = net.input("x", [1, 4, 6]);
    const network = net.build([net.add("sum", net.input("row", [6]), x)]);

    expect(network.tensors.get("sum")!.shape).toEqual([1, 4, 6]);
    expect(network.layers).toMatchObject([{ function: "add", elements: 24 }]);
    expect(() => net.add("bad", x, net.input("y", [5]))).toThrow(NetworkError);
  });

  test("a slice counts the elements that its step meets", () => {
    const net = builder();
    const network = net.build([net.slice("s", net.input("x", [1, 3, 7]), { axis: 2, start: 0, end: 7, step: 2 })]);

    expect(network.tensors.get("s")!.shape).toEqual([1, 3, 4]);
  });

  test("joins and pads along the axis asked for", () => {
    const net = builder();
    const joined = net.concat("c", [net.input("x", [1, 3, 2, 2]), net.input("y", [1, 5, 2, 2])], 1);
    const network = net.build([net.padChannels("p", joined, 1, 2)]);

    expect(network.tensors.get("c")!.shape).toEqual([1, 8, 2, 2]);
    expect(network.tensors.get("p")!.shape).toEqual([1, 11, 2, 2]);
  });

  test("ReLU6 is bounded by constants that hold their values", () => {
    const net = builder();
    const network = net.build([net.relu6("r", net.input("x", [1, 2]))]);

    const [, low, high] = network.layers[0]!.inputs;
    expect([...network.tensors.get(low!)!.load!(), ...network.tensors.get(high!)!.load!()]).toEqual([0, 6]);
  });
});
