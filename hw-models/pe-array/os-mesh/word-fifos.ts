/** Words that wait at PEs, one FIFO each, as deep as it takes: all have room for as many words as the fullest has held. */
const FIRST_DEPTH = 4;

export class WordFifos {
  readonly #fifos: number;
  #depth = FIRST_DEPTH;
  #words: Int16Array;
  readonly #first: Uint32Array;
  readonly #held: Uint32Array;

  constructor(fifos: number) {
    this.#fifos = fifos;
    this.#words = new Int16Array(fifos * this.#depth);
    this.#first = new Uint32Array(fifos);
    this.#held = new Uint32Array(fifos);
  }

  hasWord(fifo: number): boolean {
    return this.#held[fifo]! > 0;
  }

  push(fifo: number, word: number): void {
    if (this.#held[fifo] === this.#depth) this.#deepen();
    this.#words[fifo * this.#depth + ((this.#first[fifo]! + this.#held[fifo]!) % this.#depth)] = word;
    this.#held[fifo]!++;
  }

  take(fifo: number): number {
    const word = this.#words[fifo * this.#depth + this.#first[fifo]!]!;
    this.#first[fifo] = (this.#first[fifo]! + 1) % this.#depth;
    this.#held[fifo]!--;
    return word;
  }

  #deepen(): void {
    const words = new Int16Array(this.#fifos * this.#depth * 2);
    for (let fifo = 0; fifo < this.#fifos; fifo++) {
      for (let place = 0; place < this.#held[fifo]!; place++) {
        const from = fifo * this.#depth + ((this.#first[fifo]! + place) % this.#depth);
        words[fifo * this.#depth * 2 + place] = this.#words[from]!;
      }
      this.#first[fifo] = 0;
    }
    this.#words = words;
    this.#depth *= 2;
  }
}
