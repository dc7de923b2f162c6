/**
 * Seeded randomness, the same sequence on every machine and every version of Node: Alea (J. Baagoe) as seedrandom holds it.
 * Whoever needs several independent streams adds a word to the seed.
 */
import seedrandom from "seedrandom";

export class Random {
  readonly #generator: seedrandom.PRNG;

  constructor(seed: string) {
    this.#generator = seedrandom.alea(seed);
  }

  /** A whole number below 2^32. */
  uint32(): number {
    return this.#generator.int32() >>> 0;
  }

  /** At least 0 and below 1. */
  fraction(): number {
    return this.#generator.quick();
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

/** The constants of Alea's recurrence. */
const MULTIPLIER = 2091639;
const TO_FRACTION = 2 ** -32;
const TO_WORD = 2 ** 32;

/** The same words as `Random.uint32`, many at a time: the recurrence in a loop of its own, from seedrandom's state. */
export class RandomWords {
  #carry: number;
  #first: number;
  #second: number;
  #third: number;

  constructor(seed: string) {
    const { c, s0, s1, s2 } = seedrandom.alea(seed, { state: true }).state();
    [this.#carry, this.#first, this.#second, this.#third] = [c, s0, s1, s2];
  }

  fill(words: Uint32Array): void {
    let [carry, first, second, third] = [this.#carry, this.#first, this.#second, this.#third];
    for (let at = 0; at < words.length; at++) {
      const next = MULTIPLIER * first + carry * TO_FRACTION;
      first = second;
      second = third;
      carry = next | 0;
      third = next - carry;
      words[at] = third * TO_WORD;
    }
    [this.#carry, this.#first, this.#second, this.#third] = [carry, first, second, third];
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
