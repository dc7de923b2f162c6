/**
 * The end of an import: layers that no output needs are dropped, stored tensors get their roles, and the network is made.
 * Roles: what convolutions, products, normalisations and PRelu learn is `weight` (weights, biases, scales, slopes), and so
 * is a stored float operand of arithmetic with more than one element (a bias added after a product, an embedding);
 * running means and variances, shapes, single numbers, quantization scales and zero points are `constant`. Where one
 * tensor of the file is used in two forms (tied embeddings, as it is and transposed) only the first counts as a weight.
 */
import { NetworkError, quoteForMessage } from "../../core/errors.js";
import type { Layer } from "../layer.js";
import { createNetwork, type Network } from "../network.js";
import type { Tensor, TensorRole } from "../tensor.js";
import type { OnnxSession } from "./onnx-session.js";
import type { OnnxValue } from "./onnx-value.js";

export function finishNetwork(
  session: OnnxSession,
  parts: {
    readonly name: string;
    readonly source: string;
    readonly inputs: readonly string[];
    readonly outputs: readonly (readonly [string, OnnxValue])[];
    readonly compression: string | undefined;
  },
): Network {
  const outputs = new Set(parts.outputs.map(([name, value]) => bindOutput(session, name, value, parts.inputs)));
  if (outputs.size === 0) {
    const fix = "export the model with its outputs";
    throw new NetworkError({ where: quoteForMessage(parts.name), got: "no graph outputs", want: "at least one", fix });
  }
  const layers = neededLayers(session.layers, outputs);
  const dropped = session.layers.length - layers.length;
  if (dropped > 0) session.note(`${dropped} layers that no output depends on are left out`);
  return createNetwork({
    name: parts.name,
    source: parts.source,
    tensors: tensorsOf(session, layers, parts.inputs, outputs),
    layers,
    notes: session.allNotes(),
    compression: parts.compression,
  });
}

/** The tensor that is the graph's output; a constant, an input or an inner value is passed on by an Identity. */
function bindOutput(session: OnnxSession, name: string, value: OnnxValue, inputs: readonly string[]): string {
  if (value.load === undefined && value.name === name && !inputs.includes(name)) return name;
  const output = session.uniqueTensorName(value.name === name ? `${name}.output` : name);
  const { shape, precision } = value;
  session.values.set(output, { name: output, shape, precision });
  session.layers.push({
    kind: "move",
    movement: value.load === undefined ? "view" : "copy",
    name: session.uniqueLayerName("", "Identity"),
    operator: "Identity",
    inputs: [value.name],
    outputs: [output],
  });
  return output;
}

/** Layers that some output depends on, in the order given. */
function neededLayers(layers: readonly Layer[], outputs: ReadonlySet<string>): Layer[] {
  const needed = new Set(outputs);
  const kept: Layer[] = [];
  for (let index = layers.length - 1; index >= 0; index--) {
    const layer = layers[index]!;
    if (!layer.outputs.some((name) => needed.has(name))) continue;
    kept.push(layer);
    for (const name of usedTensors(layer)) needed.add(name);
  }
  return kept.reverse();
}

function usedTensors(layer: Layer): string[] {
  const used = layer.inputs.filter((name) => name !== "");
  if (layer.kind === "vector" || layer.kind === "move") return used;
  return [...used, layer.ifmap, layer.weight, ...(layer.bias === undefined ? [] : [layer.bias])];
}

function tensorsOf(
  session: OnnxSession,
  layers: readonly Layer[],
  inputs: readonly string[],
  outputs: ReadonlySet<string>,
): Tensor[] {
  const names = new Set(inputs);
  const written = new Set<string>();
  for (const layer of layers) {
    for (const name of usedTensors(layer)) names.add(name);
    for (const name of layer.outputs) {
      if (name === "") continue;
      names.add(name);
      written.add(name);
    }
  }
  const learnedRoots = new Set<string>();
  return [...names].map((name) => {
    const value = session.values.get(name)!;
    const role = roleOf(session, value, { inputs, outputs, written, learnedRoots });
    return {
      name,
      shape: value.shape,
      precision: value.storage ?? value.precision,
      role,
      ...(value.encoding !== undefined && { encoding: value.encoding }),
      ...(value.smartdeal !== undefined && { smartdeal: value.smartdeal }),
      ...(value.load !== undefined && !written.has(name) && { load: value.load }),
    };
  });
}

function roleOf(
  session: OnnxSession,
  value: OnnxValue,
  graph: {
    readonly inputs: readonly string[];
    readonly outputs: ReadonlySet<string>;
    readonly written: ReadonlySet<string>;
    readonly learnedRoots: Set<string>;
  },
): TensorRole {
  if (graph.outputs.has(value.name)) return "output";
  if (value.load !== undefined) {
    const root = value.root ?? value.name;
    if (!session.learned.has(value.name) || graph.learnedRoots.has(root)) return "constant";
    graph.learnedRoots.add(root);
    return "weight";
  }
  if (value.bytesOf?.load !== undefined) return "constant";
  if (graph.written.has(value.name)) return "activation";
  return "input";
}
