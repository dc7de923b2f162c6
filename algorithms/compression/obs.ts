/**
 * Optimal Brain Compression without retraining: `obs` prunes (ExactOBS), each weight that goes being made up for by those that stay,
 * and puts what stays on integers in the same way; `obq` does the second alone. Layers of up to 600 inputs are worked on at once,
 * larger ones where that takes seconds, else in blocks of about 256 inputs, whose errors later blocks make up for.
 * Source: Frantar and Alistarh, 'Optimal Brain Compression', NeurIPS 2022.
 */
import { z } from "zod";
import { choice, count, flag, real } from "../../sim/core/params.js";
import { bitsField, COMMON_FIELDS, defineMethod, keepField } from "./method.js";
import { compressByObc, type Pruning } from "./obc/compress-matrix.js";
import { nearestUniform } from "./uniform.js";

const SOURCE = "Frantar and Alistarh, 'Optimal Brain Compression', NeurIPS 2022";
const MAX_GROUP = 1024;

/** Fields of every method of the family. */
export const OBC_FIELDS = {
  ...COMMON_FIELDS,
  keep: keepField,
  damping: real(
    0,
    1,
    {
      description: "Part of the mean diagonal of H, what inputs have for energy, that is added to its diagonal",
      source: "Frantar et al., 'GPTQ', ICLR 2023",
    },
    true,
  ).default(0.01),
  scale: choice(["search", "max", "mse"], {
    description:
      "Scale of weights: of 80 shrunken ranges the one with the least sum of |error|^2.4, that of the largest weight, or of least squared error",
    source: `${SOURCE} (its published code: search)`,
  }).default("search"),
};

const NEEDS_CHANNELS = { message: "true only with granularity=channel", path: ["deviations"] };

/** Scales of channels alone can be matched to each. */
function hasOwnScales({
  deviations,
  granularity,
}: {
  readonly deviations: boolean;
  readonly granularity: string;
}): boolean {
  return !deviations || granularity === "channel";
}

const deviationsField = flag({
  description: "Scales of channels so that their outputs vary on the samples as they did; means are left to correction",
  source: `${SOURCE}, statistics corrections`,
}).default(false);

const obsFields = z.strictObject({
  ...OBC_FIELDS,
  deviations: deviationsField,
  n: count(1, MAX_GROUP, { description: "Weights kept of each group", source: SOURCE }).optional(),
  m: count(1, MAX_GROUP, { description: "Weights in a group along the reduction axis", source: SOURCE }).optional(),
  axis: choice(["filter", "channels"], {
    description:
      "What a group lies along: a filter's reduction in its order c, r, s, or the input channels at one place of the kernel",
    source: `${SOURCE}: channels`,
  }).optional(),
  sparsity: real(
    0,
    1,
    {
      description: "Part of a layer's weights that goes, wherever it costs least, in place of n and m",
      source: SOURCE,
    },
    true,
  ).optional(),
  block: count(1, MAX_GROUP, {
    description: "Neighbours along the reduction axis that go together, with sparsity",
    source: SOURCE,
  }).optional(),
  rounding: choice(["obq", "nearest"], {
    description:
      "What stays is rounded so that errors make up for each other on the samples, or each to its nearest code",
    source: SOURCE,
  }).default("obq"),
  bits: bitsField(2, 8, SOURCE).default(8),
});

const obsTable = obsFields
  .refine(({ n, m }) => (n === undefined) === (m === undefined), { message: "n and m together", path: ["n"] })
  .refine(({ n = 1, m = 1 }) => n <= m, { message: "n may not exceed m", path: ["n"] })
  .refine(({ n, sparsity }) => (n === undefined) !== (sparsity === undefined), {
    message: "a sparsity, or n and m, and not both",
    path: ["sparsity"],
  })
  .refine(({ n, axis }) => axis === undefined || n !== undefined, {
    message: "an axis only with n and m",
    path: ["axis"],
  })
  .refine(({ sparsity, block }) => block === undefined || sparsity !== undefined, {
    message: "a block only with sparsity",
    path: ["block"],
  })
  .refine(hasOwnScales, NEEDS_CHANNELS);

function pruningOf({ n, m, axis = "filter", sparsity, block = 1 }: z.infer<typeof obsTable>): Pruning {
  if (n !== undefined && m !== undefined) return { kind: "groups", n, m, axis };
  return { kind: "part", sparsity: sparsity ?? 0, block };
}

export const OBS = defineMethod(
  {
    name: "obs",
    description:
      "Weights pruned one by one, N of M or a part of all, each made up for by the others (OBC); by blocks of 256 inputs in huge layers",
    source: SOURCE,
    table: obsTable,
  },
  (matrix, parameters, inputs) => compressByObc(matrix, { ...parameters, pruning: pruningOf(parameters) }, inputs),
  ({ bits }) => nearestUniform({ bits, symmetric: true }),
  () => ({ readsProducts: true }),
);

export const OBQ = defineMethod(
  {
    name: "obq",
    description:
      "Weights of equal steps, rounded one by one, each made up for by the others (OBC); by blocks of 256 inputs in huge layers",
    source: SOURCE,
    table: z
      .strictObject({ ...OBC_FIELDS, deviations: deviationsField, bits: bitsField(2, 8, SOURCE).default(4) })
      .refine(hasOwnScales, NEEDS_CHANNELS),
  },
  (matrix, parameters, inputs) => compressByObc(matrix, { ...parameters, rounding: "obq", pruning: undefined }, inputs),
  ({ bits }) => nearestUniform({ bits, symmetric: true }),
  () => ({ readsProducts: true }),
);
