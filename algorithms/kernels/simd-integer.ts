/** Operands that the integer kernels on SIMD take: codes of 8 bits with zero points that are such codes. */
import type { NumberValues } from "../../sim/ir/tensor-data.js";

export type ByteValues = Int8Array | Uint8Array;

export function isByteValues(values: NumberValues): values is ByteValues {
  return values instanceof Int8Array || values instanceof Uint8Array;
}

/** True for zero points whose differences with codes have 9 bits and a sign: two products of such fit into int32. */
export function areByteZeros(zeros: ArrayLike<number>): boolean {
  for (let index = 0; index < zeros.length; index++) if (!(zeros[index]! >= -128 && zeros[index]! <= 255)) return false;
  return true;
}

/** Part of an array as bytes, whatever their sign. */
export function bytesOf(values: ByteValues, from: number, count: number): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset + from, count);
}
