/**
 * Samples of a data set as inputs of a model: the layout, the precision and the batch axis that the model declares. A model of
 * integers gets codes: by the scale and zero point of its input where the file has them, otherwise only values that are whole.
 */
import { type DataSet, type Draw, drawSamples } from "../../../traces/data-set.js";
import { ConfigError, quoteForMessage, UnsupportedError } from "../../core/errors.js";
import { roundToBfloat, roundToHalf } from "../../core/float-rounding.js";
import { elementCount } from "../../core/integers.js";
import type { Program, ProgramInput } from "../../ir/import/onnx-program.js";
import { formatShape } from "../../ir/import/onnx-shape-rules.js";
import { createValues, integerLimits, type NumberValues, type TensorData } from "../../ir/tensor-data.js";
import type { NamedTensors } from "../inference/input-checks.js";

/** Turns the values of a sample into the inputs of a model. */
export type SampleAdapter = (values: TensorData) => NamedTensors;

interface Fit {
  readonly shape: readonly number[];
  /** True when channels go last. */
  readonly isChannelsLast: boolean;
}

/**
 * How the samples of a set become inputs of a model.
 * @throws ConfigError when the model does not take them, UnsupportedError when it has more than one input
 */
export function createSampleAdapter(program: Program, dataSet: DataSet): SampleAdapter {
  const open = program.inputs.filter(({ name }) => !program.stored.has(name));
  const [input, ...others] = open;
  if (input === undefined || others.length > 0) {
    throw new UnsupportedError({
      where: quoteForMessage(program.source),
      got: `${open.length} inputs${open.length === 0 ? "" : `: ${open.map(({ name }) => quoteForMessage(name)).join(", ")}`}`,
      want: "one input, for the sample",
      fix: "run such a model with 'pj run', which takes an array for each input",
    });
  }
  const fit = fitShape(input, dataSet);
  const { name, precision } = input;
  const convert = createConversion(input, quantizationOf(program, name));
  return (sample) => {
    const values = createValues(precision, sample.values.length) as NumberValues;
    const source = sample.values as Float32Array;
    const channels = fit.isChannelsLast ? sample.shape[0]! : 1;
    const area = source.length / channels;
    for (let channel = 0; channel < channels; channel++) {
      for (let at = 0; at < area; at++) {
        values[at * channels + channel] = convert(source[channel * area + at]!);
      }
    }
    return { [name]: { shape: fit.shape, precision, values } };
  };
}

/** Samples of a drawn stretch as inputs of a model, for whoever needs no labels. @throws ConfigError, UnsupportedError */
export function* sampleInputs(program: Program, dataSet: DataSet, draw: Draw): Generator<NamedTensors> {
  const adapt = createSampleAdapter(program, dataSet);
  for (const sample of drawSamples(dataSet, draw)) yield adapt(sample.values);
}

/** The first of the layouts that the declared sizes allow; an open size allows every one. */
function fitShape(input: ProgramInput, dataSet: DataSet): Fit {
  const { shape } = dataSet;
  const last = [...shape.slice(1), shape[0] ?? 1];
  const layouts: Fit[] = [
    { shape: [1, ...shape], isChannelsLast: false },
    ...(shape.length === 3 ? [{ shape: [1, ...last], isChannelsLast: true }] : []),
    ...(shape[0] === 1 ? [{ shape: [1, ...shape.slice(1)], isChannelsLast: false }] : []),
    { shape: [1, elementCount(shape)], isChannelsLast: false },
    { shape, isChannelsLast: false },
  ];
  const { dimensions } = input;
  const found = layouts.find(
    (layout) =>
      dimensions === undefined ||
      (layout.shape.length === dimensions.length &&
        layout.shape.every((size, axis) => typeof dimensions[axis] !== "number" || dimensions[axis] === size)),
  );
  if (found !== undefined) return found;
  const declared = dimensions!.map((size) => (typeof size === "string" ? quoteForMessage(size) : (size ?? "?")));
  throw new ConfigError({
    where: `input ${quoteForMessage(input.name)}`,
    got: `samples of shape ${formatShape(shape)} from '${quoteForMessage(dataSet.name)}'`,
    want: `shape [${declared.join(", ")}], one sample at a time`,
    fix: "choose a data set of that shape, or export the model with an open batch axis",
  });
}

/** Scale and zero point of an input, where the file has one for all its values. */
function quantizationOf(program: Program, name: string): { scale: number; zeroPoint: number } | undefined {
  for (const { tflite } of program.nodes) {
    const found = tflite?.inputs.find((tensor) => tensor?.name === name)?.quantization;
    if (found?.scales.length === 1) return { scale: found.scales[0]!, zeroPoint: found.zeroPoints[0] ?? 0 };
  }
  return undefined;
}

/** The number of a sample as an element of the input. */
function createConversion(
  input: ProgramInput,
  quantization: ReturnType<typeof quantizationOf>,
): (value: number) => number {
  const { precision, name } = input;
  if (precision === "fp32" || precision === "fp64") return (value) => value;
  if (precision === "fp16") return roundToHalf;
  if (precision === "bf16") return roundToBfloat;
  const limits = integerLimits(precision);
  if (limits === undefined) {
    throw new UnsupportedError({
      where: `input ${quoteForMessage(name)}`,
      got: `${precision} values`,
      want: "floating point, or integers of at most 32 bits",
      fix: "export the model with an input of numbers",
    });
  }
  const [low, high] = limits;
  if (quantization !== undefined) {
    const { scale, zeroPoint } = quantization;
    // As TensorFlow Lite quantizes: halves away from zero, saturated.
    return (value) => {
      const steps = Math.sign(value) * Math.floor(Math.abs(value / scale) + 0.5);
      return Math.min(high, Math.max(low, steps + zeroPoint));
    };
  }
  return (value) => {
    if (Number.isInteger(value) && value >= low && value <= high) return value;
    throw new ConfigError({
      where: `input ${quoteForMessage(name)}`,
      got: `a sample with the value ${value}`,
      want: `${precision}: whole numbers from ${low} to ${high}`,
      fix: "add scale=1 to the data set for values as the file has them, and mean=128 for a signed input",
    });
  };
}
