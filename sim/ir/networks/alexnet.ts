/**
 * AlexNet in one tower, as torchvision defines it (the 2012 paper splits it over two GPUs and has other channel counts).
 * Its adaptive pooling to 6x6 changes nothing at 224x224 and is left out; so is dropout.
 * Source: Krizhevsky, One weird trick for parallelizing convolutional neural networks, 2014; torchvision alexnet.
 */
import { z } from "zod";
import { NetworkBuilder } from "../network-builder.js";
import { defineNetwork } from "./entry.js";

const SOURCE = "Krizhevsky, arXiv 1404.5997, 2014, as torchvision alexnet";
const POOL = { kernel: 3, stride: 2 };

export const ALEXNET = defineNetwork({
  name: "alexnet",
  description: "five convolutions and three linear layers, one tower, 224x224",
  source: SOURCE,
  optionsTable: z.strictObject({}),
  published: {
    macs: { value: 0.714e9, tolerance: 0.0007, source: "torchvision AlexNet_Weights, 0.714 GFLOPS" },
    parameters: { value: 61_100_840, source: "torchvision AlexNet_Weights, num_params" },
  },
  build: () => {
    const net = new NetworkBuilder("alexnet", SOURCE);
    net.note("one tower, as torchvision; the 2012 paper has two towers and other channel counts");
    let x = net.input("input", [1, 3, 224, 224]);
    const conv = (index: number, filters: number, kernel: number, padding: number, stride = 1): void => {
      x = net.conv(`features.${index}`, x, { filters, kernel, padding, stride, bias: true });
      x = net.relu(`features.${index + 1}`, x);
    };
    conv(0, 64, 11, 2, 4);
    x = net.maxPool("features.2", x, POOL);
    conv(3, 192, 5, 2);
    x = net.maxPool("features.5", x, POOL);
    conv(6, 384, 3, 1);
    conv(8, 256, 3, 1);
    conv(10, 256, 3, 1);
    x = net.flatten("flatten", net.maxPool("features.12", x, POOL));
    x = net.relu("classifier.2", net.linear("classifier.1", x, { outputs: 4096 }));
    x = net.relu("classifier.5", net.linear("classifier.4", x, { outputs: 4096 }));
    return net.build([net.linear("classifier.6", x, { outputs: 1000 })]);
  },
});
