/**
 * Accuracy of a model as a design computes it, for the report beside cycles and energy: a float model is quantized to the
 * design's operand widths (or compressed as the encoding says), and every sum and requantization follows its arithmetic. A
 * model that is quantized already is taken as it is.
 */
import { parseMethodChoice } from "../../../algorithms/compression/index.js";
import type { Design } from "../../../hw-models/design.js";
import type { DataSet } from "../../../traces/data-set.js";
import { UnsupportedError } from "../../core/errors.js";
import type { EncodingChoice } from "../../ir/encodings/encoding.js";
import { formatEncodingChoice, parseEncodingChoice } from "../../ir/encodings/index.js";
import type { Program } from "../../ir/import/onnx-program.js";
import { arithmeticOf } from "../datapath-arithmetic.js";
import type { Accuracy } from "./accuracy.js";
import { ArithmeticComparison, type LayerMismatch } from "./arithmetic-comparison.js";
import { type EvaluateOptions, evaluate, type ModelVariant } from "./evaluate.js";
import { compressedVariant, namesMethod } from "./evaluate-variants.js";

export interface DesignAccuracy {
  /** The set as the user wrote it, and where its samples come from. */
  readonly data: string;
  readonly source: string;
  readonly isGenerated: boolean;
  readonly samples: number;
  readonly calibrationSamples: number;
  /** How the model was made fit for the design; absent when its file is quantized. */
  readonly method?: string;
  /** Part of the samples that the float model has right, of lines of text the whole line; absent when there is none. */
  readonly floatTop1?: number;
  /** The same for the model under the design's arithmetic. */
  readonly top1: number;
  /** Of text: 1 - edit distance / length. */
  readonly floatCharacterAccuracy?: number;
  readonly characterAccuracy?: number;
  /** Part of the samples where the design says what the file's own arithmetic says, right or wrong. */
  readonly agreementFraction: number;
  /** The same model in the arithmetic of the ONNX standard. */
  readonly onnxTop1: number;
  readonly onnxCharacterAccuracy?: number;
  /** Part of the results of integer operators that differ from those; absent when the model has no such operator. */
  readonly mismatchFraction?: number;
  /** Additions, and psums on their way out of the array, that did not fit the design's registers. */
  readonly overflowEvents: number;
  /** Integer operators of the model, with what differs in each. */
  readonly layers: readonly LayerMismatch[];
  /** True when the array was run with values as well, and gave the bits of the kernels that the figures come from. */
  readonly outputsBitExact?: boolean;
}

export interface DesignAccuracyOptions
  extends Pick<EvaluateOptions, "limit" | "calibrationSamples" | "seed" | "signal" | "onProgress"> {
  /** As of `simulate`, or a method of compression. @default dense */
  readonly encoding?: string;
  /** The model as `encoding` says, when it was compressed before: the one that is simulated. */
  readonly compressed?: ModelVariant;
}

/** Samples that ranges of activations come from, kept apart from those that are evaluated. */
export const DEFAULT_CALIBRATION_SAMPLES = 32;
const QUANTIZED_OPERATOR = /QLinear|^QuantizeLinear$|^DequantizeLinear$|Integer$|QGemm/;

/** True for a file whose weights or activations are codes already. */
function isQuantized(program: Program): boolean {
  const hasCodes = program.inputs.some(({ precision }) => /^u?int(8|16)$/.test(precision));
  return hasCodes || program.nodes.some(({ operator }) => QUANTIZED_OPERATOR.test(operator));
}

/** The method that makes weights for an encoding on a design. @throws ConfigError, UnsupportedError */
function methodFor(encoding: string, { peArray }: Design): EncodingChoice {
  if (namesMethod(encoding)) return parseMethodChoice(encoding, "--encoding");
  const choice = parseEncodingChoice(encoding);
  if (choice.name === "nm") return { name: "magnitude", parameters: choice.parameters };
  const { weightBits, activationBits } = peArray;
  const isDense = choice.name === "dense" && Object.keys(choice.parameters).length === 0;
  if (isDense && weightBits === 8 && activationBits === 8) return { name: "int8", parameters: {} };
  throw new UnsupportedError({
    where: "--eval",
    got: isDense
      ? `a design of ${weightBits}-bit weights and ${activationBits}-bit activations`
      : `encoding ${encoding}`,
    want: "dense weights on a design of 8-bit operands, or an encoding that a method makes weights for",
    fix: "give a file that is quantized already, or another --encoding, such as nm:n=2,m=4",
  });
}

const right = ({ top1, lineAccuracy }: Accuracy): number => top1 ?? lineAccuracy ?? 0;

/**
 * Evaluates the model of a file on a design.
 * @throws ConfigError when set and model do not fit, UnsupportedError for designs and encodings that no method serves,
 *   CancelledError when the signal aborts
 */
export async function evaluateOnDesign(
  program: Program,
  design: Design,
  dataSet: DataSet,
  options: DesignAccuracyOptions = {},
): Promise<DesignAccuracy> {
  const { encoding = "dense", seed = "0", ...given } = options;
  const arithmetic = arithmeticOf(design);
  const isFile = isQuantized(program);
  const calibrationSamples = isFile ? 0 : (options.calibrationSamples ?? DEFAULT_CALIBRATION_SAMPLES);
  const method = isFile ? undefined : methodFor(encoding, design);
  const draw = { seed, count: calibrationSamples };
  const variant =
    method === undefined
      ? { name: design.name, program }
      : (given.compressed ?? (await compressedVariant(program, method, { dataSet, draw }, given)));
  const comparison = new ArithmeticComparison();
  const { model, variants, samples } = await evaluate(program, dataSet, {
    ...given,
    seed,
    calibrationSamples,
    variants: [
      { ...variant, name: "ONNX arithmetic", watcher: comparison.standard },
      { ...variant, arithmetic, watcher: comparison.design },
    ],
  });
  const { accuracy: standard } = variants[0]!;
  const { accuracy, agreementFraction } = variants[1]!;
  const layers = comparison.layers();
  const elements = sumOf(layers, "elements");
  const [floatCharacters, ownCharacters] = [model.accuracy.characterAccuracy, accuracy.characterAccuracy];
  return {
    data: dataSet.name,
    source: dataSet.source,
    isGenerated: dataSet.isGenerated,
    samples,
    calibrationSamples,
    ...(method !== undefined && { method: formatEncodingChoice(method), floatTop1: right(model.accuracy) }),
    top1: right(accuracy),
    ...(method !== undefined && floatCharacters !== undefined && { floatCharacterAccuracy: floatCharacters }),
    ...(ownCharacters !== undefined && { characterAccuracy: ownCharacters }),
    agreementFraction,
    onnxTop1: right(standard),
    ...(standard.characterAccuracy !== undefined && { onnxCharacterAccuracy: standard.characterAccuracy }),
    ...(elements > 0 && { mismatchFraction: sumOf(layers, "mismatches") / elements }),
    overflowEvents: sumOf(layers, "overflowEvents"),
    layers,
  };
}

function sumOf(layers: readonly LayerMismatch[], field: "elements" | "mismatches" | "overflowEvents"): number {
  return layers.reduce((sum, layer) => sum + layer[field], 0);
}
