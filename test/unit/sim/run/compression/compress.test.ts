/** Compression of whole models: what it loses against theory, what it stores, what it refuses. */
import { describe, expect, it } from "vitest";
import { ConfigError, NetworkError, UnsupportedError, type UserError } from "../../../../../sim/core/errors.js";
import { Random } from "../../../../../sim/core/rng.js";
import { encodeOnnxModel } from "../../../../../sim/ir/export/onnx.js";
import { tensorProto } from "../../../../../sim/ir/export/onnx-parts.js";
import { decodeOnnxModel, importOnnxProgram } from "../../../../../sim/ir/import/onnx.js";
import { type TensorData, tensorOf } from "../../../../../sim/ir/tensor-data.js";
import {
  type Compression,
  type CompressOptions,
  compress,
  readWeightEncodings,
} from "../../../../../sim/run/compression/compress.js";
import { describeCompression } from "../../../../../sim/run/compression/compression-report.js";
import { runProgram } from "../../../../../sim/run/inference/run-program.js";
import { floats, type GraphSpec, modelBytes, valueInfo } from "../../../../helpers/onnx-models.js";
import { randomNetwork } from "../../../../helpers/random-networks.js";

const even = (count: number, most: number, seed: string): number[] => {
  const random = new Random(seed);
  return Array.from({ length: count }, () => random.between(-most, most));
};

function evenSamples(shape: readonly number[], count: number): NonNullable<CompressOptions["calibration"]> {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const samples = Array.from({ length: count }, (_, sample) => ({
    x: tensorOf(shape, "fp32", even(size, 1, `x${sample}`)),
  }));
  return { source: "even numbers", isSynthetic: true, samples };
}

const [CHANNELS, REDUCTION] = [32, 16 * 9];
const ONE_LAYER: GraphSpec = {
  inputs: [valueInfo("x", [1, 16, 20, 20])],
  initializers: [floats("w", [CHANNELS, 16, 3, 3], even(CHANNELS * REDUCTION, 0.25, "w"))],
  nodes: [{ op: "Conv", in: ["x", "w"], out: ["y"], name: "layer" }],
  outputs: ["y"],
};

describe("what a layer loses", () => {
  // y sums R products. Rounding x by steps dx adds R E[w^2] dx^2/12, rounding w by dw adds R E[x^2] dw^2/12, rounding y adds dy^2/12.
  it.each([
    [8, 8],
    [6, 6],
    [4, 4],
  ])("is what rounding noise adds up to at %i bits of weights", async (bits) => {
    const calibration = evenSamples([1, 16, 20, 20], 4);
    let [signal, greatest] = [0, 0];
    const program = await importOnnxProgram(modelBytes(ONE_LAYER));
    const outputs: number[] = [];
    for (const sample of calibration.samples as Iterable<{ readonly x: TensorData }>) {
      outputs.push(...((await runProgram(program, sample)).outputs.get("y")!.values as Float32Array));
    }
    for (const value of outputs) {
      signal += value ** 2 / outputs.length;
      greatest = Math.max(greatest, Math.abs(value));
    }
    const [stepX, stepW, stepY] = [2 / 255, 0.25 / (2 ** (bits - 1) - 1), (2 * greatest) / 255];
    const noise = REDUCTION * ((0.25 ** 2 / 3) * (stepX ** 2 / 12) + (1 / 3) * (stepW ** 2 / 12)) + stepY ** 2 / 12;

    const result = await compress(modelBytes(ONE_LAYER), `int:bits=${bits},scale=max,rounding=nearest`, {
      calibration,
    });

    expect(Math.abs(result.outputs[0]!.signalToNoiseDecibels! - 10 * Math.log10(signal / noise))).toBeLessThan(0.5);
  });

  it("falls with every bit of the weights", async () => {
    const ratios: number[] = [];
    for (const bits of [2, 3, 4, 5, 6, 7, 8]) {
      const { outputs } = await compress(modelBytes(ONE_LAYER), `int:bits=${bits}`, {
        calibration: evenSamples([1, 16, 20, 20], 2),
      });
      ratios.push(outputs[0]!.signalToNoiseDecibels!);
    }

    expect(ratios).toEqual(ratios.toSorted((a, b) => a - b));
    // Each bit halves the steps of the weights: 6 dB, as long as these are what is lost most.
    expect(ratios[2]! - ratios[1]!).toBeGreaterThan(5);
  });

  it("is nothing when weights, inputs and outputs are whole codes already", async () => {
    const spec: GraphSpec = {
      inputs: [valueInfo("x", [1, 2])],
      initializers: [floats("w", [2, 1], [127, -127])],
      nodes: [{ op: "MatMul", in: ["x", "w"], out: ["y"] }],
      outputs: ["y"],
    };
    const samples = [
      [255, 0],
      [0, 1],
      [3, 1],
    ].map((values) => ({ x: tensorOf([1, 2], "fp32", values) }));

    const { model, outputs } = await compress(modelBytes(spec), "int8", {
      calibration: { source: "by hand", isSynthetic: true, samples },
    });

    // y lies within -127 to 32385 in steps of 127.498: 254 = 3*127 - 127 is the code 2 steps above 0, 254.996...
    const y = (await runProgram(await importOnnxProgram(model), samples[2]!)).outputs.get("y")!.values[0];
    expect(Math.abs(Number(y) - 254)).toBeLessThan(32_512 / 255 / 2);
    expect(outputs[0]!.signalToNoiseDecibels).toBeGreaterThan(40);
  });
});

describe("a compressed model", () => {
  it("says of each layer what is stored, and the totals are the sums", async () => {
    const result = await compress(modelBytes(ONE_LAYER), "magnitude:n=2,m=4", { seed: "s" });

    const report = describeCompression(result, "one.onnx");

    // 144 rows of 32 columns: 2 of 4 values of 8 bits stay, each with 2 bits of position, and a scale of 32 bits a column.
    const [values, metadata] = [72 * 32 * 8, 72 * 32 * 2 + 32 * 32];
    expect(report).toMatchObject({
      schema: "picojoule/compression@1",
      seed: "s",
      model: "one.onnx",
      method: "magnitude:n=2,m=4",
      calibration: { source: "normal noise, seed s", isSynthetic: true, samples: 8 },
      totals: { layers: 1, weights: 4608, floatBits: 147_456, valueBits: values, metadataBits: metadata },
    });
    expect(report.totals.sparsityFraction).toBeGreaterThanOrEqual(0.5);
    expect(report.layers).toHaveLength(1);
    expect(report.layers[0]).toMatchObject({
      name: "layer",
      operator: "Conv",
      weight: "w",
      storedAs: "w_codes",
      encoding: "nm:n=2,m=4,valueBits=8,scales=channel",
      reduction: 144,
      columns: 32,
      groups: 1,
      storedValues: 2304,
      valueBits: values,
      metadataBits: metadata,
    });
  });

  it("carries the encoding with each tensor of codes, and the method and calibration with the model", async () => {
    const { model } = await compress(modelBytes(ONE_LAYER), "pow2:bits=3", { seed: "7" });

    const { graph, metadataProps } = await decodeOnnxModel(model);

    const codes = graph!.initializer.find(({ name }) => name === "w_codes")!;
    expect(codes.metadataProps.map(({ key, value }) => [key, value])).toEqual([
      ["picojoule.encoding", "pow2:bits=3,scales=channel"],
    ]);
    expect([...(await readWeightEncodings(model))]).toEqual([
      ["w_codes", { name: "pow2", parameters: { bits: 3, scales: "channel" } }],
    ]);
    expect(new Set(new Int8Array(new Uint8Array(codes.rawData).buffer))).toEqual(new Set([-4, -2, -1, 0, 1, 2, 4]));
    expect(Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]))).toMatchObject({
      "picojoule.method": "pow2:bits=3",
      "picojoule.calibration": "normal noise, seed 7, 8 samples",
    });
  });

  it("has the same bytes every time, and others for another seed of the noise", async () => {
    const network = randomNetwork("3").model;
    const bytes = async (seed: string) => (await compress(network, "int8", { seed })).model;

    expect(await bytes("a")).toEqual(await bytes("a"));
    expect(await bytes("a")).not.toEqual(await bytes("b"));
  });

  it("changes with every parameter of activations and graph", async () => {
    const models = [];
    for (const parameters of [
      "activations=uint8",
      "activations=int8",
      "calibration=mse",
      "calibration=percentile",
      "calibration=percentile,percentile=90",
      "form=qdq",
      "correction=false",
      "rounding=compensated",
    ]) {
      models.push(Buffer.from((await compress(modelBytes(ONE_LAYER), `int8:${parameters}`)).model).toString("latin1"));
    }

    expect(new Set(models).size).toBe(8);
  });

  it("passes codes from one integer operator to the next", async () => {
    const { model } = await compress(randomNetwork("3").model, "int8");

    const operators = (await importOnnxProgram(model)).nodes.map(({ operator }) => operator);

    expect(operators.filter((name) => name === "QuantizeLinear")).toHaveLength(1);
    expect(operators.filter((name) => name === "DequantizeLinear")).toHaveLength(1);
  });

  it("stores weights of 4 bits as such between quantizing and dequantizing", async () => {
    const { model } = await compress(modelBytes(ONE_LAYER), "int4:form=qdq");

    const { graph, opsetImport } = await decodeOnnxModel(model);

    const codes = graph!.initializer.find(({ name }) => name === "w_codes")!;
    expect(codes.dataType).toBe(22);
    expect(codes.rawData).toHaveLength(4608 / 2);
    expect(opsetImport.find(({ domain }) => domain === "")!.version).toBe(21n);
  });

  it("keeps a bias within 32 bits by a coarser scale where the weights are tiny", async () => {
    const spec: GraphSpec = {
      inputs: [valueInfo("x", [1, 2])],
      initializers: [floats("w", [2, 2], [1e-12, 1, -1e-12, 0.5]), floats("b", [2], [5, 0.25])],
      nodes: [{ op: "Gemm", in: ["x", "w", "b"], out: ["y"] }],
      outputs: ["y"],
    };

    const { model } = await compress(modelBytes(spec), "int8", { calibration: evenSamples([1, 2], 4) });

    const x = tensorOf([1, 2], "fp32", [0.5, -0.25]);
    const y = (await runProgram(await importOnnxProgram(model), { x })).outputs.get("y")!.values as Float32Array;
    // 5 and 0.5 - 0.125 + 0.25 = 0.625, each to a code: about 5.75 in 255 steps.
    expect(Math.abs(y[0]! - 5)).toBeLessThan(0.03);
    expect(Math.abs(y[1]! - 0.625)).toBeLessThan(0.03);
  });

  it("leaves a value that an inner graph reads as real numbers", async () => {
    const { graph } = await import("../../../../helpers/onnx-models.js");
    const branch = (op: string) => graph({ nodes: [{ op, in: ["h"], out: [`${op}_out`] }], outputs: [`${op}_out`] });
    const spec: GraphSpec = {
      inputs: [valueInfo("x", [1, 2])],
      initializers: [floats("w", [2, 2], [1, 2, 3, 4]), tensorProto("yes", tensorOf([], "bool", [1]))],
      nodes: [
        { op: "MatMul", in: ["x", "w"], out: ["h"] },
        {
          op: "If",
          in: ["yes"],
          out: ["y"],
          attributes: { then_branch: { graph: branch("Relu") }, else_branch: { graph: branch("Neg") } },
        },
      ],
      outputs: ["y"],
    };

    const { outputs } = await compress(modelBytes(spec), "int8", { calibration: evenSamples([1, 2], 4) });

    expect(outputs[0]!.signalToNoiseDecibels).toBeGreaterThan(30);
  });
});

describe("what is done against the error of rounding", () => {
  const threeLayers = (draw: string): GraphSpec => ({
    inputs: [valueInfo("x", [1, 4, 8, 8])],
    initializers: [
      floats(
        "w1",
        [8, 4, 3, 3],
        even(288, 0.5, `w1${draw}`).map((value, at) => value * 2 ** ((Math.floor(at / 36) % 4) - 2)),
      ),
      floats("b1", [8], even(8, 0.5, `b1${draw}`)),
      floats("w2", [8, 1, 3, 3], even(72, 0.5, `w2${draw}`)),
      floats("w3", [16, 8, 1, 1], even(128, 0.5, `w3${draw}`)),
      floats("w4", [4, 16, 1, 1], even(64, 0.5, `w4${draw}`)),
    ],
    nodes: [
      { op: "Conv", in: ["x", "w1", "b1"], out: ["a"], name: "first" },
      { op: "Relu", in: ["a"], out: ["r"] },
      { op: "Conv", in: ["r", "w2"], out: ["c"], attributes: { group: 8 }, name: "depthwise" },
      { op: "Relu", in: ["c"], out: ["s"] },
      { op: "Conv", in: ["s", "w3"], out: ["d"], name: "pointwise" },
      { op: "Relu", in: ["d"], out: ["t"] },
      { op: "Conv", in: ["t", "w4"], out: ["y"], name: "last" },
    ],
    outputs: ["y"],
  });
  const THREE_LAYERS = threeLayers("");
  const calibration = evenSamples([1, 4, 8, 8], 8);
  const NO_REMEDY = {
    rounding: "nearest",
    correction: "false",
    keep: "none",
    equalize: "false",
    granularity: "channel",
  };

  /** The mean of a figure over ten networks of 3 bits; each image has a level of its own, which errors can make up for. */
  const meanOver = async (
    changes: Partial<typeof NO_REMEDY>,
    figure: (compression: Compression) => number,
  ): Promise<number> => {
    const parameters = Object.entries({ ...NO_REMEDY, ...changes }).map(([key, value]) => `${key}=${value}`);
    let sum = 0;
    for (let draw = 0; draw < 10; draw++) {
      const samples = Array.from({ length: 8 }, (_, seed) => ({
        x: tensorOf(
          [1, 4, 8, 8],
          "fp32",
          even(256, 0.5, `l${draw}/${seed}`).map((value) => value + (seed % 4) / 2),
        ),
      }));
      const calibration = { source: "levels", isSynthetic: true, samples };
      const model = modelBytes(threeLayers(String(draw)));
      sum += figure(await compress(model, `int:bits=3,${parameters.join()}`, { calibration }));
    }
    return sum / 10;
  };

  const compressed = async (method: string) => compress(modelBytes(THREE_LAYERS), method, { calibration });

  it("keeps first, last and depthwise layers at 8 bits unless it is told otherwise", async () => {
    const encodings = async (method: string) =>
      (await compressed(method)).layers.map(({ encoding }) => encoding.parameters.valueBits);

    expect(await encodings("int4")).toEqual([8, 8, 4, 8]);
    expect(await encodings("int4:keep=depthwise")).toEqual([4, 8, 4, 4]);
    expect(await encodings("int4:keep=edges")).toEqual([8, 4, 4, 8]);
    expect(await encodings("int4:keep=none")).toEqual([4, 4, 4, 4]);
  });

  it("keeps them in one scale each where the others have one", async () => {
    const { layers } = await compressed("int4:granularity=tensor");

    expect(layers.map(({ scales }) => scales.length)).toEqual([1, 1, 1, 1]);
  });

  it("loses less with each remedy than without in the mean of ten networks, on inputs that go together", async () => {
    const plain = await meanOver({}, ({ outputs }) => outputs[0]!.signalToNoiseDecibels!);
    for (const change of [{ rounding: "compensated" }, { correction: "true" }, { keep: "sensitive" }]) {
      const ratio = await meanOver(change, ({ outputs }) => outputs[0]!.signalToNoiseDecibels!);
      expect(ratio).toBeGreaterThan(plain + 1);
    }
  });

  it("stores weights more closely where ranges are shared and one scale covers all channels", async () => {
    const ratioOf = ({ layers }: Compression): number => layers[0]!.error.signalToNoiseDecibels!;
    const whole = await meanOver({ granularity: "tensor" }, ratioOf);

    expect(await meanOver({ granularity: "tensor", equalize: "true" }, ratioOf)).toBeGreaterThan(whole + 1);
  });

  it("has a mean output error of less than a step of the bias and of the codes, channel by channel", async () => {
    const program = await importOnnxProgram(modelBytes(ONE_LAYER));
    const samples = Array.from({ length: 6 }, (_, seed) => ({
      x: tensorOf(
        [1, 16, 20, 20],
        "fp32",
        even(6400, 1, `m${seed}`).map((value) => value + 1),
      ),
    }));
    const set = { source: "not centred", isSynthetic: true, samples };
    const meanErrors = async (method: string): Promise<number[]> => {
      const { model } = await compress(modelBytes(ONE_LAYER), method, { calibration: set });
      const other = await importOnnxProgram(model);
      const errors = new Array<number>(CHANNELS).fill(0);
      for (const sample of samples) {
        const wanted = (await runProgram(program, sample)).outputs.get("y")!.values as Float32Array;
        const found = (await runProgram(other, sample)).outputs.get("y")!.values as Float32Array;
        for (const [at, value] of wanted.entries()) {
          errors[Math.floor(at / 324) % CHANNELS]! += (found[at]! - value) / (324 * samples.length);
        }
      }
      return errors.map(Math.abs);
    };

    const [corrected, uncorrected] = [
      await meanErrors("int:bits=3,rounding=nearest"),
      await meanErrors("int:bits=3,rounding=nearest,correction=false"),
    ];

    // Outputs spread over some 20 in 255 codes, each right to half a step; over 1944 numbers the mean of that is far below.
    expect(Math.max(...corrected)).toBeLessThan(20 / 255 / 4);
    expect(Math.max(...uncorrected)).toBeGreaterThan(0.5);
  });
});

describe("compression refuses", () => {
  const noLayers: GraphSpec = {
    inputs: [valueInfo("x", [2])],
    nodes: [{ op: "Relu", in: ["x"], out: ["y"] }],
    outputs: ["y"],
  };
  const half = {
    ...ONE_LAYER,
    inputs: [valueInfo("x", [1, 16, 20, 20], 10)],
    initializers: [{ ...floats("w", [1, 16, 1, 1]), dataType: 10, rawData: new Uint8Array(32) }],
  };

  it.each<[string, () => Promise<unknown>, new (...given: never[]) => UserError, RegExp]>([
    [
      "a model without layers",
      () => compress(modelBytes(noLayers), "int8"),
      NetworkError,
      /no layer that can be compressed/,
    ],
    ["noise for half precision", () => compress(modelBytes(half as GraphSpec), "int8"), NetworkError, /values of fp16/],
    ["a method that is not there", () => compress(modelBytes(ONE_LAYER), "int9"), ConfigError, /want: one of int8/],
    [
      "an empty calibration",
      () =>
        compress(modelBytes(ONE_LAYER), "int8", { calibration: { source: "none", isSynthetic: false, samples: [] } }),
      NetworkError,
      /no samples/,
    ],
    [
      "samples of another shape",
      () => compress(modelBytes(ONE_LAYER), "int8", { calibration: evenSamples([1, 3, 4, 4], 1) }),
      ConfigError,
      /x/,
    ],
    ["bytes that are no model", () => compress(new Uint8Array([1, 2, 3]), "int8"), NetworkError, /byte/],
    ["a truncated model", () => compress(modelBytes(ONE_LAYER).subarray(0, 500), "int8"), NetworkError, /complete/],
    [
      "tensors in files beside the model",
      () => {
        const outside = floats("w", [CHANNELS, 16, 3, 3]);
        outside.dataLocation = 1;
        outside.rawData = new Uint8Array(0);
        return compress(modelBytes({ ...ONE_LAYER, initializers: [outside] }), "int8");
      },
      UnsupportedError,
      /1 tensors in files beside the model, such as w/,
    ],
    [
      "an operator that cannot be run",
      () => compress(modelBytes({ ...noLayers, nodes: [{ op: "Mystery", in: ["x"], out: ["y"] }] }), "int8"),
      UnsupportedError,
      /Mystery/,
    ],
  ])("%s", async (_, run, kind, message) => {
    const running = run();

    await expect(running).rejects.toThrow(kind);
    await expect(running).rejects.toThrow(message);
  });

  it("weights that are not numbers", async () => {
    const spec = { ...ONE_LAYER, initializers: [floats("w", [1, 16, 1, 1], [Number.NaN])] };

    await expect(compress(modelBytes(spec), "int8")).rejects.toThrow(/NaN/);
  });

  it("to go on when it is told to stop", async () => {
    const controller = new AbortController();
    controller.abort();

    await expect(compress(modelBytes(ONE_LAYER), "int8", { signal: controller.signal })).rejects.toThrow(/cancelled/);
  });

  it("nothing that it made itself: a compressed model has no float weights left", async () => {
    const { model } = await compress(modelBytes(ONE_LAYER), "int8");

    await expect(compress(model, "int8")).rejects.toThrow(/no layer that can be compressed/);
    expect(encodeOnnxModel(await decodeOnnxModel(model))).toEqual(model);
  });
});
