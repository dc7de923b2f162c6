/**
 * Seeded randomness, the same sequence on every machine: sfc32 (C. Doty-Humphrey, PractRand), 128 bits of state, seeded by text
 * through four FNV-1a hashes. Whoever needs several independent streams adds a word to the seed.
 */

const FNV_PRIME = 0x01000193;
const FNV_OFFSETS = [0x811c9dc5, 0x050c5d1f, 0x9e3779b9, 0x85ebca6b] as const;
const WARM_UP_DRAWS = 20;

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(seed: string) {
    const hashes = FNV_OFFSETS.map((offset) => {
      let hash: number = offset;
      for (let at = 0; at < seed.length; at++) hash = Math.imul(hash ^ seed.charCodeAt(at), FNV_PRIME);
      return hash | 0;
    });
    [this.#a, this.#b, this.#c, this.#counter] = hashes as [number, number, number, number];
    for (let draw = 0; draw < WARM_UP_DRAWS; draw++) this.uint32();
  }

  /** A whole number below 2^32. */
  uint32(): number {
    const drawn = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + drawn) | 0;
    return drawn >>> 0;
  }

  /** At least 0 and below 1. */
  fraction(): number {
    return this.uint32() / 2 ** 32;
  }

  /** A whole number from 0, below `bound` (at most 2^32), every one as likely: draws of the incomplete last block are repeated. */
  below(bound: number): number {
    const whole = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const drawn = this.uint32();
      if (drawn < whole) return drawn % bound;
    }
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.fraction();
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }
}

/** The whole numbers below `count` in an order drawn by Fisher and Yates. */
export function shuffledIndices(count: number, seed: string): Uint32Array {
  const random = new Random(seed);
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = random.below(last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
