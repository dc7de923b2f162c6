/**
 * One ONNX node as its operator's handler sees it: inputs with shapes, attributes, and the means to define outputs and
 * emit layers. A handler computes the shapes of all outputs and emits what the operator costs.
 */
import type { GraphProto, NodeProto } from "onnx-buf";
import { NetworkError, quoteForMessage, UnsupportedError } from "../../core/errors.js";
import { elementCount } from "../../core/integers.js";
import type { AttributeValue, Layer, MoveLayer, VectorFunction } from "../layer.js";
import { isFloat, type Precision, type TensorValues } from "../tensor.js";
import { OnnxAttributes } from "./onnx-attributes.js";
import type { OnnxScope, OnnxSession } from "./onnx-session.js";
import { formatShape } from "./onnx-shape-rules.js";
import { isFixed, knownNumbers, type OnnxValue, operandOf } from "./onnx-value.js";

const MAX_ELEMENTS = 2 ** 47;

/** Imports a subgraph and returns its outputs. */
export type RunSubgraph = (graph: GraphProto, prefix: string, scope: OnnxScope) => OnnxValue[];

/** What an output is besides its shape and element type. */
export interface OutputDetails {
  readonly storage?: Precision | undefined;
  readonly bytesOf?: OnnxValue | undefined;
  readonly load?: (() => TensorValues) | undefined;
  readonly root?: string | undefined;
}

/** Operator name with its domain, as in `com.microsoft.QLinearAdd`; the standard's own have none. */
export function operatorName(node: NodeProto): string {
  return node.domain === "" || node.domain === "ai.onnx" ? node.opType : `${node.domain}.${node.opType}`;
}

export class OnnxNode {
  readonly name: string;
  readonly operator: string;
  /** Version of the operator set that the node belongs to. */
  readonly opset: number;
  readonly attributes: OnnxAttributes;
  readonly where: string;
  readonly inputs: readonly (OnnxValue | undefined)[];
  readonly outputCount: number;
  readonly session: OnnxSession;
  readonly scope: OnnxScope;
  readonly runSubgraph: RunSubgraph;
  private readonly proto: NodeProto;

  constructor(proto: NodeProto, session: OnnxSession, scope: OnnxScope, runSubgraph: RunSubgraph) {
    this.proto = proto;
    this.session = session;
    this.scope = scope;
    this.runSubgraph = runSubgraph;
    this.operator = operatorName(proto);
    this.name = session.uniqueLayerName(
      proto.name === "" ? "" : scope.prefix + proto.name,
      scope.prefix + proto.opType,
    );
    this.where = `node ${quoteForMessage(this.name)} (${quoteForMessage(this.operator)})`;
    this.opset = session.opsets.get(proto.domain === "ai.onnx" ? "" : proto.domain) ?? 1;
    this.attributes = new OnnxAttributes(proto, this.where);
    this.inputs = proto.input.map((name) => this.resolve(name));
    this.outputCount = proto.output.length;
  }

  private resolve(name: string): OnnxValue | undefined {
    if (name === "") return undefined;
    const value = this.scope.find(name);
    if (value !== undefined) return value;
    return this.fail(
      `input ${quoteForMessage(name)}, which nothing before it defines`,
      "a graph input, an initializer or an earlier node's output",
      "check the spelling, and that the nodes are in execution order",
    );
  }

  /** @throws NetworkError when the input is absent */
  input(index: number): OnnxValue {
    return this.inputs[index] ?? this.fail(`no input ${index}`, `at least ${index + 1} inputs`);
  }

  optional(index: number): OnnxValue | undefined {
    return this.inputs[index];
  }

  /** The values of an input that decides a shape. @throws UnsupportedError when they are not known before the run */
  numbers(index: number, what: string): readonly number[] {
    const value = this.input(index);
    const numbers = knownNumbers(value);
    if (numbers !== undefined) return numbers;
    throw new UnsupportedError({
      where: this.where,
      got: `${what} (input ${quoteForMessage(value.name)}) that depends on data`,
      want: `${what} known from constants and shapes`,
      fix: "export the model with static shapes, or simplify it",
    });
  }

  /** True when the file names output `index`. */
  wants(index: number): boolean {
    return (this.proto.output[index] ?? "") !== "";
  }

  outputName(index: number): string {
    return this.proto.output[index] ?? "";
  }

  /** Defines output `index`; an output that the file does not name is ignored. */
  output(index: number, shape: readonly number[], precision: Precision, details: OutputDetails = {}): OnnxValue {
    const given = this.outputName(index);
    const isSane = shape.every((dimension) => Number.isSafeInteger(dimension) && dimension >= 0);
    if (!isSane || !(elementCount(shape) <= MAX_ELEMENTS)) {
      this.fail(`an output of shape ${formatShape(shape)}`, "non-negative dimensions with a product up to 2^47");
    }
    const base = { shape, precision, ...definedOnly(details) };
    if (given === "") return { ...base, name: "" };
    const value = { ...base, name: this.session.uniqueTensorName(this.scope.prefix + given) };
    this.session.define(this.scope, given, value, this.where);
    return value;
  }

  /** Gives output `index` a value that exists already, without a layer. */
  alias(index: number, value: OnnxValue): void {
    const given = this.outputName(index);
    if (given !== "") this.session.define(this.scope, given, value, this.where);
  }

  /** Emits a layer of the vector unit. */
  vector(fn: VectorFunction, elements: number, attributes: Record<string, AttributeValue> = {}): void {
    this.emit({ kind: "vector", function: fn, elements, ...this.base(attributes) });
  }

  move(movement: MoveLayer["movement"], attributes: Record<string, AttributeValue> = {}): void {
    this.emit({ kind: "move", movement, ...this.base(attributes) });
  }

  emit(layer: Layer): void {
    this.session.addLayer(layer);
  }

  /** The fields that every layer has: name, operator, tensors in the operator's order, attributes with `extra` laid over. */
  base(extra: Record<string, AttributeValue> = {}) {
    const attributes = { ...this.attributes.asLayerAttributes(), ...extra };
    return {
      name: this.name,
      operator: this.operator,
      opset: this.opset,
      inputs: this.inputs.map((value) => value?.name ?? ""),
      outputs: this.proto.output.map((name, index) => (name === "" ? "" : this.definedName(name, index))),
      ...(Object.keys(attributes).length > 0 && { attributes }),
    };
  }

  private definedName(name: string, index: number): string {
    const value = this.scope.values.get(name);
    return value?.name ?? this.fail(`output ${index}, ${quoteForMessage(name)}`, "only outputs that the operator has");
  }

  /** Counts a stored input among the learned tensors, when there is one. */
  markLearned(value: OnnxValue | undefined): void {
    if (value === undefined) return;
    const operand = operandOf(value);
    if (isFixed(operand)) this.session.learned.add(operand.name);
  }

  /** The same for an operand of arithmetic, where single numbers and integers of shapes are constants, not learned. */
  markLearnedOperand(value: OnnxValue | undefined): void {
    if (value === undefined || elementCount(value.shape) < 2) return;
    if (isFloat(value.precision) || value.bytesOf !== undefined || /^u?int[248]$/.test(value.precision)) {
      this.markLearned(value);
    }
  }

  /** @throws NetworkError unless the rank lies within the bounds */
  requireRank(value: OnnxValue, minimum: number, maximum = Number.POSITIVE_INFINITY): void {
    const rank = value.shape.length;
    if (rank >= minimum && rank <= maximum) return;
    const range = maximum === minimum ? `${minimum}` : `${minimum} or more`;
    this.fail(`${quoteForMessage(value.name)} of shape ${formatShape(value.shape)}`, `${range} dimensions`);
  }

  unsupported(got: string, want: string, fix = "express it by other operators"): never {
    throw new UnsupportedError({ where: this.where, got, want, fix });
  }

  fail(got: string, want: string, fix = "check the model, or export it again"): never {
    throw new NetworkError({ where: this.where, got, want, fix });
  }
}

function definedOnly(details: OutputDetails): Pick<OnnxValue, "storage" | "bytesOf" | "load" | "root"> {
  return {
    ...(details.storage !== undefined && { storage: details.storage }),
    ...(details.bytesOf !== undefined && { bytesOf: details.bytesOf }),
    ...(details.load !== undefined && { load: details.load }),
    ...(details.root !== undefined && { root: details.root }),
  };
}
