/**
 * Compressed lines: the non-zeros of each line of a matrix with their places in it, as absolute indices, line by line, places
 * rising; before the indices one pointer a line, the number of non-zeros up to its end, in bits enough to count every weight. The
 * lines are columns (`csr`) or rows (`csc`) of the matrix, named by the filters that it holds turned.
 * Source: Saad, 'Iterative Methods for Sparse Linear Systems', 2nd edition, 2003, section 3.4.
 */
import { BitReader, BitWriter, bitsFor } from "./bit-packing.js";
import { statedDensity } from "./density.js";
import type { Encoding, EncodingWork, PackedMatrix, PackedSize, StoredBits, WeightMatrixShape } from "./encoding.js";
import {
  brokenBytes,
  checkBytes,
  checkShape,
  checkValues,
  countNonZeros,
  nonZerosOfFilters,
  packedMatrix,
} from "./matrix-checks.js";

/** Lines of a matrix, row-major: how many, how long, and how far it is from one to the next and along one. */
export interface MatrixLines {
  readonly count: number;
  readonly length: number;
  readonly lineStep: number;
  readonly placeStep: number;
  readonly pointerBits: number;
  readonly indexBits: number;
}

export abstract class CompressedLines implements Encoding {
  abstract readonly name: string;
  readonly isFixedSize = false;
  /** What a line is of the matrix. */
  readonly line: "row" | "column";
  readonly #density: number | undefined;

  constructor(line: "row" | "column", density: number | undefined) {
    this.line = line;
    this.#density = density;
  }

  linesOf({ reduction, columns }: WeightMatrixShape): MatrixLines {
    const pointerBits = bitsFor(reduction * columns + 1);
    return this.line === "column"
      ? {
          count: columns,
          length: reduction,
          lineStep: 1,
          placeStep: columns,
          pointerBits,
          indexBits: bitsFor(reduction),
        }
      : {
          count: reduction,
          length: columns,
          lineStep: columns,
          placeStep: 1,
          pointerBits,
          indexBits: bitsFor(columns),
        };
  }

  storedBits(shape: WeightMatrixShape): StoredBits {
    const { storedValues } = this.work(shape);
    const { count, pointerBits, indexBits } = this.linesOf(shape);
    return { valueBits: storedValues * shape.valueBits, metadataBits: count * pointerBits + storedValues * indexBits };
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
    const { count, length, lineStep, placeStep, pointerBits, indexBits } = this.linesOf(shape);
    const perColumn = countNonZeros(values, shape);
    const storedValues = perColumn.reduce((sum, nonZeros) => sum + nonZeros, 0);
    const writer = new BitWriter(storedValues * shape.valueBits);
    const metadata = new BitWriter(count * pointerBits + storedValues * indexBits);
    let end = 0;
    for (let line = 0; line < count; line++) {
      for (let place = 0; place < length; place++) if (values[line * lineStep + place * placeStep] !== 0) end++;
      metadata.write(end, pointerBits);
    }
    for (let line = 0; line < count; line++) {
      for (let place = 0; place < length; place++) {
        const value = values[line * lineStep + place * placeStep]!;
        if (value === 0) continue;
        metadata.write(place, indexBits);
        writer.write(value, shape.valueBits);
      }
    }
    const reductionLength = perColumn.reduce((most, nonZeros) => Math.max(most, nonZeros), 0);
    return packedMatrix(shape, writer, metadata, { storedValues, reductionLength, decodedValues: values.length });
  }

  measure(filters: ArrayLike<number>, shape: WeightMatrixShape): PackedSize {
    const { count, pointerBits, indexBits } = this.linesOf(shape);
    const { total, longest } = nonZerosOfFilters(filters, shape);
    return {
      bits: { valueBits: total * shape.valueBits, metadataBits: count * pointerBits + total * indexBits },
      work: { storedValues: total, reductionLength: longest, decodedValues: shape.reduction * shape.columns },
    };
  }

  check(packed: PackedMatrix): void {
    checkShape(this.name, packed.shape);
    const { count, length, pointerBits, indexBits } = this.linesOf(packed.shape);
    const leastBytes = Math.ceil((count * pointerBits) / 8);
    if (packed.metadata.length < leastBytes) {
      throw brokenBytes(this.name, `${packed.metadata.length} bytes of metadata`, `at least ${leastBytes} bytes`);
    }
    const pointers = new BitReader(packed.metadata);
    let stored = 0;
    for (let line = 0; line < count; line++) {
      const end = pointers.readUnsigned(pointerBits);
      if (end < stored || end > stored + length) {
        throw brokenBytes(this.name, `pointer ${end} of ${this.line} ${line}`, `${stored} to ${stored + length}`);
      }
      stored = end;
    }
    checkBytes(this.name, packed, "values", stored * packed.shape.valueBits);
    checkBytes(this.name, packed, "metadata", count * pointerBits + stored * indexBits);
    this.#checkIndices(packed);
  }

  #checkIndices(packed: PackedMatrix): void {
    const { count, length, indexBits } = this.linesOf(packed.shape);
    const { pointers, rest } = this.readPointers(packed);
    const place = this.line === "column" ? "row" : "column";
    let at = 0;
    for (let line = 0; line < count; line++) {
      for (let last = -1; at < pointers[line]!; at++) {
        const index = rest.readUnsigned(indexBits);
        if (index <= last || index >= length) {
          const got = `${place} ${index} after ${last} in ${this.line} ${line}`;
          throw brokenBytes(this.name, got, `rising ${place}s of the matrix`);
        }
        last = index;
      }
    }
  }

  unpack(packed: PackedMatrix): Int32Array {
    this.check(packed);
    const { reduction, columns, valueBits } = packed.shape;
    const { count, lineStep, placeStep, indexBits } = this.linesOf(packed.shape);
    const { pointers, rest } = this.readPointers(packed);
    const stored = new BitReader(packed.values);
    const values = new Int32Array(reduction * columns);
    let at = 0;
    for (let line = 0; line < count; line++) {
      for (; at < pointers[line]!; at++) {
        const place = rest.readUnsigned(indexBits);
        values[line * lineStep + place * placeStep] = stored.readSigned(valueBits);
      }
    }
    return values;
  }

  /** The ends of the lines, and the reader that stands at the first index after them. */
  readPointers({ shape, metadata }: PackedMatrix) {
    const { count, pointerBits } = this.linesOf(shape);
    const rest = new BitReader(metadata);
    const pointers = new Float64Array(count);
    for (let line = 0; line < count; line++) pointers[line] = rest.readUnsigned(pointerBits);
    return { pointers, rest };
  }
}
