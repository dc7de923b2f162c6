/**
 * How far the values inside a variant of a model are from those of the model itself, value by value: 10 log10 of the energy of
 * the signal over that of the difference, summed over all samples. The two run on the same sample, and what is kept between
 * them is one sample's values at most. Values are matched by name; codes are compared as the numbers that they stand for.
 */
import { elementCount } from "../../core/integers.js";
import type { Program, ProgramNode } from "../../ir/import/onnx-program.js";
import { isFloat } from "../../ir/tensor.js";
import { isNumberTensor, type NumberValues, type TensorData } from "../../ir/tensor-data.js";

export interface LayerNoise {
  /** Name of the value, as the model has it. */
  readonly name: string;
  /** Operator of the model that makes it. */
  readonly operator: string;
  /** Absent when there is no difference at all. */
  readonly signalToNoiseDb?: number;
}

/** Which inputs of an operator are the scale and the zero point of its output. */
const OUTPUT_SCALE_INPUTS: Readonly<Record<string, readonly [scale: number, zeroPoint: number]>> = {
  QuantizeLinear: [1, 2],
  QLinearConv: [6, 7],
  QLinearMatMul: [6, 7],
  "com.microsoft.QLinearAdd": [6, 7],
  "com.microsoft.QLinearMul": [6, 7],
  "com.microsoft.QGemm": [7, 8],
  "com.microsoft.QLinearConcat": [0, 1],
  "com.microsoft.QLinearSigmoid": [3, 4],
  "com.microsoft.QLinearLeakyRelu": [3, 4],
  "com.microsoft.QLinearSoftmax": [3, 4],
  "com.microsoft.QLinearAveragePool": [3, 4],
  "com.microsoft.QLinearGlobalAveragePool": [3, 4],
};

/** What quantizers append to the name of a value for its codes, and for what the codes stand for. */
const SUFFIXES = ["_codes", "_dequantized", "_quantized", "_QuantizeLinear_Output", "_DequantizeLinear_Output"];

/** Most bytes of one sample's values that are kept for comparison. */
const MAX_KEPT_BYTES = 2 ** 30;

interface Scaling {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** Values of a variant by their own name: which value of the model they stand for, and how codes become numbers. */
interface Counterpart {
  readonly name: string;
  readonly scaling: Scaling | undefined;
}

/** Values inside a model on one sample. */
export class LayerValues {
  readonly #wanted: ReadonlySet<string>;
  readonly #values = new Map<string, NumberValues>();
  #keptBytes = 0;

  /** @param wanted names of values that some variant has a counterpart for */
  constructor(wanted: ReadonlySet<string>) {
    this.#wanted = wanted;
  }

  /** Copies what is wanted of a node's outputs, as long as there is room. */
  keep(outputs: ReadonlyMap<string, TensorData>): void {
    for (const [name, tensor] of outputs) {
      if (!this.#wanted.has(name) || !isFloat(tensor.precision) || !isNumberTensor(tensor)) continue;
      if (this.#keptBytes + tensor.values.byteLength > MAX_KEPT_BYTES) continue;
      this.#keptBytes += tensor.values.byteLength;
      this.#values.set(name, tensor.values.slice());
    }
  }

  get(name: string): NumberValues | undefined {
    return this.#values.get(name);
  }

  clear(): void {
    this.#values.clear();
    this.#keptBytes = 0;
  }
}

/** Operators of a model by the names of the values that they compute; stored tensors are no layers. */
export function computedValues(program: Program): Map<string, string> {
  const names = new Map<string, string>();
  for (const node of program.nodes) {
    if (node.operator === "Constant") continue;
    for (const name of node.outputs) if (name !== "") names.set(name, node.operator);
  }
  return names;
}

/** Gathers the differences of one variant. */
export class SignalToNoise {
  readonly #operators: ReadonlyMap<string, string>;
  readonly #counterparts: ReadonlyMap<string, Counterpart>;
  readonly #energies = new Map<string, { signal: number; noise: number }>();

  /** @param operators the computed values of the model itself */
  constructor(operators: ReadonlyMap<string, string>, variant: Program) {
    this.#operators = operators;
    this.#counterparts = counterpartsOf(operators, variant);
  }

  /** Names of the model's values that will be compared. */
  names(): string[] {
    return [...this.#counterparts.values()].map(({ name }) => name);
  }

  /** Compares the outputs of a node of the variant with the model's values on the same sample. */
  compare(outputs: ReadonlyMap<string, TensorData>, values: LayerValues): void {
    for (const [own, tensor] of outputs) {
      const counterpart = this.#counterparts.get(own);
      const expected = counterpart === undefined ? undefined : values.get(counterpart.name);
      if (expected === undefined || !isNumberTensor(tensor) || tensor.values.length !== expected.length) continue;
      const { name, scaling } = counterpart!;
      if (scaling === undefined && !isFloat(tensor.precision)) continue;
      const energy = this.#energies.get(name) ?? { signal: 0, noise: 0 };
      addEnergies(energy, expected, tensor.values, scaling ?? { scale: 1, zeroPoint: 0 });
      this.#energies.set(name, energy);
    }
  }

  /** The values that were compared, in the model's order. */
  layers(): LayerNoise[] {
    return [...this.#operators].flatMap(([name, operator]): LayerNoise[] => {
      const energy = this.#energies.get(name);
      if (energy === undefined) return [];
      if (energy.noise === 0) return [{ name, operator }];
      return [{ name, operator, signalToNoiseDb: decibels(energy.signal / energy.noise) }];
    });
  }
}

/** A signal of nothing in noise is as far down as doubles go, not an infinity that no file can hold. */
function decibels(ratio: number): number {
  return 10 * Math.log10(Math.min(Number.MAX_VALUE, Math.max(Number.MIN_VALUE, ratio)));
}

function addEnergies(
  energy: { signal: number; noise: number },
  expected: NumberValues,
  found: NumberValues,
  { scale, zeroPoint }: Scaling,
): void {
  let [signal, noise] = [0, 0];
  for (let at = 0; at < expected.length; at++) {
    const value = expected[at]!;
    const difference = scale * (found[at]! - zeroPoint) - value;
    signal += value * value;
    noise += difference * difference;
  }
  energy.signal += signal;
  energy.noise += noise;
}

function counterpartsOf(operators: ReadonlyMap<string, string>, variant: Program): Map<string, Counterpart> {
  const constants = constantsOf(variant);
  const own = computedValues(variant);
  const counterparts = new Map<string, Counterpart>();
  const taken = new Set([...own.keys()].filter((name) => operators.has(name)));
  for (const node of variant.nodes) {
    for (const output of node.outputs) {
      if (!own.has(output)) continue;
      const suffix = SUFFIXES.find((ending) => output.endsWith(ending) && !operators.has(output));
      const name = suffix === undefined ? output : output.slice(0, -suffix.length);
      // A value of the same name comes first; of several others that stand for it, the first in the graph.
      if (!operators.has(name) || (name !== output && taken.has(name))) continue;
      taken.add(name);
      counterparts.set(output, { name, scaling: scalingOf(node, output, constants) });
    }
  }
  return counterparts;
}

/** Small tensors that a program knows before it runs. */
function constantsOf(program: Program): Map<string, () => TensorData> {
  const found = new Map<string, () => TensorData>();
  const note = (name: string, stored: Omit<TensorData, "values"> & { load(): TensorData["values"] }): void => {
    const { shape, precision } = stored;
    if (elementCount(shape) === 1) found.set(name, () => ({ shape, precision, values: stored.load() }));
  };
  for (const [name, stored] of program.stored) note(name, stored);
  for (const node of program.nodes) {
    const value = node.operator === "Constant" ? node.tensors.get("value") : undefined;
    if (value !== undefined) note(node.outputs[0]!, value);
  }
  return found;
}

function scalingOf(
  node: ProgramNode,
  output: string,
  constants: ReadonlyMap<string, () => TensorData>,
): Scaling | undefined {
  const own = node.tflite?.outputs.find(({ name }) => name === output)?.quantization;
  if (own?.scales.length === 1) return { scale: own.scales[0]!, zeroPoint: own.zeroPoints[0] ?? 0 };
  const places = OUTPUT_SCALE_INPUTS[node.operator];
  if (places === undefined) return undefined;
  const [scale, zeroPoint] = places.map((place) => {
    const values = constants.get(node.inputs[place] ?? "")?.().values;
    return values === undefined ? undefined : Number(values[0]);
  });
  return scale === undefined ? undefined : { scale, zeroPoint: zeroPoint ?? 0 };
}
