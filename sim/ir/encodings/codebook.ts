/**
 * Codebook: the matrix has at most 2^bits distinct values; each weight is an index of `bits` bits, column by column along the
 * reduction axis, and the values are stored once, rising, as metadata (unused entries are zeros at the end).
 * Source: Han et al., 'Deep Compression', ICLR 2016, section 3 (weight sharing).
 */
import { z } from "zod";
import { ConfigError } from "../../core/errors.js";
import { count } from "../../core/params.js";
import { BitReader, BitWriter } from "./bit-packing.js";
import type { Encoding, EncodingWork, PackedMatrix, StoredBits, WeightMatrixShape } from "./encoding.js";
import { defineEncoding } from "./encoding-kind.js";
import { checkBytes, checkShape, checkValues, packedMatrix, weightPlace, workOnEveryWeight } from "./matrix-checks.js";
import { SCALE_FIELDS, VALUE_FIELDS } from "./scales.js";

const SOURCE = "Han et al., ICLR 2016";

const table = z.strictObject({
  bits: count(1, 12, {
    unit: "bits",
    description: "Bits of an index; the table has 2^bits entries",
    source: SOURCE,
  }).default(4),
  ...VALUE_FIELDS,
  ...SCALE_FIELDS,
});

export const CODEBOOK = defineEncoding(
  { name: "codebook", description: "An index a weight into a table of shared values", source: SOURCE, table },
  (parameters) => new CodebookEncoding(parameters),
);

export class CodebookEncoding implements Encoding {
  readonly name = "codebook";
  readonly isFixedSize = true;
  readonly indexBits: number;
  readonly entries: number;

  constructor(parameters: { readonly bits: number }) {
    this.indexBits = parameters.bits;
    this.entries = 2 ** parameters.bits;
  }

  storedBits(shape: WeightMatrixShape): StoredBits {
    checkShape(this.name, shape);
    return {
      valueBits: shape.reduction * shape.columns * this.indexBits,
      metadataBits: this.entries * shape.valueBits,
    };
  }

  work(shape: WeightMatrixShape): EncodingWork {
    return workOnEveryWeight(this.name, shape);
  }

  pack(values: Int32Array, shape: WeightMatrixShape): PackedMatrix {
    checkValues(this.name, values, shape);
    const table = this.#tableOf(values, shape);
    const indexOf = new Map(table.map((value, index) => [value, index]));
    const bits = this.storedBits(shape);
    const metadata = new BitWriter(bits.metadataBits);
    for (let entry = 0; entry < this.entries; entry++) metadata.write(table[entry] ?? 0, shape.valueBits);
    const writer = new BitWriter(bits.valueBits);
    for (let column = 0; column < shape.columns; column++) {
      for (let at = column; at < values.length; at += shape.columns) {
        writer.write(indexOf.get(values[at]!)!, this.indexBits);
      }
    }
    return packedMatrix(shape, writer, metadata, this.work(shape));
  }

  check(packed: PackedMatrix): void {
    const bits = this.storedBits(packed.shape);
    checkBytes(this.name, packed, "values", bits.valueBits);
    checkBytes(this.name, packed, "metadata", bits.metadataBits);
  }

  unpack(packed: PackedMatrix): Int32Array {
    this.check(packed);
    const entriesOf = readCodebook(packed, this.entries);
    const indices = new BitReader(packed.values);
    const { reduction, columns } = packed.shape;
    const values = new Int32Array(reduction * columns);
    for (let column = 0; column < columns; column++) {
      for (let at = column; at < values.length; at += columns) {
        values[at] = entriesOf[indices.readUnsigned(this.indexBits)]!;
      }
    }
    return values;
  }

  /** The distinct values, rising. @throws ConfigError naming the first weight for which no entry is left */
  #tableOf(values: Int32Array, shape: WeightMatrixShape): number[] {
    const seen = new Set<number>();
    for (let index = 0; index < values.length; index++) {
      seen.add(values[index]!);
      if (seen.size <= this.entries) continue;
      throw new ConfigError({
        where: weightPlace(this.name, index, shape),
        got: `${values[index]}, the distinct value number ${seen.size}`,
        want: `at most ${this.entries} distinct values (${this.indexBits} bits an index)`,
        fix: "cluster the weights first, or give the indices more bits",
      });
    }
    return [...seen].sort((a, b) => a - b);
  }
}

/** The table of a packed matrix. */
export function readCodebook({ shape, metadata }: PackedMatrix, entries: number): Int32Array {
  const reader = new BitReader(metadata);
  return Int32Array.from({ length: entries }, () => reader.readSigned(shape.valueBits));
}
