/**
 * Products with weights that share values: the activations that meet the same entry of the table are added up first, so that each
 * entry is multiplied once a column.
 *
 *     for column
 *       gathered = 0
 *       for row:   gathered[next index] += centred[row]
 *       for entry: sums[column] += gathered[entry] * table[entry]
 */
import { addInt32, multiplyAddInt32 } from "../../sim/core/fixed-point.js";
import { BitReader } from "../../sim/ir/encodings/bit-packing.js";
import { type CodebookEncoding, readCodebook } from "../../sim/ir/encodings/codebook.js";
import type { PackedOperands } from "./packed-operands.js";

export function addShared(operands: PackedOperands, { entries, indexBits }: CodebookEncoding): void {
  const { packed, rows, centred, sums } = operands;
  const { reduction, columns } = packed.shape;
  const table = readCodebook(packed, entries);
  const indices = new BitReader(packed.values);
  const gathered = new Int32Array(entries * rows);
  for (let column = 0; column < columns; column++) {
    gathered.fill(0);
    for (let row = 0; row < reduction; row++) {
      const [from, to] = [row * rows, indices.readUnsigned(indexBits) * rows];
      for (let m = 0; m < rows; m++) gathered[to + m] = addInt32(gathered[to + m]!, centred[from + m]!);
    }
    const to = column * rows;
    for (let entry = 0; entry < entries; entry++) {
      const from = entry * rows;
      for (let m = 0; m < rows; m++) sums[to + m] = multiplyAddInt32(sums[to + m]!, gathered[from + m]!, table[entry]!);
    }
  }
}
