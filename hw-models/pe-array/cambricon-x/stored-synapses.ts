/**
 * Which synapses of each output channel are stored, one bit each: those that are not zero, and the zeros that runs longer than
 * a step field take (as in the encoding `run-length`). Counting bits tells how many slots of a PE any stretch of them takes.
 */
import type { Codes } from "../layer-values.js";

/** Bits of a word that are set. */
function bitsSet(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

export class StoredSynapses {
  readonly #wordsPerChannel: number;
  readonly #words: Uint32Array;

  /** @param weight [channels, reduction] */
  constructor(weight: Codes, channels: number, reduction: number, stepBits: number) {
    this.#wordsPerChannel = Math.ceil(reduction / 32);
    this.#words = new Uint32Array(channels * this.#wordsPerChannel);
    const longest = 2 ** stepBits;
    for (let channel = 0, at = 0; channel < channels; channel++) {
      const base = channel * this.#wordsPerChannel;
      let last = -1;
      for (let place = 0; place < reduction; place++, at++) {
        if (weight[at] === 0) continue;
        for (let zero = last + longest; zero < place; zero += longest) this.#words[base + (zero >>> 5)]! |= 1 << zero;
        this.#words[base + (place >>> 5)]! |= 1 << place;
        last = place;
      }
    }
  }

  /** Stored synapses of a channel from one place of the reduction up to, but without, another. */
  count(channel: number, from: number, to: number): number {
    if (from >= to) return 0;
    const base = channel * this.#wordsPerChannel;
    const first = from >>> 5;
    const last = (to - 1) >>> 5;
    const lowMask = -1 << from;
    const highMask = -1 >>> (31 - ((to - 1) & 31));
    if (first === last) return bitsSet(this.#words[base + first]! & lowMask & highMask);
    let sum = bitsSet(this.#words[base + first]! & lowMask) + bitsSet(this.#words[base + last]! & highMask);
    for (let word = first + 1; word < last; word++) sum += bitsSet(this.#words[base + word]!);
    return sum;
  }
}
