/**
 * The eight networks of Bit Fusion's authors at a batch of 16: shapes and widths of their layers, each with what their simulator says
 * of it on 16 x 32 units: cycles of the units alone, and of the layer behind 192 bits a cycle of DRAM. AlexNet and ResNet-18 are the
 * widened ones. Source: hsharma35/bitfusion, bitfusion/src/benchmarks/benchmarks.py (commit 0246bc4) for shapes and widths;
 * results/bitfusion-eyeriss-sim-sweep.csv (commit cf2d5c8), rows of 16 x 32 units, 8 to 2 bits: `Cycles` at 192 bits a cycle, and
 * `Cycles` less `Memory wait cycles` at 4,096, where tiles are even.
 */
import type { LoopBounds, MatrixLayer, Window } from "../../sim/ir/layer.js";
import { createNetwork, type Network } from "../../sim/ir/network.js";
import type { Precision, Tensor } from "../../sim/ir/tensor.js";

export const BATCH = 16;

/** Height and width of the ifmap, channels, filters, kernel, stride, padding before and behind. */
type Shape = readonly [H: number, C: number, K: number, kernel: number, stride: number, before: number, behind: number];
/** Bits of activations, weights and outputs; 1 for binary. */
type Widths = readonly [activation: number, weight: number, output: number];

export interface FusedLayer {
  readonly name: string;
  readonly shape: Shape;
  readonly widths: Widths;
  /** Of the authors' simulator. */
  readonly unitCycles: number;
  readonly cycles: number;
  /** True for a convolution that reads the network's input, which the authors lay out with im2col. */
  readonly isFirst: boolean;
}

type Row = readonly [name: string, shape: Shape, widths: Widths, unitCycles: number, cycles: number];

const same = (H: number, C: number, K: number, kernel: number): Shape => {
  const pad = (kernel - 1) / 2;
  return [H, C, K, kernel, 1, pad, pad];
};
const full = (C: number, K: number): Shape => [1, C, K, 1, 1, 0, 0];
const halved = (H: number, C: number, K: number): Shape => [H, C, K, 1, 2, 0, 0];
/** Two branches of equal layers. */
const both = (name: string, ...rest: readonly [Shape, Widths, number, number]): Row[] => [
  [`${name}_a`, ...rest],
  [`${name}_b`, ...rest],
];
const ALEXNET_FIRST: Shape = [227, 3, 96, 11, 4, 0, 0];
const RESNET_FIRST: Shape = [224, 3, 128, 7, 2, 2, 3];
const FOURS: Widths = [4, 4, 4];
const TWOS: Widths = [2, 2, 2];
const ONES: Widths = [1, 1, 1];

const ROWS = {
  AlexNet: [
    ...both("conv1", ALEXNET_FIRST, [8, 8, 4], 3339600, 3746423),
    ...both("conv2", same(27, 96, 256, 5), FOURS, 4665600, 5018849),
    ...both("conv3", same(13, 512, 384, 3), FOURS, 2336256, 3248129),
    ...both("conv4", same(13, 384, 384, 3), FOURS, 1752192, 2436097),
    ...both("conv5", same(13, 384, 256, 3), FOURS, 1168128, 1624065),
    ["fc1", full(18432, 8192), FOURS, 1179648, 3545090],
    ["fc2", full(8192, 8192), [4, 4, 8], 524288, 1575596],
    ["fc3", full(8192, 1000), [8, 8, 8], 262144, 398679],
  ],
  SVHN: [
    ["conv0", same(32, 3, 64, 3), [8, 1, 1], 32768, 367979],
    ["conv1", same(32, 64, 64, 3), ONES, 294912, 358316],
    ["conv2", same(16, 64, 128, 3), ONES, 147456, 177409],
    ["conv3", same(16, 128, 128, 3), ONES, 147456, 179884],
    ["conv4", same(8, 128, 256, 3), ONES, 73728, 92161],
    ["conv5", same(8, 256, 256, 3), ONES, 73728, 102742],
    ["fc6", full(4096, 1024), ONES, 8192, 27649],
    ["fc7", full(1024, 1024), ONES, 2048, 11009],
    ["fc8", full(1024, 10), ONES, 64, 374],
  ],
  CIFAR10: [
    ["conv0", same(32, 3, 128, 3), [8, 8, 2], 131072, 717654],
    ["conv1", same(32, 128, 128, 3), TWOS, 589824, 799062],
    ["conv2", same(16, 128, 256, 3), TWOS, 294912, 402091],
    ["conv3", same(16, 256, 256, 3), TWOS, 294912, 492204],
    ["conv4", same(8, 256, 512, 3), TWOS, 147456, 255318],
    ["conv5", same(8, 512, 512, 3), TWOS, 294912, 510636],
    ["fc6", full(8192, 1024), TWOS, 16384, 99671],
    ["fc7", full(1024, 1024), TWOS, 2048, 16555],
    ["fc8", full(1024, 10), TWOS, 64, 513],
  ],
  "LeNet-5": [
    ["conv0", same(32, 1, 32, 5), TWOS, 16384, 179116],
    ["conv1", same(16, 32, 64, 5), TWOS, 204800, 205635],
    ["fc1", full(4096, 512), TWOS, 4096, 25259],
    ["fc2", full(512, 10), TWOS, 32, 342],
  ],
  "VGG-7": [
    ...both("conv1", same(32, 3, 128, 3), TWOS, 65536, 704001),
    ...both("conv2", same(16, 128, 256, 3), TWOS, 294912, 402091),
    ...both("conv3", same(8, 256, 512, 3), TWOS, 147456, 255318),
    ["fc1", full(8192, 1024), TWOS, 16384, 99671],
  ],
  "ResNet-18": [
    ["conv1_a", RESNET_FIRST, [8, 8, 4], 8028160, 9793537],
    ["conv2_1_a", same(56, 128, 128, 1), FOURS, 401408, 2274988],
    ["conv2_1_b", same(56, 128, 128, 3), FOURS, 3612672, 3613708],
    ["conv2_2_a", same(56, 128, 128, 1), FOURS, 401408, 2274988],
    ["conv2_2_b", same(56, 128, 128, 3), FOURS, 3612672, 3613708],
    ["conv3_1_a", halved(56, 128, 256), FOURS, 200704, 1104555],
    ["conv3_1_b", same(28, 256, 256, 3), FOURS, 3612672, 3613708],
    ["conv3_2_a", same(28, 256, 256, 1), FOURS, 401408, 1138689],
    ["conv3_2_b", same(28, 256, 256, 3), FOURS, 3612672, 3613708],
    ["conv4_1_a", halved(28, 256, 512), FOURS, 200704, 571393],
    ["conv4_1_b", same(14, 512, 512, 3), FOURS, 3612672, 4330838],
    ["conv4_2_a", same(14, 512, 512, 1), FOURS, 401408, 674476],
    ["conv4_2_b", same(14, 512, 512, 3), FOURS, 3612672, 4330838],
    ["conv5_1_a", halved(14, 512, 1024), FOURS, 200704, 345431],
    ["conv5_1_b", same(7, 1024, 1024, 3), FOURS, 3612672, 3614180],
    ["conv5_2_a", same(7, 1024, 1024, 1), FOURS, 401408, 557057],
    ["conv5_2_b", same(7, 1024, 1024, 3), FOURS, 3612672, 3614180],
  ],
  RNN: [["matmul", full(4096, 4096), FOURS, 131072, 394583]],
  LSTM: [["matmul", full(3600, 3600), FOURS, 103056, 337175]],
} as const satisfies Readonly<Record<string, readonly Row[]>>;

export type FusedNetworkName = keyof typeof ROWS;
export const FUSED_NETWORK_NAMES = Object.keys(ROWS) as readonly FusedNetworkName[];

export function fusedLayers(network: FusedNetworkName): FusedLayer[] {
  return (ROWS[network] as readonly Row[]).map(([name, shape, widths, unitCycles, cycles], index) => ({
    name,
    shape,
    widths,
    unitCycles,
    cycles,
    isFirst: shape[0] > 1 && (index === 0 || (index === 1 && name === "conv1_b")),
  }));
}

export function boundsOf({ shape }: FusedLayer): { readonly bounds: LoopBounds; readonly window: Window } {
  const [H, C, K, kernel, stride, before, behind] = shape;
  const P = Math.floor((H + before + behind - kernel) / stride) + 1;
  return {
    bounds: { G: 1, N: BATCH, K, C, P, Q: P, R: kernel, S: kernel },
    window: {
      ifmapHeight: H,
      ifmapWidth: H,
      strideHeight: stride,
      strideWidth: stride,
      dilationHeight: 1,
      dilationWidth: 1,
      padTop: before,
      padLeft: before,
      padBottom: behind,
      padRight: behind,
    },
  };
}

/** The narrowest tensors that hold a width. */
function precisionOf(bits: number): Precision {
  if (bits > 8) return "int32";
  return bits > 4 ? "int8" : bits > 2 ? "int4" : "int2";
}

/**
 * Layers as a network, each with an input and output of its own, since pools between layers are not timed. Binary weights are stored
 * in a bit, binary activations in two. @param outputBits of what leaves, where not the next layer's width
 */
export function fusedNetwork(layers: readonly FusedLayer[], outputBits: number | undefined): Network {
  const parts = layers.map((layer) => {
    const { bounds, window } = boundsOf(layer);
    const [ifmap, weight, output] = ["ifmap", "weight", "ofmap"].map((operand) => `${layer.name}.${operand}`) as [
      string,
      string,
      string,
    ];
    const matrix: MatrixLayer = {
      kind: "conv",
      name: layer.name,
      operator: "Conv",
      inputs: [ifmap, weight],
      outputs: [output],
      bounds,
      window,
      ifmap,
      weight,
    };
    return { matrix, tensors: tensorsOf(layer, { ifmap, weight, output }, outputBits) };
  });
  return createNetwork({
    name: "layers of Bit Fusion",
    source: "hsharma35/bitfusion",
    tensors: parts.flatMap(({ tensors }) => tensors),
    layers: parts.map(({ matrix }) => matrix),
  });
}

function tensorsOf(
  layer: FusedLayer,
  names: { readonly ifmap: string; readonly weight: string; readonly output: string },
  outputBits: number | undefined,
): Tensor[] {
  const { P, Q } = boundsOf(layer).bounds;
  const [H, C, K, kernel] = layer.shape;
  const [activation, weight, output] = layer.widths;
  const binary = { encoding: { name: "dense", parameters: { valueBits: 1 } } };
  return [
    { name: names.ifmap, shape: [BATCH, C, H, H], precision: precisionOf(activation), role: "input" },
    {
      name: names.weight,
      shape: [K, C, kernel, kernel],
      precision: precisionOf(weight),
      role: "weight",
      ...(weight === 1 && binary),
    },
    { name: names.output, shape: [BATCH, K, P, Q], precision: precisionOf(outputBits ?? output), role: "output" },
  ];
}
