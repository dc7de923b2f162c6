/**
 * LeNet-5 for 28x28 digits, in the two forms that papers mean by the name. `lecun`: the paper's 6-16-120-84-10, with every
 * map of the second convolution connected to all six (the paper leaves out 36 of 96 pairs) and plain average pooling.
 * `caffe`: the 20-50-500-10 network of the Caffe examples, which the pruning literature compresses.
 * Source: LeCun et al., Proc. IEEE 1998, fig. 2; Caffe examples/mnist/lenet.prototxt.
 */
import { z } from "zod";
import { choice } from "../../core/params.js";
import { NetworkBuilder } from "../network-builder.js";
import { defineNetwork } from "./entry.js";

const SOURCE = "LeCun et al., Proc. IEEE 86(11), 1998";

const options = z.strictObject({
  variant: choice(["lecun", "caffe"], {
    description: "lecun: 6-16-120-84-10 with padding 2; caffe: 20-50-500-10 without padding",
    source: "LeCun et al. 1998, fig. 2; Caffe examples/mnist/lenet.prototxt",
  }).default("lecun"),
});

export const LENET5 = defineNetwork({
  name: "lenet5",
  description: "two convolutions and three linear layers, 28x28 grey digits",
  source: SOURCE,
  optionsTable: options,
  published: {
    parameters: {
      value: 61_706,
      source: "hand count: 156 + 2,416 + 48,120 + 10,164 + 850 (the paper's sparse second layer has 900 weights fewer)",
    },
  },
  build: ({ variant }) => (variant === "lecun" ? buildLecun() : buildCaffe()),
});

function buildLecun() {
  const net = new NetworkBuilder("lenet5", SOURCE);
  let x = net.input("input", [1, 1, 28, 28]);
  x = net.tanh("tanh1", net.conv("conv1", x, { filters: 6, kernel: 5, padding: 2, bias: true }));
  x = net.averagePool("pool1", x, { kernel: 2, stride: 2 });
  x = net.tanh("tanh2", net.conv("conv2", x, { filters: 16, kernel: 5, bias: true }));
  x = net.averagePool("pool2", x, { kernel: 2, stride: 2 });
  x = net.tanh("tanh3", net.linear("fc1", net.flatten("flatten", x), { outputs: 120 }));
  x = net.tanh("tanh4", net.linear("fc2", x, { outputs: 84 }));
  return net.build([net.linear("fc3", x, { outputs: 10 })]);
}

function buildCaffe() {
  const net = new NetworkBuilder("lenet5", "Caffe examples/mnist/lenet.prototxt");
  let x = net.input("input", [1, 1, 28, 28]);
  x = net.maxPool("pool1", net.conv("conv1", x, { filters: 20, kernel: 5, bias: true }), { kernel: 2, stride: 2 });
  x = net.maxPool("pool2", net.conv("conv2", x, { filters: 50, kernel: 5, bias: true }), { kernel: 2, stride: 2 });
  x = net.relu("relu1", net.linear("ip1", net.flatten("flatten", x), { outputs: 500 }));
  return net.build([net.linear("ip2", x, { outputs: 10 })]);
}
