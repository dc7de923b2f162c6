/**
 * Decides which layers run together. A group starts with a matrix or vector layer; element-wise layers join while everything
 * they read is in the group or already in memory, and while the group leaves one tensor behind. Batch norm is folded into
 * the weights before it; activations and residual adds run on the output path. Views cost nothing and are looked through.
 */
import type { Layer, VectorFunction, VectorLayer } from "../ir/layer.js";
import type { Network } from "../ir/network.js";
import { tensorElements } from "../ir/tensor.js";

/** Layers that run as one operation, in order. */
export interface LayerGroup {
  readonly layers: readonly Layer[];
  /** The tensor the group leaves behind. */
  readonly output: string;
}

/** Element-wise functions, which can follow an output on its way out. */
const ELEMENT_WISE: ReadonlySet<VectorFunction> = new Set<VectorFunction>([
  "add",
  "multiply",
  "divide",
  "compare",
  "relu",
  "clip",
  "activation-table",
  "exponential",
  "square-root",
  "scale-shift",
  "quantize",
]);

/** Layers looked at beyond the end of a group: enough for the longest activation written as primitive operators. */
const LOOKAHEAD = 8;

/** Tensor name -> name of the tensor whose storage it is: views and constant reshapes resolved. */
export function resolveViews(network: Network): ReadonlyMap<string, string> {
  const storage = new Map<string, string>();
  for (const layer of network.layers) {
    if (layer.kind !== "move" || layer.movement !== "view") continue;
    const from = layer.inputs[0]!;
    for (const output of layer.outputs) storage.set(output, storage.get(from) ?? from);
  }
  return storage;
}

/** Groups the layers of a network, in execution order; views belong to no group. */
export function fuseLayers(network: Network): LayerGroup[] {
  const storage = resolveViews(network);
  const resolve = (name: string): string => storage.get(name) ?? name;
  const layers = network.layers.filter((layer) => !(layer.kind === "move" && layer.movement === "view"));
  const position = new Map<string, number>();
  const readers = new Map<string, number[]>();
  for (const [index, layer] of layers.entries()) {
    for (const output of layer.outputs) position.set(output, index);
    for (const input of new Set(layer.inputs.map(resolve))) {
      readers.set(input, [...(readers.get(input) ?? []), index]);
    }
  }
  const networkOutputs = new Set<string>();
  for (const tensor of network.tensors.values()) {
    if (tensor.role === "output") networkOutputs.add(resolve(tensor.name));
  }
  const taken = new Uint8Array(layers.length);
  const groups: LayerGroup[] = [];
  for (let first = 0; first < layers.length; first++) {
    if (taken[first] !== 0) continue;
    const members = growGroup(first);
    for (const member of members) taken[member] = 1;
    const last = layers[members.at(-1)!]!;
    groups.push({ layers: members.map((member) => layers[member]!), output: last.outputs[0] ?? "" });
  }
  return groups;

  /** Indices of the layers that run with layer `first`. */
  function growGroup(first: number): number[] {
    const seed = layers[first]!;
    if (seed.kind === "move" || seed.outputs.length !== 1) return [first];
    const elements = tensorElements(network.tensors.get(seed.outputs[0]!)!);
    const members = [first];
    const made = new Set([seed.outputs[0]!]);
    let settled = 1;
    for (let next = first + 1; next < layers.length && members.length <= LOOKAHEAD; next++) {
      const layer = layers[next]!;
      if (taken[next] !== 0 || !layer.inputs.some((input) => made.has(resolve(input)))) continue;
      if (!isElementWise(layer, elements) || !inputsReady(layer, first, made)) break;
      members.push(next);
      made.add(layer.outputs[0]!);
      if (leavesOnly(layer.outputs[0]!, members, made)) settled = members.length;
    }
    return members.slice(0, settled);
  }

  function isElementWise(layer: Layer, elements: number): layer is VectorLayer {
    return (
      layer.kind === "vector" &&
      ELEMENT_WISE.has(layer.function) &&
      layer.outputs.length === 1 &&
      tensorElements(network.tensors.get(layer.outputs[0]!)!) === elements
    );
  }

  /** Everything a layer reads is made in the group or was there before the group began. */
  function inputsReady(layer: Layer, first: number, made: ReadonlySet<string>): boolean {
    return layer.inputs.every((input) => {
      const source = resolve(input);
      const producer = position.get(source);
      return made.has(source) || producer === undefined || producer < first;
    });
  }

  /** Of all tensors made so far, only `output` is read outside the group. */
  function leavesOnly(output: string, members: readonly number[], made: ReadonlySet<string>): boolean {
    const inside = new Set(members);
    for (const name of made) {
      if (name === output) continue;
      if (networkOutputs.has(name)) return false;
      if ((readers.get(name) ?? []).some((reader) => !inside.has(reader))) return false;
    }
    return true;
  }
}
