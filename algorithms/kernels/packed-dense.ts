/**
 * The weights of packed dense matrices: all in their places, or those of the channels that are left.
 *
 *     for row, column
 *       take(row, column, next value)
 */
import { BitReader } from "../../sim/ir/encodings/bit-packing.js";
import { readKeptChannels } from "../../sim/ir/encodings/channel.js";
import type { PackedMatrix } from "../../sim/ir/encodings/encoding.js";
import type { TakeWeight } from "./packed-operands.js";

export function forEachInPlace({ shape, values }: PackedMatrix, take: TakeWeight): void {
  const { reduction, columns, valueBits } = shape;
  const stored = new BitReader(values);
  for (let row = 0; row < reduction; row++) {
    for (let column = 0; column < columns; column++) take(row, column, stored.readSigned(valueBits));
  }
}

export function forEachInChannels(packed: PackedMatrix, take: TakeWeight): void {
  const { valueBits, kernelSize = 1 } = packed.shape;
  const { inputs, outputs } = readKeptChannels(packed);
  const stored = new BitReader(packed.values);
  for (const input of inputs) {
    for (let row = input * kernelSize; row < (input + 1) * kernelSize; row++) {
      for (const column of outputs) take(row, column, stored.readSigned(valueBits));
    }
  }
}
