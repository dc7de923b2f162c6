/**
 * EfficientNet-B0: inverted residuals with squeeze-and-excitation and SiLU. Stochastic depth and dropout are left out.
 * Source: Tan and Le, ICML 2019, table 1; torchvision efficientnet_b0.
 */
import { z } from "zod";
import type { Network } from "../network.js";
import { type ConvOptions, NetworkBuilder } from "../network-builder.js";
import { defineNetwork } from "./entry.js";

const SOURCE = "Tan and Le, EfficientNet, ICML 2019, as torchvision efficientnet_b0";

const STAGES = [
  { expansion: 1, kernel: 3, stride: 1, channels: 16, blocks: 1 },
  { expansion: 6, kernel: 3, stride: 2, channels: 24, blocks: 2 },
  { expansion: 6, kernel: 5, stride: 2, channels: 40, blocks: 2 },
  { expansion: 6, kernel: 3, stride: 2, channels: 80, blocks: 3 },
  { expansion: 6, kernel: 5, stride: 1, channels: 112, blocks: 3 },
  { expansion: 6, kernel: 5, stride: 2, channels: 192, blocks: 4 },
  { expansion: 6, kernel: 3, stride: 1, channels: 320, blocks: 1 },
];

interface BlockOptions {
  readonly expansion: number;
  readonly kernel: number;
  readonly stride: number;
  readonly channels: number;
}

export const EFFICIENTNET_B0 = defineNetwork({
  name: "efficientnet-b0",
  description: "inverted residuals with squeeze-and-excitation, 224x224",
  source: SOURCE,
  optionsTable: z.strictObject({}),
  published: {
    macs: { value: 0.386e9, tolerance: 0.0013, source: "torchvision EfficientNet_B0_Weights, 0.386 GFLOPS" },
    parameters: { value: 5_288_548, source: "torchvision EfficientNet_B0_Weights, num_params" },
  },
  build: buildEfficientNetB0,
});

/** Convolution, batch norm and SiLU, named as the members of one sequence. */
function convNormSilu(net: NetworkBuilder, name: string, x: string, options: ConvOptions): string {
  return net.silu(`${name}.2`, net.batchNorm(`${name}.1`, net.conv(`${name}.0`, x, options)));
}

/** Scales each channel by a gate computed from its mean; the squeezed width is a quarter of the block's input. */
function squeezeExcite(net: NetworkBuilder, name: string, x: string, squeezed: number): string {
  const channels = net.shape(x)[1]!;
  let gate = net.globalAveragePool(`${name}.avgpool`, x);
  gate = net.silu(`${name}.activation`, net.conv(`${name}.fc1`, gate, { filters: squeezed, kernel: 1, bias: true }));
  gate = net.conv(`${name}.fc2`, gate, { filters: channels, kernel: 1, bias: true });
  return net.multiply(`${name}.scale`, x, net.sigmoid(`${name}.scale_activation`, gate));
}

function mbConv(net: NetworkBuilder, name: string, x: string, options: BlockOptions): string {
  const { expansion, kernel, stride, channels } = options;
  const inputs = net.shape(x)[1]!;
  const hidden = inputs * expansion;
  let index = 0;
  let y = x;
  if (expansion !== 1) y = convNormSilu(net, `${name}.block.${index++}`, y, { filters: hidden, kernel: 1 });
  const depthwise = { filters: hidden, kernel, stride, padding: (kernel - 1) / 2, groups: hidden };
  y = convNormSilu(net, `${name}.block.${index++}`, y, depthwise);
  y = squeezeExcite(net, `${name}.block.${index++}`, y, Math.floor(inputs / 4));
  y = net.conv(`${name}.block.${index}.0`, y, { filters: channels, kernel: 1 });
  y = net.batchNorm(`${name}.block.${index}.1`, y);
  return stride === 1 && inputs === channels ? net.add(`${name}.add`, y, x) : y;
}

function buildEfficientNetB0(): Network {
  const net = new NetworkBuilder("efficientnet-b0", SOURCE);
  const input = net.input("input", [1, 3, 224, 224]);
  let x = convNormSilu(net, "features.0", input, { filters: 32, kernel: 3, stride: 2, padding: 1 });
  for (const [stage, { blocks, ...options }] of STAGES.entries()) {
    for (let block = 0; block < blocks; block++) {
      const stride = block === 0 ? options.stride : 1;
      x = mbConv(net, `features.${stage + 1}.${block}`, x, { ...options, stride });
    }
  }
  x = convNormSilu(net, "features.8", x, { filters: 1280, kernel: 1 });
  x = net.flatten("flatten", net.globalAveragePool("avgpool", x));
  return net.build([net.linear("classifier.1", x, { outputs: 1000 })]);
}
