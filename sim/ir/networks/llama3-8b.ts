/**
 * Llama 3 8B: 32 decoder layers with grouped-query attention (32 query heads share 8 key-value heads), rotary positions and
 * a gated feed-forward of width 14336, with a key-value cache. Prefill takes a prompt and fills the cache; decode takes one
 * token and reads the whole cache. Logits are those of the last token.
 * Source: Grattafiori et al., The Llama 3 herd of models, 2024, table 3; names as Hugging Face LlamaForCausalLM.
 */
import { z } from "zod";
import { count } from "../../core/params.js";
import type { Network } from "../network.js";
import { NetworkBuilder } from "../network-builder.js";
import { attention, causalMask, mergeHeads, splitHeads } from "./attention.js";
import { defineNetwork, type NetworkEntry } from "./entry.js";

const SOURCE = "Grattafiori et al., The Llama 3 herd of models, 2024 (Llama 3 8B)";
const WIDTH = 4096;
const HEADS = 32;
const KEY_HEADS = 8;
const HEAD_WIDTH = WIDTH / HEADS;
const HIDDEN = 14_336;
const LAYERS = 32;
const VOCABULARY = 128_256;
const EPSILON = 1e-5;

const PARAMETERS = {
  value: 8_030_261_248,
  source: "Hugging Face model card of Meta-Llama-3-8B; hand count in the test",
};

function contextTokens(description: string) {
  const source = "Grattafiori et al. 2024: pre-trained on sequences of 8192 tokens";
  return count(1, 8192, { unit: "tokens", description, source }).default(2048);
}

export const LLAMA3_8B_PREFILL: NetworkEntry = defineNetwork({
  name: "llama3-8b-prefill",
  description: "Llama 3 8B over a prompt, filling the key-value cache",
  source: SOURCE,
  optionsTable: z.strictObject({ contextTokens: contextTokens("Tokens of the prompt") }),
  published: { parameters: PARAMETERS },
  build: (options) => buildLlama("llama3-8b-prefill", options.contextTokens, options.contextTokens),
});

export const LLAMA3_8B_DECODE: NetworkEntry = defineNetwork({
  name: "llama3-8b-decode",
  description: "Llama 3 8B, one token against the key-value cache",
  source: SOURCE,
  optionsTable: z.strictObject({ contextTokens: contextTokens("Tokens attended to, the new one included") }),
  published: { parameters: PARAMETERS },
  build: (options) => buildLlama("llama3-8b-decode", 1, options.contextTokens),
});

function selfAttention(
  net: NetworkBuilder,
  name: string,
  x: string,
  context: number,
  mask: string | undefined,
): string {
  const project = (role: string, heads: number): string => {
    const projected = net.linear(`${name}.${role}_proj`, x, { outputs: heads * HEAD_WIDTH, bias: false });
    return splitHeads(net, `${name}.${role}_proj`, projected, heads);
  };
  const cached = (role: string, entries: string): string => {
    const cache = net.state(`${name}.${role}_cache`, [1, KEY_HEADS, context, HEAD_WIDTH]);
    return net.append(`${name}.${role}_append`, cache, entries);
  };
  const q = net.rotary(`${name}.q_rotary`, project("q", HEADS));
  const k = cached("k", net.rotary(`${name}.k_rotary`, project("k", KEY_HEADS)));
  const v = cached("v", project("v", KEY_HEADS));
  const heads = attention(net, name, { q, k, v, ...(mask !== undefined && { mask }) });
  return net.linear(`${name}.o_proj`, mergeHeads(net, name, heads), { outputs: WIDTH, bias: false });
}

/** down(silu(gate(x)) * up(x)). */
function gatedFeedForward(net: NetworkBuilder, name: string, x: string): string {
  const gate = net.linear(`${name}.gate_proj`, x, { outputs: HIDDEN, bias: false });
  const up = net.linear(`${name}.up_proj`, x, { outputs: HIDDEN, bias: false });
  const gated = net.multiply(`${name}.multiply`, net.silu(`${name}.act_fn`, gate), up);
  return net.linear(`${name}.down_proj`, gated, { outputs: WIDTH, bias: false });
}

function buildLlama(name: string, tokens: number, context: number): Network {
  const net = new NetworkBuilder(name, SOURCE);
  if (tokens > 1) net.note("logits of the last token only; attention scores in full, the hidden half included");
  const ids = net.input("input_ids", [1, tokens], "int64");
  let x = net.embedding("model.embed_tokens", ids, { entries: VOCABULARY, width: WIDTH });
  const mask = tokens > 1 ? causalMask(net, tokens) : undefined;
  for (let index = 0; index < LAYERS; index++) {
    const layer = `model.layers.${index}`;
    const normed = net.rmsNorm(`${layer}.input_layernorm`, x, EPSILON);
    x = net.add(`${layer}.add_1`, selfAttention(net, `${layer}.self_attn`, normed, context, mask), x);
    const attended = net.rmsNorm(`${layer}.post_attention_layernorm`, x, EPSILON);
    x = net.add(`${layer}.add_2`, gatedFeedForward(net, `${layer}.mlp`, attended), x);
  }
  if (tokens > 1) x = net.slice("model.last_token", x, { axis: 1, start: tokens - 1, end: tokens });
  return net.build([
    net.linear("lm_head", net.rmsNorm("model.norm", x, EPSILON), { outputs: VOCABULARY, bias: false }),
  ]);
}
