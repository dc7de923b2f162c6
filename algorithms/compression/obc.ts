/**
 * Optimal Brain Compression under a budget: each layer dense, N:M or at a level of sparsity, in 8 bits or few, so that all of them
 * together cost a part of what they do dense in 8 bits; in stored bits, or in energy or cycles of a design where such a cost is handed
 * in. What cannot be compressed, and layers that are kept at 8 bits, are outside the budget.
 * Source: Frantar and Alistarh, 'Optimal Brain Compression', NeurIPS 2022.
 */
import { z } from "zod";
import { count, real } from "../../sim/core/params.js";
import { bitsField, defineMethod } from "./method.js";
import { compressByObc } from "./obc/compress-matrix.js";
import { chooseForms } from "./obc/mix.js";
import { OBC_FIELDS } from "./obs.js";
import { nearestUniform } from "./uniform.js";

const SOURCE = "Frantar and Alistarh, 'Optimal Brain Compression', NeurIPS 2022";
const MAX_GROUP = 1024;
const SPARSEST = 0.999;

const table = z
  .strictObject({
    ...OBC_FIELDS,
    target: real(0, 1, {
      description: "What the compressed layers may cost together, of what they cost dense in 8 bits",
      source: SOURCE,
    }),
    bits: bitsField(2, 8, SOURCE).default(4),
    n: count(1, MAX_GROUP, {
      description: "Weights kept of each group, in layers that are N:M",
      source: SOURCE,
    }).default(2),
    m: count(1, MAX_GROUP, { description: "Weights in a group along the reduction axis", source: SOURCE }).default(4),
    sparsest: real(0, SPARSEST, {
      description:
        "Last of the levels of sparsity 0.1, 0.19, 0.271, ... that layers are tried at in 8 bits; none unless given",
      source: `${SOURCE}: 0.99, or 0.95 for blocks`,
    }).optional(),
  })
  .refine(({ n, m }) => n <= m, { message: "n may not exceed m", path: ["n"] });

export const OBC = defineMethod(
  {
    name: "obc",
    description: "Each layer dense, N:M or sparse, in 8 bits or few, for a budget of all together (OBC)",
    source: SOURCE,
    table,
  },
  // How a layer is tried for what it counts: narrow, dense, each weight to its nearest code.
  (matrix, parameters) => compressByObc(matrix, { ...parameters, rounding: "nearest", pruning: undefined }),
  ({ bits }) => nearestUniform({ bits, symmetric: true }),
  (parameters) => ({
    readsProducts: true,
    compressLayers: (layers, _, costOf) =>
      chooseForms(layers, costOf, {
        ...parameters,
        groups: { n: parameters.n, m: parameters.m },
        sparsest: parameters.sparsest,
      }),
  }),
);
