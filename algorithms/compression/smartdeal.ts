/**
 * SmartDeal after training: each filter becomes a few small bases and a sparse matrix of powers of two, and the weights that shifts
 * and additions rebuild from these are rounded to the codes of the integer operators. Rows of coefficients go one by one, or rows of
 * kernels for groups of filters. The threshold is one for all layers, or chosen for each so that all together have a rate.
 * Source: Zhao et al., 'SmartExchange', ISCA 2020; SmartDeal (VITA-Group/SmartDeal, 8e1de77), its options.
 */
import { z } from "zod";
import { ConfigError } from "../../sim/core/errors.js";
import { choice, count, real } from "../../sim/core/params.js";
import type { EncodingChoice } from "../../sim/ir/encodings/encoding.js";
import { COMMON_FIELDS, defineMethod, keepField } from "./method.js";
import { chooseSettings } from "./smartdeal/choose-settings.js";
import type { CompressLayerOptions } from "./smartdeal/compress-layer.js";
import { compressMatrix, type MatrixSettings } from "./smartdeal/compress-matrix.js";
import { decomposeTable } from "./smartdeal/options.js";
import type { RowRule } from "./smartdeal/prune-rows.js";
import { nearestUniform } from "./uniform.js";

const SOURCE = "SmartDeal (VITA-Group/SmartDeal, 8e1de77), options of its programs";
const LARGEST = 2 ** 64;
const MAX_RATE = 1000;

const fields = z.strictObject({
  ...COMMON_FIELDS,
  keep: keepField.default("depthwise"),
  t: real(
    0,
    LARGEST,
    { description: "Magnitude under which coefficients become 0; 0.001 unless given", source: SOURCE },
    true,
  ).optional(),
  iterations: decomposeTable.shape.iterations,
  mode: choice(["none", "vector", "population", "value", "energy", "rows"], {
    description:
      "Rows that become 0: none; of 3x3 kernels alone those under five thresholds; in convolutions, for 32 filters at a time, " +
      "the smallest by fraction, those under a sum, or all but the fewest that hold a fraction; or of all filters those that give " +
      "the outputs the least energy",
    source: `${SOURCE}; mode=rows is derived`,
  }).default("none"),
  fraction: real(0, 1, {
    description:
      "Part of the rows that go with mode=population or mode=rows, of the magnitude that stays with mode=energy",
    source: SOURCE,
  }).optional(),
  sum: real(0, LARGEST, {
    description: "Sum of magnitudes over 32 filters under which a row goes, for mode=value alone",
    source: SOURCE,
  }).optional(),
  fit: choice(["weights", "outputs"], {
    description: "Bases and coefficients nearest to the weights, or to the layer's outputs on the samples",
    source: "derived: least squares in the norm of the inputs' energy, as in Frantar et al., 'GPTQ', ICLR 2023",
  }).default("weights"),
  rate: real(1, MAX_RATE, {
    description:
      "Bits of float32 weights over stored ones, of all layers together; chooses threshold and rows of each layer, or int8",
    source: "derived: least error of outputs on the samples for the bits",
  }).optional(),
  weightBits: count(8, 16, {
    unit: "bits",
    description: "Codes that rebuilt weights are rounded to, 8 or 16; 16 only with form=qdq",
    source: "sum of three 8-bit bases shifted by up to six: 16 bits",
  }).default(8),
});

type Parameters = z.infer<typeof fields>;

const NEEDS_FRACTION = ["population", "energy", "rows"];

const table = fields
  .refine(({ mode, fraction }) => (fraction !== undefined) === NEEDS_FRACTION.includes(mode), {
    message: "a fraction with mode=population, mode=energy and mode=rows, and only there",
    path: ["fraction"],
  })
  .refine(({ mode, sum }) => (sum !== undefined) === (mode === "value"), {
    message: "a sum with mode=value, and only there",
    path: ["sum"],
  })
  .refine(({ rate, t, mode }) => rate === undefined || (t === undefined && mode === "none"), {
    message: "a rate without t and mode, which it chooses itself",
    path: ["rate"],
  })
  .refine(({ weightBits }) => weightBits === 8 || weightBits === 16, { message: "8 or 16", path: ["weightBits"] })
  .refine(({ weightBits, form }) => weightBits === 8 || form === "qdq", {
    message:
      "8 with form=integer, since QLinearConv and QLinearMatMul take no weights of 16 bits: add form=qdq for them",
    path: ["weightBits"],
  });

const DEFAULT_THRESHOLD = 1e-3;

function settingsOf(parameters: Parameters): MatrixSettings {
  const { t = DEFAULT_THRESHOLD, iterations, mode, fraction = 0, granularity, weightBits, fit, keep } = parameters;
  const rowRule = rowRuleOf(parameters);
  return {
    iterations,
    threshold: t,
    clearsRows: mode === "vector",
    ...(rowRule !== undefined && { rowRule }),
    ...(mode === "rows" && { rowFraction: fraction }),
    granularity,
    weightBits: weightBits === 16 ? 16 : 8,
    fit,
    takesEvery: keep === "none" || keep === "edges",
  };
}

function rowRuleOf({ mode, fraction = 0, sum = 0 }: Parameters): RowRule | undefined {
  switch (mode) {
    case "population":
      return { kind: "population", fraction };
    case "value":
      return { kind: "value", threshold: sum };
    case "energy":
      return { kind: "energy", keptFraction: fraction };
    default:
      return undefined;
  }
}

export const SMARTDEAL = defineMethod(
  { name: "smartdeal", description: "Weights rebuilt from powers of two and small bases", source: SOURCE, table },
  (matrix, parameters, inputs) => compressMatrix(matrix, settingsOf(parameters), inputs),
  ({ weightBits }) => nearestUniform({ bits: weightBits, symmetric: true }),
  (parameters) => {
    const { rate, fit, mode } = parameters;
    const readsProducts = fit === "outputs" || rate !== undefined || mode === "rows";
    if (rate === undefined) return { readsProducts };
    return {
      readsProducts,
      compressLayers: (layers, kept, costOf) => chooseSettings(layers, kept, { rate, costOf }, settingsOf(parameters)),
    };
  },
);

/**
 * How one layer is decomposed by itself, without samples: what drawn weights are given.
 * @throws ConfigError for parameters that need a model with samples, ZodError for wrong ones
 */
export function layerOptionsOf(given: EncodingChoice["parameters"]): CompressLayerOptions {
  const parameters = table.parse(given);
  const needsSamples = ["rate", "fit"].filter((name) => Object.hasOwn(given, name));
  if (parameters.mode === "rows") needsSamples.push("mode=rows");
  if (needsSamples.length > 0) {
    throw new ConfigError({
      where: "--encoding smartdeal",
      got: `${needsSamples.join(" and ")} for weights that are not those of a model file`,
      want: "t, iterations, mode, fraction or sum: the rest needs samples",
      fix: "leave it out, or name an ONNX file",
    });
  }
  const { iterations, threshold, clearsRows, rowRule } = settingsOf(parameters);
  return { decompose: { iterations, threshold, clearsRows }, ...(rowRule !== undefined && { rowRule }) };
}
