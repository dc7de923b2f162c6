/**
 * The adder network behind the multipliers, pipelined by level. Each level adds neighbours of the same row and hands an odd one on, so
 * that rows of any length lie side by side; sums that are complete pass the levels that are left. Behind it sums are written.
 */

/** What a vector gave: for each row of the round what is left to add. */
export interface Wave {
  readonly vector: number;
  sums: number[][];
}

export class AdderNetwork {
  additions = 0;
  readonly #writePorts: number;
  readonly #levels: number;
  /** Waves behind each level, the first one first. */
  readonly #waves: (Wave | undefined)[];
  #writing: { readonly wave: Wave; written: number } | undefined;

  constructor(levels: number, writePorts: number) {
    this.#levels = levels;
    this.#writePorts = writePorts;
    this.#waves = new Array<Wave | undefined>(levels).fill(undefined);
  }

  get isEmpty(): boolean {
    return this.#writing === undefined && this.#waves.every((wave) => wave === undefined);
  }

  /**
   * A cycle, from the end of the network to its start.
   * @param products what the multipliers give in this cycle
   */
  tick(products: Wave | undefined, write: (vector: number, row: number, sum: number) => void): void {
    this.#write(write);
    const done = this.#levels === 0 ? products : this.#waves[this.#levels - 1];
    const entering = this.#levels === 0 ? undefined : products;
    if (done !== undefined) this.#writing = { wave: done, written: 0 };
    for (let level = this.#levels - 1; level >= 0; level--) {
      const wave = level === 0 ? entering : this.#waves[level - 1];
      this.#waves[level] = wave && this.#addNeighbours(wave);
    }
  }

  #write(write: (vector: number, row: number, sum: number) => void): void {
    if (this.#writing === undefined) return;
    const { wave } = this.#writing;
    for (let port = 0; port < this.#writePorts && this.#writing.written < wave.sums.length; port++) {
      const row = this.#writing.written++;
      write(wave.vector, row, wave.sums[row]![0]!);
    }
    if (this.#writing.written === wave.sums.length) this.#writing = undefined;
  }

  #addNeighbours({ vector, sums }: Wave): Wave {
    const added = sums.map((terms) => {
      const halved: number[] = [];
      for (let at = 0; at < terms.length; at += 2) {
        if (at + 1 < terms.length) this.additions++;
        halved.push(terms[at]! + (terms[at + 1] ?? 0));
      }
      return halved;
    });
    return { vector, sums: added };
  }
}
