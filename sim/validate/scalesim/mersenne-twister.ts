/**
 * The generator behind numpy's legacy `seed` and `randint`: MT19937 with the single-integer seeding, and draws from a range
 * by masking a 32-bit output and rejecting what lies above.
 * Source: Matsumoto & Nishimura, ACM TOMACS 8(1), 1998 (generator), their 2002 initialisation; numpy 1.24 documentation of
 * RandomState (legacy streams are frozen).
 */

const STATE_WORDS = 624;
const SHIFT_WORDS = 397;

export class MersenneTwister {
  readonly #state = new Uint32Array(STATE_WORDS);
  #next = STATE_WORDS;

  constructor(seed: number) {
    this.#state[0] = seed;
    for (let word = 1; word < STATE_WORDS; word++) {
      const before = this.#state[word - 1]!;
      this.#state[word] = Math.imul(before ^ (before >>> 30), 1812433253) + word;
    }
  }

  /** Uniform in [0, 2^32). */
  nextUint32(): number {
    if (this.#next === STATE_WORDS) this.#twist();
    let word = this.#state[this.#next++]!;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    word ^= word >>> 18;
    return word >>> 0;
  }

  /** Uniform integer in [low, high], both included; `high - low` below 2^31. A range of one value draws nothing. */
  integer(low: number, high: number): number {
    const range = high - low;
    if (range === 0) return low;
    const mask = 2 ** (32 - Math.clz32(range)) - 1;
    let draw = this.nextUint32() & mask;
    while (draw > range) draw = this.nextUint32() & mask;
    return low + draw;
  }

  #twist(): void {
    const state = this.#state;
    for (let word = 0; word < STATE_WORDS; word++) {
      const joined = (state[word]! & 0x80000000) | (state[(word + 1) % STATE_WORDS]! & 0x7fffffff);
      const twisted = state[(word + SHIFT_WORDS) % STATE_WORDS]! ^ (joined >>> 1);
      state[word] = (joined & 1) === 0 ? twisted : twisted ^ 0x9908b0df;
    }
    this.#next = 0;
  }
}
