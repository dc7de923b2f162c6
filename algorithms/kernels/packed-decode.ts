/**
 * Packed weights decoded once, into the plain arrays that the kernels on SIMD take: numbers of 16 bits, the stored ones of each
 * column with their places, and powers of two term by term.
 */
import { ApotEncoding } from "../../sim/ir/encodings/apot.js";
import type { Encoding, PackedMatrix } from "../../sim/ir/encodings/encoding.js";
import { forEachPower, type ShiftEncoding } from "./packed-shift.js";
import { forEachStored } from "./packed-weights.js";
import type { PowerColumns } from "./simd-power.js";
import type { SparseColumns } from "./simd-sparse.js";

/** Matrices of more weights stay in their packed form: decoded they would not fit a module's memory beside activations. */
export const MAX_DECODED_WEIGHTS = 2 ** 27;

/**
 * Numbers of 32 bits as one or two of 16: `low + high * 2^16` modulo 2^32, so that sums of products which wrap in 32 bits may be
 * taken of each part, and added up after a shift. No high part where the low one is all there is.
 */
export function halvesOf(values: Int32Array): Int16Array[] {
  const [low, high] = [new Int16Array(values), new Int16Array(values.length)];
  let isWide = 0;
  for (let at = 0; at < values.length; at++) {
    high[at] = (values[at]! - low[at]!) >> 16;
    isWide |= high[at]!;
  }
  return isWide === 0 ? [low] : [low, high];
}

/** Sums from those of the halves, written over those of the low one. */
export function joinHalves(low: Int32Array, high: Int32Array): Int32Array {
  for (let at = 0; at < low.length; at++) low[at]! += high[at]! << 16;
  return low;
}

/** The stored weights of each column, one set of columns for each half. */
export function decodeColumns(packed: PackedMatrix, encoding: Encoding): SparseColumns[] {
  const { columns } = packed.shape;
  const pointers = new Int32Array(columns + 1);
  forEachStored(packed, encoding, (_, column) => pointers[column + 1]!++);
  for (let column = 0; column < columns; column++) pointers[column + 1]! += pointers[column]!;
  const places = pointers.slice();
  const indices = new Int32Array(pointers[columns]!);
  const values = new Int32Array(pointers[columns]!);
  forEachStored(packed, encoding, (row, column, weight) => {
    const at = places[column]!++;
    indices[at] = row;
    values[at] = weight;
  });
  return halvesOf(values).map((half) => ({ pointers, indices, values: half }));
}

/** The powers of two of each column, one set of columns for each term of the codes. */
export function decodePowers(packed: PackedMatrix, encoding: ShiftEncoding): PowerColumns[] {
  const { reduction, columns } = packed.shape;
  const terms = Array.from({ length: encoding instanceof ApotEncoding ? encoding.terms.length : 1 }, () => ({
    exponents: new Uint8Array(reduction * columns),
    signs: new Int8Array(reduction * columns),
  }));
  forEachPower(packed, encoding, (row, column, exponent, isNegative, term) => {
    const at = column * reduction + row;
    terms[term]!.exponents[at] = exponent;
    terms[term]!.signs[at] = isNegative ? -1 : 1;
  });
  return terms;
}
