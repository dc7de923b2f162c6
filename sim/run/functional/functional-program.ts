/**
 * Values of a network's matrix layers from its program: it is run once, and the codes of what the layers read are kept. Layers
 * find their node by name; those that have none (unrolled loops), or whose operands lie in an order that is not told here, are
 * left to synthetic values.
 */
import { quoteForMessage, UnsupportedError } from "../../core/errors.js";
import { elementCount } from "../../core/integers.js";
import { Random } from "../../core/rng.js";
import type { Program, ProgramNode } from "../../ir/import/onnx-program.js";
import { isMatrixLayer, type MatrixLayer } from "../../ir/layer.js";
import type { Network } from "../../ir/network.js";
import { isFloat } from "../../ir/tensor.js";
import { createTensor, isLong, isNumberTensor, type TensorData } from "../../ir/tensor-data.js";
import type { NamedTensors } from "../inference/input-checks.js";
import { type RunOptions, runProgram } from "../inference/run-program.js";
import { centreCodes, checkCodeCount, quantizeSymmetrically } from "./functional-codes.js";
import type { Codes } from "./functional-operands.js";
import { isTfliteProduct, tfliteIfmap, tfliteWeights } from "./functional-tflite.js";

/** Where an operator has its operands: values and zero points of both. */
interface OperandPlaces {
  readonly first: number;
  readonly firstZero?: number;
  readonly second: number;
  readonly secondZero?: number;
}

const FLOAT_PLACES: OperandPlaces = { first: 0, second: 1 };
const PLACES: Readonly<Record<string, OperandPlaces>> = {
  Conv: FLOAT_PLACES,
  ConvTranspose: FLOAT_PLACES,
  MatMul: FLOAT_PLACES,
  Gemm: FLOAT_PLACES,
  ConvInteger: { first: 0, firstZero: 2, second: 1, secondZero: 3 },
  MatMulInteger: { first: 0, firstZero: 2, second: 1, secondZero: 3 },
  QLinearConv: { first: 0, firstZero: 2, second: 3, secondZero: 5 },
  QLinearMatMul: { first: 0, firstZero: 2, second: 3, secondZero: 5 },
  "com.microsoft.QGemm": { first: 0, firstZero: 2, second: 3, secondZero: 5 },
};

/** Feature maps kept of a run at most. */
const MAX_KEPT_BYTES = 2 ** 30;

/** Operators that hand on the values of their first input. */
const VIEWS: readonly string[] = ["DequantizeLinear", "Identity"];

/** An operand of a node with its codes. */
export interface ProgramOperand {
  readonly codes: Codes;
  /** True for values that the file stores. */
  readonly isStored: boolean;
}

/** Both operands of a layer, in the operator's own order. */
export interface ProgramLayer {
  readonly node: ProgramNode;
  readonly first: ProgramOperand;
  readonly second: ProgramOperand;
}

/** What one operand is read from: a tensor, and its zero point where it has one. */
interface Source {
  readonly name: string;
  readonly zero: string | undefined;
  readonly bits: number;
}

export interface Widths {
  readonly activationBits: number;
  readonly weightBits: number;
}

/** A program that was run. */
export class ProgramValues {
  readonly #program: Program;
  readonly #network: Network;
  readonly #widths: Widths;
  readonly #nodes: ReadonlyMap<string, ProgramNode>;
  readonly #producers: ReadonlyMap<string, ProgramNode>;
  readonly #kept: ReadonlyMap<string, TensorData>;

  private constructor(program: Program, network: Network, widths: Widths, kept: ReadonlyMap<string, TensorData>) {
    this.#program = program;
    this.#network = network;
    this.#widths = widths;
    this.#nodes = nodesByName(program);
    this.#producers = producersOf(program);
    this.#kept = kept;
  }

  /** Runs the program and keeps what the network's layers read. */
  static async run(
    program: Program,
    network: Network,
    widths: Widths,
    given: NamedTensors | undefined,
    seed: string,
    options: RunOptions,
  ): Promise<ProgramValues> {
    const kept = new Map<string, TensorData>();
    const values = new ProgramValues(program, network, widths, kept);
    const wanted = new Map<string, Source>();
    for (const layer of network.layers) {
      if (!isMatrixLayer(layer)) continue;
      const node = values.#nodes.get(layer.name);
      if (node !== undefined && isTfliteProduct(node)) {
        const name = node.inputs[0]!;
        wanted.set(name, { name, zero: undefined, bits: widths.activationBits });
        continue;
      }
      for (const source of values.#sourcesOf(layer) ?? []) {
        wanted.set(source.name, source);
        if (source.zero !== undefined) wanted.set(source.zero, { name: source.zero, zero: undefined, bits: 0 });
      }
    }
    let keptBytes = 0;
    const keep = (name: string, tensor: TensorData): void => {
      const source = wanted.get(name);
      if (source === undefined) return;
      keptBytes += 2 * elementCount(tensor.shape);
      if (keptBytes > MAX_KEPT_BYTES) refuseMemory(name);
      kept.set(name, compact(tensor, source));
    };
    const inputs = given ?? drawInputs(program, network, seed);
    for (const [name, tensor] of Object.entries(inputs)) keep(name, tensor);
    await runProgram(program, inputs, {
      ...options,
      onNode: (_, outputs) => {
        for (const [name, tensor] of outputs) keep(name, tensor);
      },
    });
    return values;
  }

  /** Operands of a layer; undefined where the program does not tell them. */
  operandsOf(layer: MatrixLayer): ProgramLayer | undefined {
    const node = this.#nodes.get(layer.name);
    if (node !== undefined && isTfliteProduct(node)) return this.#tfliteOperands(layer, node);
    const [first, second] = this.#sourcesOf(layer) ?? [];
    if (node === undefined || first === undefined || second === undefined) return undefined;
    const [one, other] = [this.#operand(first, node, false), this.#operand(second, node, true)];
    return one === undefined || other === undefined ? undefined : { node, first: one, second: other };
  }

  #tfliteOperands(layer: MatrixLayer, node: ProgramNode): ProgramLayer | undefined {
    const values = this.#valueOf(node.inputs[0]!);
    const weights = tfliteWeights(layer, node, this.#network, this.#widths.weightBits);
    if (values === undefined || weights === undefined) return undefined;
    const codes = tfliteIfmap(node, values, this.#widths.activationBits);
    return { node, first: { codes, isStored: false }, second: { codes: weights, isStored: true } };
  }

  #sourcesOf(layer: MatrixLayer): [Source, Source] | undefined {
    const node = this.#nodes.get(layer.name);
    const places = node === undefined ? undefined : PLACES[node.operator];
    if (node === undefined || places === undefined) return undefined;
    const { activationBits, weightBits } = this.#widths;
    const secondIsStored = this.#isStored(node.inputs[places.second] ?? "");
    return [
      this.#source(node, places.first, places.firstZero, activationBits),
      this.#source(node, places.second, places.secondZero, secondIsStored ? weightBits : activationBits),
    ];
  }

  /** The integers behind a DequantizeLinear, or the operand itself. */
  #source(node: ProgramNode, place: number, zeroPlace: number | undefined, bits: number): Source {
    const name = node.inputs[place] ?? "";
    const zero = zeroPlace === undefined ? undefined : node.inputs[zeroPlace] || undefined;
    const producer = this.#producers.get(name);
    if (producer?.operator !== "DequantizeLinear") return { name, zero, bits };
    return { name: producer.inputs[0]!, zero: producer.inputs[2] || undefined, bits };
  }

  /** True for a value of the file: an initializer, a Constant, or a view of one. */
  #isStored(name: string): boolean {
    const producer = this.#producers.get(name);
    if (producer === undefined) return this.#program.stored.has(name);
    if (producer.operator === "Constant") return true;
    return VIEWS.includes(producer.operator) && this.#isStored(producer.inputs[0] ?? "");
  }

  #valueOf(name: string): TensorData | undefined {
    const kept = this.#kept.get(name);
    if (kept !== undefined) return kept;
    const stored = this.#program.stored.get(name);
    if (stored === undefined) return undefined;
    checkCodeCount(elementCount(stored.shape), `tensor ${name}`);
    return { shape: stored.shape, precision: stored.precision, values: stored.load() };
  }

  #operand(source: Source, node: ProgramNode, isSecond: boolean): ProgramOperand | undefined {
    const tensor = this.#valueOf(source.name);
    const zeros = source.zero === undefined ? undefined : this.#valueOf(source.zero);
    if (tensor === undefined || (source.zero !== undefined && zeros === undefined)) return undefined;
    const zeroCount = zeros === undefined ? 1 : elementCount(zeros.shape);
    const axis = isSecond ? zeroRepeat(tensor, zeroCount, node) : zeroCount === 1 ? 1 : undefined;
    if (axis === undefined) return undefined;
    const where = `layer ${node.name}, tensor ${source.name}`;
    const codes = isFloat(tensor.precision)
      ? quantizeSymmetrically(tensor, source.bits, where)
      : centreCodes(tensor, zeros, axis, where);
    return { codes, isStored: this.#isStored(source.name) };
  }
}

/** Elements of a weight tensor that share a zero point, one after the other; undefined for an axis that is not told. */
function zeroRepeat(tensor: TensorData, zeroCount: number, node: ProgramNode): number | undefined {
  if (zeroCount === 1) return 1;
  if (node.operator === "ConvTranspose") return undefined;
  const isConvolution = node.operator.endsWith("Conv") || node.operator === "ConvInteger";
  if (isConvolution) return zeroCount === tensor.shape[0] ? elementCount(tensor.shape.slice(1)) : undefined;
  const isTransposed = (node.attributes.int("transB") ?? 0) !== 0;
  if (isTransposed || zeroCount !== tensor.shape.at(-1)) return undefined;
  return 1;
}

/** @throws UnsupportedError */
function refuseMemory(name: string): never {
  throw new UnsupportedError({
    where: `functional run, tensor ${quoteForMessage(name)}`,
    got: `more than ${MAX_KEPT_BYTES} bytes of feature maps that matrix layers read`,
    want: "a model whose feature maps fit, all layers together",
    fix: "lower --batch or the input's --shape",
  });
}

/** A copy of what a layer reads: float tensors as codes already, one scale a tensor, which is all that is needed of them. */
function compact(tensor: TensorData, { name, bits }: Source): TensorData {
  checkCodeCount(elementCount(tensor.shape), `tensor ${name}`);
  if (!isFloat(tensor.precision)) return { ...tensor, values: tensor.values.slice() };
  const values = quantizeSymmetrically(tensor, bits, `tensor ${name}`);
  return { shape: tensor.shape, precision: bits <= 8 ? "int8" : "int16", values };
}

function nodesByName(program: Program): Map<string, ProgramNode> {
  return new Map(program.nodes.map((node) => [node.name, node]));
}

function producersOf(program: Program): Map<string, ProgramNode> {
  const producers = new Map<string, ProgramNode>();
  for (const node of program.nodes) for (const output of node.outputs) producers.set(output, node);
  return producers;
}

/** Inputs in the shapes of the network, or of a TFLite file, whose planes lie otherwise: floats from -1 to 1, bytes of their whole range, other integers and bool 0 or 1. */
export function drawInputs(program: Program, network: Network, seed: string): NamedTensors {
  const inputs: Record<string, TensorData> = {};
  const isTflite = program.nodes.some(({ tflite }) => tflite !== undefined);
  for (const { name, precision, dimensions } of program.inputs) {
    const shape = isTflite ? dimensions?.map(Number) : network.tensors.get(name)?.shape;
    if (shape === undefined || program.stored.has(name)) continue;
    checkCodeCount(elementCount(shape), `input ${name}`);
    const random = new Random(`${seed}/input/${name}`);
    const drawn = createTensor(shape, precision);
    const { values } = drawn;
    if (isLong(values)) for (let at = 0; at < values.length; at++) values[at] = BigInt(random.below(2));
    else if (isNumberTensor(drawn)) {
      const isByte = precision === "int8" || precision === "uint8";
      for (let at = 0; at < values.length; at++) {
        if (isFloat(precision)) values[at] = random.between(-1, 1);
        else values[at] = isByte ? random.uint32() & 255 : random.below(2);
      }
    }
    inputs[name] = drawn;
  }
  return inputs;
}
