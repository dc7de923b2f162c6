/**
 * The weights of packed sparse matrices: the metadata says which activation each stored weight meets, and no other is touched.
 *
 *     for column, each of its stored weights
 *       row = group start + position (N:M) | place of a set bit (bitmap) | next index (CSR) | step past the last row (run-length)
 *       take(row, column, next value)
 */
import { BitReader } from "../../sim/ir/encodings/bit-packing.js";
import { csrFieldBits, readPointers } from "../../sim/ir/encodings/csr.js";
import type { PackedMatrix } from "../../sim/ir/encodings/encoding.js";
import type { NmEncoding } from "../../sim/ir/encodings/nm.js";
import { type RunLengthEncoding, readRunCounts } from "../../sim/ir/encodings/run-length.js";
import type { TakeWeight } from "./packed-operands.js";

export function forEachInGroups(
  { shape, values, metadata }: PackedMatrix,
  { kept, group, positionBits }: NmEncoding,
  take: TakeWeight,
): void {
  const stored = new BitReader(values);
  const positions = new BitReader(metadata);
  for (let column = 0; column < shape.columns; column++) {
    for (let from = 0; from < shape.reduction; from += group) {
      const slots = Math.min(kept, shape.reduction - from);
      for (let slot = 0; slot < slots; slot++) {
        const row = from + positions.readUnsigned(positionBits);
        take(row, column, stored.readSigned(shape.valueBits));
      }
    }
  }
}

export function forEachMasked({ shape, values, metadata }: PackedMatrix, take: TakeWeight): void {
  const stored = new BitReader(values);
  const mask = new BitReader(metadata);
  for (let column = 0; column < shape.columns; column++) {
    for (let row = 0; row < shape.reduction; row++) {
      if (mask.readUnsigned(1) === 1) take(row, column, stored.readSigned(shape.valueBits));
    }
  }
}

export function forEachIndexed({ shape, values, metadata }: PackedMatrix, take: TakeWeight): void {
  const { pointerBits, indexBits } = csrFieldBits(shape);
  const { pointers, rest } = readPointers(metadata, shape.columns, pointerBits);
  const stored = new BitReader(values);
  let at = 0;
  for (let column = 0; column < shape.columns; column++) {
    for (; at < pointers[column]!; at++) {
      const row = rest.readUnsigned(indexBits);
      take(row, column, stored.readSigned(shape.valueBits));
    }
  }
}

export function forEachStepped(
  { shape, values, metadata }: PackedMatrix,
  { stepBits }: RunLengthEncoding,
  take: TakeWeight,
): void {
  const { counts, steps } = readRunCounts(metadata, shape);
  const stored = new BitReader(values);
  for (let column = 0; column < shape.columns; column++) {
    let row = -1;
    for (let entry = 0; entry < counts[column]!; entry++) {
      row += 1 + steps.readUnsigned(stepBits);
      take(row, column, stored.readSigned(shape.valueBits));
    }
  }
}
