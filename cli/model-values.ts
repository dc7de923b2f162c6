/** A network as commands run it: compressed where a method is named, with the program and a sample that its values come from. */
import type {
  CompressedVariant,
  compressedVariant,
  DataSet,
  LoadNetworkOptions,
  NamedTensors,
  Network,
  Program,
} from "../index.js";

export interface ModelRequest {
  readonly reference: string;
  /** `--encoding` as it was given. */
  readonly encoding?: string | undefined;
  /** Samples for the ranges of activations of a method, and one of them to run the network on. */
  readonly dataSet?: DataSet | undefined;
}

export interface LoadedModel {
  readonly network: Network;
  readonly compressed?: CompressedVariant;
  /** Of a file: what it computes, and a sample to compute it on where a data set was given. */
  readonly program?: Program;
  readonly inputs?: NamedTensors;
  /** What is left of the encoding for the simulation to do. */
  readonly encoding?: string;
}

type Running = { readonly seed: string } & Parameters<typeof compressedVariant>[3];

export function isModelFile(reference: string): boolean {
  return /\.(onnx|tflite)$/i.test(reference);
}

/** @throws as the readers and the compression do; ConfigError for a method for a network without weights */
export async function loadModel(
  { reference, encoding, dataSet }: ModelRequest,
  reading: LoadNetworkOptions,
  running: Running,
): Promise<LoadedModel> {
  const { loadNetwork, loadNetworkOf, loadProgram, sampleInputs } = await import("../index.js");
  const compressed = await compressedModel({ reference, encoding, dataSet }, running);
  const program = compressed?.program ?? (isModelFile(reference) ? await loadProgram(reference) : undefined);
  const draw = { seed: running.seed, count: 1 };
  const [inputs] = program === undefined || dataSet === undefined ? [] : sampleInputs(program, dataSet, draw);
  const { networkOptions, ...given } = reading;
  const fileReading = { ...given, shapes: { ...(/\.onnx$/i.test(reference) && shapesOf(inputs)), ...given.shapes } };
  const network =
    compressed === undefined
      ? await loadNetwork(reference, { ...fileReading, ...(networkOptions && { networkOptions }) })
      : await loadNetworkOf(compressed.model, reference, fileReading);
  return {
    network,
    ...(compressed !== undefined && { compressed }),
    ...(program !== undefined && { program }),
    ...(inputs !== undefined && { inputs }),
    ...(encoding !== undefined && compressed === undefined && { encoding }),
  };
}

/** Shapes of a sample, for axes that a file leaves open. */
function shapesOf(inputs: NamedTensors | undefined): Record<string, readonly number[]> {
  return Object.fromEntries(Object.entries(inputs ?? {}).map(([name, { shape }]) => [name, shape]));
}

/** The model of a file as the method that `--encoding` names makes it; undefined where it names none. */
async function compressedModel(
  { reference, encoding, dataSet }: ModelRequest,
  running: Running,
): Promise<CompressedVariant | undefined> {
  if (encoding === undefined) return undefined;
  const { compressedVariant, ConfigError, DEFAULT_CALIBRATION_SAMPLES, loadProgram, ...api } = await import(
    "../index.js"
  );
  const { namesMethod, namesStorage, parseMethodChoice, quoteForMessage } = api;
  if (!namesMethod(encoding)) return undefined;
  const name = encoding.split(":", 1)[0]!.trim();
  // A quantized file keeps its activations; its weights alone are decomposed, as the simulation goes.
  if (name === "smartdeal" && !/\.onnx$/i.test(reference)) return undefined;
  if (!isModelFile(reference)) {
    if (namesStorage(name)) return undefined;
    throw new ConfigError({
      where: "--encoding",
      got: `method ${quoteForMessage(encoding)} for '${quoteForMessage(reference)}', which has no weights`,
      want: "a model file ending in .onnx, or the name of an encoding",
      fix: "name a file, or one of 'pj list encodings', such as dense:valueBits=4",
    });
  }
  const method = parseMethodChoice(encoding, "--encoding");
  const draw = { seed: running.seed, count: DEFAULT_CALIBRATION_SAMPLES };
  const calibration = dataSet && { dataSet, draw };
  return compressedVariant(await loadProgram(reference), method, calibration, running);
}
