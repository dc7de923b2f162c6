/**
 * A network for several inputs at a time. Products with learned weights take the batch as N; products of two activations,
 * which have weights of their own for each input, as G. Vector work and activations grow with the batch; learned tensors
 * and constants do not. Assumes that the leading axis of every activation is the batch, as in all networks here. A
 * transpose that was free because a leading axis of 1 moved is a copy once that axis is longer.
 */
import { isMatrixLayer, type Layer, type MoveLayer } from "./layer.js";
import { createNetwork, type Network } from "./network.js";
import type { Tensor } from "./tensor.js";

/** The network for `batch` times the inputs; `batch` is a whole number of at least 1. */
export function withBatch(network: Network, batch: number): Network {
  if (batch === 1) return network;
  const { name, source, notes, compression } = network;
  const tensors = [...network.tensors.values()].map((tensor) => batchTensor(tensor, batch));
  const layers = network.layers.map((layer) => batchLayer(layer, network.tensors, batch));
  return createNetwork({ name, source, notes, tensors, layers, compression });
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
  if (layer.kind === "move") return batchMove(layer, tensors);
  if (!isMatrixLayer(layer)) return { ...layer, elements: layer.elements * batch };
  const dimension = isStored(tensors.get(layer.weight)!) ? "N" : "G";
  return { ...layer, bounds: { ...layer.bounds, [dimension]: layer.bounds[dimension] * batch } };
}

function batchMove(layer: MoveLayer, tensors: ReadonlyMap<string, Tensor>): MoveLayer {
  if (layer.operator !== "Transpose" || layer.movement !== "view") return layer;
  const { shape } = tensors.get(layer.inputs[0]!)!;
  // Without an order, ONNX turns all axes round.
  const order = (layer.attributes?.perm as readonly number[] | undefined) ?? shape.map((_, axis) => axis).toReversed();
  const moving = order.filter((axis) => axis === 0 || shape[axis] !== 1);
  const keepsOrder = moving.every((axis, index) => index === 0 || axis > moving[index - 1]!);
  return keepsOrder ? layer : { ...layer, movement: "copy" };
}
