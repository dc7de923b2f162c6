/**
 * Where the peer's random operands are not zero: MK row by row, then KN row by row, each element by a draw u = rand() mod 100, zero when
 * u <= s, else by a second draw of its value. Vectors with fewer than three non-zeros get zeros as if they were none, from the first
 * place on; rows of MK and columns of KN are the vectors.
 */
import type { NonZeroRows } from "../../../hw-models/pe-array/sigma/round-packing.js";
import { LibcRand } from "./libc-rand.js";

/** Least non-zeros of a vector in the peer. */
const LEAST_NON_ZEROS = 3;

export interface SparseOperands {
  /** Non-zeros of the rows of MK, and of the columns of KN. */
  readonly mk: NonZeroRows;
  readonly kn: NonZeroRows;
}

export interface OperandShape {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly mkSparsity: number;
  readonly knSparsity: number;
}

export function drawOperands({ M, N, K, mkSparsity, knSparsity }: OperandShape): SparseOperands {
  const random = new LibcRand();
  const mkBits = drawBits(random, M * K, mkSparsity);
  const knBits = drawBits(random, K * N, knSparsity);
  return {
    mk: vectorsOf(M, K, (row, place) => mkBits[row * K + place]!),
    kn: vectorsOf(N, K, (column, place) => knBits[place * N + column]!),
  };
}

function drawBits(random: LibcRand, length: number, sparsity: number): Uint8Array {
  const bits = new Uint8Array(length);
  for (let at = 0; at < length; at++) {
    if (random.next() % 100 <= sparsity) continue;
    bits[at] = 1;
    random.next();
  }
  return bits;
}

function vectorsOf(vectors: number, K: number, bitAt: (vector: number, place: number) => number): NonZeroRows {
  const places = new Int32Array(vectors * K);
  const starts = new Int32Array(vectors + 1);
  let found = 0;
  for (let vector = 0; vector < vectors; vector++) {
    for (let place = 0; place < K; place++) {
      if (bitAt(vector, place) === 1) places[found++] = place;
    }
    starts[vector + 1] = found;
  }
  return { places: places.slice(0, found), starts };
}

/** Non-zeros of each vector. */
export function lengthsOf({ starts }: NonZeroRows): number[] {
  return Array.from({ length: starts.length - 1 }, (_, vector) => starts[vector + 1]! - starts[vector]!);
}

/** The vectors as the peer stores them, filled up to three places, or to K where that is less. */
export function filledUp(rows: NonZeroRows, K: number): NonZeroRows {
  const places: number[] = [];
  const starts = new Int32Array(rows.starts.length);
  for (let row = 0; row + 1 < rows.starts.length; row++) {
    const own = new Set(rows.places.subarray(rows.starts[row]!, rows.starts[row + 1]!));
    for (let place = 0; own.size < Math.min(LEAST_NON_ZEROS, K); place++) own.add(place);
    places.push(...[...own].sort((one, other) => one - other));
    starts[row + 1] = places.length;
  }
  return { places: Int32Array.from(places), starts };
}
