/**
 * Products with packed powers of two and their sums, without a multiplier: an activation is shifted by each exponent of the code
 * and added, or subtracted where the sign bit is set.
 *
 *     for row, column
 *       for exponent of the next code: one for a power of two, one for each term that is not 0 for a sum of them
 *         sums[column] +-= centred[row] << exponent
 */
import type { ApotEncoding } from "../../sim/ir/encodings/apot.js";
import { BitReader } from "../../sim/ir/encodings/bit-packing.js";
import { EXPONENT_BITS, type Pow2Encoding } from "../../sim/ir/encodings/pow2.js";
import type { PackedOperands } from "./packed-operands.js";

export function addPowers(operands: PackedOperands, { codeBits }: Pow2Encoding): void {
  const { shape, values, metadata } = operands.packed;
  const leastExponent = new BitReader(metadata).readUnsigned(EXPONENT_BITS);
  const codes = new BitReader(values);
  for (let row = 0; row < shape.reduction; row++) {
    for (let column = 0; column < shape.columns; column++) {
      const isNegative = codes.readUnsigned(1) === 1;
      const exponentCode = codes.readUnsigned(codeBits - 1);
      if (exponentCode !== 0) addShifted(operands, row, column, leastExponent + exponentCode - 1, isNegative);
    }
  }
}

export function addSumsOfPowers(operands: PackedOperands, { terms }: ApotEncoding): void {
  const { shape, values, metadata } = operands.packed;
  const shift = new BitReader(metadata).readUnsigned(EXPONENT_BITS);
  const codes = new BitReader(values);
  for (let row = 0; row < shape.reduction; row++) {
    for (let column = 0; column < shape.columns; column++) {
      const isNegative = codes.readUnsigned(1) === 1;
      for (const { fieldBits, exponents } of terms) {
        const field = codes.readUnsigned(fieldBits);
        if (field !== 0) addShifted(operands, row, column, shift + exponents[field - 1]!, isNegative);
      }
    }
  }
}

/** sums[column] += or -= centred[row] << exponent, over all rows of activations. */
function addShifted(
  { rows, centred, sums }: PackedOperands,
  row: number,
  column: number,
  exponent: number,
  isNegative: boolean,
): void {
  const [from, to] = [row * rows, column * rows];
  if (isNegative) for (let m = 0; m < rows; m++) sums[to + m]! -= centred[from + m]! << exponent;
  else for (let m = 0; m < rows; m++) sums[to + m]! += centred[from + m]! << exponent;
}
