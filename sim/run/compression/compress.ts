/**
 * Compression of a float model: clean the graph up, run it over samples for the ranges of activations, quantize. The model that
 * comes out is plain ONNX that any runtime of integer operators runs; what it loses is measured on some of the samples.
 */
import { createMethod, parseMethodChoice } from "../../../algorithms/compression/index.js";
import type { LayerCost } from "../../../algorithms/compression/method.js";
import type { CompressedLayer } from "../../../algorithms/compression/quantize-layer.js";
import { ConfigError, NetworkError, quoteForMessage, UnsupportedError } from "../../core/errors.js";
import { VERSION } from "../../core/version.js";
import type { EncodingChoice } from "../../ir/encodings/encoding.js";
import { formatEncodingChoice } from "../../ir/encodings/index.js";
import type { ModelProto } from "../../ir/export/onnx-graph-editor.js";
import { METHOD_KEY } from "../../ir/export/weight-encodings.js";
import type { Program } from "../../ir/import/onnx-program.js";
import type { NamedTensors } from "../inference/input-checks.js";
import { type RunOptions, runProgram } from "../inference/run-program.js";
import { type CalibrationSet, calibrate, noiseSamples } from "./calibration.js";
import { measureLayersAlone, measureSensitivities } from "./layers-alone.js";
import { compareOutputs, type OutputError, outputsOf, type Running } from "./output-error.js";

export interface CompressOptions {
  /** Samples to find the ranges of activations with. @default seeded normal noise */
  readonly calibration?: CalibrationSet;
  /** Shapes of inputs by name, for noise where the model leaves axes open. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  /** @default "0" */
  readonly seed?: string;
  /** Name of the model in messages. @default "model" */
  readonly name?: string;
  /** Whether outputs are measured with each layer compressed alone, too. @default false */
  readonly measuresLayers?: boolean;
  /** What a layer costs as it is stored, for methods that share out what all may cost. @default stored bits */
  readonly layerCost?: LayerCost;
  readonly signal?: AbortSignal;
  readonly onProgress?: RunOptions["onProgress"];
}

export interface Compression {
  /** Bytes of the compressed ONNX model. */
  readonly model: Uint8Array;
  readonly method: EncodingChoice;
  readonly seed: string;
  /** Compressed layers in the order of the graph. */
  readonly layers: readonly CompressedLayer[];
  readonly calibration: { readonly source: string; readonly isSynthetic: boolean; readonly samples: number };
  /** Outputs of the model, measured on the first samples. */
  readonly outputs: readonly OutputError[];
  /** The same with the weights of one layer alone compressed, layer by layer, where that was asked for. */
  readonly outputsOfLayers?: readonly (readonly OutputError[])[];
  readonly measuredSamples: number;
}

/** Bytes of a model file. @throws NetworkError when it is missing, empty, no plain file or too large */
export async function readModelBytes(path: string): Promise<Uint8Array> {
  const { MAX_MODEL_BYTES, readModelFile } = await import("../../ir/import/onnx-file.js");
  return readModelFile(path, MAX_MODEL_BYTES);
}

/**
 * How the weights of a compressed model are stored: the encoding of each tensor of codes by name.
 * @throws NetworkError for bytes that are no model, ConfigError for a text that names no encoding
 */
export async function readWeightEncodings(model: Uint8Array): Promise<ReadonlyMap<string, EncodingChoice>> {
  const [{ decodeOnnxModel }, { weightEncodings }] = await Promise.all([
    import("../../ir/import/onnx.js"),
    import("../../ir/export/weight-encodings.js"),
  ]);
  return weightEncodings(await decodeOnnxModel(model));
}

/** TensorProto.DataLocation of a tensor in another file. */
const EXTERNAL = 1;

/** Samples on which the outputs of both models are compared. */
const MEASURED_SAMPLES = 4;

/**
 * Compresses a model.
 * @param model bytes of an ONNX model, or one that is decoded; its tensors inside, not in files beside it
 * @param method by name, or as a text such as `magnitude:n=2,m=4`
 * @throws ConfigError for a method that is not there or wrong parameters; NetworkError and UnsupportedError for models that
 *   cannot be read, run or compressed; CancelledError when the signal aborts
 */
export async function compress(
  model: Uint8Array | ModelProto,
  method: EncodingChoice | string,
  options: CompressOptions = {},
): Promise<Compression> {
  const { seed = "0", name = "model" } = options;
  const choice = typeof method === "string" ? parseMethodChoice(method) : method;
  const chosen = createMethod(choice);
  if (options.layerCost !== undefined && chosen.compressLayers === undefined) refuseCost(choice);
  const [{ decodeOnnxModel }, { readProgram }, { OnnxGraphEditor }, { encodeOnnxModel }] = await Promise.all([
    import("../../ir/import/onnx.js"),
    import("../../ir/import/onnx-program.js"),
    import("../../ir/export/onnx-graph-editor.js"),
    import("../../ir/export/onnx.js"),
  ]);
  const [{ cleanUp }, { equalizeLayers }, { quantizeGraph }, { NetworkInputs }, { probeLayers }] = await Promise.all([
    import("../../../algorithms/compression/clean-up.js"),
    import("../../../algorithms/compression/passes/equalize-layers.js"),
    import("../../../algorithms/compression/quantize-graph.js"),
    import("../../../algorithms/compression/network-inputs.js"),
    import("../../../algorithms/compression/probe-layers.js"),
  ]);
  const proto = model instanceof Uint8Array ? await decodeOnnxModel(model, name) : model;
  refuseExternalData(proto, name);
  const program = readProgram(proto, name);
  const set = options.calibration ?? noiseSamples(program, options.shapes ?? {}, seed);
  const samples = new KeptSamples(set.samples, MEASURED_SAMPLES);
  const running = {
    ...(options.signal !== undefined && { signal: options.signal }),
    ...(options.onProgress !== undefined && { onProgress: options.onProgress }),
  };
  const ranks = await ranksOf(program, await samples.first(), running);
  const graph = new OnnxGraphEditor(proto);
  cleanUp(graph, (value) => ranks.get(value));
  if (chosen.equalizes) equalizeLayers(graph);
  const cleaned = readProgram(graph.finish(), name);
  const isGathered = chosen.correctsBias || chosen.readsProducts;
  const inputs = isGathered ? new NetworkInputs(graph, chosen) : undefined;
  const { ranges, samples: count } = await calibrate(cleaned, samples, chosen.activations, {
    ...running,
    ...(inputs !== undefined && { onValue: (value, tensor) => inputs.add(value, tensor) }),
  });
  const sharesBits = chosen.compressLayers !== undefined && inputs !== undefined;
  const probes = sharesBits ? probeLayers(graph, chosen, inputs) : [];
  const sensitivities = await measureSensitivities(cleaned, probes, samples.kept, running);
  const layers = quantizeGraph(graph, chosen, ranges, inputs, {
    sensitivities,
    ...(options.layerCost !== undefined && { costOf: options.layerCost }),
  });
  graph.setMetadata({
    "picojoule.version": VERSION,
    [METHOD_KEY]: formatEncodingChoice(choice),
    "picojoule.calibration": `${set.source}, ${count} samples`,
  });
  const compressed = graph.finish();
  const outputs = compareOutputs(
    await outputsOf(program, samples.kept, running),
    await outputsOf(readProgram(compressed, name), samples.kept, running),
  );
  const alone =
    options.measuresLayers === true ? await measureLayersAlone(cleaned, layers, samples.kept, running) : undefined;
  return {
    model: encodeOnnxModel(compressed),
    method: choice,
    seed,
    layers,
    calibration: { source: set.source, isSynthetic: set.isSynthetic, samples: count },
    outputs,
    ...(alone !== undefined && { outputsOfLayers: alone }),
    measuredSamples: samples.kept.length,
  };
}

function refuseCost(choice: EncodingChoice): never {
  throw new ConfigError({
    where: "layerCost",
    got: `a cost of layers with method ${formatEncodingChoice(choice)}, which treats all alike`,
    want: "a method with a rate or a target for all layers together",
    fix: "leave it out, or compress with smartdeal:rate=8 or obc:target=0.5",
  });
}

/** What comes out is one file, and the tensors of it must be at hand. */
function refuseExternalData({ graph }: ModelProto, name: string): void {
  const outside = (graph?.initializer ?? []).filter(({ dataLocation }) => (dataLocation as number) === EXTERNAL);
  if (outside.length === 0) return;
  throw new UnsupportedError({
    where: quoteForMessage(name),
    got: `${outside.length} tensors in files beside the model, such as ${quoteForMessage(outside[0]!.name)}`,
    want: "a model with its tensors inside",
    fix: "save it without external data",
  });
}

/** Samples in one pass, the first seen before the pass begins, some of them kept for later. */
class KeptSamples {
  readonly kept: NamedTensors[] = [];
  readonly #source: AsyncIterator<NamedTensors> | Iterator<NamedTensors>;
  readonly #most: number;

  constructor(samples: CalibrationSet["samples"], most: number) {
    this.#source = Symbol.asyncIterator in samples ? samples[Symbol.asyncIterator]() : samples[Symbol.iterator]();
    this.#most = most;
  }

  /** @throws NetworkError when there are no samples */
  async first(): Promise<NamedTensors> {
    const sample = this.kept[0] ?? (await this.#next());
    if (sample !== undefined) return sample;
    throw new NetworkError({
      where: "calibration",
      got: "no samples",
      want: "at least one sample",
      fix: "name a set with samples, or leave it out for seeded noise",
    });
  }

  async #next(): Promise<NamedTensors | undefined> {
    const { done, value } = await this.#source.next();
    if (done === true) return undefined;
    if (this.kept.length < this.#most) this.kept.push(value);
    return value;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<NamedTensors> {
    yield* [...this.kept];
    for (let sample = await this.#next(); sample !== undefined; sample = await this.#next()) yield sample;
  }
}

/** Number of axes of every value, as a run finds them. */
async function ranksOf(program: Program, sample: NamedTensors, running: Running): Promise<Map<string, number>> {
  const ranks = new Map(Object.entries(sample).map(([name, { shape }]) => [name, shape.length]));
  await runProgram(program, sample, {
    ...running,
    onNode: (_, outputs) => {
      for (const [name, { shape }] of outputs) ranks.set(name, shape.length);
    },
  });
  return ranks;
}
