/**
 * VGG: stacks of 3x3 convolutions between 2x2 pools. VGG-11 and VGG-16 for ImageNet as torchvision defines them without
 * batch norm (its adaptive pooling changes nothing at 224x224); VGG-19 for CIFAR-10 with batch norm, no bias and one linear
 * layer, as the compression literature uses it.
 * Source: Simonyan and Zisserman, ICLR 2015, table 1 (A, D, E); Liu et al., ICCV 2017 (CIFAR-10 form).
 */
import { z } from "zod";
import type { Network } from "../network.js";
import { NetworkBuilder } from "../network-builder.js";
import { defineNetwork, type NetworkEntry } from "./entry.js";

const PAPER = "Simonyan and Zisserman, ICLR 2015";

/** Filters of each stage's convolutions. */
const VGG11_STAGES = [[64], [128], [256, 256], [512, 512], [512, 512]];
const VGG16_STAGES = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
];
const VGG19_STAGES = [
  [64, 64],
  [128, 128],
  [256, 256, 256, 256],
  [512, 512, 512, 512],
  [512, 512, 512, 512],
];

export const VGG11: NetworkEntry = defineNetwork({
  name: "vgg11",
  description: "eight 3x3 convolutions and three linear layers, 224x224",
  source: `${PAPER}, as torchvision vgg11`,
  optionsTable: z.strictObject({}),
  published: {
    macs: { value: 7.609e9, tolerance: 0.0001, source: "torchvision VGG11_Weights, 7.609 GFLOPS" },
    parameters: { value: 132_863_336, source: "torchvision VGG11_Weights, num_params" },
  },
  build: () => imageNetVgg("vgg11", `${PAPER}, as torchvision vgg11`, VGG11_STAGES),
});

export const VGG16: NetworkEntry = defineNetwork({
  name: "vgg16",
  description: "thirteen 3x3 convolutions and three linear layers, 224x224",
  source: `${PAPER}, as torchvision vgg16`,
  optionsTable: z.strictObject({}),
  published: {
    macs: { value: 15.47e9, tolerance: 0.0004, source: "torchvision VGG16_Weights, 15.47 GFLOPS" },
    parameters: { value: 138_357_544, source: "torchvision VGG16_Weights, num_params" },
  },
  build: () => imageNetVgg("vgg16", `${PAPER}, as torchvision vgg16`, VGG16_STAGES),
});

export const VGG19: NetworkEntry = defineNetwork({
  name: "vgg19",
  description: "sixteen 3x3 convolutions with batch norm and one linear layer, CIFAR-10 (32x32)",
  source: `${PAPER}, CIFAR-10 form of Liu et al., ICCV 2017`,
  optionsTable: z.strictObject({}),
  published: {
    parameters: { value: 20_035_018, source: "Liu et al., ICCV 2017 (20.04M), counted by hand in the test" },
  },
  build: buildCifarVgg19,
});

function imageNetVgg(name: string, source: string, stages: readonly (readonly number[])[]): Network {
  const net = new NetworkBuilder(name, source);
  let x = net.input("input", [1, 3, 224, 224]);
  let index = 0;
  for (const stage of stages) {
    for (const filters of stage) {
      x = net.conv(`features.${index}`, x, { filters, kernel: 3, padding: 1, bias: true });
      x = net.relu(`features.${index + 1}`, x);
      index += 2;
    }
    x = net.maxPool(`features.${index}`, x, { kernel: 2, stride: 2 });
    index += 1;
  }
  x = net.flatten("flatten", x);
  x = net.relu("classifier.1", net.linear("classifier.0", x, { outputs: 4096 }));
  x = net.relu("classifier.4", net.linear("classifier.3", x, { outputs: 4096 }));
  return net.build([net.linear("classifier.6", x, { outputs: 1000 })]);
}

function buildCifarVgg19(): Network {
  const net = new NetworkBuilder("vgg19", `${PAPER}, CIFAR-10 form of Liu et al., ICCV 2017`);
  let x = net.input("input", [1, 3, 32, 32]);
  let index = 0;
  for (const [stage, widths] of VGG19_STAGES.entries()) {
    for (const filters of widths) {
      x = net.conv(`feature.${index}`, x, { filters, kernel: 3, padding: 1 });
      x = net.batchNorm(`feature.${index + 1}`, x);
      x = net.relu(`feature.${index + 2}`, x);
      index += 3;
    }
    const isLast = stage === VGG19_STAGES.length - 1;
    if (!isLast) x = net.maxPool(`feature.${index++}`, x, { kernel: 2, stride: 2 });
  }
  x = net.flatten("flatten", net.averagePool("avgpool", x, { kernel: 2, stride: 2 }));
  return net.build([net.linear("classifier", x, { outputs: 10 })]);
}
