/**
 * BERT-base, uncased: twelve encoder layers and the pooler, without a task head. Token, position and segment embeddings
 * are gathered; the attention mask is an input that is added to the scores.
 * Source: Devlin et al., NAACL 2019; names as in Hugging Face BertModel.
 */
import { z } from "zod";
import { count } from "../../core/params.js";
import type { Network } from "../network.js";
import { NetworkBuilder } from "../network-builder.js";
import { attention, mergeHeads, splitHeads } from "./attention.js";
import { defineNetwork } from "./entry.js";

const SOURCE = "Devlin et al., BERT, NAACL 2019, as Hugging Face BertModel (bert-base-uncased)";
const WIDTH = 768;
const EPSILON = 1e-12;

const options = z.strictObject({
  sequenceTokens: count(1, 512, {
    unit: "tokens",
    description: "Tokens of the input",
    source: "usual choices: 128 for GLUE, 384 for SQuAD",
  }).default(128),
});

export const BERT_BASE = defineNetwork({
  name: "bert-base",
  description: "encoder of twelve layers, width 768, with pooler",
  source: SOURCE,
  optionsTable: options,
  published: {
    parameters: { value: 109_482_240, source: "Hugging Face BertModel, bert-base-uncased" },
  },
  build: ({ sequenceTokens }) => buildBert(sequenceTokens),
});

function embeddings(net: NetworkBuilder, tokens: number): string {
  const table = (part: string, input: string, entries: number): string => {
    const indices = net.input(input, [1, tokens], "int64");
    return net.embedding(`embeddings.${part}_embeddings`, indices, { entries, width: WIDTH });
  };
  let x = table("word", "input_ids", 30_522);
  x = net.add("embeddings.add_token_type", x, table("token_type", "token_type_ids", 2));
  x = net.add("embeddings.add_position", x, table("position", "position_ids", 512));
  return net.layerNorm("embeddings.LayerNorm", x, EPSILON);
}

function encoderLayer(net: NetworkBuilder, name: string, x: string, mask: string): string {
  const self = `${name}.attention.self`;
  const project = (part: string): string => {
    return splitHeads(net, `${self}.${part}`, net.linear(`${self}.${part}`, x, { outputs: WIDTH }), 12);
  };
  const operands = { q: project("query"), k: project("key"), v: project("value"), mask };
  let y = mergeHeads(net, self, attention(net, self, operands));
  y = net.linear(`${name}.attention.output.dense`, y, { outputs: WIDTH });
  y = net.add(`${name}.attention.output.add`, y, x);
  const attended = net.layerNorm(`${name}.attention.output.LayerNorm`, y, EPSILON);
  y = net.linear(`${name}.intermediate.dense`, attended, { outputs: 4 * WIDTH });
  y = net.gelu(`${name}.intermediate.gelu`, y, "none");
  y = net.add(`${name}.output.add`, net.linear(`${name}.output.dense`, y, { outputs: WIDTH }), attended);
  return net.layerNorm(`${name}.output.LayerNorm`, y, EPSILON);
}

function buildBert(tokens: number): Network {
  const net = new NetworkBuilder("bert-base", SOURCE);
  let x = embeddings(net, tokens);
  const mask = net.input("attention_mask", [1, 1, 1, tokens]);
  for (let layer = 0; layer < 12; layer++) x = encoderLayer(net, `encoder.layer.${layer}`, x, mask);
  const first = net.slice("pooler.first_token", x, { axis: 1, start: 0, end: 1 });
  const pooled = net.linear("pooler.dense", net.reshape("pooler.flatten", first, [1, WIDTH]), { outputs: WIDTH });
  return net.build([x, net.tanh("pooler.tanh", pooled)]);
}
