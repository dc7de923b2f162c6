/**
 * The powers of two of packed weights: the sign and exponent of each, or of each term that is not 0 where a weight is a sum of
 * powers. A product with one is a shift.
 *
 *     for row, column
 *       for exponent of the next code: one for a power of two, one for each term that is not 0 for a sum of them
 *         take(row, column, exponent, sign bit, term)
 */
import { ApotEncoding } from "../../sim/ir/encodings/apot.js";
import { BitReader } from "../../sim/ir/encodings/bit-packing.js";
import type { PackedMatrix } from "../../sim/ir/encodings/encoding.js";
import { EXPONENT_BITS, type Pow2Encoding } from "../../sim/ir/encodings/pow2.js";

/** Takes +-2^exponent, a term of the weight at a row and column. */
export type TakePower = (row: number, column: number, exponent: number, isNegative: boolean, term: number) => void;

export type ShiftEncoding = Pow2Encoding | ApotEncoding;

export function forEachPower(packed: PackedMatrix, encoding: ShiftEncoding, take: TakePower): void {
  if (encoding instanceof ApotEncoding) forEachTerm(packed, encoding, take);
  else forEachCode(packed, encoding, take);
}

function forEachCode({ shape, values, metadata }: PackedMatrix, { codeBits }: Pow2Encoding, take: TakePower): void {
  const leastExponent = new BitReader(metadata).readUnsigned(EXPONENT_BITS);
  const codes = new BitReader(values);
  for (let row = 0; row < shape.reduction; row++) {
    for (let column = 0; column < shape.columns; column++) {
      const isNegative = codes.readUnsigned(1) === 1;
      const exponentCode = codes.readUnsigned(codeBits - 1);
      if (exponentCode !== 0) take(row, column, leastExponent + exponentCode - 1, isNegative, 0);
    }
  }
}

function forEachTerm({ shape, values, metadata }: PackedMatrix, { terms }: ApotEncoding, take: TakePower): void {
  const shift = new BitReader(metadata).readUnsigned(EXPONENT_BITS);
  const codes = new BitReader(values);
  for (let row = 0; row < shape.reduction; row++) {
    for (let column = 0; column < shape.columns; column++) {
      const isNegative = codes.readUnsigned(1) === 1;
      for (let term = 0; term < terms.length; term++) {
        const { fieldBits, exponents } = terms[term]!;
        const field = codes.readUnsigned(fieldBits);
        if (field !== 0) take(row, column, shift + exponents[field - 1]!, isNegative, term);
      }
    }
  }
}
