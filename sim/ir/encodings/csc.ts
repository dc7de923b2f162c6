/**
 * Compressed sparse columns of the filter matrix [K, C*R*S]: the non-zero weights that meet one activation, those of an input
 * channel and a position of the kernel, with their output channels; a pointer an activation says where its weights end. It is the
 * form for arrays that go from each non-zero activation to its weights. Output channels are stored as such, where Eyeriss v2 counts
 * the zeros between them in 4 bits.
 * Source: Chen et al., 'Eyeriss v2', JETCAS 9(2), 2019, section IV.
 */
import { z } from "zod";
import { CompressedLines } from "./compressed-lines.js";
import { densityField } from "./density.js";
import { defineEncoding } from "./encoding-kind.js";
import { SCALE_FIELDS, VALUE_FIELDS } from "./scales.js";

const SOURCE = "Chen et al., 'Eyeriss v2', JETCAS 9(2), 2019, section IV";

const table = z.strictObject({
  density: densityField("Part of the weights that are not zero"),
  ...VALUE_FIELDS,
  ...SCALE_FIELDS,
});

export const CSC = defineEncoding(
  {
    name: "csc",
    description: "The non-zero weights that meet each activation, with their output channels",
    source: SOURCE,
    table,
  },
  (parameters) => new CscEncoding(parameters),
);

export class CscEncoding extends CompressedLines {
  readonly name = "csc";

  constructor({ density }: { readonly density?: number | undefined }) {
    super("row", density);
  }
}
