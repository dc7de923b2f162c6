/**
 * DeepLabV3+ on ResNet-50 at output stride 16: atrous pyramid of rates 6, 12 and 18 with an image-pooling branch, a decoder
 * that joins the ofmap of the first stage, and bilinear upsampling. The pyramid and the decoder have plain 3x3 convolutions,
 * one in the decoder (the paper's Xception form has separable ones, two of them); 21 classes of PASCAL VOC.
 * Source: Chen et al., ECCV 2018, fig. 2; layers as in the public DeepLabV3Plus-Pytorch.
 */
import { z } from "zod";
import { count } from "../../core/params.js";
import type { Network } from "../network.js";
import { type ConvOptions, NetworkBuilder } from "../network-builder.js";
import { defineNetwork } from "./entry.js";
import { bottleneckBackbone } from "./resnet-imagenet.js";

const SOURCE = "Chen et al., DeepLabV3+, ECCV 2018, with a ResNet-50 backbone at output stride 16";
const FILTERS = 256;

const options = z.strictObject({
  imagePixels: count(65, 2049, {
    unit: "pixels",
    description: "Height and width of the image",
    source: "Chen et al. 2018: crops of 513x513",
  }).default(513),
});

export const DEEPLABV3PLUS = defineNetwork({
  name: "deeplabv3plus",
  description: "semantic segmentation, ResNet-50 backbone at output stride 16, 21 classes, 513x513",
  source: SOURCE,
  optionsTable: options,
  published: {
    macs: { value: 62.7e9, tolerance: 0.01, source: "DeepLabV3Plus-Pytorch, DeepLabV3Plus-ResNet50 at OS 16: 62.7G" },
  },
  build: ({ imagePixels }) => buildDeepLab(imagePixels),
});

/** Convolution, batch norm and ReLU, named as the members of one sequence. */
function convNormRelu(net: NetworkBuilder, name: string, x: string, options: ConvOptions): string {
  return net.relu(`${name}.2`, net.batchNorm(`${name}.1`, net.conv(`${name}.0`, x, options)));
}

function plane(net: NetworkBuilder, x: string): readonly [number, number] {
  const [, , height, width] = net.shape(x);
  return [height!, width!];
}

/** Atrous spatial pyramid pooling. */
function pyramid(net: NetworkBuilder, x: string): string {
  const branches = [convNormRelu(net, "classifier.aspp.convs.0", x, { filters: FILTERS, kernel: 1 })];
  for (const [index, dilation] of [6, 12, 18].entries()) {
    const atrous = { filters: FILTERS, kernel: 3, padding: dilation, dilation };
    branches.push(convNormRelu(net, `classifier.aspp.convs.${index + 1}`, x, atrous));
  }
  const pooled = net.globalAveragePool("classifier.aspp.convs.4.pool", x);
  const image = convNormRelu(net, "classifier.aspp.convs.4", pooled, { filters: FILTERS, kernel: 1 });
  branches.push(net.resizeBilinear("classifier.aspp.convs.4.resize", image, plane(net, x)));
  const joined = net.concat("classifier.aspp.concat", branches, 1);
  return convNormRelu(net, "classifier.aspp.project", joined, { filters: FILTERS, kernel: 1 });
}

function buildDeepLab(imagePixels: number): Network {
  const net = new NetworkBuilder("deeplabv3plus", SOURCE);
  net.note("plain 3x3 convolutions, one in the decoder; the paper's Xception form has separable ones, two of them");
  const input = net.input("input", [1, 3, imagePixels, imagePixels]);
  const stages = bottleneckBackbone(net, input, true);
  const lowLevel = convNormRelu(net, "classifier.project", stages[0]!, { filters: 48, kernel: 1 });
  const context = net.resizeBilinear("classifier.upsample", pyramid(net, stages.at(-1)!), plane(net, lowLevel));
  let x = net.concat("classifier.concat", [lowLevel, context], 1);
  x = convNormRelu(net, "classifier.classifier", x, { filters: FILTERS, kernel: 3, padding: 1 });
  x = net.conv("classifier.classifier.3", x, { filters: 21, kernel: 1, bias: true });
  return net.build([net.resizeBilinear("upsample", x, [imagePixels, imagePixels])]);
}
