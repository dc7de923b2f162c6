/**
 * Products of 8-bit activations with a weight matrix in its packed form: sums of (a - a_zero) * w in int32 that wraps, the bits of
 * `matmulInteger` on the unpacked matrix. Each encoding has its own loop, which walks the bytes as they are stored.
 */
import { ModelError } from "../../sim/core/errors.js";
import { ApotEncoding } from "../../sim/ir/encodings/apot.js";
import { BitmapEncoding } from "../../sim/ir/encodings/bitmap.js";
import { BlockPunchedEncoding } from "../../sim/ir/encodings/block-punched.js";
import { ChannelEncoding } from "../../sim/ir/encodings/channel.js";
import { CodebookEncoding } from "../../sim/ir/encodings/codebook.js";
import { CsrEncoding } from "../../sim/ir/encodings/csr.js";
import { DenseEncoding } from "../../sim/ir/encodings/dense.js";
import type { Encoding, PackedMatrix } from "../../sim/ir/encodings/encoding.js";
import { NmEncoding } from "../../sim/ir/encodings/nm.js";
import { PatternEncoding } from "../../sim/ir/encodings/pattern.js";
import { Pow2Encoding } from "../../sim/ir/encodings/pow2.js";
import { QuantizedEncoding } from "../../sim/ir/encodings/quantized.js";
import { addShared } from "./packed-codebook.js";
import { addChannels, addDense } from "./packed-dense.js";
import type { PackedOperands } from "./packed-operands.js";
import { addPatterns, addPunchedBlocks } from "./packed-patterns.js";
import { addPowers, addSumsOfPowers } from "./packed-shift.js";
import { addGroups, addIndexed, addMasked } from "./packed-sparse.js";

export interface Activations {
  /** Row-major [rows, reduction]. */
  readonly values: Int8Array | Uint8Array;
  readonly rows: number;
  readonly zero: number;
}

/**
 * The sums of each row and column, row-major [rows, columns].
 * @throws NetworkError when the packed bytes are none that the encoding writes
 */
export function packedMatmul(activations: Activations, packed: PackedMatrix, encoding: Encoding): Int32Array {
  const { values, rows, zero } = activations;
  const { reduction, columns } = packed.shape;
  if (values.length !== rows * reduction) {
    throw new ModelError("packedMatmul", `${values.length} activations for ${rows} rows of ${reduction}`);
  }
  encoding.check(packed);
  const centred = new Int32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < reduction; at++) centred[at * rows + row] = values[row * reduction + at]! - zero;
  }
  const sums = new Int32Array(columns * rows);
  addPacked({ packed, rows, centred, sums }, encoding instanceof QuantizedEncoding ? encoding.base : encoding);
  const result = new Int32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[row * columns + column] = sums[column * rows + row]!;
  }
  return result;
}

function addPacked(operands: PackedOperands, encoding: Encoding): void {
  if (encoding instanceof DenseEncoding) addDense(operands);
  else if (encoding instanceof NmEncoding) addGroups(operands, encoding);
  else if (encoding instanceof BitmapEncoding) addMasked(operands);
  else if (encoding instanceof CsrEncoding) addIndexed(operands);
  else if (encoding instanceof Pow2Encoding) addPowers(operands, encoding);
  else if (encoding instanceof ApotEncoding) addSumsOfPowers(operands, encoding);
  else if (encoding instanceof CodebookEncoding) addShared(operands, encoding);
  else if (encoding instanceof BlockPunchedEncoding) addPunchedBlocks(operands, encoding);
  else if (encoding instanceof PatternEncoding) addPatterns(operands, encoding);
  else if (encoding instanceof ChannelEncoding) addChannels(operands);
  else throw new ModelError("packedMatmul", `no kernel for the encoding ${encoding.name}`);
}
