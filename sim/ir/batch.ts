/**
 * A network for several inputs at a time. Products with learned weights take the batch as N; products of two activations,
 * which have weights of their own for each input, as G. Vector work and activations grow with the batch; learned tensors
 * and constants do not. Assumes that the leading axis of every activation is the batch, as in all networks here.
 */
import { isMatrixLayer, type Layer } from "./layer.js";
import { createNetwork, type Network } from "./network.js";
import type { Tensor } from "./tensor.js";

/** The network for `batch` times the inputs; `batch` is a whole number of at least 1. */
export function withBatch(network: Network, batch: number): Network {
  if (batch === 1) return network;
  const { name, source, notes } = network;
  const tensors = [...network.tensors.values()].map((tensor) => batchTensor(tensor, batch));
  const layers = network.layers.map((layer) => batchLayer(layer, network.tensors, batch));
  return createNetwork({ name, source, notes, tensors, layers });
}

function isStored(tensor: Tensor): boolean {
  return tensor.role === "weight" || tensor.role === "constant";
}

function batchTensor(tensor: Tensor, batch: number): Tensor {
  const leading = tensor.shape[0];
  if (isStored(tensor) || leading === undefined) return tensor;
  return { ...tensor, shape: tensor.shape.with(0, leading * batch) };
}

function batchLayer(layer: Layer, tensors: ReadonlyMap<string, Tensor>, batch: number): Layer {
  if (layer.kind === "move") return layer;
  if (!isMatrixLayer(layer)) return { ...layer, elements: layer.elements * batch };
  const dimension = isStored(tensors.get(layer.weight)!) ? "N" : "G";
  return { ...layer, bounds: { ...layer.bounds, [dimension]: layer.bounds[dimension] * batch } };
}
