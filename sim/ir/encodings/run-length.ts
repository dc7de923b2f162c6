/**
 * Run lengths: each stored value with a step, the number of zeros before it in its column. A run that no step field holds takes
 * stored zeros, each with a full step. Columns follow each other, rows rising; before the steps one count a column of its
 * stored values, since a column is an output channel and is read alone. Zeros at the end of a column are not stored.
 * Source: Zhang et al., 'Cambricon-X', MICRO 2016 (step indexing); Han et al., 'EIE', ISCA 2016 (zeros that long runs take,
 * fields of 4 bits).
 */
import { z } from "zod";
import { count } from "../../core/params.js";
import { BitReader, BitWriter, bitsFor } from "./bit-packing.js";
import { densityField, statedDensity } from "./density.js";
import type { Encoding, EncodingWork, PackedMatrix, PackedSize, StoredBits, WeightMatrixShape } from "./encoding.js";
import { defineEncoding } from "./encoding-kind.js";
import { brokenBytes, checkBytes, checkShape, checkValues, packedMatrix } from "./matrix-checks.js";
import { SCALE_FIELDS, VALUE_FIELDS } from "./scales.js";

const SOURCE = "Zhang et al., MICRO 2016";

const table = z.strictObject({
  stepBits: count(1, 16, {
    unit: "bits",
    description: "Bits of a step field",
    source: "4 in Han et al., ISCA 2016",
  }).default(4),
  density: densityField("Part of the weights that are not zero"),
  ...VALUE_FIELDS,
  ...SCALE_FIELDS,
});

export const RUN_LENGTH = defineEncoding(
  {
    name: "run-length",
    description: "The non-zeros of each output channel, each with its step",
    source: SOURCE,
    table,
  },
  (parameters) => new RunLengthEncoding(parameters),
);

/** Bits of the count of a column's stored values. */
export function runCountBits({ reduction }: WeightMatrixShape): number {
  return bitsFor(reduction + 1);
}

/** The count of stored values of each column, and the reader that stands at the first step. */
export function readRunCounts(metadata: Uint8Array, shape: WeightMatrixShape) {
  const steps = new BitReader(metadata);
  const countBits = runCountBits(shape);
  const counts = new Float64Array(shape.columns);
  for (let column = 0; column < shape.columns; column++) counts[column] = steps.readUnsigned(countBits);
  return { counts, steps };
}

export class RunLengthEncoding implements Encoding {
  readonly name = "run-length";
  readonly isFixedSize = false;
  readonly stepBits: number;
  readonly #density: number | undefined;

  constructor(parameters: { readonly stepBits: number; readonly density?: number | undefined }) {
    this.stepBits = parameters.stepBits;
    this.#density = parameters.density;
  }

  storedBits(shape: WeightMatrixShape): StoredBits {
    const { storedValues } = this.work(shape);
    return {
      valueBits: storedValues * shape.valueBits,
      metadataBits: shape.columns * runCountBits(shape) + storedValues * this.stepBits,
    };
  }

  /**
   * Of a stated density d: were the places of non-zeros drawn one by one, a run would reach past n fields of steps with the
   * probability q^n, q = (1-d)^(2^stepBits), and a non-zero would come with q + q^2 + ... = q / (1-q) stored zeros.
   */
  work(shape: WeightMatrixShape): EncodingWork {
    checkShape(this.name, shape);
    const weights = shape.reduction * shape.columns;
    const density = statedDensity(this.name, this.#density);
    const longRun = (1 - density) ** (2 ** this.stepBits);
    const storedValues = density === 0 ? 0 : Math.round((density * weights) / (1 - longRun));
    const reductionLength = shape.columns === 0 ? 0 : Math.ceil(storedValues / shape.columns);
    return { storedValues, reductionLength, decodedValues: weights };
  }

  pack(values: Int32Array, shape: WeightMatrixShape): PackedMatrix {
    checkValues(this.name, values, shape);
    const { reduction, columns, valueBits } = shape;
    const countBits = runCountBits(shape);
    const counts = this.#countStored(values, shape);
    const storedValues = counts.reduce((sum, stored) => sum + stored, 0);
    const writer = new BitWriter(storedValues * valueBits);
    const metadata = new BitWriter(columns * countBits + storedValues * this.stepBits);
    for (const stored of counts) metadata.write(stored, countBits);
    const fullStep = 2 ** this.stepBits - 1;
    for (let column = 0; column < columns; column++) {
      let step = 0;
      // Stored zeros are written when the non-zero is met that needs them.
      for (let row = 0; row < reduction; row++) {
        const value = values[row * columns + column]!;
        if (value === 0) {
          step++;
          continue;
        }
        for (; step > fullStep; step -= fullStep + 1) {
          metadata.write(fullStep, this.stepBits);
          writer.write(0, valueBits);
        }
        metadata.write(step, this.stepBits);
        writer.write(value, valueBits);
        step = 0;
      }
    }
    const reductionLength = counts.reduce((most, stored) => Math.max(most, stored), 0);
    return packedMatrix(shape, writer, metadata, { storedValues, reductionLength, decodedValues: values.length });
  }

  measure(filters: ArrayLike<number>, shape: WeightMatrixShape): PackedSize {
    const { reduction, columns, valueBits } = shape;
    let [total, longest] = [0, 0];
    for (let column = 0, at = 0; column < columns; column++) {
      let [stored, run] = [0, 0];
      for (const end = at + reduction; at < end; at++) {
        if (filters[at] === 0) run++;
        else {
          stored += 1 + (run >> this.stepBits);
          run = 0;
        }
      }
      total += stored;
      longest = Math.max(longest, stored);
    }
    return {
      bits: { valueBits: total * valueBits, metadataBits: columns * runCountBits(shape) + total * this.stepBits },
      work: { storedValues: total, reductionLength: longest, decodedValues: reduction * columns },
    };
  }

  /** Stored values of each column: the non-zeros, and the zeros that runs take. */
  #countStored(values: Int32Array, { reduction, columns }: WeightMatrixShape): Int32Array {
    const counts = new Int32Array(columns);
    const runs = new Int32Array(columns);
    for (let row = 0, at = 0; row < reduction; row++) {
      for (let column = 0; column < columns; column++, at++) {
        if (values[at] === 0) {
          runs[column]!++;
          continue;
        }
        counts[column]! += 1 + (runs[column]! >> this.stepBits);
        runs[column] = 0;
      }
    }
    return counts;
  }

  check(packed: PackedMatrix): void {
    const { reduction, columns, valueBits } = packed.shape;
    checkShape(this.name, packed.shape);
    const countBits = runCountBits(packed.shape);
    const leastBytes = Math.ceil((columns * countBits) / 8);
    if (packed.metadata.length < leastBytes) {
      throw brokenBytes(this.name, `${packed.metadata.length} bytes of metadata`, `at least ${leastBytes} bytes`);
    }
    const reader = new BitReader(packed.metadata);
    let stored = 0;
    for (let column = 0; column < columns; column++) {
      const ofColumn = reader.readUnsigned(countBits);
      if (ofColumn > reduction) {
        throw brokenBytes(this.name, `${ofColumn} stored values in column ${column}`, `at most ${reduction}`);
      }
      stored += ofColumn;
    }
    checkBytes(this.name, packed, "values", stored * valueBits);
    checkBytes(this.name, packed, "metadata", columns * countBits + stored * this.stepBits);
    this.#checkPlaces(packed);
  }

  #checkPlaces({ shape, metadata }: PackedMatrix): void {
    const { counts, steps } = readRunCounts(metadata, shape);
    for (let column = 0; column < shape.columns; column++) {
      let row = -1;
      for (let entry = 0; entry < counts[column]!; entry++) row += 1 + steps.readUnsigned(this.stepBits);
      if (row < shape.reduction) continue;
      throw brokenBytes(this.name, `steps to row ${row} in column ${column}`, `rows below ${shape.reduction}`);
    }
  }

  unpack(packed: PackedMatrix): Int32Array {
    this.check(packed);
    const { reduction, columns, valueBits } = packed.shape;
    const { counts, steps } = readRunCounts(packed.metadata, packed.shape);
    const stored = new BitReader(packed.values);
    const values = new Int32Array(reduction * columns);
    for (let column = 0; column < columns; column++) {
      let row = -1;
      for (let entry = 0; entry < counts[column]!; entry++) {
        row += 1 + steps.readUnsigned(this.stepBits);
        values[row * columns + column] = stored.readSigned(valueBits);
      }
    }
    return values;
  }
}
