/**
 * Dense: every value in its place, row-major, `valueBits` each, no metadata. What every array can read.
 */
import { z } from "zod";
import { BitReader, BitWriter } from "./bit-packing.js";
import type { Encoding, EncodingWork, PackedMatrix, StoredBits, WeightMatrixShape } from "./encoding.js";
import { defineEncoding } from "./encoding-kind.js";
import { checkBytes, checkShape, checkValues, packedMatrix } from "./matrix-checks.js";
import { SCALE_FIELDS, VALUE_FIELDS } from "./scales.js";

const SOURCE = "Row-major storage; no compression";

const table = z.strictObject({ ...VALUE_FIELDS, ...SCALE_FIELDS });

export const DENSE = defineEncoding(
  { name: "dense", description: "Every value in its place, zeros included", source: SOURCE, table },
  () => new DenseEncoding(),
);

export class DenseEncoding implements Encoding {
  readonly name = "dense";
  readonly isFixedSize = true;

  storedBits(shape: WeightMatrixShape): StoredBits {
    checkShape(this.name, shape);
    return { valueBits: shape.reduction * shape.columns * shape.valueBits, metadataBits: 0 };
  }

  work(shape: WeightMatrixShape): EncodingWork {
    checkShape(this.name, shape);
    return {
      storedValues: shape.reduction * shape.columns,
      reductionLength: shape.columns === 0 ? 0 : shape.reduction,
      decodedValues: 0,
    };
  }

  pack(values: Int32Array, shape: WeightMatrixShape): PackedMatrix {
    checkValues(this.name, values, shape);
    const writer = new BitWriter(values.length * shape.valueBits);
    for (const value of values) writer.write(value, shape.valueBits);
    return packedMatrix(shape, writer, new BitWriter(0), this.work(shape));
  }

  check(packed: PackedMatrix): void {
    checkBytes(this.name, packed, "values", this.storedBits(packed.shape).valueBits);
    checkBytes(this.name, packed, "metadata", 0);
  }

  unpack(packed: PackedMatrix): Int32Array {
    this.check(packed);
    const { reduction, columns, valueBits } = packed.shape;
    const values = new Int32Array(reduction * columns);
    const reader = new BitReader(packed.values);
    for (let index = 0; index < values.length; index++) values[index] = reader.readSigned(valueBits);
    return values;
  }
}
