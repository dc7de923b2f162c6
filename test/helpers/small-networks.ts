/** Networks of one or a few layers, for tests of the engine. */
import { type LoopBounds, type MatrixLayer, type Window, windowOutputExtent } from "../../sim/ir/layer.js";
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
