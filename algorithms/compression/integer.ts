/**
 * Weights of equal steps in 2 to 8 bits: `int8`, `int4`, and `int` with the width as a parameter.
 * Source: Jacob et al., CVPR 2018; Krishnamoorthi, arXiv 1806.08342, 2018.
 */
import { z } from "zod";
import { choice } from "../../sim/core/params.js";
import { fitLevels } from "./levels.js";
import {
  bitsField,
  COMMON_FIELDS,
  defineMethod,
  keepField,
  type MethodKind,
  roundingField,
  symmetricField,
} from "./method.js";
import { nearestUniform, quantizeUniform } from "./uniform.js";
import type { CompressedMatrix, Granularity, WeightMatrix } from "./weight-matrix.js";

const SOURCE = "Jacob et al., CVPR 2018; Krishnamoorthi, arXiv 1806.08342, 2018";

const fields = {
  ...COMMON_FIELDS,
  symmetric: symmetricField,
  scale: choice(["max", "mse"], {
    description: "Scale of weights: the largest one is the largest code, or the scale of least squared error",
    source: "Nagel et al., arXiv 2106.08295, 2021",
  }).optional(),
};
const narrowFields = { ...fields, rounding: roundingField("compensated"), keep: keepField };

interface Fields {
  readonly bits: number;
  readonly symmetric: boolean;
  readonly granularity: Granularity;
  readonly scale?: "max" | "mse" | undefined;
}

const NEEDS_TENSOR = { message: "false only with granularity=tensor", path: ["symmetric"] };
const NEEDS_SYMMETRIC = { message: "mse only with symmetric=true", path: ["scale"] };

/** Runtimes take one zero point for all channels of a weight tensor. */
function isCoveredByOneScale({ symmetric, granularity }: Omit<Fields, "bits">): boolean {
  return symmetric || granularity === "tensor";
}

function isFittedWhole({ symmetric, scale }: Omit<Fields, "bits">): boolean {
  return symmetric || scale !== "mse";
}

function quantize(matrix: WeightMatrix, parameters: Fields): CompressedMatrix {
  const { bits, granularity, symmetric } = parameters;
  // Every code counts below 8 bits, where a fitted scale loses less.
  const scale = parameters.scale ?? (bits < 8 && symmetric ? "mse" : "max");
  const byRange = quantizeUniform(matrix, parameters);
  if (scale === "max") return byRange;
  const levels = Array.from({ length: 2 ** (bits - 1) }, (_, level) => level);
  return { ...byRange, ...fitLevels(matrix, levels, granularity) };
}

function ofWidth(bits: 4 | 8): MethodKind {
  const table = (
    bits === 8 ? z.strictObject({ ...fields, rounding: roundingField("nearest") }) : z.strictObject(narrowFields)
  )
    .refine(isCoveredByOneScale, NEEDS_TENSOR)
    .refine(isFittedWhole, NEEDS_SYMMETRIC);
  const kind = { name: `int${bits}`, description: `Weights of equal steps in ${bits} bits`, source: SOURCE, table };
  return defineMethod(
    kind,
    (matrix, parameters) => quantize(matrix, { ...parameters, bits }),
    ({ symmetric }) => nearestUniform({ bits, symmetric }),
  );
}

export const INT8 = ofWidth(8);
export const INT4 = ofWidth(4);

export const INT = defineMethod(
  {
    name: "int",
    description: "Weights of equal steps in a given width",
    source: SOURCE,
    table: z
      .strictObject({ ...narrowFields, bits: bitsField(2, 8, SOURCE) })
      .refine(isCoveredByOneScale, NEEDS_TENSOR)
      .refine(isFittedWhole, NEEDS_SYMMETRIC),
  },
  quantize,
  nearestUniform,
);
