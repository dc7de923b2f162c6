/**
 * Multi-layer perceptrons for 28x28 digits: 784-300-100-10, known as LeNet-300-100, and 784-500-300-10, the perceptron of
 * network slimming. Papers number their perceptrons each in its own way, so the numbers are ours.
 * Source: LeCun et al., Proc. IEEE 1998, section III.C; Liu et al., ICCV 2017, section 4.
 */
import { z } from "zod";
import type { Network } from "../network.js";
import { NetworkBuilder } from "../network-builder.js";
import { defineNetwork, type NetworkEntry } from "./entry.js";

const LENET_300_100 = "LeCun et al., Proc. IEEE 86(11), 1998 (LeNet-300-100)";
const SLIMMING = "Liu et al., Learning efficient convolutional networks through network slimming, ICCV 2017";

export const MLP_1: NetworkEntry = defineNetwork({
  name: "mlp-1",
  description: "perceptron 784-300-100-10 (LeNet-300-100)",
  source: LENET_300_100,
  optionsTable: z.strictObject({}),
  published: {
    macs: { value: 266_200, tolerance: 0, source: "784*300 + 300*100 + 100*10" },
    parameters: { value: 266_610, source: "266,200 weights and 410 biases" },
  },
  build: () => perceptron("mlp-1", LENET_300_100, [300, 100, 10]),
});

export const MLP_2: NetworkEntry = defineNetwork({
  name: "mlp-2",
  description: "perceptron 784-500-300-10",
  source: SLIMMING,
  optionsTable: z.strictObject({}),
  published: {
    macs: { value: 545_000, tolerance: 0, source: "784*500 + 500*300 + 300*10" },
    parameters: { value: 545_810, source: "545,000 weights and 810 biases" },
  },
  build: () => perceptron("mlp-2", SLIMMING, [500, 300, 10]),
});

function perceptron(name: string, source: string, widths: readonly number[]): Network {
  const net = new NetworkBuilder(name, source);
  let x = net.input("input", [1, 784]);
  for (const [index, outputs] of widths.entries()) {
    x = net.linear(`fc${index + 1}`, x, { outputs });
    if (index < widths.length - 1) x = net.relu(`relu${index + 1}`, x);
  }
  return net.build([x]);
}
