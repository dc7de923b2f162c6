/**
 * rand() of the GNU C library at its default seed of 1: r[i] = r[i - 3] + r[i - 31] mod 2^32, of which the upper 31 bits are given. The
 * first 31 words come from the multiplicative generator 16807 * x mod (2^31 - 1), and 310 values are thrown away.
 * Source: the text beside the reference table.
 */
const LAG = 31;
const SHORT_LAG = 3;
const DISCARDED = 310;
const LEHMER_FACTOR = 16807;
const LEHMER_MODULUS = 2 ** 31 - 1;

export class LibcRand {
  readonly #state = new Uint32Array(LAG);
  /** The first three words stand for words 31 to 33 as they are; what follows overwrites from the fourth on. */
  #at = SHORT_LAG;

  constructor() {
    let word = 1;
    for (let index = 0; index < LAG; index++) {
      this.#state[index] = word;
      word = (LEHMER_FACTOR * word) % LEHMER_MODULUS;
    }
    for (let index = 0; index < DISCARDED; index++) this.next();
  }

  /** A whole number from 0 up to 2^31 - 1. */
  next(): number {
    const at = this.#at;
    const before = at >= SHORT_LAG ? at - SHORT_LAG : at - SHORT_LAG + LAG;
    this.#state[at] = this.#state[at]! + this.#state[before]!;
    this.#at = at + 1 === LAG ? 0 : at + 1;
    return this.#state[at]! >>> 1;
  }
}
