/**
 * MobileNetV2, width 1.0: inverted residuals with depthwise 3x3 convolutions and linear bottlenecks.
 * Source: Sandler et al., CVPR 2018, table 2; torchvision mobilenet_v2.
 */
import { z } from "zod";
import type { Network } from "../network.js";
import { type ConvOptions, NetworkBuilder } from "../network-builder.js";
import { defineNetwork } from "./entry.js";

const SOURCE = "Sandler et al., MobileNetV2, CVPR 2018, as torchvision mobilenet_v2";

/** Expansion, output channels, blocks and stride of the first block of each stage (the paper's t, c, n, s). */
const STAGES = [
  { expansion: 1, channels: 16, blocks: 1, stride: 1 },
  { expansion: 6, channels: 24, blocks: 2, stride: 2 },
  { expansion: 6, channels: 32, blocks: 3, stride: 2 },
  { expansion: 6, channels: 64, blocks: 4, stride: 2 },
  { expansion: 6, channels: 96, blocks: 3, stride: 1 },
  { expansion: 6, channels: 160, blocks: 3, stride: 2 },
  { expansion: 6, channels: 320, blocks: 1, stride: 1 },
];

export const MOBILENETV2 = defineNetwork({
  name: "mobilenetv2",
  description: "inverted residuals with depthwise convolutions, width 1.0, 224x224",
  source: SOURCE,
  optionsTable: z.strictObject({}),
  published: {
    macs: { value: 0.301e9, tolerance: 0.0017, source: "torchvision MobileNet_V2_Weights, 0.301 GFLOPS" },
    parameters: { value: 3_504_872, source: "torchvision MobileNet_V2_Weights, num_params" },
  },
  build: buildMobileNetV2,
});

/** Convolution, batch norm and ReLU6, named as the members of one sequence. */
function convNormRelu6(net: NetworkBuilder, name: string, x: string, options: ConvOptions): string {
  return net.relu6(`${name}.2`, net.batchNorm(`${name}.1`, net.conv(`${name}.0`, x, options)));
}

function invertedResidual(
  net: NetworkBuilder,
  name: string,
  x: string,
  block: { readonly expansion: number; readonly channels: number; readonly stride: number },
): string {
  const { expansion, channels, stride } = block;
  const inputs = net.shape(x)[1]!;
  const hidden = inputs * expansion;
  let index = 0;
  let y = x;
  if (expansion !== 1) y = convNormRelu6(net, `${name}.conv.${index++}`, y, { filters: hidden, kernel: 1 });
  const depthwise = { filters: hidden, kernel: 3, stride, padding: 1, groups: hidden };
  y = convNormRelu6(net, `${name}.conv.${index++}`, y, depthwise);
  y = net.conv(`${name}.conv.${index++}`, y, { filters: channels, kernel: 1 });
  y = net.batchNorm(`${name}.conv.${index}`, y);
  return stride === 1 && inputs === channels ? net.add(`${name}.add`, x, y) : y;
}

function buildMobileNetV2(): Network {
  const net = new NetworkBuilder("mobilenetv2", SOURCE);
  const input = net.input("input", [1, 3, 224, 224]);
  let x = convNormRelu6(net, "features.0", input, { filters: 32, kernel: 3, stride: 2, padding: 1 });
  let index = 1;
  for (const { expansion, channels, blocks, stride } of STAGES) {
    for (let block = 0; block < blocks; block++) {
      const options = { expansion, channels, stride: block === 0 ? stride : 1 };
      x = invertedResidual(net, `features.${index++}`, x, options);
    }
  }
  x = convNormRelu6(net, `features.${index}`, x, { filters: 1280, kernel: 1 });
  x = net.flatten("flatten", net.globalAveragePool("avgpool", x));
  return net.build([net.linear("classifier.1", x, { outputs: 1000 })]);
}
