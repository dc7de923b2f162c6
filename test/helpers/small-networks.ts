/** Networks of one or a few layers, for tests of the engine. */
import {
  type Layer,
  type LoopBounds,
  type MatrixLayer,
  plainWindow,
  type VectorFunction,
  type Window,
  windowOutputExtent,
} from "../../sim/ir/layer.js";
import { createNetwork, type Network } from "../../sim/ir/network.js";
import type { Tensor } from "../../sim/ir/tensor.js";

export interface ConvSize {
  readonly N: number;
  readonly G: number;
  /** Output and input channels per group. */
  readonly K: number;
  readonly C: number;
  readonly H: number;
  readonly W: number;
  readonly R: number;
  readonly S: number;
  readonly stride: number;
  readonly pad: number;
}

function convParts(name: string, size: ConvSize, input: string, output: string, role: "activation" | "output") {
  const P = windowOutputExtent(size.H, size.R, size.stride, 1, size.pad, size.pad);
  const Q = windowOutputExtent(size.W, size.S, size.stride, 1, size.pad, size.pad);
  const bounds: LoopBounds = { G: size.G, N: size.N, K: size.K, C: size.C, P, Q, R: size.R, S: size.S };
  const window: Window = {
    ifmapHeight: size.H,
    ifmapWidth: size.W,
    strideHeight: size.stride,
    strideWidth: size.stride,
    dilationHeight: 1,
    dilationWidth: 1,
    padTop: size.pad,
    padLeft: size.pad,
    padBottom: size.pad,
    padRight: size.pad,
  };
  const weight: Tensor = {
    name: `${name}.weight`,
    shape: [size.G * size.K, size.C, size.R, size.S],
    precision: "int8",
    role: "weight",
  };
  const result: Tensor = { name: output, shape: [size.N, size.G * size.K, P, Q], precision: "int8", role };
  const layer: MatrixLayer = {
    kind: "conv",
    name,
    operator: "Conv",
    inputs: [input, weight.name],
    outputs: [output],
    bounds,
    window,
    ifmap: input,
    weight: weight.name,
  };
  return { weight, result, layer };
}

function inputTensor(size: ConvSize): Tensor {
  return { name: "x", shape: [size.N, size.G * size.C, size.H, size.W], precision: "int8", role: "input" };
}

/** One convolution. */
export function convNetwork(size: ConvSize): Network {
  const { weight, result, layer } = convParts("conv", size, "x", "y", "output");
  return createNetwork({
    name: "one conv",
    source: "test",
    tensors: [inputTensor(size), weight, result],
    layers: [layer],
  });
}

/** A chain of 3x3 convolutions with equal channels and shape. */
export function convChain(size: ConvSize, length: number): Network {
  const same = { ...size, C: size.K, G: 1, R: 3, S: 3, stride: 1, pad: 1 };
  const tensors: Tensor[] = [inputTensor(same)];
  const layers: MatrixLayer[] = [];
  for (let index = 0; index < length; index++) {
    const from = index === 0 ? "x" : `t${index - 1}`;
    const role = index === length - 1 ? "output" : "activation";
    const { weight, result, layer } = convParts(`conv${index}`, same, from, `t${index}`, role);
    tensors.push(weight, result);
    layers.push(layer);
  }
  return createNetwork({ name: "chain", source: "test", tensors, layers });
}

/** A plain product [M, K] x [K, N]. */
export function gemmNetwork(M: number, N: number, K: number): Network {
  return convNetwork({ N: 1, G: 1, K: N, C: K, H: M, W: 1, R: 1, S: 1, stride: 1, pad: 0 });
}

/** A layer by layer graph of one-dimensional tensors: `name = function(inputs)`, written as `y = relu(x)`. */
export function vectorNetwork(elements: number, lines: readonly string[], outputs: readonly string[]): Network {
  const tensors: Tensor[] = [];
  const layers: Layer[] = [];
  const seen = new Set<string>();
  const addTensor = (name: string, role: Tensor["role"]): void => {
    if (seen.has(name)) return;
    seen.add(name);
    tensors.push({ name, shape: [1, elements], precision: "int8", role });
  };
  const written = new Set(lines.map((line) => line.split(" = ")[0]!));
  for (const line of lines) {
    const [output, call] = line.split(" = ") as [string, string];
    const [name, rest] = call.split("(") as [string, string];
    const inputs = rest.replace(")", "").split(", ");
    for (const input of inputs) if (!written.has(input)) addTensor(input, input.startsWith("w") ? "weight" : "input");
    addTensor(output, outputs.includes(output) ? "output" : "activation");
    const base = { name: output, operator: name, inputs, outputs: [output] };
    if (name === "linear") {
      const bounds = { G: 1, N: 1, K: elements, C: elements, P: 1, Q: 1, R: 1, S: 1 };
      const weight = `${output}.weight`;
      tensors.push({ name: weight, shape: [elements, elements], precision: "int8", role: "weight" });
      layers.push({ ...base, kind: "linear", bounds, window: plainWindow(1, 1), ifmap: inputs[0]!, weight });
    } else if (name === "view") layers.push({ ...base, kind: "move", movement: "view" });
    else layers.push({ ...base, kind: "vector", function: name as VectorFunction, elements });
  }
  return createNetwork({ name: "vectors", source: "test", tensors, layers });
}
