import { describe, expect, it } from "vitest";
import { fuseLayers } from "../../../../sim/run/fuse.js";
import { vectorNetwork } from "../../../helpers/small-networks.js";

const groupsOf = (lines: readonly string[], outputs: readonly string[]) =>
  fuseLayers(vectorNetwork(8, lines, outputs)).map((group) => group.layers.map((layer) => layer.name).join("+"));

describe("fusing", () => {
  it("puts batch norm and activation on the output of the layer before", () => {
    expect(groupsOf(["a = linear(x)", "b = scale-shift(a, w)", "c = relu(b)"], ["c"])).toEqual(["a+b+c"]);
  });

  it("takes a residual add once both operands are there", () => {
    const lines = ["a = linear(x)", "b = linear(a)", "s = add(b, a)", "r = relu(s)"];

    expect(groupsOf(lines, ["r"])).toEqual(["a", "b+s+r"]);
  });

  it("takes both arms of x * sigmoid(x)", () => {
    expect(groupsOf(["a = linear(x)", "s = activation-table(a)", "m = multiply(a, s)"], ["m"])).toEqual(["a+s+m"]);
  });

  it("leaves an activation apart when its input is read elsewhere", () => {
    const lines = ["a = linear(x)", "r = relu(a)", "b = linear(a)", "s = add(r, b)"];

    expect(groupsOf(lines, ["s"])).toEqual(["a", "r", "b+s"]);
  });

  it("leaves an activation apart when its input is an output of the network", () => {
    expect(groupsOf(["a = linear(x)", "r = relu(a)"], ["a", "r"])).toEqual(["a", "r"]);
  });

  it("looks through views", () => {
    expect(groupsOf(["a = linear(x)", "v = view(a)", "r = relu(v)"], ["r"])).toEqual(["a+r"]);
  });

  it("does not wait for an operand that comes later", () => {
    const lines = ["a = linear(x)", "b = linear(x)", "c = linear(b)", "s = add(a, c)"];

    expect(groupsOf(lines, ["s"])).toEqual(["a", "b", "c+s"]);
  });

  it("holds each layer in exactly one group", () => {
    const lines = ["a = linear(x)", "r = relu(a)", "p = softmax(r)", "q = add(p, r)", "b = linear(q)"];
    const names = groupsOf(lines, ["b"]).flatMap((group) => group.split("+"));

    expect(names.toSorted()).toEqual(["a", "b", "p", "q", "r"]);
  });
});
