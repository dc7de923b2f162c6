/**
 * A network is a directed acyclic graph of layers over named tensors, layers in execution order. `createNetwork` is the
 * only way to make one: it checks names, references and single assignment, and sorts the layers.
 */
import { type Issue, NetworkError, quoteForMessage } from "../core/errors.js";
import { type Layer, layerMacs } from "./layer.js";
import { type Tensor, tensorElements } from "./tensor.js";

export interface Network {
  readonly name: string;
  /** Where the definition comes from: a paper, a file. */
  readonly source: string;
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Topologically sorted; ties keep the order given. */
  readonly layers: readonly Layer[];
  /** What a reader of the results should know: operators assumed, axes fixed. */
  readonly notes: readonly string[];
  /** How the stored weights were compressed, `method:key=value,...`, where the file says so. */
  readonly compression?: string;
}

/** MACs of convolutions, fully connected layers and matrix products. */
export function networkMacs(network: Network): number {
  return network.layers.reduce((sum, layer) => sum + layerMacs(layer), 0);
}

/** Elements of every learned tensor, each counted once however often it is used. */
export function networkParameters(network: Network): number {
  let sum = 0;
  for (const tensor of network.tensors.values()) if (tensor.role === "weight") sum += tensorElements(tensor);
  return sum;
}

/**
 * Checks and sorts a graph.
 * @throws NetworkError listing every duplicate name, unknown tensor, tensor written twice, bad shape, and any cycle
 */
export function createNetwork(parts: {
  readonly name: string;
  readonly source: string;
  readonly tensors: Iterable<Tensor>;
  readonly layers: readonly Layer[];
  readonly notes?: readonly string[];
  readonly compression?: string | undefined;
}): Network {
  const issues: Issue[] = [];
  const tensors = collectTensors(parts.tensors, issues);
  const producerOf = findProducers(parts.layers, tensors, issues);
  if (parts.layers.length === 0) {
    issues.push({ where: parts.name, got: "no layers", want: "at least one layer", fix: "check the file's contents" });
  }
  if (issues.length > 0) throw new NetworkError(issues);
  const layers = sortLayers(parts.name, parts.layers, producerOf);
  const { name, source, notes = [], compression } = parts;
  return { name, source, tensors, layers, notes, ...(compression !== undefined && { compression }) };
}

function collectTensors(given: Iterable<Tensor>, issues: Issue[]): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const tensor of given) {
    const where = `tensor ${quoteForMessage(tensor.name)}`;
    if (tensors.has(tensor.name)) {
      issues.push({ where, got: "a second tensor of that name", want: "unique names", fix: "rename one of them" });
    }
    const sizeIsSafe = Number.isSafeInteger(tensorElements(tensor) * 8);
    if (!sizeIsSafe || tensor.shape.some((dimension) => !Number.isSafeInteger(dimension) || dimension < 0)) {
      issues.push({
        where,
        got: `shape [${tensor.shape.join(", ")}]`,
        want: "non-negative integer dimensions whose product stays below 2^50",
        fix: "give every axis its size, e.g. with --shape name=1,3,224,224",
      });
    }
    tensors.set(tensor.name, tensor);
  }
  return tensors;
}

function findProducers(layers: readonly Layer[], tensors: Map<string, Tensor>, issues: Issue[]): Map<string, number> {
  const names = new Set<string>();
  const producerOf = new Map<string, number>();
  for (const [index, layer] of layers.entries()) {
    const where = `layer ${quoteForMessage(layer.name)} (${layer.operator})`;
    if (names.has(layer.name)) {
      issues.push({ where, got: "a second layer of that name", want: "unique names", fix: "rename one of them" });
    }
    names.add(layer.name);
    for (const name of [...layer.inputs, ...layer.outputs]) {
      if (name !== "" && !tensors.has(name)) {
        issues.push({
          where,
          got: `tensor ${quoteForMessage(name)}, which is nowhere defined`,
          want: "a graph input, an initializer or another layer's output",
          fix: "check the spelling, or export the model again",
        });
      }
    }
    for (const name of layer.outputs) {
      if (name === "") continue;
      if (producerOf.has(name)) {
        issues.push({
          where,
          got: `tensor ${quoteForMessage(name)} written again`,
          want: "each tensor written by one layer",
          fix: "rename one of the outputs",
        });
      }
      producerOf.set(name, index);
    }
  }
  return producerOf;
}

/** Depth-first topological sort, iterative so that a long chain cannot overflow the stack. */
function sortLayers(networkName: string, layers: readonly Layer[], producerOf: Map<string, number>): Layer[] {
  const sorted: Layer[] = [];
  const mark = new Uint8Array(layers.length);
  for (let root = 0; root < layers.length; root++) {
    if (mark[root] !== 0) continue;
    const stack: { index: number; nextInput: number }[] = [{ index: root, nextInput: 0 }];
    mark[root] = 1;
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const layer = layers[top.index]!;
      if (top.nextInput === layer.inputs.length) {
        mark[top.index] = 2;
        sorted.push(layer);
        stack.pop();
        continue;
      }
      const producer = producerOf.get(layer.inputs[top.nextInput++]!);
      if (producer === undefined || mark[producer] === 2) continue;
      if (mark[producer] === 1) {
        const cycle = stack.slice(stack.findIndex((entry) => entry.index === producer));
        throw new NetworkError({
          where: quoteForMessage(networkName),
          got: `a cycle: ${cycle
            .slice(0, 8)
            .map((entry) => quoteForMessage(layers[entry.index]!.name))
            .join(" <- ")}`,
          want: "an acyclic graph",
          fix: "break the loop, or unroll it into separate layers",
        });
      }
      mark[producer] = 1;
      stack.push({ index: producer, nextInput: 0 });
    }
  }
  return sorted;
}
