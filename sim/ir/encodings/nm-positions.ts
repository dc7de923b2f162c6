/**
 * How the positions that a group of N:M stores are written. Positional: each in ceil(log2 M) bits, whatever the group's length.
 * Combinatorial: the number of the whole set among the C(g, s) sets of s positions of g, in ceil(log2 C(g, s)) bits; the number of
 * p1 < p2 < ... < ps is C(p1, 1) + C(p2, 2) + ... + C(ps, s), every number below C(g, s) is that of one set. A ragged group has
 * numbers of its own length.
 * Source: Knuth, TAOCP 4A, section 7.2.1.3 (combinatorial number system).
 */
import { type BitReader, type BitWriter, bitsFor } from "./bit-packing.js";

/** Sets that a group may have at most: a number has up to 32 bits. */
export const MAX_PATTERNS = 2 ** 32;

/** Positions of groups, written and read. */
export interface GroupPositions {
  /** Bits of a group of so many values. */
  bitsOf(values: number): number;
  write(writer: BitWriter, positions: ArrayLike<number>, values: number): void;
  /**
   * Reads into `positions`, of which a group takes the first.
   * @returns what is wrong with them, if anything is
   */
  read(reader: BitReader, positions: Uint16Array, values: number): string | undefined;
}

export class SeparatePositions implements GroupPositions {
  readonly #kept: number;
  readonly #bits: number;

  constructor(kept: number, group: number) {
    this.#kept = kept;
    this.#bits = bitsFor(group);
  }

  bitsOf(values: number): number {
    return Math.min(this.#kept, values) * this.#bits;
  }

  write(writer: BitWriter, positions: ArrayLike<number>, values: number): void {
    const stored = Math.min(this.#kept, values);
    for (let slot = 0; slot < stored; slot++) writer.write(positions[slot]!, this.#bits);
  }

  read(reader: BitReader, positions: Uint16Array, values: number): string | undefined {
    const stored = Math.min(this.#kept, values);
    let broken: string | undefined;
    let last = -1;
    for (let slot = 0; slot < stored; slot++) {
      const position = reader.readUnsigned(this.#bits);
      if (position <= last || position >= values) broken ??= `position ${position} after ${last}`;
      positions[slot] = position;
      last = position;
    }
    return broken;
  }
}

export class NumberedSets implements GroupPositions {
  readonly #kept: number;
  /** Numbers of groups by their length: whole ones, and ragged ones as they are met. */
  readonly #numbers = new Map<number, SetNumbers>();

  constructor(kept: number) {
    this.#kept = kept;
  }

  bitsOf(values: number): number {
    return this.#of(values).bits;
  }

  write(writer: BitWriter, positions: ArrayLike<number>, values: number): void {
    const numbers = this.#of(values);
    writer.write(numbers.numberOf(positions), numbers.bits);
  }

  read(reader: BitReader, positions: Uint16Array, values: number): string | undefined {
    const numbers = this.#of(values);
    const number = reader.readUnsigned(numbers.bits);
    if (number < numbers.count) {
      numbers.setOf(number, positions);
      return undefined;
    }
    return `the number ${number} of a set of ${numbers.kept} out of ${values} positions, of ${numbers.count}`;
  }

  #of(values: number): SetNumbers {
    const known = this.#numbers.get(values) ?? new SetNumbers(Math.min(this.#kept, values), values);
    this.#numbers.set(values, known);
    return known;
  }
}

/** The numbers of all sets of `kept` of so many positions. */
class SetNumbers {
  readonly kept: number;
  readonly count: number;
  readonly bits: number;
  readonly #slack: number;
  /** C(slot + gap, slot + 1) for a position `gap` behind the least that its slot may have, [kept, slack + 1]. */
  readonly #terms: Float64Array;

  constructor(kept: number, values: number) {
    this.kept = kept;
    this.count = binomial(values, kept);
    this.bits = bitsFor(this.count);
    this.#slack = values - kept;
    const gaps = this.#slack + 1;
    this.#terms = new Float64Array(kept * gaps);
    for (let slot = 0; slot < kept; slot++) {
      for (let gap = 0; gap < gaps; gap++) this.#terms[slot * gaps + gap] = binomial(slot + gap, slot + 1);
    }
  }

  numberOf(positions: ArrayLike<number>): number {
    let number = 0;
    for (let slot = 0; slot < this.kept; slot++) {
      number += this.#terms[slot * (this.#slack + 1) + positions[slot]! - slot]!;
    }
    return number;
  }

  /** From the last position to the first: each is the greatest whose term the rest of the number holds. */
  setOf(number: number, positions: Uint16Array): void {
    let rest = number;
    let gap = this.#slack;
    for (let slot = this.kept - 1; slot >= 0; slot--) {
      const base = slot * (this.#slack + 1);
      while (this.#terms[base + gap]! > rest) gap--;
      rest -= this.#terms[base + gap]!;
      positions[slot] = slot + gap;
    }
  }
}

/** C(n, k), exact up to 2^43 for n up to 1024; Infinity from there on. */
export function binomial(n: number, k: number): number {
  const ways = Math.min(k, n - k);
  if (ways < 0) return 0;
  let result = 1;
  for (let factor = 1; factor <= ways; factor++) {
    result = (result * (n - ways + factor)) / factor;
    if (result > 2 ** 43) return Number.POSITIVE_INFINITY;
  }
  return result;
}
