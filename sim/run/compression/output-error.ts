/** How far the outputs of one program are from those of another, over samples. */
import type { Program } from "../../ir/import/onnx-program.js";
import { isNumberTensor, type TensorData } from "../../ir/tensor-data.js";
import type { NamedTensors } from "../inference/input-checks.js";
import { type RunOptions, runProgram } from "../inference/run-program.js";

export type Running = Pick<RunOptions, "signal" | "onProgress">;

/** Outputs of a program by name, sample after sample. */
export type OutputsOfSamples = readonly ReadonlyMap<string, TensorData>[];

/** How far an output of the compressed model is from the float model's, over some samples. */
export interface OutputError {
  readonly name: string;
  readonly meanSquaredError: number;
  /** 10 log10 of the float output's energy over the error's; absent when there is no error. */
  readonly signalToNoiseDecibels?: number;
}

export async function outputsOf(
  program: Program,
  samples: readonly NamedTensors[],
  running: Running,
): Promise<OutputsOfSamples> {
  const outputs: ReadonlyMap<string, TensorData>[] = [];
  for (const sample of samples) outputs.push((await runProgram(program, sample, running)).outputs);
  return outputs;
}

/** Squared errors of every output of real numbers between two programs on the same samples. */
export function compareOutputs(wanted: OutputsOfSamples, got: OutputsOfSamples): OutputError[] {
  const sums = new Map<string, { signal: number; noise: number; count: number }>();
  for (const [index, outputs] of wanted.entries()) {
    for (const [name, tensor] of outputs) {
      const other = got[index]!.get(name)!;
      if (tensor.precision !== "fp32" || !isNumberTensor(tensor) || !isNumberTensor(other)) continue;
      const sum = sums.get(name) ?? { signal: 0, noise: 0, count: 0 };
      sums.set(name, sum);
      for (const [at, value] of tensor.values.entries()) {
        sum.signal += value ** 2;
        sum.noise += (value - other.values[at]!) ** 2;
        sum.count++;
      }
    }
  }
  return [...sums].map(([name, { signal, noise, count }]) => ({
    name,
    meanSquaredError: noise / Math.max(1, count),
    ...(noise > 0 && signal > 0 && { signalToNoiseDecibels: 10 * Math.log10(signal / noise) }),
  }));
}
