/**
 * The weights of packed sparse matrices: the metadata says which activation each stored weight meets, and no other is touched.
 *
 *     for column, each of its stored weights (for row, where CSC or groups of N:M go along the output channels)
 *       row = group start + position (N:M) | place of a set bit (bitmap) | next index (CSR) | step past the last row (run-length)
 *       take(row, column, next value)
 */
import { BitReader } from "../../sim/ir/encodings/bit-packing.js";
import type { CompressedLines } from "../../sim/ir/encodings/compressed-lines.js";
import type { PackedMatrix } from "../../sim/ir/encodings/encoding.js";
import type { NmEncoding } from "../../sim/ir/encodings/nm.js";
import { forEachGroup, groupLines } from "../../sim/ir/encodings/nm-groups.js";
import { type RunLengthEncoding, readRunCounts } from "../../sim/ir/encodings/run-length.js";
import type { TakeWeight } from "./packed-operands.js";

export function forEachInGroups(
  { shape, values, metadata }: PackedMatrix,
  { kept, group, axis, positions }: NmEncoding,
  take: TakeWeight,
): void {
  const stored = new BitReader(values);
  const reader = new BitReader(metadata);
  const lines = groupLines(axis, shape);
  const ofGroup = new Uint16Array(kept);
  forEachGroup(lines, group, (row, column, length) => {
    positions.read(reader, ofGroup, length);
    const slots = Math.min(kept, length);
    for (let slot = 0; slot < slots; slot++) {
      const position = ofGroup[slot]!;
      take(row + position * lines.rowStep, column + position * lines.columnStep, stored.readSigned(shape.valueBits));
    }
  });
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

export function forEachIndexed(packed: PackedMatrix, encoding: CompressedLines, take: TakeWeight): void {
  const { count, indexBits } = encoding.linesOf(packed.shape);
  const { valueBits } = packed.shape;
  const { pointers, rest } = encoding.readPointers(packed);
  const stored = new BitReader(packed.values);
  let at = 0;
  for (let line = 0; line < count; line++) {
    for (; at < pointers[line]!; at++) {
      const place = rest.readUnsigned(indexBits);
      const value = stored.readSigned(valueBits);
      if (encoding.line === "column") take(place, line, value);
      else take(line, place, value);
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
