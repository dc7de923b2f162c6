/**
 * Accuracy of a model on real or generated samples, and of variants of it beside it: every sample goes through the model and
 * then through each variant, so that predictions and inner values are compared where they arise and nothing is stored.
 */
import { type DataSet, drawSamples } from "../../../traces/data-set.js";
import { CancelledError, ConfigError, quoteForMessage } from "../../core/errors.js";
import { VERSION } from "../../core/version.js";
import type { Program } from "../../ir/import/onnx-program.js";
import type { TensorData } from "../../ir/tensor-data.js";
import type { DatapathArithmetic } from "../datapath-arithmetic.js";
import { runProgram } from "../inference/run-program.js";
import { type Accuracy, AccuracyTally, createReader, type Prediction } from "./accuracy.js";
import { computedValues, type LayerNoise, LayerValues, SignalToNoise } from "./accuracy-signal-to-noise.js";
import type { RunWatcher } from "./arithmetic-comparison.js";
import { createSampleAdapter } from "./sample-inputs.js";

export const EVALUATION_SCHEMA_ID = "picojoule/evaluation@1";

/** A variant of a model: the same inputs and outputs, other numbers inside. */
export interface ModelVariant {
  /** As it is shown. */
  readonly name: string;
  readonly program: Program;
  /** Integer arithmetic that it is run with. @default that of the standard */
  readonly arithmetic?: DatapathArithmetic;
  /** Sees every node of every run of it. */
  readonly watcher?: RunWatcher;
  /** Bits of the weights of its compressed layers, where it was compressed here. */
  readonly weights?: StoredWeightBits;
}

/** The weights of compressed layers. */
export interface StoredWeightBits {
  /** As they are stored, scales and other metadata included. */
  readonly storedBits: number;
  /** The same weights as float32. */
  readonly floatBits: number;
}

export interface EvaluateOptions {
  /** @default none */
  readonly variants?: readonly ModelVariant[];
  /** Most samples to take. @default all that are not kept apart */
  readonly limit?: number;
  /** Samples at the front of the drawn order that are kept apart, for calibration. @default 0 */
  readonly calibrationSamples?: number;
  /** Decides which samples are taken. @default "0" */
  readonly seed?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number, what: string) => void;
  /** A clock in seconds, for whoever wants to know how long each model took; without one results hold no times. */
  readonly clock?: () => number;
}

export interface ModelEvaluation {
  readonly name: string;
  readonly source: string;
  readonly accuracy: Accuracy;
  /** Time in all samples, when a clock was given. */
  readonly seconds?: number;
  /** Weights of the layers that compression took, where it is known which. */
  readonly weights?: StoredWeightBits;
}

export interface VariantEvaluation extends ModelEvaluation {
  /** Part of the samples on which the variant says what the model says, right or wrong. */
  readonly agreementFraction: number;
  /** Values inside the model that the variant has too, in the model's order. */
  readonly layers: readonly LayerNoise[];
}

/** The result (format `picojoule/evaluation@1`): plain data, the same for every view of it. */
export interface Evaluation {
  readonly schema: typeof EVALUATION_SCHEMA_ID;
  readonly tool: { readonly name: string; readonly version: string };
  readonly seed: string;
  readonly data: {
    readonly name: string;
    readonly source: string;
    readonly isGenerated: boolean;
    readonly task: DataSet["task"];
    readonly size: number;
  };
  readonly samples: number;
  readonly calibrationSamples: number;
  readonly model: ModelEvaluation;
  readonly variants: readonly VariantEvaluation[];
}

/**
 * Evaluates a model, and variants beside it.
 * @throws ConfigError when set and model do not fit, UnsupportedError for what cannot be run, TraceError for samples that cannot
 *   be read, CancelledError when the signal aborts
 */
export async function evaluate(program: Program, dataSet: DataSet, options: EvaluateOptions = {}): Promise<Evaluation> {
  const { seed = "0", calibrationSamples = 0, variants = [], signal } = options;
  const samples = countSamples(dataSet, calibrationSamples, options.limit);
  const operators = computedValues(program);
  const others = variants.map((variant) => ({
    name: variant.name,
    runner: new ModelRunner(variant, dataSet, options),
    noise: new SignalToNoise(operators, variant.program),
    agreed: 0,
  }));
  const model = new ModelRunner({ program }, dataSet, options);
  const values = new LayerValues(new Set(others.flatMap(({ noise }) => noise.names())));
  const total = samples * (1 + others.length);
  let done = 0;
  for (const sample of drawSamples(dataSet, { seed, skip: calibrationSamples, count: samples })) {
    const finish = (name: string): void => {
      options.onProgress?.(++done, total, name);
      if (signal?.aborted) throw new CancelledError("the evaluation");
    };
    values.clear();
    const expected = await model.run(sample, (outputs) => values.keep(outputs));
    finish("model");
    for (const other of others) {
      const found = await other.runner.run(sample, (outputs) => other.noise.compare(outputs, values));
      if (found === expected) other.agreed++;
      finish(other.name);
    }
  }
  return {
    schema: EVALUATION_SCHEMA_ID,
    tool: { name: "picojoule", version: VERSION },
    seed,
    data: {
      name: dataSet.name,
      source: dataSet.source,
      isGenerated: dataSet.isGenerated,
      task: dataSet.task,
      size: dataSet.size,
    },
    samples,
    calibrationSamples,
    model: { name: "model", ...model.result(), ...floatWeights(variants) },
    variants: others.map(({ name, runner, noise, agreed }, index) => ({
      name,
      ...runner.result(),
      ...(variants[index]!.weights !== undefined && { weights: variants[index]!.weights }),
      agreementFraction: agreed / samples,
      layers: noise.layers(),
    })),
  };
}

/** The model's own weights of the layers that were compressed, when these are the same in all variants. */
function floatWeights(variants: readonly ModelVariant[]): Pick<ModelEvaluation, "weights"> {
  const sizes = new Set(variants.flatMap(({ weights }) => (weights === undefined ? [] : [weights.floatBits])));
  const [floatBits] = sizes;
  return sizes.size === 1 && floatBits !== undefined ? { weights: { storedBits: floatBits, floatBits } } : {};
}

function countSamples(dataSet: DataSet, calibrationSamples: number, limit = Number.POSITIVE_INFINITY): number {
  const samples = Math.min(limit, dataSet.size - calibrationSamples);
  if (samples >= 1) return samples;
  throw new ConfigError({
    where: `data '${quoteForMessage(dataSet.name)}'`,
    got: `${dataSet.size} samples, ${calibrationSamples} of them for calibration`,
    want: "at least one sample to evaluate",
    fix: "take fewer samples for calibration, or a larger set",
  });
}

/** One model on sample after sample. */
class ModelRunner {
  readonly #variant: Omit<ModelVariant, "name">;
  readonly #adapt: ReturnType<typeof createSampleAdapter>;
  readonly #read: ReturnType<typeof createReader>;
  readonly #tally: AccuracyTally;
  readonly #options: EvaluateOptions;
  #seconds = 0;

  constructor(variant: Omit<ModelVariant, "name">, dataSet: DataSet, options: EvaluateOptions) {
    this.#variant = variant;
    this.#adapt = createSampleAdapter(variant.program, dataSet);
    this.#read = createReader(dataSet);
    this.#tally = new AccuracyTally(dataSet.task);
    this.#options = options;
  }

  /** What the model says of a sample. @param onOutputs sees the values of every node */
  async run(
    sample: Parameters<AccuracyTally["add"]>[1],
    onOutputs: (outputs: ReadonlyMap<string, TensorData>) => void,
  ): Promise<Prediction> {
    const { signal, clock = () => 0 } = this.#options;
    const { program, arithmetic, watcher } = this.#variant;
    const start = clock();
    const { outputs, sums } = await runProgram(program, this.#adapt(sample.values), {
      onNode: (node, values) => {
        onOutputs(values);
        watcher?.node(node, values);
      },
      ...(signal !== undefined && { signal }),
      ...(arithmetic !== undefined && { arithmetic }),
    });
    this.#seconds += clock() - start;
    watcher?.done(sums);
    const [name, output] = outputs.entries().next().value!;
    const prediction = this.#read(output, name);
    requireClass(sample.label, output, name);
    this.#tally.add(prediction, sample);
    return prediction;
  }

  result(): Omit<ModelEvaluation, "name"> {
    return {
      source: this.#variant.program.source,
      accuracy: this.#tally.accuracy(),
      ...(this.#options.clock !== undefined && { seconds: this.#seconds }),
    };
  }
}

/** @throws ConfigError for a class that the model does not have: it was made for another set */
function requireClass(label: number | string, output: TensorData, name: string): void {
  if (typeof label === "string" || label < output.values.length) return;
  throw new ConfigError({
    where: `output ${quoteForMessage(name)}`,
    got: `${output.values.length} scores`,
    want: `a score for class ${label}, which the data set has`,
    fix: "give the data set that the model was trained for",
  });
}
