/**
 * Ranges of activations: the float program is run over samples and every float32 value is observed. Samples come one at a time
 * and are not kept; without any, seeded noise stands in for data, and the result says so.
 */
import type { ActivationRange } from "../../../algorithms/compression/activation-codes.js";
import type { ActivationSettings } from "../../../algorithms/compression/method.js";
import { NetworkError, quoteForMessage, UnsupportedError } from "../../core/errors.js";
import { elementCount } from "../../core/integers.js";
import { Random } from "../../core/rng.js";
import type { Program } from "../../ir/import/onnx-program.js";
import { createTensor, type NumberTensor, type TensorData } from "../../ir/tensor-data.js";
import type { NamedTensors } from "../inference/input-checks.js";
import { type RunOptions, runProgram } from "../inference/run-program.js";
import { CalibrationHistogram } from "./calibration-histogram.js";

/** Samples for calibration: values of every input of the model, by name. */
export interface CalibrationSet {
  /** What the samples are, for the record. */
  readonly source: string;
  /** True when a program made the values up. */
  readonly isSynthetic: boolean;
  readonly samples: Iterable<NamedTensors> | AsyncIterable<NamedTensors>;
}

export interface CalibrationResult {
  readonly ranges: ReadonlyMap<string, ActivationRange>;
  readonly samples: number;
}

export interface CalibrateOptions extends Pick<RunOptions, "signal" | "onProgress"> {
  /** Sees every float32 value that is not stored, of every sample; the values are freed or reused afterwards. */
  readonly onValue?: (name: string, tensor: NumberTensor) => void;
}

/** Values that are observed at most: 16 KiB each. */
const MAX_VALUES = 65_536;
const NOISE_SAMPLES = 8;
const MAX_NOISE_ELEMENTS = 2 ** 28;

/**
 * Runs a program over samples and gives the range of every float32 value that is not stored.
 * @throws NetworkError when a value is not finite, and whatever the run throws
 */
export async function calibrate(
  program: Program,
  samples: CalibrationSet["samples"],
  settings: ActivationSettings,
  options: CalibrateOptions = {},
): Promise<CalibrationResult> {
  const { onValue, ...running } = options;
  const histograms = new Map<string, CalibrationHistogram>();
  const observe = (name: string, tensor: TensorData, where: string): void => {
    if (tensor.precision !== "fp32") return;
    let histogram = histograms.get(name);
    if (histogram === undefined) {
      if (histograms.size >= MAX_VALUES) refuseMany();
      histogram = new CalibrationHistogram();
      histograms.set(name, histogram);
    }
    const wrong = histogram.add((tensor as NumberTensor).values);
    if (wrong === undefined) {
      onValue?.(name, tensor as NumberTensor);
      return;
    }
    throw new NetworkError({
      where,
      got: `${wrong} in value ${quoteForMessage(name)} while calibrating`,
      want: "finite numbers",
      fix: "calibrate with samples that the float model handles",
    });
  };
  let count = 0;
  for await (const sample of samples) {
    count++;
    for (const { name } of program.inputs) {
      if (Object.hasOwn(sample, name)) observe(name, sample[name]!, `input ${quoteForMessage(name)}`);
    }
    await runProgram(program, sample, {
      ...running,
      onNode: (node, outputs) => {
        for (const [name, tensor] of outputs) observe(name, tensor, `node ${quoteForMessage(node.name)}`);
      },
    });
  }
  return { ranges: new Map([...histograms].map(([name, seen]) => [name, seen.range(settings)])), samples: count };
}

function refuseMany(): never {
  throw new UnsupportedError({
    where: "calibration",
    got: `more than ${MAX_VALUES} activations`,
    want: `at most ${MAX_VALUES}`,
    fix: "cut the model in parts",
  });
}

/**
 * Samples of seeded normal noise (mean 0, deviation 1) for a model's inputs.
 * @param shapes of inputs by name; needed where the model leaves axes open
 * @throws NetworkError for an open axis without a shape, or an input that is no float32 array
 */
export function noiseSamples(
  program: Program,
  shapes: Readonly<Record<string, readonly number[]>>,
  seed: string,
): CalibrationSet {
  const inputs = program.inputs
    .filter(({ name }) => !program.stored.has(name))
    .map(({ name, precision, dimensions }) => {
      const shape = Object.hasOwn(shapes, name) ? shapes[name]! : dimensions;
      const isKnown = shape?.every((size) => typeof size === "number") === true;
      if (precision !== "fp32" || !isKnown || elementCount(shape as number[]) > MAX_NOISE_ELEMENTS) {
        throw new NetworkError({
          where: `input ${quoteForMessage(name)}`,
          got: precision !== "fp32" ? `values of ${precision}` : isKnown ? "too many values" : "open axes",
          want: "for noise in the place of data: float32 values in a known shape",
          fix: isKnown ? "calibrate with data" : `give the shape, as in --shape ${quoteForMessage(name)}=1,3,224,224`,
        });
      }
      return { name, shape: shape as number[] };
    });
  function* draw(): Generator<NamedTensors> {
    for (let sample = 0; sample < NOISE_SAMPLES; sample++) {
      yield Object.fromEntries(
        inputs.map(({ name, shape }) => [name, normalNoise(shape, new Random(`${seed}/${sample}/${name}`))]),
      );
    }
  }
  return { source: `normal noise, seed ${seed}`, isSynthetic: true, samples: draw() };
}

/** Normal numbers by Box and Muller. */
function normalNoise(shape: readonly number[], random: Random): TensorData {
  const tensor = createTensor(shape, "fp32") as NumberTensor;
  for (let at = 0; at < tensor.values.length; at++) {
    const radius = Math.sqrt(-2 * Math.log(1 - random.fraction()));
    tensor.values[at] = radius * Math.cos(2 * Math.PI * random.fraction());
  }
  return tensor;
}
