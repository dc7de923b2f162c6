/**
 * GoogLeNet: nine inception modules, as torchvision defines it for inference: batch norm behind every convolution, no auxiliary
 * classifiers, no dropout. Its third branches have 3x3 filters where the paper has 5x5 ones, which an option gives.
 * Source: Szegedy et al., CVPR 2015, table 1; torchvision googlenet.
 */
import { z } from "zod";
import type { Network } from "../network.js";
import { type ConvOptions, NetworkBuilder } from "../network-builder.js";
import { defineNetwork } from "./entry.js";

const SOURCE = "Szegedy et al., CVPR 2015, as torchvision googlenet";

/** Filters of a module: 1x1; reduction and 3x3; reduction and third branch; 1x1 behind the pool. */
type Filters = readonly [one: number, reduce: number, three: number, reduceThird: number, third: number, pool: number];

const STAGES: readonly { readonly modules: Readonly<Record<string, Filters>>; readonly poolKernel?: number }[] = [
  { modules: { "3a": [64, 96, 128, 16, 32, 32], "3b": [128, 128, 192, 32, 96, 64] }, poolKernel: 3 },
  {
    modules: {
      "4a": [192, 96, 208, 16, 48, 64],
      "4b": [160, 112, 224, 24, 64, 64],
      "4c": [128, 128, 256, 24, 64, 64],
      "4d": [112, 144, 288, 32, 64, 64],
      "4e": [256, 160, 320, 32, 128, 128],
    },
    poolKernel: 2,
  },
  { modules: { "5a": [256, 160, 320, 32, 128, 128], "5b": [384, 192, 384, 48, 128, 128] } },
];

const options = z.strictObject({
  thirdBranchKernel: z
    .literal([3, 5])
    .meta({
      description: "Height and width of the filters in the third branch of a module",
      source: "3: torchvision; 5: Szegedy et al. 2015, table 1",
    })
    .default(3),
});

export const GOOGLENET = defineNetwork({
  name: "googlenet",
  description: "nine inception modules, 224x224",
  source: SOURCE,
  optionsTable: options,
  published: {
    macs: { value: 1.498e9, tolerance: 0.0004, source: "torchvision GoogLeNet_Weights, 1.498 GFLOPS" },
    parameters: { value: 6_624_904, source: "torchvision GoogLeNet_Weights, num_params" },
  },
  build: ({ thirdBranchKernel }) => buildGoogLeNet(thirdBranchKernel),
});

/** Convolution, batch norm and ReLU. */
function basicConv(net: NetworkBuilder, name: string, x: string, conv: ConvOptions): string {
  return net.relu(`${name}.relu`, net.batchNorm(`${name}.bn`, net.conv(`${name}.conv`, x, conv)));
}

function inception(net: NetworkBuilder, name: string, x: string, filters: Filters, thirdKernel: number): string {
  const [one, reduce, three, reduceThird, third, pool] = filters;
  const spatial = (kernel: number) => ({ kernel, padding: (kernel - 1) / 2 });
  const pooled = net.maxPool(`${name}.branch4.0`, x, { kernel: 3, stride: 1, padding: 1, roundUp: true });
  const reduced = basicConv(net, `${name}.branch2.0`, x, { filters: reduce, kernel: 1 });
  const reducedThird = basicConv(net, `${name}.branch3.0`, x, { filters: reduceThird, kernel: 1 });
  const branches = [
    basicConv(net, `${name}.branch1`, x, { filters: one, kernel: 1 }),
    basicConv(net, `${name}.branch2.1`, reduced, { filters: three, ...spatial(3) }),
    basicConv(net, `${name}.branch3.1`, reducedThird, { filters: third, ...spatial(thirdKernel) }),
    basicConv(net, `${name}.branch4.1`, pooled, { filters: pool, kernel: 1 }),
  ];
  return net.concat(`${name}.concat`, branches, 1);
}

function buildGoogLeNet(thirdKernel: number): Network {
  const net = new NetworkBuilder("googlenet", SOURCE);
  if (thirdKernel === 3) net.note("third branches have 3x3 filters, as torchvision; the paper has 5x5 ones");
  const pool = { stride: 2, roundUp: true };
  let x = net.input("input", [1, 3, 224, 224]);
  x = basicConv(net, "conv1", x, { filters: 64, kernel: 7, stride: 2, padding: 3 });
  x = net.maxPool("maxpool1", x, { kernel: 3, ...pool });
  x = basicConv(net, "conv2", x, { filters: 64, kernel: 1 });
  x = basicConv(net, "conv3", x, { filters: 192, kernel: 3, padding: 1 });
  x = net.maxPool("maxpool2", x, { kernel: 3, ...pool });
  for (const [stage, { modules, poolKernel }] of STAGES.entries()) {
    for (const [module, filters] of Object.entries(modules)) {
      x = inception(net, `inception${module}`, x, filters, thirdKernel);
    }
    if (poolKernel !== undefined) x = net.maxPool(`maxpool${stage + 3}`, x, { kernel: poolKernel, ...pool });
  }
  x = net.flatten("flatten", net.globalAveragePool("avgpool", x));
  return net.build([net.linear("fc", x, { outputs: 1000 })]);
}
