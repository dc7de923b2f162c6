import { describe, expect, it } from "vitest";
import { NetworkError, UnsupportedError } from "../../../../../sim/core/errors.js";
import { decodeTflite } from "../../../../../sim/ir/import/tflite-model.js";
import { networkOfTflite } from "../../../../../sim/ir/import/tflite-network.js";
import type { MatrixLayer } from "../../../../../sim/ir/layer.js";
import { networkParameters } from "../../../../../sim/ir/network.js";
import { codes, integers, reals, type TfliteSpec, tfliteBytes } from "../../../../helpers/tflite-models.js";

/** CONV_2D, 2x1 filters over a 3x2 plane of 2 channels, 3 output channels; SAME, stride 1, relu6. */
const CONV: TfliteSpec = {
  tensors: [
    codes("x", [1, 3, 2, 2], 0.5, 3),
    {
      ...codes(
        "w",
        [3, 2, 1, 2],
        1,
        0,
        Int8Array.from({ length: 12 }, (_, at) => at),
      ),
      scales: [1, 2, 4],
      zeros: [0, 0, 0],
    },
    integers("b", [3], Int32Array.of(7, 8, 9)),
    codes("y", [1, 3, 2, 3], 0.25, -5),
  ],
  operators: [
    {
      ...{ code: 3, inputs: [0, 1, 2], outputs: [3], union: 1 },
      options: [
        [1, "int32", 1],
        [2, "int32", 1],
        [3, "int8", 3],
        [4, "int32", 1],
        [5, "int32", 1],
      ],
    },
  ],
  inputs: [0],
  outputs: [3],
};

/** y = relu(x), both real. */
const RELU: TfliteSpec = {
  tensors: [reals("x", [2]), reals("y", [2])],
  operators: [{ code: 19, inputs: [0], outputs: [1] }],
  inputs: [0],
  outputs: [1],
};

describe("a TFLite file", () => {
  it("gives tensors with their quantization, and operators with options and defaults", () => {
    const model = decodeTflite(tfliteBytes(CONV), "conv");

    const [operator] = model.operators;
    expect(operator).toMatchObject({ operator: "CONV_2D", name: "CONV_2D_0" });
    expect(operator!.options).toEqual({
      ...{ padding: 0, strideWidth: 1, strideHeight: 1, activation: 3, dilationWidth: 1, dilationHeight: 1 },
    });
    expect(operator!.inputs.map((tensor) => tensor?.name)).toEqual(["x", "w", "b"]);
    expect(model.inputs[0]).toMatchObject({ shape: [1, 3, 2, 2], precision: "int8" });
    expect(model.inputs[0]!.quantization).toEqual({ scales: [0.5], zeroPoints: [3], axis: 0 });
    expect(operator!.inputs[1]!.quantization!.scales).toEqual([1, 2, 4]);
    expect(operator!.inputs[1]!.bytes).toHaveLength(12);
  });

  it("becomes layers with planes and filters in the order of ours", () => {
    const network = networkOfTflite(decodeTflite(tfliteBytes(CONV), "conv"), "conv");

    const layer = network.layers[0] as MatrixLayer;
    expect(network.layers).toHaveLength(1);
    expect(layer.bounds).toEqual({ G: 1, N: 1, K: 3, C: 2, P: 3, Q: 2, R: 2, S: 1 });
    expect([layer.window.padTop, layer.window.padBottom]).toEqual([0, 1]);
    expect(layer.attributes).toMatchObject({ activation: "relu6" });
    expect(networkParameters(network)).toBe(15);
    const weight = network.tensors.get("w")!;
    expect(weight.shape).toEqual([3, 2, 2, 1]);
    // [K, R, S, C] 0..11: filter 0 has rows (0, 1), (2, 3) of two channels.
    expect([...weight.load!()]).toEqual([0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11]);
  });

  it("costs the activation of real numbers as a layer, and that of codes not", () => {
    const real: TfliteSpec = {
      ...CONV,
      tensors: [
        reals("x", [1, 3, 2, 2]),
        reals("w", [3, 2, 1, 2], new Float32Array(12)),
        reals("b", [3], new Float32Array(3)),
        reals("y", [1, 3, 2, 3]),
      ],
    };
    const network = networkOfTflite(decodeTflite(tfliteBytes(real), "conv"), "conv");

    expect(network.layers.map(({ name, operator, outputs }) => [name, operator, outputs[0]])).toEqual([
      ["CONV_2D_0", "CONV_2D", "CONV_2D_0.sums"],
      ["CONV_2D_0.relu6", "RELU6", "y"],
    ]);
  });

  it("takes names that are empty or taken apart by their index", () => {
    const tensors = [reals("", [2]), reals("y", [2]), reals("y", [2])];
    const operators = [
      { code: 19, inputs: [0], outputs: [1] },
      { code: 19, inputs: [1], outputs: [2] },
    ];
    const model = decodeTflite(tfliteBytes({ tensors, operators, inputs: [0], outputs: [2] }), "names");

    expect(model.tensors.map(({ name }) => name)).toEqual(["tensor_0", "y", "y_2"]);
  });
});

describe("a file that is not sound", () => {
  const refused = (bytes: Uint8Array) => () => decodeTflite(bytes, "model.tflite");

  it("is refused wherever it is cut off", () => {
    const bytes = tfliteBytes(CONV);

    for (let length = 0; length < bytes.length - 4; length += 3) {
      expect(refused(bytes.subarray(0, length)), `cut at ${length}`).toThrow(NetworkError);
    }
  });

  it("is refused by its mark or version, with what was found", () => {
    const other = tfliteBytes(RELU);
    other[4] = 65;

    expect(refused(other)).toThrow(/got: a file with the mark AFL3 at byte 4\n want: the mark TFL3/);
    expect(refused(tfliteBytes({ ...RELU, version: 2 }))).toThrow(/schema version 2\n want: schema version 3/);
    expect(refused(tfliteBytes({ ...RELU, subgraphs: 2 }))).toThrow(UnsupportedError);
  });

  it("is refused when a tensor is unknown, read before it is written, or written twice", () => {
    const [relu] = RELU.operators;

    expect(refused(tfliteBytes({ ...RELU, outputs: [9] }))).toThrow(/tensor 9 of 2\n want: 0 to 1/);
    expect(refused(tfliteBytes({ ...RELU, inputs: [] }))).toThrow(/input x, which nothing before it defines/);
    expect(refused(tfliteBytes({ ...RELU, operators: [relu!, relu!] }))).toThrow(/output y again/);
  });

  it("is refused for data that does not fill its shape, for bad scales and odd scale counts", () => {
    const [x, w, b, y] = CONV.tensors as readonly [never, never, never, never];
    const withWeight = (change: object) =>
      tfliteBytes({ ...CONV, tensors: [x, { ...(w as object), ...change } as never, b, y] });

    expect(refused(withWeight({ values: new Int8Array(11) }))).toThrow(/11 bytes\n want: 12 bytes for INT8/);
    expect(refused(withWeight({ scales: [1, 0, 1] }))).toThrow(/a scale of 0/);
    expect(refused(withWeight({ scales: [1, 2], zeros: [0, 0] }))).toThrow(/2 scales and 2 zero points along axis 0/);
    expect(refused(withWeight({ shape: [3, 2, 1, -2] }))).toThrow(/shape \[3, 2, 1, -2\]/);
    expect(refused(withWeight({ type: 5 }))).toThrow(/elements of STRING/);
  });

  it("is refused when its parts refer to the same bytes over and over", () => {
    // 60,000 references to one tensor with a name of 60,000 letters would be 3.6e9 letters.
    const count = 60_000;
    const extents = Array.from({ length: count }, () => 1);
    const tensors = [reals("n".repeat(count), [2]), reals("y", extents)];
    const bytes = tfliteBytes({ ...RELU, tensors });
    const view = new DataView(bytes.buffer);
    const [listed, shape] = [findVector(view, 2, isReference), findVector(view, count, (word) => word === 1)];
    const first = listed + 4 + view.getUint32(listed + 4, true);
    for (let at = shape + 4; at < shape + 4 + 4 * count; at += 4) view.setInt32(at, first - at, true);
    for (let at = 8; at + 4 <= bytes.length; at += 4) {
      if (at + view.getUint32(at, true) === listed) view.setInt32(at, shape - at, true);
    }

    expect(refused(bytes)).toThrow(/over and over/);
  });

  it("names the operators that are not modelled", () => {
    const bytes = tfliteBytes({ ...RELU, operators: [{ code: 32, custom: "Fancy", inputs: [0], outputs: [1] }] });
    const tanh = tfliteBytes({ ...RELU, operators: [{ code: 28, inputs: [0], outputs: [1] }] });

    expect(() => networkOfTflite(decodeTflite(bytes, "m"), "m")).toThrow(/operator CUSTOM Fancy/);
    expect(() => networkOfTflite(decodeTflite(tanh, "m"), "m")).toThrow(/operator TANH/);
  });
});

/** A word that leads to a later place of a small file. */
const isReference = (word: number): boolean => word > 8 && word < 2 ** 20;

/** Position of the first vector of `length` words, the first of which is as wanted. */
function findVector(view: DataView, length: number, isFirst: (word: number) => boolean): number {
  for (let at = 8; at + 4 + 4 * length <= view.byteLength; at += 4) {
    if (view.getUint32(at, true) === length && isFirst(view.getUint32(at + 4, true))) return at;
  }
  throw new Error("no such vector");
}
