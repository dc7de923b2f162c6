/** Models compressed by SmartDeal: codes beside the container that they come from, runs from the container, and what is refused. */
import { describe, expect, it } from "vitest";
import { NetworkError } from "../../../../../sim/core/errors.js";
import { encodeSmartDeal, smartDealBits } from "../../../../../sim/ir/encodings/smartdeal.js";
import { roundSmartDealWeights } from "../../../../../sim/ir/encodings/smartdeal-rounding.js";
import { encodeOnnxModel } from "../../../../../sim/ir/export/onnx.js";
import type { ModelProto } from "../../../../../sim/ir/export/onnx-graph-editor.js";
import { decodeOnnxModel, importOnnxProgram } from "../../../../../sim/ir/import/onnx.js";
import { tensorOf } from "../../../../../sim/ir/tensor-data.js";
import { type Compression, compress } from "../../../../../sim/run/compression/compress.js";
import { describeCompression } from "../../../../../sim/run/compression/compression-report.js";
import { runProgram } from "../../../../../sim/run/inference/run-program.js";
import { loadNetworkOf } from "../../../../../sim/run/load-network.js";
import { floats, type GraphSpec, int64s, modelBytes, valueInfo } from "../../../../helpers/onnx-models.js";
import { runOnnxruntime } from "../../../../helpers/onnxruntime.js";
import { drawFrom } from "../../../../helpers/structured-weights.js";

const draw = drawFrom(11);
const random = (count: number, most: number): number[] =>
  Array.from({ length: count }, () => ((draw(2001) - 1000) / 1000) * most);

/** A convolution, a depthwise one, one without a kernel and one that is not square, and a product. */
const SPEC: GraphSpec = {
  inputs: [valueInfo("x", [1, 4, 6, 6])],
  initializers: [
    floats("w1", [8, 4, 3, 3], random(288, 0.5)),
    floats("b1", [8], random(8, 0.2)),
    floats("w2", [8, 1, 3, 3], random(72, 0.5)),
    floats("w3", [16, 8, 1, 1], random(128, 0.5)),
    floats("w4", [16, 16, 1, 3], random(768, 0.5)),
    floats("w5", [32, 10], random(320, 0.5)),
    int64s("shape", [-1, 32]),
  ],
  nodes: [
    { op: "Conv", in: ["x", "w1", "b1"], out: ["a"], attributes: { pads: [1, 1, 1, 1] }, name: "square" },
    { op: "Relu", in: ["a"], out: ["r"] },
    { op: "Conv", in: ["r", "w2"], out: ["c"], attributes: { group: 8 }, name: "depthwise" },
    { op: "Conv", in: ["c", "w3"], out: ["d"], name: "pointwise" },
    { op: "Relu", in: ["d"], out: ["t"] },
    { op: "Conv", in: ["t", "w4"], out: ["e"], name: "flat" },
    { op: "Flatten", in: ["e"], out: ["f"] },
    { op: "Reshape", in: ["f", "shape"], out: ["g"] },
    { op: "MatMul", in: ["g", "w5"], out: ["y"], name: "product" },
  ],
  outputs: ["y"],
};
const MODEL = modelBytes(SPEC);
const X = tensorOf([1, 4, 6, 6], "fp32", random(144, 1));

const outputOf = async (model: Uint8Array, kernels: "simd" | "reference" = "simd") =>
  (await runProgram(await importOnnxProgram(model), { x: X }, { kernels })).outputs.get("y")!.values as Float32Array;

async function edited(model: Uint8Array, edit: (proto: ModelProto) => void): Promise<Uint8Array> {
  const proto = await decodeOnnxModel(model);
  edit(proto);
  return encodeOnnxModel(proto);
}

const codesOf = (proto: ModelProto, name = "w1_codes") => proto.graph!.initializer.find((one) => one.name === name)!;

describe("a model compressed by smartdeal", () => {
  it("keeps depthwise layers and kernels that are not square at int8, and takes depthwise ones when told to", async () => {
    const encodings = async (method: string) =>
      (await compress(MODEL, method)).layers.map(({ name, encoding }) => `${name} ${encoding.name}`);

    expect(await encodings("smartdeal")).toEqual([
      "square smartdeal",
      "depthwise dense",
      "pointwise smartdeal",
      "flat dense",
      "product smartdeal",
    ]);
    expect((await encodings("smartdeal:keep=none")).slice(0, 4)).toEqual([
      "square smartdeal",
      "depthwise smartdeal",
      "pointwise smartdeal",
      "flat dense",
    ]);
  });

  it("carries the container with each tensor of codes, of the bits that the report counts", async () => {
    const compression = await compress(MODEL, "smartdeal:granularity=tensor");

    const network = await loadNetworkOf(compression.model, "m.onnx");

    const report = describeCompression(compression, "m.onnx");
    for (const { name, storedAs, valueBits, metadataBits, smartdeal } of report.layers) {
      const tensor = network.tensors.get(storedAs)!;
      const parts = compression.layers.find((layer) => layer.name === name)!.smartdeal;
      expect(tensor.encoding?.name).toBe(parts === undefined ? "dense" : "smartdeal");
      expect(tensor.smartdeal?.()).toEqual(parts?.weights);
      if (parts === undefined) continue;
      expect(valueBits + metadataBits).toBe(smartDealBits(parts.weights).totalBits);
      expect(Math.ceil((valueBits + metadataBits) / 8)).toBe(encodeSmartDeal(parts.weights).length);
      expect(smartdeal!.compressionRatio).toBeCloseTo(
        (32 * roundSmartDealWeights(parts.weights, 8).codes.length) / (valueBits + metadataBits),
        12,
      );
    }
  });

  it("has a scale a filter beside the container, or the one of its header alone", async () => {
    const [each, one] = [
      (await compress(MODEL, "smartdeal")).layers[0]!,
      (await compress(MODEL, "smartdeal:granularity=tensor")).layers[0]!,
    ];

    expect([each.scales.length, one.scales.length]).toEqual([8, 1]);
    const { basisScale, basePower } = one.smartdeal!.weights;
    expect(one.scales[0]).toBe(basisScale * 2 ** (basePower + roundSmartDealWeights(one.smartdeal!.weights, 8).shift));
    expect(each.stored.metadataBits - 8 * 32).toBe(
      smartDealBits(each.smartdeal!.weights).totalBits - each.stored.valueBits,
    );
  });

  it("runs from the containers, on either kernels, with the bits of the codes alone, which onnxruntime runs too", async () => {
    const { model } = await compress(MODEL, "smartdeal");
    const plain = await edited(model, (proto) => {
      for (const tensor of proto.graph!.initializer) tensor.metadataProps = [];
    });

    const found = await outputOf(model);

    expect(await outputOf(plain)).toEqual(found);
    expect(await outputOf(model, "reference")).toEqual(found);
    const { y } = await runOnnxruntime(model, { x: X });
    const most = Math.max(...found.map(Math.abs));
    for (const [at, value] of found.entries()) expect(Math.abs(Number(y![at]) - value)).toBeLessThan(most / 100);
  });

  it("is nearer to the float outputs when it is fitted to them, and with codes of 16 bits than of 8", async () => {
    const noiseOf = ({ outputs }: Compression): number => outputs[0]!.meanSquaredError;
    // Values of neighbouring channels and places go together, as those of images do.
    const samples = Array.from({ length: 16 }, () => {
      const [level, slope] = [draw(200) / 100 - 1, draw(200) / 100 - 1];
      return {
        x: tensorOf(
          X.shape,
          "fp32",
          random(144, 0.1).map((value, at) => value + level + (slope * at) / 144),
        ),
      };
    });
    const calibration = { source: "slopes", isSynthetic: true, samples };
    const plain = noiseOf(await compress(MODEL, "smartdeal", { calibration }));

    expect(noiseOf(await compress(MODEL, "smartdeal:fit=outputs", { calibration }))).toBeLessThan(plain / 2);
    const weights = async (method: string) => (await compress(MODEL, method)).layers[0]!;
    const [narrow, wide] = [await weights("smartdeal:form=qdq"), await weights("smartdeal:form=qdq,weightBits=16")];
    expect(wide.smartdeal!.weights).toEqual(narrow.smartdeal!.weights);
    expect(wide.error.meanSquaredError).toBeLessThan(narrow.error.meanSquaredError);
    expect(wide.codeBits).toBe(16);
  });

  it("stores codes of 16 bits between quantizing and dequantizing", async () => {
    const { model } = await compress(MODEL, "smartdeal:form=qdq,weightBits=16");

    const proto = await decodeOnnxModel(model);

    expect(codesOf(proto).dataType).toBe(5);
    expect(proto.opsetImport.find(({ domain }) => domain === "")!.version).toBe(21n);
    const { y } = await runOnnxruntime(model, { x: X });
    expect((await outputOf(model)).every((value, at) => Math.abs(value - Number(y![at])) < 1e-3)).toBe(true);
  });

  it("changes with every parameter", async () => {
    const variants = [
      ...["", "t=0.2", "iterations=2", "granularity=tensor", "fit=outputs", "keep=none", "rate=4"],
      ...["mode=vector,t=0.05", "mode=population,fraction=0.4", "mode=population,fraction=0.6", "mode=value,sum=6"],
      ...["mode=energy,fraction=0.6", "mode=rows,fraction=0.4", "form=qdq", "form=qdq,weightBits=16"],
    ];
    const models = new Set<string>();
    for (const parameters of variants) {
      // The method is noted in the model, so that it is the layers that are compared.
      const { layers } = await compress(MODEL, parameters === "" ? "smartdeal" : `smartdeal:${parameters}`);
      models.add(JSON.stringify([parameters.includes("form=qdq"), layers.map(({ codes }) => [...codes])]));
    }

    expect(models.size).toBe(variants.length);
  });

  it("has the same bytes every time, whatever chooses the settings", async () => {
    const bytes = async () => (await compress(MODEL, "smartdeal:rate=4,fit=outputs", { seed: "s" })).model;

    expect(await bytes()).toEqual(await bytes());
  });

  it("measures each layer alone where it is asked to: none loses more than all of them", async () => {
    const { outputsOfLayers, outputs, layers } = await compress(MODEL, "smartdeal:t=0.1", { measuresLayers: true });

    const alone = outputsOfLayers!.map(([y]) => y!.meanSquaredError);

    expect(alone).toHaveLength(layers.length);
    expect(Math.min(...alone)).toBeGreaterThan(0);
    expect(Math.max(...alone)).toBeLessThan(outputs[0]!.meanSquaredError);
    // The layers at int8 are the ones that lose least.
    const least = alone.toSorted((a, b) => a - b).slice(0, 2);
    expect(layers.flatMap(({ encoding }, at) => (encoding.name === "dense" ? [alone[at]] : [])).toSorted()).toEqual(
      least.toSorted(),
    );
  });
});

describe("a cost of layers", () => {
  it("is what a rate goes by where it is handed in, and refused where there is none to share out", async () => {
    const layerCost = ({ name }: { readonly name: string }, { codes }: { readonly codes: Int32Array }): number =>
      name === "product" ? codes.filter(Boolean).length : 0;
    const namesOf = ({ layers }: Compression) => layers.map(({ encoding }) => encoding.name);

    expect(namesOf(await compress(MODEL, "smartdeal:rate=6", { layerCost }))).toEqual([
      ...["dense", "dense", "dense", "dense"],
      "smartdeal",
    ]);
    await expect(compress(MODEL, "int4", { layerCost })).rejects.toThrow(/where: layerCost[\s\S]*int4/);
  });
});

describe("a container in a model", () => {
  const containerEdit = (edit: (text: string) => string) => (proto: ModelProto) => {
    const entry = codesOf(proto).metadataProps.find(({ key }) => key === "picojoule.smartdeal")!;
    entry.value = edit(entry.value);
  };

  it.each<[string, (proto: ModelProto) => void, RegExp]>([
    [
      "codes that it does not stand for",
      (proto) => {
        codesOf(proto).rawData[7]! ^= 1;
      },
      /code -?\d+ at 7/,
    ],
    ["bytes that are cut off", containerEdit((text) => text.slice(0, 40)), /\d+ bytes/],
    ["no text in base 64", containerEdit(() => "?"), /no text in base 64/],
    ["nothing", containerEdit(() => ""), /no container/],
    [
      "weights of another shape",
      (proto) => {
        const other = codesOf(proto, "w3_codes").metadataProps.find(({ key }) => key === "picojoule.smartdeal")!;
        containerEdit(() => other.value)(proto);
      },
      /16 filters \[8, 1, 1\][\s\S]*shape \[8, 4, 3, 3\]/,
    ],
  ])("with %s is refused when it is run", async (_, edit, message) => {
    const { model } = await compress(MODEL, "smartdeal");
    const broken = await edited(model, edit);

    await expect(outputOf(broken)).rejects.toThrow(NetworkError);
    await expect(outputOf(broken)).rejects.toThrow(message);
  });
});
