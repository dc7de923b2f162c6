/**
 * One node while it runs: its inputs with values, its attributes, and the making of its outputs. An adapter in `operators/`
 * reads what the standard says of shapes and defaults here and hands the work to a kernel.
 */
import { Accumulator } from "../../../algorithms/kernels/accumulator.js";
import type { KernelKind, KernelSet } from "../../../algorithms/kernels/kernel-set.js";
import type { RequantizeMode } from "../../../algorithms/kernels/requantization.js";
import { NetworkError, UnsupportedError } from "../../core/errors.js";
import { elementCount } from "../../core/integers.js";
import type { OnnxAttributes } from "../../ir/import/onnx-attributes.js";
import type { ProgramNode } from "../../ir/import/onnx-program.js";
import { formatShape } from "../../ir/import/onnx-shape-rules.js";
import { isFloat, type Precision } from "../../ir/tensor.js";
import {
  createTensor,
  heldElementBytes,
  integerLimits,
  isLong,
  isNumberTensor,
  type NumberTensor,
  type TensorData,
} from "../../ir/tensor-data.js";
import type { DatapathArithmetic } from "../datapath-arithmetic.js";
import type { HeldMemory } from "./held-memory.js";

const MAX_ELEMENTS = 2 ** 40;

/** How numbers are computed, the same for every node of a run. */
export interface RunArithmetic {
  /** Of the datapath; absent for that of the ONNX standard. */
  readonly integers: DatapathArithmetic | undefined;
  readonly kernels: KernelSet;
  /** Which of them rebuild weights that are stored as coefficients and bases. */
  readonly rebuild: KernelKind;
}

export class OperatorCall {
  readonly node: ProgramNode;
  readonly operator: string;
  readonly opset: number;
  readonly attributes: OnnxAttributes;
  readonly where: string;
  readonly inputs: readonly (TensorData | undefined)[];
  readonly outputs: (TensorData | undefined)[];
  readonly outputCount: number;
  /** Outputs whose values were made here, not taken over from an input. */
  readonly created: TensorData[] = [];
  /** Products and convolutions. */
  readonly kernels: KernelSet;
  /** How sums become codes. */
  readonly requantize: RequantizeMode;
  /** The register of this node's integer sums; absent for int32 that wraps uncounted. */
  readonly accumulator: Accumulator | undefined;
  readonly #memory: HeldMemory;

  constructor(
    node: ProgramNode,
    inputs: readonly (TensorData | undefined)[],
    memory: HeldMemory,
    { integers, kernels }: RunArithmetic,
  ) {
    this.node = node;
    this.operator = node.operator;
    this.opset = node.opset;
    this.attributes = node.attributes;
    this.where = node.where;
    this.inputs = inputs;
    this.outputCount = node.outputs.length;
    this.outputs = node.outputs.map(() => undefined);
    this.kernels = kernels;
    this.requantize = integers?.requantize ?? "onnx-float32";
    this.accumulator = integers && new Accumulator(integers, node.where);
    this.#memory = memory;
  }

  /** @throws NetworkError when the input is absent */
  input(index: number): TensorData {
    return this.inputs[index] ?? this.fail(`no input ${index}`, `at least ${index + 1} inputs`);
  }

  optional(index: number): TensorData | undefined {
    return this.inputs[index];
  }

  /** An input of a floating-point type. */
  real(index: number): NumberTensor {
    const tensor = this.input(index);
    if (isNumberTensor(tensor) && isFloat(tensor.precision)) return tensor;
    return this.unsupported(`${tensor.precision} as input ${index}`, "a floating-point type");
  }

  optionalReal(index: number): NumberTensor | undefined {
    return this.optional(index) === undefined ? undefined : this.real(index);
  }

  /** An input of an integer type of at most 32 bits. */
  codes(index: number): NumberTensor {
    const tensor = this.input(index);
    if (isNumberTensor(tensor) && integerLimits(tensor.precision) !== undefined) return tensor;
    return this.unsupported(`${tensor.precision} as input ${index}`, "an integer type of at most 32 bits");
  }

  /** The values of an input as numbers; 64-bit integers beyond 2^53 lose their low bits, which no shape needs. */
  numbers(index: number, what: string): readonly number[] {
    const { values } = this.inputs[index] ?? this.fail(`no ${what} (input ${index})`, what);
    return Array.from<number | bigint, number>(values, Number);
  }

  /** The only value of an input. */
  scalar(index: number, what: string): number {
    const { values, shape } = this.inputs[index] ?? this.fail(`no ${what} (input ${index})`, what);
    if (values.length !== 1) this.fail(`${what} of shape ${formatShape(shape)}`, "a single value");
    return Number(values[0]);
  }

  /** A yes-or-no attribute. */
  flag(name: string, absent = false): boolean {
    const value = this.attributes.int(name);
    return value === undefined ? absent : value !== 0;
  }

  /** True when the node names output `index`. */
  wants(index: number): boolean {
    return (this.node.outputs[index] ?? "") !== "";
  }

  /**
   * Makes output `index`, zeros for now.
   * @throws UnsupportedError when there is no memory for it
   */
  create(index: number, shape: readonly number[], precision: Precision): TensorData {
    if (shape.some((extent) => !Number.isSafeInteger(extent) || extent < 0) || elementCount(shape) > MAX_ELEMENTS) {
      this.fail(`an output of shape ${formatShape(shape)}`, "non-negative extents with a product up to 2^40");
    }
    if (precision === "fp8" || precision === "fp4") {
      this.unsupported(`a result of ${precision}`, "numbers of 16 bits or more, or integers");
    }
    this.#memory.reserve(elementCount(shape) * heldElementBytes(precision), this.where);
    const tensor = this.#allocate(shape, precision);
    this.#memory.hold(tensor.values);
    this.created.push(tensor);
    this.outputs[index] = tensor;
    return tensor;
  }

  #allocate(shape: readonly number[], precision: Precision): TensorData {
    try {
      return createTensor(shape, precision);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const got = `an output of shape ${formatShape(shape)} that the system has no memory for`;
      return this.unsupported(got, "tensors that fit into memory", "run the model on smaller inputs");
    }
  }

  /** Makes output `index` of a type of plain numbers. */
  createNumbers(index: number, shape: readonly number[], precision: Precision): NumberTensor {
    const tensor = this.create(index, shape, precision);
    return isNumberTensor(tensor) ? tensor : this.unsupported(`a result of ${precision}`, "a type below 64 bits");
  }

  /**
   * Makes a tensor for the work of this node alone, zeros for now.
   * @throws UnsupportedError when there is no memory for it
   */
  scratch(shape: readonly number[], precision: Precision): NumberTensor {
    this.#memory.reserve(elementCount(shape) * heldElementBytes(precision), this.where);
    const tensor = this.#allocate(shape, precision);
    return isNumberTensor(tensor) ? tensor : this.unsupported(`work in ${precision}`, "a type below 64 bits");
  }

  /** Gives output `index` values that exist already, perhaps in another shape. */
  give(index: number, tensor: TensorData): void {
    this.outputs[index] = tensor;
  }

  /** @throws NetworkError unless the two inputs have one element type */
  requireSameType(first: TensorData, second: TensorData): void {
    if (first.precision !== second.precision) {
      this.fail(`operands of ${first.precision} and ${second.precision}`, "operands of one type");
    }
  }

  /** @throws NetworkError unless the rank lies within the bounds */
  requireRank(tensor: TensorData, minimum: number, maximum = Number.POSITIVE_INFINITY): void {
    const rank = tensor.shape.length;
    if (rank >= minimum && rank <= maximum) return;
    const range = maximum === minimum ? `${minimum}` : maximum < 64 ? `${minimum} to ${maximum}` : `${minimum} or more`;
    this.fail(`an input of shape ${formatShape(tensor.shape)}`, `${range} dimensions`);
  }

  /** @throws NetworkError unless the tensor has one value or `count` of them */
  requireCount(tensor: TensorData | undefined, count: number, what: string): void {
    if (tensor === undefined || tensor.values.length === count) return;
    this.fail(`${what} of shape ${formatShape(tensor.shape)}`, `${count} values`);
  }

  unsupported(got: string, want: string, fix = "express it by other operators"): never {
    throw new UnsupportedError({ where: this.where, got, want, fix });
  }

  fail(got: string, want: string, fix = "check the model, or export it again"): never {
    throw new NetworkError({ where: this.where, got, want, fix });
  }
}

/** Runs one node: reads the inputs, makes every output that the node names. */
export type OperatorAdapter = (call: OperatorCall) => void;

/** A value as a bigint or number, as its tensor holds it; for fill values. */
export function onlyValue(call: OperatorCall, index: number, what: string): number | bigint {
  const tensor = call.input(index);
  if (tensor.values.length !== 1) call.fail(`${what} of shape ${formatShape(tensor.shape)}`, "a single value");
  return tensor.values[0]!;
}

/** Zero in the form of the tensor's elements. */
export function zeroOf(tensor: TensorData): number | bigint {
  return isLong(tensor.values) ? 0n : 0;
}
