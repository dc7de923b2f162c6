/**
 * Scaled dot-product attention over heads, as the transformers here share it. Scores are computed in full; a causal mask is
 * added to them, as kernels without a special case for it do. The scale 1/sqrt(width) is part of the first product.
 * Source: Vaswani et al., NeurIPS 2017, equation 1; Ainslie et al., EMNLP 2023 (grouped-query attention).
 */
import type { NetworkBuilder } from "../network-builder.js";

/** [N, tokens, heads * width] -> [N, heads, tokens, width]. */
export function splitHeads(net: NetworkBuilder, name: string, x: string, heads: number): string {
  const [batch, tokens, channels] = net.shape(x);
  const split = net.reshape(`${name}.split`, x, [batch!, tokens!, heads, channels! / heads]);
  return net.transpose(`${name}.transpose`, split, [0, 2, 1, 3]);
}

/** [N, heads, tokens, width] -> [N, tokens, heads * width]. */
export function mergeHeads(net: NetworkBuilder, name: string, x: string): string {
  const [batch, heads, tokens, width] = net.shape(x);
  const gathered = net.transpose(`${name}.transpose`, x, [0, 2, 1, 3]);
  return net.reshape(`${name}.merge`, gathered, [batch!, tokens!, heads! * width!]);
}

/**
 * softmax(q k^T / sqrt(width) + mask) v for q [N, heads, tokens, width] and k, v [N, key heads, context, width]; the output
 * has the shape of q. Where several query heads share a key head, their tokens are the rows of one product with it:
 *
 *     for key head in G
 *       for (query head of the group, token) in P
 *         for position of the context in K
 *           for element of the head in C
 *
 * @param mask added to the scores, [tokens, context] or broadcast to it
 */
export function attention(
  net: NetworkBuilder,
  name: string,
  operands: { readonly q: string; readonly k: string; readonly v: string; readonly mask?: string },
): string {
  const { q, k, v, mask } = operands;
  const [batch, heads, tokens, width] = net.shape(q) as [number, number, number, number];
  const [, keyHeads, context] = net.shape(k) as [number, number, number, number];
  const isGrouped = keyHeads !== heads;
  const rows = (heads / keyHeads) * tokens;
  const asGroups = (step: string, x: string, columns: number): string => {
    return isGrouped ? net.reshape(`${name}.${step}`, x, [batch, keyHeads, rows, columns]) : x;
  };
  const asHeads = (step: string, x: string, columns: number): string => {
    return isGrouped ? net.reshape(`${name}.${step}`, x, [batch, heads, tokens, columns]) : x;
  };
  let scores = net.matmulTransposed(`${name}.scores`, asGroups("group_queries", q, width), k, 1 / Math.sqrt(width));
  if (mask !== undefined) scores = net.add(`${name}.mask`, asHeads("ungroup_scores", scores, context), mask);
  let weights = net.softmax(`${name}.softmax`, scores);
  if (mask !== undefined) weights = asGroups("group_weights", weights, context);
  return asHeads("ungroup_output", net.matmul(`${name}.context`, weights, v), width);
}

/** The mask [tokens, tokens] that hides the future: 0 on and below the diagonal, minus infinity above it. */
export function causalMask(net: NetworkBuilder, tokens: number): string {
  return net.constant("causal_mask", [tokens, tokens], () => {
    const values = new Float32Array(tokens * tokens);
    for (let row = 0; row < tokens; row++) {
      values.fill(Number.NEGATIVE_INFINITY, row * tokens + row + 1, (row + 1) * tokens);
    }
    return values;
  });
}
