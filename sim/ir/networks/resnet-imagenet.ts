/**
 * Residual networks for ImageNet as torchvision defines them: ResNet-50 has the stride of a stage in the 3x3 convolution
 * (the paper has it in the first 1x1), and shortcuts that change shape are 1x1 convolutions with batch norm.
 * `bottleneckBackbone` also serves segmentation, with dilation in place of the last stride.
 * Source: He et al., CVPR 2016, table 1; torchvision resnet.
 */
import { z } from "zod";
import type { Network } from "../network.js";
import { NetworkBuilder } from "../network-builder.js";
import { defineNetwork, type NetworkEntry } from "./entry.js";

const PAPER = "He et al., Deep residual learning for image recognition, CVPR 2016";

export const RESNET18: NetworkEntry = defineNetwork({
  name: "resnet18",
  description: "residual network of basic blocks, 224x224",
  source: `${PAPER}, as torchvision resnet18`,
  optionsTable: z.strictObject({}),
  published: {
    macs: { value: 1.814e9, tolerance: 0.0003, source: "torchvision ResNet18_Weights, 1.814 GFLOPS" },
    parameters: { value: 11_689_512, source: "torchvision ResNet18_Weights, num_params" },
  },
  build: buildResnet18,
});

export const RESNET50: NetworkEntry = defineNetwork({
  name: "resnet50",
  description: "residual network of bottleneck blocks, stride in the 3x3 convolution, 224x224",
  source: `${PAPER}, as torchvision resnet50`,
  optionsTable: z.strictObject({}),
  published: {
    macs: { value: 4.089e9, tolerance: 0.0002, source: "torchvision ResNet50_Weights, 4.089 GFLOPS" },
    parameters: { value: 25_557_032, source: "torchvision ResNet50_Weights, num_params" },
  },
  build: buildResnet50,
});

interface BlockOptions {
  /** Filters of the block's 3x3 convolutions. */
  readonly width: number;
  readonly stride: number;
  readonly dilation: number;
}

/** Convolution and batch norm. */
function convNorm(
  net: NetworkBuilder,
  names: readonly [conv: string, norm: string],
  x: string,
  options: Parameters<NetworkBuilder["conv"]>[2],
): string {
  return net.batchNorm(names[1], net.conv(names[0], x, options));
}

function shortcut(net: NetworkBuilder, name: string, x: string, filters: number, stride: number): string {
  if (stride === 1 && net.shape(x)[1] === filters) return x;
  return convNorm(net, [`${name}.downsample.0`, `${name}.downsample.1`], x, { filters, kernel: 1, stride });
}

function basicBlock(net: NetworkBuilder, name: string, x: string, { width, stride }: BlockOptions): string {
  const first = { filters: width, kernel: 3, stride, padding: 1 };
  let y = net.relu(`${name}.relu1`, convNorm(net, [`${name}.conv1`, `${name}.bn1`], x, first));
  y = convNorm(net, [`${name}.conv2`, `${name}.bn2`], y, { filters: width, kernel: 3, padding: 1 });
  return net.relu(`${name}.relu2`, net.add(`${name}.add`, y, shortcut(net, name, x, width, stride)));
}

function bottleneckBlock(net: NetworkBuilder, name: string, x: string, options: BlockOptions): string {
  const { width, stride, dilation } = options;
  let y = convNorm(net, [`${name}.conv1`, `${name}.bn1`], x, { filters: width, kernel: 1 });
  const middle = { filters: width, kernel: 3, stride, padding: dilation, dilation };
  y = convNorm(net, [`${name}.conv2`, `${name}.bn2`], net.relu(`${name}.relu1`, y), middle);
  y = net.relu(`${name}.relu2`, y);
  y = convNorm(net, [`${name}.conv3`, `${name}.bn3`], y, { filters: 4 * width, kernel: 1 });
  return net.relu(`${name}.relu3`, net.add(`${name}.add`, y, shortcut(net, name, x, 4 * width, stride)));
}

function stem(net: NetworkBuilder, x: string): string {
  const y = convNorm(net, ["conv1", "bn1"], x, { filters: 64, kernel: 7, stride: 2, padding: 3 });
  return net.maxPool("maxpool", net.relu("relu", y), { kernel: 3, stride: 2, padding: 1 });
}

function classify(net: NetworkBuilder, x: string): Network {
  const pooled = net.flatten("flatten", net.globalAveragePool("avgpool", x));
  return net.build([net.linear("fc", pooled, { outputs: 1000 })]);
}

function buildResnet18(): Network {
  const net = new NetworkBuilder("resnet18", `${PAPER}, as torchvision resnet18`);
  let x = stem(net, net.input("input", [1, 3, 224, 224]));
  for (const [stage, width] of [64, 128, 256, 512].entries()) {
    for (const block of [0, 1]) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      x = basicBlock(net, `layer${stage + 1}.${block}`, x, { width, stride, dilation: 1 });
    }
  }
  return classify(net, x);
}

/**
 * Stem and four stages of ResNet-50 over [N, 3, H, W]: the ofmaps of the stages. With `dilateLast` the last stage keeps its
 * size: its stride becomes a dilation of 2 in the blocks after the first.
 */
export function bottleneckBackbone(net: NetworkBuilder, input: string, dilateLast: boolean): string[] {
  let x = stem(net, input);
  return [3, 4, 6, 3].map((blocks, stage) => {
    const isDilated = dilateLast && stage === 3;
    for (let block = 0; block < blocks; block++) {
      x = bottleneckBlock(net, `layer${stage + 1}.${block}`, x, {
        width: 64 * 2 ** stage,
        stride: stage > 0 && block === 0 && !isDilated ? 2 : 1,
        dilation: isDilated && block > 0 ? 2 : 1,
      });
    }
    return x;
  });
}

function buildResnet50(): Network {
  const net = new NetworkBuilder("resnet50", `${PAPER}, as torchvision resnet50`);
  return classify(net, bottleneckBackbone(net, net.input("input", [1, 3, 224, 224]), false).at(-1)!);
}
