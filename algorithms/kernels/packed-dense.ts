/**
 * Products with packed dense matrices: all weights in their places, or those of the channels that are left.
 *
 *     for row, column
 *       sums[column] += centred[row] * next value
 */
import { BitReader } from "../../sim/ir/encodings/bit-packing.js";
import { readKeptChannels } from "../../sim/ir/encodings/channel.js";
import { addProducts, type PackedOperands } from "./packed-operands.js";

export function addDense(operands: PackedOperands): void {
  const { reduction, columns, valueBits } = operands.packed.shape;
  const values = new BitReader(operands.packed.values);
  for (let row = 0; row < reduction; row++) {
    for (let column = 0; column < columns; column++) addProducts(operands, row, column, values.readSigned(valueBits));
  }
}

export function addChannels(operands: PackedOperands): void {
  const { valueBits, kernelSize = 1 } = operands.packed.shape;
  const { inputs, outputs } = readKeptChannels(operands.packed);
  const values = new BitReader(operands.packed.values);
  for (const input of inputs) {
    for (let row = input * kernelSize; row < (input + 1) * kernelSize; row++) {
      for (const column of outputs) addProducts(operands, row, column, values.readSigned(valueBits));
    }
  }
}
