/**
 * What the rewriting of one graph shares: the graph, the nodes emitted so far, the ranges of values, and where the output of an
 * operator goes. A Relu, or a Clip from 0, that alone uses an output is part of it: codes saturate where it cuts off.
 */
import { isOperator, type NodeProto, type OnnxGraphEditor } from "../../sim/ir/export/onnx-graph-editor.js";
import { nodeProto } from "../../sim/ir/export/onnx-parts.js";
import { type ActivationCodes, type ActivationRange, codesOfRange } from "./activation-codes.js";
import { CodeGraph, type NamedCodes } from "./code-graph.js";
import type { CompressionMethod, LayerCost } from "./method.js";
import type { NetworkInputs } from "./network-inputs.js";
import { clipBounds } from "./passes/merge-hard-swish.js";
import type { CompressedMatrix } from "./weight-matrix.js";

/** The value that an operator's output becomes, with its codes. */
export interface OutputTarget {
  readonly value: string;
  readonly codes: ActivationCodes;
  /** The activation that the codes take over. */
  readonly activation?: NodeProto;
}

/** What methods that share bits out among layers go by. */
export interface BitSharing {
  /** What noise of each layer counts for in the outputs, by its name. @default 1 */
  readonly sensitivities?: ReadonlyMap<string, number>;
  /** @default stored bits */
  readonly costOf?: LayerCost;
}

export class QuantizationContext {
  readonly graph: OnnxGraphEditor;
  readonly method: CompressionMethod;
  readonly emitted: CodeGraph;
  readonly inputs: NetworkInputs | undefined;
  readonly #ranges: ReadonlyMap<string, ActivationRange>;
  readonly #sharing: BitSharing;
  readonly #taken = new Set<NodeProto>();
  #coded: ReadonlySet<string> = new Set();
  #kept: ReadonlySet<NodeProto> = new Set();
  #compressed: ReadonlyMap<NodeProto, CompressedMatrix> = new Map();

  /** @param inputs what layers read over samples, where it was gathered */
  constructor(
    graph: OnnxGraphEditor,
    method: CompressionMethod,
    ranges: ReadonlyMap<string, ActivationRange>,
    inputs: NetworkInputs | undefined,
    sharing: BitSharing,
  ) {
    this.#sharing = sharing;
    this.inputs = inputs;
    this.graph = graph;
    this.method = method;
    this.emitted = new CodeGraph(graph);
    this.#ranges = ranges;
  }

  /** Sets which values are computed as codes, and which layers stay at 8 bits. */
  plan(coded: ReadonlySet<string>, kept: ReadonlySet<NodeProto>): void {
    this.#coded = coded;
    this.#kept = kept;
  }

  /** What noise of a layer counts for in the outputs; 1 where it was not measured. */
  sensitivityOf(layer: NodeProto): number {
    return this.#sharing.sensitivities?.get(layer.name) ?? 1;
  }

  get layerCost(): LayerCost | undefined {
    return this.#sharing.costOf;
  }

  /** Sets the weights of layers that were compressed together. */
  planWeights(compressed: ReadonlyMap<NodeProto, CompressedMatrix>): void {
    this.#compressed = compressed;
  }

  /** Weights of a layer that were compressed together with others'. */
  compressedBefore(layer: NodeProto): CompressedMatrix | undefined {
    return this.#compressed.get(layer);
  }

  /** True for a layer that stays at 8 bits. */
  isKept(layer: NodeProto): boolean {
    return this.#kept.has(layer);
  }

  /** True for a value whose codes an operator is to compute. */
  isCoded(value: string): boolean {
    return this.#coded.has(value);
  }

  /** True for a node that another one took over. */
  isTaken(node: NodeProto): boolean {
    return this.#taken.has(node);
  }

  #codesFor(range: ActivationRange): ActivationCodes {
    return codesOfRange(range, this.method.activations.precision);
  }

  /** Codes of a value, of those that an operator computed or of its range; undefined when it has neither. */
  inputCodes(value: string): NamedCodes | undefined {
    const computed = this.emitted.computedCodes(value);
    const range = this.#ranges.get(value);
    return computed ?? (range === undefined ? undefined : this.emitted.codesOf(value, this.#codesFor(range)));
  }

  hasInputCodes(value: string): boolean {
    return this.emitted.computedCodes(value) !== undefined || this.#ranges.has(value);
  }

  /** Where the first output of a node goes; undefined when the range is not known. */
  targetOf(node: NodeProto): OutputTarget | undefined {
    const output = node.output[0]!;
    const activation = this.graph.onlyUserOf(output);
    const cut = activation === undefined ? undefined : this.#cutOf(activation);
    const value = cut === undefined ? output : activation!.output[0]!;
    const range = this.#ranges.get(value);
    if (range === undefined) return undefined;
    if (cut === undefined) return { value, codes: this.#codesFor(range) };
    return { value, codes: this.#codesFor({ low: 0, high: Math.min(range.high, cut) }), activation: activation! };
  }

  /** Where an activation that gives 0 below 0 cuts off above; undefined for any other node. */
  #cutOf(node: NodeProto): number | undefined {
    if (isOperator(node, "Relu")) return Number.POSITIVE_INFINITY;
    if (!isOperator(node, "Clip")) return undefined;
    const [low, high] = clipBounds(this.graph, node);
    if (low !== 0 || (high === undefined && (node.input[2] ?? "") !== "")) return undefined;
    return high ?? Number.POSITIVE_INFINITY;
  }

  /** Names the codes of a target, which its operator is about to compute, and takes its activation over. */
  claim({ value, codes, activation }: OutputTarget): NamedCodes {
    if (activation !== undefined) this.#taken.add(activation);
    return this.emitted.addComputedCodes(value, codes);
  }

  /** Emits a node on real numbers, its activation after it, and the quantizing of what comes out. */
  emitReal(node: NodeProto, inputs: readonly string[], target: OutputTarget): void {
    const codes = this.claim(target);
    const { value, activation } = target;
    const real = this.graph.freshName(`${value}_real`);
    const first = activation === undefined ? real : this.graph.freshName(`${value}_sum`);
    this.emitted.emit(copyOf(node, inputs, [first]));
    if (activation !== undefined) {
      this.emitted.emit(copyOf(activation, [first, ...activation.input.slice(1)], [real]));
    }
    this.emitted.quantize(real, codes);
  }
}

/** A node with other inputs and outputs. */
export function copyOf(node: NodeProto, inputs: readonly string[], outputs: readonly string[]): NodeProto {
  const copy = nodeProto({ operator: node.opType, domain: node.domain, name: node.name, inputs, outputs });
  copy.attribute = [...node.attribute];
  return copy;
}
