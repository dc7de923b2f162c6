/**
 * Residual networks for CIFAR-10. ResNet-56: three stages of nine basic blocks; shortcuts that change shape take every
 * second pixel and pad the channels with zeros, without parameters (option A of the paper). ResNet-164: three stages of 18
 * bottlenecks with batch norm and ReLU before each convolution; shortcuts that change shape are 1x1 convolutions and share
 * the block's first batch norm and ReLU. The stride of a stage is in its first 3x3 convolution, as in the imgclsmob zoo;
 * the authors' own code has it in the first 1x1, which saves 1.3% of the MACs.
 * Source: He et al., CVPR 2016, section 4.2; He et al., Identity mappings in deep residual networks, ECCV 2016.
 */
import { z } from "zod";
import type { Network } from "../network.js";
import { NetworkBuilder } from "../network-builder.js";
import { defineNetwork, type NetworkEntry } from "./entry.js";

const RESNET_PAPER = "He et al., Deep residual learning for image recognition, CVPR 2016";
const PREACTIVATION_PAPER = "He et al., Identity mappings in deep residual networks, ECCV 2016";

export const RESNET56: NetworkEntry = defineNetwork({
  name: "resnet56",
  description: "residual network of basic blocks for CIFAR-10 (32x32)",
  source: RESNET_PAPER,
  optionsTable: z.strictObject({}),
  published: {
    macs: {
      value: 125.49e6,
      tolerance: 0.0001,
      source: "125.49M: baseline of the CIFAR-10 pruning literature (HRank, FilterSketch)",
    },
    parameters: { value: 853_018, source: "He et al. table 6 (0.85M), counted by hand in the test" },
  },
  build: buildResnet56,
});

export const RESNET164: NetworkEntry = defineNetwork({
  name: "resnet164",
  description: "pre-activation residual network of bottleneck blocks for CIFAR-10 (32x32)",
  source: PREACTIVATION_PAPER,
  optionsTable: z.strictObject({}),
  published: {
    parameters: { value: 1_703_258, source: "imgclsmob model zoo, PreResNet-164(BN)" },
  },
  build: buildResnet164,
});

function basicBlock(net: NetworkBuilder, name: string, x: string, width: number, stride: number): string {
  let y = net.conv(`${name}.conv1`, x, { filters: width, kernel: 3, stride, padding: 1 });
  y = net.relu(`${name}.relu1`, net.batchNorm(`${name}.bn1`, y));
  y = net.conv(`${name}.conv2`, y, { filters: width, kernel: 3, padding: 1 });
  y = net.batchNorm(`${name}.bn2`, y);
  const skip = stride === 1 ? x : paddedShortcut(net, `${name}.shortcut`, x, width);
  return net.relu(`${name}.relu2`, net.add(`${name}.add`, y, skip));
}

/** Every second pixel in both directions, with zeros as the channels that are missing. */
function paddedShortcut(net: NetworkBuilder, name: string, x: string, width: number): string {
  const [, channels, height, columns] = net.shape(x);
  const rows = net.slice(`${name}.rows`, x, { axis: 2, start: 0, end: height!, step: 2 });
  const pixels = net.slice(`${name}.columns`, rows, { axis: 3, start: 0, end: columns!, step: 2 });
  const missing = width - channels!;
  return net.padChannels(`${name}.pad`, pixels, Math.floor(missing / 2), Math.ceil(missing / 2));
}

function buildResnet56(): Network {
  const net = new NetworkBuilder("resnet56", RESNET_PAPER);
  let x = net.conv("conv1", net.input("input", [1, 3, 32, 32]), { filters: 16, kernel: 3, padding: 1 });
  x = net.relu("relu", net.batchNorm("bn1", x));
  for (const [stage, width] of [16, 32, 64].entries()) {
    for (let block = 0; block < 9; block++) {
      x = basicBlock(net, `layer${stage + 1}.${block}`, x, width, stage > 0 && block === 0 ? 2 : 1);
    }
  }
  return classify(net, x);
}

function preactivationBlock(net: NetworkBuilder, name: string, x: string, width: number, stride: number): string {
  const activate = (index: number, y: string): string => {
    return net.relu(`${name}.relu${index}`, net.batchNorm(`${name}.bn${index}`, y));
  };
  const activated = activate(1, x);
  let y = net.conv(`${name}.conv1`, activated, { filters: width, kernel: 1 });
  y = net.conv(`${name}.conv2`, activate(2, y), { filters: width, kernel: 3, stride, padding: 1 });
  y = net.conv(`${name}.conv3`, activate(3, y), { filters: 4 * width, kernel: 1 });
  const isSameShape = stride === 1 && net.shape(x)[1] === 4 * width;
  if (isSameShape) return net.add(`${name}.add`, y, x);
  const shortcut = net.conv(`${name}.downsample.0`, activated, { filters: 4 * width, kernel: 1, stride });
  return net.add(`${name}.add`, y, shortcut);
}

function buildResnet164(): Network {
  const net = new NetworkBuilder("resnet164", PREACTIVATION_PAPER);
  net.note("stride in the 3x3 convolution of a block; the authors' code has it in the first 1x1");
  let x = net.conv("conv1", net.input("input", [1, 3, 32, 32]), { filters: 16, kernel: 3, padding: 1 });
  for (const [stage, width] of [16, 32, 64].entries()) {
    for (let block = 0; block < 18; block++) {
      x = preactivationBlock(net, `layer${stage + 1}.${block}`, x, width, stage > 0 && block === 0 ? 2 : 1);
    }
  }
  return classify(net, net.relu("relu", net.batchNorm("bn", x)));
}

function classify(net: NetworkBuilder, x: string): Network {
  const pooled = net.flatten("flatten", net.globalAveragePool("avgpool", x));
  return net.build([net.linear("fc", pooled, { outputs: 10 })]);
}
