/**
 * Products with a weight matrix in its packed form, by plain loops that walk the bytes as they are stored, each encoding in its own
 * order:
 *
 *     for each stored weight:            sums[column] += centred[row] * weight
 *     for each power of two of a code:   sums[column] +-= centred[row] << exponent          no multiplier
 */
import { ApotEncoding } from "../../sim/ir/encodings/apot.js";
import { CodebookEncoding } from "../../sim/ir/encodings/codebook.js";
import type { Encoding, PackedMatrix } from "../../sim/ir/encodings/encoding.js";
import { Pow2Encoding } from "../../sim/ir/encodings/pow2.js";
import { addShared } from "./packed-codebook.js";
import { type Activations, addProducts, addShifted, checkActivations, type PackedOperands } from "./packed-operands.js";
import { forEachPower } from "./packed-shift.js";
import { forEachStored } from "./packed-weights.js";

/** Sums [rows, columns] with a packed matrix that was checked, of an encoding without its quantization. */
export function multiplyPacked(activations: Activations, packed: PackedMatrix, encoding: Encoding): Int32Array {
  checkActivations(activations, packed.shape);
  const { values, rows, zero } = activations;
  const { reduction, columns } = packed.shape;
  const centred = new Int32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < reduction; at++) centred[at * rows + row] = values[row * reduction + at]! - zero;
  }
  const sums = new Int32Array(columns * rows);
  addPacked({ packed, rows, centred, sums }, encoding);
  const result = new Int32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[row * columns + column] = sums[column * rows + row]!;
  }
  return result;
}

function addPacked(operands: PackedOperands, encoding: Encoding): void {
  const { packed } = operands;
  if (encoding instanceof CodebookEncoding) addShared(operands, encoding);
  else if (encoding instanceof Pow2Encoding || encoding instanceof ApotEncoding) {
    forEachPower(packed, encoding, (row, column, exponent, isNegative) =>
      addShifted(operands, row, column, exponent, isNegative),
    );
  } else forEachStored(packed, encoding, (row, column, weight) => addProducts(operands, row, column, weight));
}
