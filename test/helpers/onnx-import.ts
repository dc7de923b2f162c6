/** Imports small test models and reads shapes off the resulting network. */

import { importOnnxBytes } from "../../sim/ir/import/onnx.js";
import type { OnnxOptions } from "../../sim/ir/import/onnx-session.js";
import type { Layer } from "../../sim/ir/layer.js";
import type { Network } from "../../sim/ir/network.js";
import type { Tensor } from "../../sim/ir/tensor.js";
import { type GraphSpec, modelBytes } from "./onnx-models.js";

export function importSpec(spec: GraphSpec, opset = 17, options: OnnxOptions = {}): Promise<Network> {
  return importOnnxBytes(modelBytes(spec, opset), options);
}

export function tensorOf(network: Network, name: string): Tensor {
  const tensor = network.tensors.get(name);
  if (tensor === undefined) throw new Error(`no tensor ${name}`);
  return tensor;
}

export function layerWriting(network: Network, tensor: string): Layer {
  const layer = network.layers.find((candidate) => candidate.outputs.includes(tensor));
  if (layer === undefined) throw new Error(`no layer writes ${tensor}`);
  return layer;
}
