/**
 * Compressed sparse rows of the filter matrix [K, C*R*S]: the non-zeros of each output channel, a column here, with the places of
 * the reduction that they meet. No padding zeros are stored, unlike with the relative indices of Han et al., 'EIE', ISCA 2016.
 * Source: Saad, 'Iterative Methods for Sparse Linear Systems', 2nd edition, 2003, section 3.4.
 */
import { z } from "zod";
import { CompressedLines } from "./compressed-lines.js";
import { densityField } from "./density.js";
import { defineEncoding } from "./encoding-kind.js";
import { SCALE_FIELDS, VALUE_FIELDS } from "./scales.js";

const SOURCE = "Saad, 2003, section 3.4";

const table = z.strictObject({
  density: densityField("Part of the weights that are not zero"),
  ...VALUE_FIELDS,
  ...SCALE_FIELDS,
});

export const CSR = defineEncoding(
  { name: "csr", description: "The non-zeros of each output channel with their places", source: SOURCE, table },
  (parameters) => new CsrEncoding(parameters),
);

export class CsrEncoding extends CompressedLines {
  readonly name = "csr";

  constructor({ density }: { readonly density?: number | undefined }) {
    super("column", density);
  }
}
