/** Registry of built-in networks. Entries hold functions: importing it builds nothing. */
import { ALEXNET } from "./alexnet.js";
import { BERT_BASE } from "./bert-base.js";
import { DEEPLABV3PLUS } from "./deeplabv3plus.js";
import { EFFICIENTNET_B0 } from "./efficientnet-b0.js";
import type { NetworkEntry } from "./entry.js";
import { GOOGLENET } from "./googlenet.js";
import { GPT2_DECODE, GPT2_PREFILL } from "./gpt2.js";
import { LENET5 } from "./lenet5.js";
import { LLAMA3_8B_DECODE, LLAMA3_8B_PREFILL } from "./llama3-8b.js";
import { MLP_1, MLP_2 } from "./mlp.js";
import { MOBILENETV2 } from "./mobilenetv2.js";
import { RESNET56, RESNET164 } from "./resnet-cifar.js";
import { RESNET18, RESNET50 } from "./resnet-imagenet.js";
import { VGG11, VGG16, VGG19 } from "./vgg.js";
import { VIT_B16 } from "./vit-b16.js";

export type { NetworkEntry } from "./entry.js";

export const NETWORKS: Readonly<Record<string, NetworkEntry>> = {
  lenet5: LENET5,
  "mlp-1": MLP_1,
  "mlp-2": MLP_2,
  alexnet: ALEXNET,
  vgg11: VGG11,
  vgg16: VGG16,
  vgg19: VGG19,
  resnet18: RESNET18,
  resnet50: RESNET50,
  resnet56: RESNET56,
  resnet164: RESNET164,
  mobilenetv2: MOBILENETV2,
  "efficientnet-b0": EFFICIENTNET_B0,
  googlenet: GOOGLENET,
  deeplabv3plus: DEEPLABV3PLUS,
  "bert-base": BERT_BASE,
  "vit-b16": VIT_B16,
  "gpt2-prefill": GPT2_PREFILL,
  "gpt2-decode": GPT2_DECODE,
  "llama3-8b-prefill": LLAMA3_8B_PREFILL,
  "llama3-8b-decode": LLAMA3_8B_DECODE,
};
