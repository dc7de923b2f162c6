/**
 * Runs the nodes of a graph in order. Nodes that no output needs are left out; stored tensors are read at their first use, and
 * every value is freed after its last. A branch of an If sees the values around it.
 */
import type { Accumulator } from "../../../algorithms/kernels/accumulator.js";
import type { KernelKind } from "../../../algorithms/kernels/kernel-set.js";
import { quoteForMessage } from "../../core/errors.js";
import { roundToBfloat, roundToHalf } from "../../core/float-rounding.js";
import { elementCount } from "../../core/integers.js";
import type { ProgramGraph, ProgramNode } from "../../ir/import/onnx-program.js";
import { ShapeFault } from "../../ir/import/onnx-shape-rules.js";
import { heldElementBytes, type NumberValues, type TensorData } from "../../ir/tensor-data.js";
import type { HeldMemory } from "./held-memory.js";
import { OperatorCall, type RunArithmetic } from "./operator-call.js";
import { findOperator } from "./operators/index.js";
import { storedValues } from "./rebuilt-weights.js";

/** What the interpreter tells while it runs. */
export interface RunObserver {
  /** After each node, its outputs by name, before anything is freed, and the register of its integer sums. */
  readonly nodeDone: (
    node: ProgramNode,
    outputs: ReadonlyMap<string, TensorData>,
    accumulator: Accumulator | undefined,
  ) => Promise<void>;
}

/** Nodes that some output depends on, in order. */
export function neededNodes(graph: ProgramGraph): ProgramNode[] {
  const needed = new Set(graph.outputs);
  const kept: ProgramNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => name !== "" && needed.has(name))) continue;
    kept.push(node);
    for (const name of namesUsed(node)) needed.add(name);
  }
  return kept.reverse();
}

/** Names that a node reads: its inputs, and what its graphs take from around them. */
function namesUsed(node: ProgramNode): string[] {
  const names = node.inputs.filter((name) => name !== "");
  for (const graph of node.graphs.values()) names.push(...namesFromAround(graph));
  return names;
}

function namesFromAround(graph: ProgramGraph): string[] {
  const own = new Set([...graph.stored.keys(), ...graph.inputs.map(({ name }) => name)]);
  for (const node of graph.nodes) for (const name of node.outputs) own.add(name);
  return [...graph.nodes.flatMap(namesUsed), ...graph.outputs].filter((name) => !own.has(name));
}

/** Values of one graph by name, with how often each is still needed. */
class Scope {
  readonly graph: ProgramGraph;
  readonly values = new Map<string, TensorData>();
  readonly #uses = new Map<string, number>();
  readonly #memory: HeldMemory;
  readonly #rebuild: KernelKind;
  readonly #around: Scope | undefined;

  constructor(
    graph: ProgramGraph,
    nodes: readonly ProgramNode[],
    memory: HeldMemory,
    rebuild: KernelKind,
    around: Scope | undefined,
  ) {
    this.graph = graph;
    this.#memory = memory;
    this.#rebuild = rebuild;
    this.#around = around;
    for (const name of [...nodes.flatMap(namesUsed), ...graph.outputs]) {
      this.#uses.set(name, (this.#uses.get(name) ?? 0) + 1);
    }
  }

  /** Names a value; one that nothing needs is not kept. */
  set(name: string, tensor: TensorData): void {
    if ((this.#uses.get(name) ?? 0) === 0) return;
    this.values.set(name, tensor);
    this.#memory.hold(tensor.values);
  }

  /** The value of a name, of this graph or one around it; stored tensors are read now. */
  get(name: string): TensorData {
    const known = this.values.get(name);
    if (known !== undefined) return known;
    const stored = this.graph.stored.get(name);
    if (stored === undefined) return this.#around!.get(name);
    const { shape, precision } = stored;
    this.#memory.reserve(elementCount(shape) * heldElementBytes(precision), `initializer ${quoteForMessage(name)}`);
    const tensor = { shape, precision, values: storedValues(name, stored, this.#rebuild) };
    this.set(name, tensor);
    return tensor;
  }

  /** Notes that one use of a name is over. */
  release(name: string): void {
    const rest = (this.#uses.get(name) ?? 0) - 1;
    this.#uses.set(name, rest);
    const tensor = this.values.get(name);
    if (rest > 0 || tensor === undefined) return;
    this.values.delete(name);
    this.#memory.drop(tensor.values);
  }

  /** Gives up everything that is left. */
  close(): void {
    for (const { values } of this.values.values()) this.#memory.drop(values);
    this.values.clear();
  }
}

export class Interpreter {
  readonly #memory: HeldMemory;
  readonly #observer: RunObserver;
  readonly #arithmetic: RunArithmetic;

  constructor(memory: HeldMemory, observer: RunObserver, arithmetic: RunArithmetic) {
    this.#memory = memory;
    this.#observer = observer;
    this.#arithmetic = arithmetic;
  }

  /** Values of the outputs of the main graph, by name. */
  async run(graph: ProgramGraph, inputs: ReadonlyMap<string, TensorData>): Promise<Map<string, TensorData>> {
    return this.#runGraph(graph, inputs, undefined);
  }

  async #runGraph(
    graph: ProgramGraph,
    inputs: ReadonlyMap<string, TensorData>,
    around: Scope | undefined,
  ): Promise<Map<string, TensorData>> {
    const nodes = neededNodes(graph);
    const scope = new Scope(graph, nodes, this.#memory, this.#arithmetic.rebuild, around);
    for (const [name, tensor] of inputs) scope.set(name, tensor);
    for (const node of nodes) {
      const { outputs, accumulator } = await this.#runNode(node, scope);
      await this.#observer.nodeDone(node, outputs, accumulator);
      for (const name of namesUsed(node)) scope.release(name);
    }
    const results = new Map(graph.outputs.map((name) => [name, scope.get(name)]));
    scope.close();
    return results;
  }

  /** Outputs of a node by name, and the register of its integer sums. */
  async #runNode(node: ProgramNode, scope: Scope) {
    const inputs = node.inputs.map((name) => (name === "" ? undefined : scope.get(name)));
    const call = new OperatorCall(node, inputs, this.#memory, this.#arithmetic);
    if (node.operator === "If") await this.#runBranch(call, scope);
    else this.#runAdapter(call);
    const outputs = new Map<string, TensorData>();
    for (const [index, name] of node.outputs.entries()) {
      if (name === "") continue;
      const tensor = call.outputs[index] ?? call.fail(`output ${index}`, "only outputs that the operator has");
      outputs.set(name, tensor);
    }
    // The scope holds what has a name from here on; what has none is free.
    for (const [name, tensor] of outputs) scope.set(name, tensor);
    for (const tensor of call.created) this.#memory.drop(tensor.values);
    return { outputs, accumulator: call.accumulator };
  }

  #runAdapter(call: OperatorCall): void {
    try {
      findOperator(call.operator)!(call);
    } catch (error) {
      if (error instanceof ShapeFault) call.fail(error.got, error.want);
      throw error;
    }
    for (const tensor of call.created) roundNarrow(tensor);
  }

  async #runBranch(call: OperatorCall, scope: Scope): Promise<void> {
    const isTrue = call.scalar(0, "a condition") !== 0;
    const name = isTrue ? "then_branch" : "else_branch";
    const branch = call.node.graphs.get(name) ?? call.fail(`no ${name}`, `attribute ${name}`);
    const results = await this.#runGraph(branch, new Map(), scope);
    if (branch.outputs.length !== call.outputCount) {
      call.fail(`${branch.outputs.length} outputs of the ${name}`, `${call.outputCount}`);
    }
    for (const [index, output] of branch.outputs.entries()) call.give(index, results.get(output)!);
  }
}

/** Kernels leave float32 numbers in tensors of 16-bit types; here they become numbers of those types. */
function roundNarrow({ precision, values }: TensorData): void {
  if (precision !== "fp16" && precision !== "bf16") return;
  const round = precision === "fp16" ? roundToHalf : roundToBfloat;
  const numbers = values as NumberValues;
  for (let at = 0; at < numbers.length; at++) numbers[at] = round(numbers[at]!);
}
