import { describe, expect, it } from "vitest";
import { UnsupportedError } from "../../../../sim/core/errors.js";
import { createNetwork } from "../../../../sim/ir/network.js";
import type { Tensor } from "../../../../sim/ir/tensor.js";
import { lowerNetwork } from "../../../../sim/run/lower.js";
import { convNetwork, vectorNetwork } from "../../../helpers/small-networks.js";
import { testDesign } from "../../../helpers/test-design.js";

const CONV = { N: 1, G: 1, K: 4, C: 3, H: 8, W: 8, R: 3, S: 3, stride: 1, pad: 1 };
const OPTIONS = { encoding: undefined };

/** The network of one convolution with its tensors changed. */
function convWith(change: (tensor: Tensor) => Tensor) {
  const network = convNetwork(CONV);
  return createNetwork({ ...network, tensors: [...network.tensors.values()].map(change) });
}

const same = (tensor: Tensor): Tensor => tensor;

describe("lowering", () => {
  it("costs float tensors at the array's widths and says so", () => {
    const float = convWith((tensor) => ({ ...tensor, precision: "fp32" }));
    const base = testDesign();
    const wide = { ...base, peArray: { ...base.peArray, activationBits: 16 as const } };

    const [narrow] = lowerNetwork(float, base, OPTIONS);
    const [sixteen] = lowerNetwork(float, wide, OPTIONS);

    expect(narrow).toMatchObject({ ifmap: { bitsPerElement: 8 }, weight: { bitsPerElement: 8 } });
    expect(sixteen).toMatchObject({ ifmap: { bitsPerElement: 16 }, weight: { bitsPerElement: 8 } });
    expect(narrow!.precision).toBe("int8 (fp32 in the file) x int8 (fp32 in the file) -> int32 -> int8");
  });

  it("keeps integer widths, down to four bits", () => {
    const network = convWith((tensor) => (tensor.role === "weight" ? { ...tensor, precision: "int4" } : tensor));

    const [operation] = lowerNetwork(network, testDesign(), OPTIONS);

    expect(operation).toMatchObject({ weight: { bitsPerElement: 4, elements: 4 * 3 * 9 } });
  });

  it("refuses operands wider than the multipliers, naming layer, tensor and remedy", () => {
    const network = convWith((tensor) => (tensor.role === "weight" ? { ...tensor, precision: "int16" } : tensor));

    expect(() => lowerNetwork(network, testDesign(), OPTIONS)).toThrow(UnsupportedError);
    expect(() => lowerNetwork(network, testDesign(), OPTIONS)).toThrow(
      /conv\.weight[\s\S]*16 bits[\s\S]*weightBits=16/,
    );
  });

  it("keeps width and scales of quantized weights that an array stores in another form", () => {
    const encoding = { name: "nm", parameters: { n: 2, m: 4, valueBits: 4, scales: "channel" } } as const;

    const [asAsked] = lowerNetwork(convWith(same), testDesign(), { encoding });
    const [native] = lowerNetwork(convWith(same), testDesign(), { encoding, isNative: true });

    expect(asAsked).toMatchObject({ weightEncoding: encoding });
    expect(native).toMatchObject({
      weightEncoding: { name: "dense", parameters: { valueBits: 4, scales: "channel" } },
    });
  });

  it("folds batch norm into the weights and counts activation and residual on the output path", () => {
    const lines = ["a = linear(x)", "b = scale-shift(a, w1)", "s = add(b, x)", "r = relu(s)"];

    const [operation, ...rest] = lowerNetwork(vectorNetwork(16, lines, ["r"]), testDesign(), OPTIONS);

    expect(rest).toEqual([]);
    // Requantization 2, addition 1, activation 1; batch norm costs nothing.
    expect(operation).toMatchObject({ kind: "matrix", fused: ["b", "s", "r"], outputVectorOps: 4 });
    expect(operation).toMatchObject({ residuals: [{ storage: "x", elements: 16 }] });
  });

  it("keeps learned operands of vector layers apart from activations", () => {
    const [operation] = lowerNetwork(vectorNetwork(16, ["y = scale-shift(x, w)"], ["y"]), testDesign(), OPTIONS);

    expect(operation).toMatchObject({ kind: "vector", inputs: [{ storage: "x" }], parameters: [{ storage: "w" }] });
  });

  it("gives the encoding asked for to learned weights", () => {
    const encoding = { name: "nm", parameters: { n: 2, m: 4 } };

    const [operation] = lowerNetwork(convNetwork(CONV), testDesign(), { encoding });

    expect(operation).toMatchObject({ weightEncoding: encoding, weightIsStatic: true });
  });
});
