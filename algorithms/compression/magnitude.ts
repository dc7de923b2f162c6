/**
 * N:M pruning by magnitude, without retraining: of each group of M weights along the reduction axis of a column, the N largest
 * stay (of equal ones the first), and what stays is quantized with equal steps. A ragged last group keeps up to N.
 * Source: Mishra et al., arXiv 2104.08378, 2021.
 */
import { z } from "zod";
import { count } from "../../sim/core/params.js";
import { bitsField, COMMON_FIELDS, defineMethod, keepField, roundingField } from "./method.js";
import { nearestUniform, quantizeUniform } from "./uniform.js";
import type { WeightMatrix } from "./weight-matrix.js";

const SOURCE = "Mishra et al., arXiv 2104.08378, 2021";
const MAX_GROUP = 1024;

/** The matrix with all but the `n` largest of each `m` weights of a column set to 0. */
export function pruneByMagnitude(matrix: WeightMatrix, n: number, m: number): WeightMatrix {
  const { reduction, columns } = matrix;
  const values = matrix.values.slice();
  for (let column = 0; column < columns; column++) {
    for (let from = 0; from < reduction; from += m) {
      const rows = Array.from({ length: Math.min(m, reduction - from) }, (_, offset) => from + offset);
      const magnitudeOf = (row: number): number => Math.abs(values[row * columns + column]!);
      rows.sort((a, b) => magnitudeOf(b) - magnitudeOf(a) || a - b);
      for (const row of rows.slice(n)) values[row * columns + column] = 0;
    }
  }
  return { ...matrix, values };
}

export const MAGNITUDE = defineMethod(
  {
    name: "magnitude",
    description: "The N largest of each M weights along the reduction axis, the others 0",
    source: SOURCE,
    table: z
      .strictObject({
        ...COMMON_FIELDS,
        n: count(1, MAX_GROUP, { description: "Weights kept of each group", source: SOURCE }),
        m: count(1, MAX_GROUP, { description: "Weights in a group along the reduction axis", source: SOURCE }),
        rounding: roundingField("compensated"),
        keep: keepField,
        bits: bitsField(2, 8, SOURCE).default(8),
      })
      .refine(({ n, m }) => n <= m, { message: "n may not exceed m", path: ["n"] }),
  },
  (matrix, { n, m, bits, granularity }) => {
    const pruned = pruneByMagnitude(matrix, n, m);
    const quantized = quantizeUniform(pruned, { bits, granularity, symmetric: true });
    const kept = Uint8Array.from(pruned.values, (value) => (value === 0 ? 0 : 1));
    return { ...quantized, kept, encoding: { name: "nm", parameters: { n, m, ...quantized.encoding.parameters } } };
  },
  ({ bits }) => nearestUniform({ bits, symmetric: true }),
);
