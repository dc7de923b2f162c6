/**
 * Additive powers of two: every weight is 2^shift times a sum of a few powers of two with one sign. A code has a sign bit and
 * above it a field for each term: 2 bits choose of 0 and three powers, 1 bit of 0 and one. Of n terms, term i (from 1) has the
 * powers 2^-(i + j*n), j = 0, 1, 2; with an even number of bits one power has a term of its own. Levels are in units of the
 * smallest power, each with one code. The shift, the least that makes every weight a level, is metadata, once, in 5 bits.
 * Source: Li et al., 'Additive Powers-of-Two Quantization', ICLR 2020, section 2.2, and the authors' build_power_value.
 */
import { z } from "zod";
import { ConfigError } from "../../core/errors.js";
import { count } from "../../core/params.js";
import { BitReader, BitWriter, bitsFor } from "./bit-packing.js";
import type { Encoding, EncodingWork, PackedMatrix, StoredBits, WeightMatrixShape } from "./encoding.js";
import { defineEncoding } from "./encoding-kind.js";
import {
  brokenBytes,
  checkBytes,
  checkShape,
  checkValues,
  packedMatrix,
  valueRange,
  weightPlace,
  workOnEveryWeight,
} from "./matrix-checks.js";
import { EXPONENT_BITS } from "./pow2.js";
import { SCALE_FIELDS } from "./scales.js";

const SOURCE = "Li et al., ICLR 2020";

/** Exponents of each term by bits of a code; field value 0 stands for no power, f for the exponent at f - 1. */
const TERMS: Readonly<Record<number, readonly (readonly number[])[]>> = {
  3: [[2, 1, 0]],
  4: [[3, 2, 0], [1]],
  5: [
    [5, 3, 1],
    [4, 2, 0],
  ],
  6: [[6, 4, 1], [5, 3, 0], [2]],
  7: [
    [8, 5, 2],
    [7, 4, 1],
    [6, 3, 0],
  ],
};

export const apotTable = z.strictObject({
  bits: count(3, 7, { unit: "bits", description: "Bits of a code, sign included", source: SOURCE }).default(4),
  ...SCALE_FIELDS,
});

/** One term of a code: the width of its field, and the exponents that the field values from 1 on choose. */
export interface ApotTerm {
  readonly fieldBits: number;
  readonly exponents: readonly number[];
}

export const APOT = defineEncoding(
  {
    name: "apot",
    description: "Sums of a few powers of two with one sign: a product is shifts and adds",
    source: SOURCE,
    table: apotTable,
  },
  (parameters) => new ApotEncoding(parameters),
);

export class ApotEncoding implements Encoding {
  readonly name = "apot";
  readonly isFixedSize = true;
  readonly codeBits: number;
  readonly terms: readonly ApotTerm[];
  /** Level of each code without its sign bit. */
  readonly #levels: readonly number[];
  readonly #codeOfLevel: ReadonlyMap<number, number>;

  constructor(parameters: { readonly bits: number }) {
    this.codeBits = parameters.bits;
    this.terms = TERMS[parameters.bits]!.map((exponents) => ({ fieldBits: bitsFor(exponents.length + 1), exponents }));
    this.#levels = levelsOf(this.terms);
    this.#codeOfLevel = new Map(this.#levels.map((level, code) => [level, code]));
  }

  /** Magnitudes in units of the smallest power, rising from 0. */
  get levels(): readonly number[] {
    return this.#levels.toSorted((one, other) => one - other);
  }

  storedBits(shape: WeightMatrixShape): StoredBits {
    checkShape(this.name, shape);
    return { valueBits: shape.reduction * shape.columns * this.codeBits, metadataBits: EXPONENT_BITS };
  }

  work(shape: WeightMatrixShape): EncodingWork {
    return workOnEveryWeight(this.name, shape);
  }

  pack(values: Int32Array, shape: WeightMatrixShape): PackedMatrix {
    checkValues(this.name, values, shape);
    const shift = this.#shiftOf(values, shape);
    const bits = this.storedBits(shape);
    const writer = new BitWriter(bits.valueBits);
    for (let index = 0; index < values.length; index++) {
      const value = values[index]!;
      const code = this.#codeOfLevel.get(Math.abs(value) / 2 ** shift)!;
      writer.write(code * 2 + (value < 0 ? 1 : 0), this.codeBits);
    }
    const metadata = new BitWriter(bits.metadataBits);
    metadata.write(shift, EXPONENT_BITS);
    return packedMatrix(shape, writer, metadata, this.work(shape));
  }

  check(packed: PackedMatrix): void {
    const bits = this.storedBits(packed.shape);
    checkBytes(this.name, packed, "values", bits.valueBits);
    checkBytes(this.name, packed, "metadata", bits.metadataBits);
    const { least, most } = valueRange(packed.shape);
    const shift = new BitReader(packed.metadata).readUnsigned(EXPONENT_BITS);
    const codes = new BitReader(packed.values);
    for (let index = 0; index < packed.shape.reduction * packed.shape.columns; index++) {
      const code = codes.readUnsigned(this.codeBits);
      const value = this.#valueOf(code, shift);
      if (value < least || value > most || code === 1) {
        throw brokenBytes(this.name, `code ${code} at ${index}`, `a level within ${least} to ${most}`);
      }
    }
  }

  unpack(packed: PackedMatrix): Int32Array {
    this.check(packed);
    const shift = new BitReader(packed.metadata).readUnsigned(EXPONENT_BITS);
    const codes = new BitReader(packed.values);
    const values = new Int32Array(packed.shape.reduction * packed.shape.columns);
    for (let index = 0; index < values.length; index++) {
      values[index] = this.#valueOf(codes.readUnsigned(this.codeBits), shift);
    }
    return values;
  }

  #valueOf(code: number, shift: number): number {
    const magnitude = this.#levels[code >> 1]! * 2 ** shift;
    return code % 2 === 1 ? -magnitude : magnitude;
  }

  /** The least shift that makes every weight a level. @throws ConfigError naming a weight that is none, the one reached last */
  #shiftOf(values: Int32Array, shape: WeightMatrixShape): number {
    let furthest = -1;
    for (let shift = 0; shift < 2 ** EXPONENT_BITS; shift++) {
      const stranger = values.findIndex((value) => !this.#codeOfLevel.has(Math.abs(value) / 2 ** shift));
      if (stranger === -1) return shift;
      furthest = Math.max(furthest, stranger);
    }
    throw new ConfigError({
      where: weightPlace(this.name, furthest, shape),
      got: String(values[furthest]),
      want: `one power of two for the matrix times 0 or +- one of ${[...this.#levels].sort((a, b) => a - b).join(", ")}`,
      fix: "quantize the weights to sums of powers of two first, or give the codes more bits",
    });
  }
}

/** The level of each code without its sign bit; the first term is the lowest field. */
function levelsOf(terms: readonly ApotTerm[]): number[] {
  let levels = [0];
  for (const { exponents } of terms) {
    const choices = [0, ...exponents.map((exponent) => 2 ** exponent)];
    levels = choices.flatMap((choice) => levels.map((level) => level + choice));
  }
  return levels;
}
