/**
 * Dense: every value in its place, row-major, `valueBits` each, no metadata. What every array can read.
 */
import { z } from "zod";
import { BitReader, BitWriter } from "./bit-packing.js";
import type { Encoding, EncodingWork, PackedMatrix, StoredBits, WeightMatrixShape } from "./encoding.js";
import { checkShape, checkValues } from "./matrix-checks.js";

export const DENSE_DESCRIPTION = "Every value in its place, zeros included";
export const DENSE_SOURCE = "Row-major storage; no compression";

export const denseTable = z.strictObject({});

export class DenseEncoding implements Encoding {
  readonly name = "dense";
  readonly description = DENSE_DESCRIPTION;
  readonly source = DENSE_SOURCE;

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
    return { shape, values: writer.bytes, metadata: new Uint8Array(0) };
  }

  unpack(packed: PackedMatrix): Int32Array {
    const { reduction, columns, valueBits } = packed.shape;
    const values = new Int32Array(reduction * columns);
    const reader = new BitReader(packed.values);
    for (let index = 0; index < values.length; index++) values[index] = reader.readSigned(valueBits);
    return values;
  }
}
