/**
 * Bitmap: one bit a weight says whether it is stored, and the non-zeros follow without gaps. Bits and values go column by column
 * along the reduction axis.
 * Source: Gondimalla et al., 'SparTen', MICRO 2019 (bit masks with packed non-zeros).
 */
import { z } from "zod";
import { BitReader, BitWriter } from "./bit-packing.js";
import { densityField, statedDensity } from "./density.js";
import type { Encoding, EncodingWork, PackedMatrix, PackedSize, StoredBits, WeightMatrixShape } from "./encoding.js";
import { defineEncoding } from "./encoding-kind.js";
import {
  checkBytes,
  checkShape,
  checkValues,
  countNonZeros,
  nonZerosOfFilters,
  packedMatrix,
} from "./matrix-checks.js";
import { SCALE_FIELDS, VALUE_FIELDS } from "./scales.js";

const SOURCE = "Gondimalla et al., MICRO 2019";

const table = z.strictObject({
  density: densityField("Part of the weights that are not zero"),
  ...VALUE_FIELDS,
  ...SCALE_FIELDS,
});

export const BITMAP = defineEncoding(
  { name: "bitmap", description: "One bit a weight, and the non-zeros", source: SOURCE, table },
  (parameters) => new BitmapEncoding(parameters),
);

export class BitmapEncoding implements Encoding {
  readonly name = "bitmap";
  readonly isFixedSize = false;
  readonly #density: number | undefined;

  constructor(parameters: { readonly density?: number | undefined }) {
    this.#density = parameters.density;
  }

  storedBits(shape: WeightMatrixShape): StoredBits {
    const { storedValues } = this.work(shape);
    return { valueBits: storedValues * shape.valueBits, metadataBits: shape.reduction * shape.columns };
  }

  work(shape: WeightMatrixShape): EncodingWork {
    checkShape(this.name, shape);
    const weights = shape.reduction * shape.columns;
    const storedValues = Math.round(statedDensity(this.name, this.#density) * weights);
    const reductionLength = shape.columns === 0 ? 0 : Math.ceil(storedValues / shape.columns);
    return { storedValues, reductionLength, decodedValues: weights };
  }

  pack(values: Int32Array, shape: WeightMatrixShape): PackedMatrix {
    checkValues(this.name, values, shape);
    const { reduction, columns, valueBits } = shape;
    const counts = countNonZeros(values, shape);
    const storedValues = counts.reduce((sum, count) => sum + count, 0);
    const writer = new BitWriter(storedValues * valueBits);
    const mask = new BitWriter(reduction * columns);
    for (let column = 0; column < columns; column++) {
      for (let row = 0; row < reduction; row++) {
        const value = values[row * columns + column]!;
        mask.write(value === 0 ? 0 : 1, 1);
        if (value !== 0) writer.write(value, valueBits);
      }
    }
    const reductionLength = counts.reduce((most, count) => Math.max(most, count), 0);
    return packedMatrix(shape, writer, mask, { storedValues, reductionLength, decodedValues: values.length });
  }

  measure(filters: ArrayLike<number>, shape: WeightMatrixShape): PackedSize {
    const { reduction, columns, valueBits } = shape;
    const { total, longest } = nonZerosOfFilters(filters, shape);
    return {
      bits: { valueBits: total * valueBits, metadataBits: reduction * columns },
      work: { storedValues: total, reductionLength: longest, decodedValues: reduction * columns },
    };
  }

  check(packed: PackedMatrix): void {
    const { reduction, columns, valueBits } = packed.shape;
    checkShape(this.name, packed.shape);
    checkBytes(this.name, packed, "metadata", reduction * columns);
    const mask = new BitReader(packed.metadata);
    let stored = 0;
    for (let index = 0; index < reduction * columns; index++) stored += mask.readUnsigned(1);
    checkBytes(this.name, packed, "values", stored * valueBits);
  }

  unpack(packed: PackedMatrix): Int32Array {
    this.check(packed);
    const { reduction, columns, valueBits } = packed.shape;
    const mask = new BitReader(packed.metadata);
    const stored = new BitReader(packed.values);
    const values = new Int32Array(reduction * columns);
    for (let column = 0; column < columns; column++) {
      for (let row = 0; row < reduction; row++) {
        if (mask.readUnsigned(1) === 1) values[row * columns + column] = stored.readSigned(valueBits);
      }
    }
    return values;
  }
}
