/**
 * Products with packed sparse matrices: the metadata says which activation each stored weight meets, and no other is touched.
 *
 *     for column, each of its stored weights
 *       row = group start + position (N:M) | place of a set bit (bitmap) | next index (CSR)
 *       sums[column] += centred[row] * next value
 */
import { BitReader } from "../../sim/ir/encodings/bit-packing.js";
import { csrFieldBits, readPointers } from "../../sim/ir/encodings/csr.js";
import type { NmEncoding } from "../../sim/ir/encodings/nm.js";
import { addProducts, type PackedOperands } from "./packed-operands.js";

export function addGroups(operands: PackedOperands, { kept, group, positionBits }: NmEncoding): void {
  const { shape, values, metadata } = operands.packed;
  const stored = new BitReader(values);
  const positions = new BitReader(metadata);
  for (let column = 0; column < shape.columns; column++) {
    for (let from = 0; from < shape.reduction; from += group) {
      const slots = Math.min(kept, shape.reduction - from);
      for (let slot = 0; slot < slots; slot++) {
        const row = from + positions.readUnsigned(positionBits);
        addProducts(operands, row, column, stored.readSigned(shape.valueBits));
      }
    }
  }
}

export function addMasked(operands: PackedOperands): void {
  const { shape, values, metadata } = operands.packed;
  const stored = new BitReader(values);
  const mask = new BitReader(metadata);
  for (let column = 0; column < shape.columns; column++) {
    for (let row = 0; row < shape.reduction; row++) {
      if (mask.readUnsigned(1) === 1) addProducts(operands, row, column, stored.readSigned(shape.valueBits));
    }
  }
}

export function addIndexed(operands: PackedOperands): void {
  const { shape, values, metadata } = operands.packed;
  const { pointerBits, indexBits } = csrFieldBits(shape);
  const { pointers, rest } = readPointers(metadata, shape.columns, pointerBits);
  const stored = new BitReader(values);
  let at = 0;
  for (let column = 0; column < shape.columns; column++) {
    for (; at < pointers[column]!; at++) {
      const row = rest.readUnsigned(indexBits);
      addProducts(operands, row, column, stored.readSigned(shape.valueBits));
    }
  }
}
