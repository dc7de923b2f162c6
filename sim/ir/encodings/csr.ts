/**
 * Compressed sparse columns: each non-zero with its row as an absolute index of ceil(log2(reduction)) bits, column by column,
 * rows rising; before the indices one pointer a column, the number of non-zeros up to its end, in bits enough to count every
 * weight. Since a column is an output channel, these are the compressed rows (CSR) of the filter matrix [K, C*R*S]. No padding
 * zeros are stored, unlike with the relative indices of Han et al., 'EIE', ISCA 2016.
 * Source: Saad, 'Iterative Methods for Sparse Linear Systems', 2nd edition, 2003, section 3.4.
 */
import { z } from "zod";
import { BitReader, BitWriter, bitsFor } from "./bit-packing.js";
import { densityField, statedDensity } from "./density.js";
import type { Encoding, EncodingWork, PackedMatrix, StoredBits, WeightMatrixShape } from "./encoding.js";
import { defineEncoding } from "./encoding-kind.js";
import { brokenBytes, checkBytes, checkShape, checkValues, countNonZeros, packedMatrix } from "./matrix-checks.js";
import { SCALE_FIELDS, VALUE_FIELDS } from "./scales.js";

const SOURCE = "Saad, 2003, section 3.4";

const table = z.strictObject({
  density: densityField("Part of the weights that are not zero"),
  ...VALUE_FIELDS,
  ...SCALE_FIELDS,
});

/** Widths of the fields of a shape's metadata. */
export function csrFieldBits({ reduction, columns }: WeightMatrixShape) {
  return { pointerBits: bitsFor(reduction * columns + 1), indexBits: bitsFor(reduction) };
}

export const CSR = defineEncoding(
  { name: "csr", description: "The non-zeros of each output channel with their places", source: SOURCE, table },
  (parameters) => new CsrEncoding(parameters),
);

export class CsrEncoding implements Encoding {
  readonly name = "csr";
  readonly #density: number | undefined;

  constructor(parameters: { readonly density?: number | undefined }) {
    this.#density = parameters.density;
  }

  storedBits(shape: WeightMatrixShape): StoredBits {
    const { storedValues } = this.work(shape);
    const { pointerBits, indexBits } = csrFieldBits(shape);
    return {
      valueBits: storedValues * shape.valueBits,
      metadataBits: shape.columns * pointerBits + storedValues * indexBits,
    };
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
    const { pointerBits, indexBits } = csrFieldBits(shape);
    const counts = countNonZeros(values, shape);
    const storedValues = counts.reduce((sum, count) => sum + count, 0);
    const writer = new BitWriter(storedValues * valueBits);
    const metadata = new BitWriter(columns * pointerBits + storedValues * indexBits);
    let end = 0;
    for (const count of counts) {
      end += count;
      metadata.write(end, pointerBits);
    }
    for (let column = 0; column < columns; column++) {
      for (let row = 0; row < reduction; row++) {
        const value = values[row * columns + column]!;
        if (value === 0) continue;
        metadata.write(row, indexBits);
        writer.write(value, valueBits);
      }
    }
    const reductionLength = counts.reduce((most, count) => Math.max(most, count), 0);
    return packedMatrix(shape, writer, metadata, { storedValues, reductionLength, decodedValues: values.length });
  }

  check(packed: PackedMatrix): void {
    const { reduction, columns, valueBits } = packed.shape;
    checkShape(this.name, packed.shape);
    const { pointerBits, indexBits } = csrFieldBits(packed.shape);
    const leastBytes = Math.ceil((columns * pointerBits) / 8);
    if (packed.metadata.length < leastBytes) {
      throw brokenBytes(this.name, `${packed.metadata.length} bytes of metadata`, `at least ${leastBytes} bytes`);
    }
    const pointers = new BitReader(packed.metadata);
    let stored = 0;
    for (let column = 0; column < columns; column++) {
      const end = pointers.readUnsigned(pointerBits);
      if (end < stored || end > stored + reduction) {
        throw brokenBytes(this.name, `pointer ${end} of column ${column}`, `${stored} to ${stored + reduction}`);
      }
      stored = end;
    }
    checkBytes(this.name, packed, "values", stored * valueBits);
    checkBytes(this.name, packed, "metadata", columns * pointerBits + stored * indexBits);
    this.#checkIndices(packed);
  }

  #checkIndices({ shape, metadata }: PackedMatrix): void {
    const { pointerBits, indexBits } = csrFieldBits(shape);
    const ends = readPointers(metadata, shape.columns, pointerBits);
    let at = 0;
    for (let column = 0; column < shape.columns; column++) {
      for (let last = -1; at < ends.pointers[column]!; at++) {
        const row = ends.rest.readUnsigned(indexBits);
        if (row <= last || row >= shape.reduction) {
          throw brokenBytes(this.name, `row ${row} after ${last} in column ${column}`, "rising rows of the matrix");
        }
        last = row;
      }
    }
  }

  unpack(packed: PackedMatrix): Int32Array {
    this.check(packed);
    const { reduction, columns, valueBits } = packed.shape;
    const { pointerBits, indexBits } = csrFieldBits(packed.shape);
    const { pointers, rest } = readPointers(packed.metadata, columns, pointerBits);
    const stored = new BitReader(packed.values);
    const values = new Int32Array(reduction * columns);
    let at = 0;
    for (let column = 0; column < columns; column++) {
      for (; at < pointers[column]!; at++) {
        const row = rest.readUnsigned(indexBits);
        values[row * columns + column] = stored.readSigned(valueBits);
      }
    }
    return values;
  }
}

/** The ends of the columns, and the reader that stands at the first index after them. */
export function readPointers(metadata: Uint8Array, columns: number, pointerBits: number) {
  const rest = new BitReader(metadata);
  const pointers = new Float64Array(columns);
  for (let column = 0; column < columns; column++) pointers[column] = rest.readUnsigned(pointerBits);
  return { pointers, rest };
}
