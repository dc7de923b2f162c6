/**
 * OBC on MLPerf Tiny's image classifier, in float as it was trained: what its convolutions and its outputs lose on inputs that were
 * not calibrated on, beside magnitude and rounding. Inputs are drawn pixels; weights alone are compressed. Patches and filters lie as
 * the file has them, channels innermost: groups of N:M are neighbouring channels at one place of the kernel, as in the paper.
 */
import { describe, expect, it } from "vitest";
import { compensateErrors } from "../../algorithms/compression/error-compensation.js";
import { createMethod, parseMethodChoice } from "../../algorithms/compression/index.js";
import type { InputStatistics } from "../../algorithms/compression/layer-inputs.js";
import { outputNoise, weightErrors } from "../../algorithms/compression/output-noise.js";
import type { CompressedMatrix, WeightMatrix } from "../../algorithms/compression/weight-matrix.js";
import { scaleOfColumn } from "../../algorithms/compression/weight-matrix.js";
import { Random } from "../../sim/core/rng.js";
import type { Program } from "../../sim/ir/import/onnx-program.js";
import type { NumberTensor } from "../../sim/ir/tensor-data.js";
import { compareOutputs, outputsOf } from "../../sim/run/compression/output-error.js";
import type { NamedTensors } from "../../sim/run/inference/input-checks.js";
import { loadProgram, runProgram } from "../../sim/run/inference/run-program.js";
import { referencePath } from "../helpers/references.js";

const path = referencePath("mlperf-tiny/pretrainedResnet.tflite");
const [CALIBRATED, HELD_OUT] = [6, 3];

interface Layer {
  readonly weight: string;
  readonly matrix: WeightMatrix;
  readonly calibrated: InputStatistics;
  readonly heldOut: InputStatistics;
}

function drawnInputs(from: number, count: number): NamedTensors[] {
  return Array.from({ length: count }, (_, sample) => {
    const random = new Random(`pixels ${from + sample}`);
    const values = Float32Array.from({ length: 32 * 32 * 3 }, () => random.below(256));
    return { input_1: { shape: [1, 32, 32, 3], precision: "fp32", values } };
  });
}

/** Means of outer products of patches [R, S, C] of an ifmap [1, H, W, C] under padding SAME. */
function addPatches(
  products: Float64Array,
  { shape, values }: NumberTensor,
  ofmap: readonly number[],
  kernel: readonly number[],
): number {
  const [, height, width, channels] = shape as [number, number, number, number];
  const [kernelHeight, kernelWidth] = kernel as [number, number];
  const stride = Math.ceil(height / ofmap[1]!);
  const pad = (size: number, out: number, extent: number): number =>
    Math.floor(Math.max(0, (out - 1) * stride + extent - size) / 2);
  const [top, left] = [pad(height, ofmap[1]!, kernelHeight), pad(width, ofmap[2]!, kernelWidth)];
  const size = kernelHeight * kernelWidth * channels;
  const patch = new Float64Array(size);
  for (let p = 0; p < ofmap[1]!; p++) {
    for (let q = 0; q < ofmap[2]!; q++) {
      let at = 0;
      for (let r = 0; r < kernelHeight; r++) {
        for (let s = 0; s < kernelWidth; s++) {
          const [row, column] = [p * stride - top + r, q * stride - left + s];
          const isOut = row < 0 || row >= height || column < 0 || column >= width;
          for (let c = 0; c < channels; c++) {
            patch[at++] = isOut ? 0 : Number(values[(row * width + column) * channels + c]);
          }
        }
      }
      for (let i = 0; i < size; i++) {
        if (patch[i] === 0) continue;
        for (let j = 0; j < size; j++) products[i * size + j]! += patch[i]! * patch[j]!;
      }
    }
  }
  return ofmap[1]! * ofmap[2]!;
}

/** What the convolutions read on some inputs, by the name of their weights. */
async function readInputs(program: Program, samples: readonly NamedTensors[]): Promise<Map<string, InputStatistics>> {
  const sums = new Map<string, { products: Float64Array; count: number }>();
  for (const sample of samples) {
    const seen = new Map(Object.entries(sample));
    await runProgram(program, sample, {
      onNode: ({ name: nodeName, operator }, outputs) => {
        for (const [name, tensor] of outputs)
          seen.set(name, { ...tensor, values: tensor.values.slice() } as NumberTensor);
        if (operator !== "tflite.CONV_2D") return;
        const { inputs } = program.nodes.find(({ name }) => name === nodeName)!;
        const [, ...kernel] = program.stored.get(inputs[1]!)!.shape;
        const size = kernel.reduce((product, extent) => product * extent, 1);
        const sum = sums.get(inputs[1]!) ?? { products: new Float64Array(size * size), count: 0 };
        sum.count += addPatches(
          sum.products,
          seen.get(inputs[0]!) as NumberTensor,
          [...outputs.values()][0]!.shape,
          kernel,
        );
        sums.set(inputs[1]!, sum);
      },
    });
  }
  return new Map(
    [...sums].map(([name, { products, count }]) => {
      const reduction = Math.sqrt(products.length);
      return [
        name,
        { groups: 1, reduction, means: new Float64Array(reduction), products: products.map((sum) => sum / count) },
      ];
    }),
  );
}

async function readLayers(program: Program): Promise<Layer[]> {
  const [calibrated, heldOut] = [
    await readInputs(program, drawnInputs(0, CALIBRATED)),
    await readInputs(program, drawnInputs(CALIBRATED, HELD_OUT)),
  ];
  return [...calibrated].map(([weight, statistics]) => {
    const { shape, load } = program.stored.get(weight)!;
    const [columns, reduction] = [shape[0]!, statistics.reduction];
    const given = load() as Float32Array;
    const values = new Float32Array(given.length);
    for (const [at, value] of given.entries()) values[(at % reduction) * columns + Math.floor(at / reduction)] = value;
    const matrix = { reduction, columns, values, leastScales: new Float64Array(columns) };
    return { weight, matrix, calibrated: statistics, heldOut: heldOut.get(weight)! };
  });
}

function compressed({ matrix, calibrated }: Layer, text: string): CompressedMatrix {
  const method = createMethod(parseMethodChoice(text));
  const result = method.compressWeights(matrix, calibrated);
  return method.rounding === "nearest" ? result : compensateErrors(matrix, result, calibrated, method.nearestCode);
}

/** Noise of each convolution on its own held-out inputs, summed, and of the network's outputs with all of them compressed. */
async function measure(program: Program, layers: readonly Layer[], text: string) {
  const stored = new Map(program.stored);
  let noise = 0;
  for (const layer of layers) {
    const { matrix, weight, heldOut } = layer;
    const result = compressed(layer, text);
    noise += outputNoise(matrix, weightErrors(matrix, result), heldOut);
    const { reduction, columns } = matrix;
    const values = new Float32Array(matrix.values.length);
    for (const [at, code] of result.codes.entries()) {
      values[(at % columns) * reduction + Math.floor(at / columns)] = code * scaleOfColumn(result, at % columns);
    }
    stored.set(weight, { ...program.stored.get(weight)!, load: () => values });
  }
  const samples = drawnInputs(CALIBRATED, HELD_OUT);
  const [output] = compareOutputs(
    await outputsOf(program, samples, {}),
    await outputsOf({ ...program, stored }, samples, {}),
  );
  return { noise, decibels: output!.signalToNoiseDecibels! };
}

/** Methods from the worst to the best that is expected of them. */
const FORMS: readonly (readonly [form: string, ...methods: string[]])[] = [
  ["2:4 in 8 bits", "magnitude:n=2,m=4,rounding=nearest", "magnitude:n=2,m=4", "obs:n=2,m=4"],
  ["4 bits", "int4:rounding=nearest", "int4", "obq:bits=4"],
  ["2:4 in 4 bits", "magnitude:n=2,m=4,bits=4,rounding=nearest", "magnitude:n=2,m=4,bits=4", "obs:n=2,m=4,bits=4"],
];

const network = (async () => {
  const program = path === undefined ? undefined : await loadProgram(path);
  return program && { program, layers: await readLayers(program) };
})();

describe.skipIf(path === undefined)(
  "MLPerf Tiny's ResNet, skipped without pretrainedResnet.tflite among the references",
  () => {
    it.each(FORMS)("%s: convolutions lose least by OBC, on inputs that it has not seen", async (form, ...methods) => {
      const { program, layers } = (await network)!;
      const results = [];
      for (const text of methods) results.push({ text, ...(await measure(program, layers, text)) });

      const told = results.map(
        ({ text, noise, decibels }) => `${text}: noise ${noise.toFixed(4)}, output ${decibels.toFixed(1)} dB`,
      );
      console.info(`${form}, ${layers.length} convolutions\n  ${told.join("\n  ")}`);
      expect(layers).toHaveLength(9);
      const noises = results.map(({ noise }) => noise);
      expect(noises.at(-1)).toBe(Math.min(...noises));
    });
  },
);
