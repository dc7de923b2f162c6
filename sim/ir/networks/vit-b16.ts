/**
 * Vision transformer ViT-B/16: 196 patches and a class token through twelve encoder layers.
 * Source: Dosovitskiy et al., ICLR 2021; torchvision vit_b_16.
 */
import { z } from "zod";
import type { Network } from "../network.js";
import { NetworkBuilder } from "../network-builder.js";
import { attention, mergeHeads, splitHeads } from "./attention.js";
import { defineNetwork } from "./entry.js";

const SOURCE = "Dosovitskiy et al., An image is worth 16x16 words, ICLR 2021, as torchvision vit_b_16";
const WIDTH = 768;
const PATCHES = 14 * 14;
const EPSILON = 1e-6;

export const VIT_B16 = defineNetwork({
  name: "vit-b16",
  description: "vision transformer, twelve layers, width 768, patches of 16x16, 224x224",
  source: SOURCE,
  optionsTable: z.strictObject({}),
  published: {
    macs: {
      value: 17.564e9,
      tolerance: 0.0001,
      source: "torchvision ViT_B_16_Weights, 17.564 GFLOPS, attention products included",
    },
    parameters: { value: 86_567_656, source: "torchvision ViT_B_16_Weights, num_params" },
  },
  build: buildVit,
});

function patchEmbedding(net: NetworkBuilder): string {
  const image = net.input("input", [1, 3, 224, 224]);
  const patches = net.conv("conv_proj", image, { filters: WIDTH, kernel: 16, stride: 16, bias: true });
  const flat = net.reshape("conv_proj.flatten", patches, [1, WIDTH, PATCHES]);
  const tokens = net.transpose("conv_proj.transpose", flat, [0, 2, 1]);
  const classToken = net.expand("class_token.expand", net.weight("class_token", [1, 1, WIDTH]), [1, 1, WIDTH]);
  const sequence = net.concat("class_token.concat", [classToken, tokens], 1);
  return net.add("encoder.add_position", sequence, net.weight("encoder.pos_embedding", [1, PATCHES + 1, WIDTH]));
}

function encoderLayer(net: NetworkBuilder, name: string, x: string): string {
  const self = `${name}.self_attention`;
  const normed = net.layerNorm(`${name}.ln_1`, x, EPSILON);
  const projected = net.linear(`${self}.in_proj`, normed, { outputs: 3 * WIDTH });
  const part = (role: string, index: number): string => {
    const range = { axis: 2, start: index * WIDTH, end: (index + 1) * WIDTH };
    return splitHeads(net, `${self}.${role}`, net.slice(`${self}.${role}`, projected, range), 12);
  };
  const operands = { q: part("query", 0), k: part("key", 1), v: part("value", 2) };
  const merged = mergeHeads(net, self, attention(net, self, operands));
  const attended = net.add(`${name}.add_1`, net.linear(`${self}.out_proj`, merged, { outputs: WIDTH }), x);
  let y = net.linear(`${name}.mlp.0`, net.layerNorm(`${name}.ln_2`, attended, EPSILON), { outputs: 4 * WIDTH });
  y = net.linear(`${name}.mlp.3`, net.gelu(`${name}.mlp.1`, y, "none"), { outputs: WIDTH });
  return net.add(`${name}.add_2`, attended, y);
}

function buildVit(): Network {
  const net = new NetworkBuilder("vit-b16", SOURCE);
  let x = patchEmbedding(net);
  for (let layer = 0; layer < 12; layer++) x = encoderLayer(net, `encoder.layers.encoder_layer_${layer}`, x);
  x = net.slice("encoder.class_token", net.layerNorm("encoder.ln", x, EPSILON), { axis: 1, start: 0, end: 1 });
  return net.build([net.linear("heads.head", net.reshape("encoder.flatten", x, [1, WIDTH]), { outputs: 1000 })]);
}
