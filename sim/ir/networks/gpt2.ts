/**
 * GPT-2, the smallest (124M): twelve decoder layers with a key-value cache. Prefill takes a prompt and fills the cache;
 * decode takes one token and reads the whole cache. Logits are those of the last token, and the output layer shares the
 * token embedding.
 * Source: Radford et al., Language models are unsupervised multitask learners, 2019; names as Hugging Face GPT2LMHeadModel.
 */
import { z } from "zod";
import { count } from "../../core/params.js";
import type { Network } from "../network.js";
import { NetworkBuilder } from "../network-builder.js";
import { attention, causalMask, mergeHeads, splitHeads } from "./attention.js";
import { defineNetwork, type NetworkEntry } from "./entry.js";

const SOURCE = "Radford et al., GPT-2, 2019, as Hugging Face GPT2LMHeadModel (gpt2)";
const WIDTH = 768;
const HEADS = 12;
const LAYERS = 12;
const VOCABULARY = 50_257;
const MAX_TOKENS = 1024;
const EPSILON = 1e-5;

const PARAMETERS = { value: 124_439_808, source: "Hugging Face GPT2LMHeadModel, gpt2 (tied embedding once)" };

function contextTokens(description: string) {
  const source = "Radford et al. 2019: context of 1024 tokens";
  return count(1, MAX_TOKENS, { unit: "tokens", description, source }).default(MAX_TOKENS);
}

export const GPT2_PREFILL: NetworkEntry = defineNetwork({
  name: "gpt2-prefill",
  description: "GPT-2 (124M) over a prompt, filling the key-value cache",
  source: SOURCE,
  optionsTable: z.strictObject({ contextTokens: contextTokens("Tokens of the prompt") }),
  published: { parameters: PARAMETERS },
  build: (options) => buildGpt2("gpt2-prefill", options.contextTokens, options.contextTokens),
});

export const GPT2_DECODE: NetworkEntry = defineNetwork({
  name: "gpt2-decode",
  description: "GPT-2 (124M), one token against the key-value cache",
  source: SOURCE,
  optionsTable: z.strictObject({ contextTokens: contextTokens("Tokens attended to, the new one included") }),
  published: { parameters: PARAMETERS },
  build: (options) => buildGpt2("gpt2-decode", 1, options.contextTokens),
});

interface Sequence {
  readonly tokens: number;
  readonly context: number;
  readonly mask: string | undefined;
}

function decoderLayer(net: NetworkBuilder, name: string, x: string, { context, mask }: Sequence): string {
  const normed = net.layerNorm(`${name}.ln_1`, x, EPSILON);
  const projected = net.linear(`${name}.attn.c_attn`, normed, { outputs: 3 * WIDTH });
  const part = (role: string, index: number): string => {
    const range = { axis: 2, start: index * WIDTH, end: (index + 1) * WIDTH };
    return splitHeads(net, `${name}.attn.${role}`, net.slice(`${name}.attn.${role}`, projected, range), HEADS);
  };
  const cached = (role: string, entries: string): string => {
    const cache = net.state(`${name}.attn.${role}_cache`, [1, HEADS, context, WIDTH / HEADS]);
    return net.append(`${name}.attn.${role}_append`, cache, entries);
  };
  const q = part("query", 0);
  const k = cached("key", part("key", 1));
  const v = cached("value", part("value", 2));
  const heads = attention(net, `${name}.attn`, { q, k, v, ...(mask !== undefined && { mask }) });
  let y = net.linear(`${name}.attn.c_proj`, mergeHeads(net, `${name}.attn`, heads), { outputs: WIDTH });
  const attended = net.add(`${name}.add_1`, y, x);
  y = net.linear(`${name}.mlp.c_fc`, net.layerNorm(`${name}.ln_2`, attended, EPSILON), { outputs: 4 * WIDTH });
  y = net.linear(`${name}.mlp.c_proj`, net.gelu(`${name}.mlp.act`, y, "tanh"), { outputs: WIDTH });
  return net.add(`${name}.add_2`, y, attended);
}

function buildGpt2(name: string, tokens: number, context: number): Network {
  const net = new NetworkBuilder(name, SOURCE);
  if (tokens > 1) net.note("logits of the last token only; attention scores in full, the hidden half included");
  const ids = net.input("input_ids", [1, tokens], "int64");
  const positions = net.input("position_ids", [1, tokens], "int64");
  let x = net.add(
    "transformer.add_position",
    net.embedding("transformer.wte", ids, { entries: VOCABULARY, width: WIDTH }),
    net.embedding("transformer.wpe", positions, { entries: MAX_TOKENS, width: WIDTH }),
  );
  const sequence = { tokens, context, mask: tokens > 1 ? causalMask(net, tokens) : undefined };
  for (let layer = 0; layer < LAYERS; layer++) x = decoderLayer(net, `transformer.h.${layer}`, x, sequence);
  if (tokens > 1) x = net.slice("transformer.last_token", x, { axis: 1, start: tokens - 1, end: tokens });
  x = net.layerNorm("transformer.ln_f", x, EPSILON);
  return net.build([net.linear("lm_head", x, { outputs: VOCABULARY, bias: false, weight: "transformer.wte.weight" })]);
}
