/**
 * The oneffset generators of one column: each lane turns its activation into the list of the powers of two in its magnitude,
 * least first, and gives one a cycle, when it lies within the first stage's reach of the least power that any lane has next.
 * Source: Albericio et al., MICRO 2017, oneffsets and 2-stage shifting.
 */

/** Powers of two in a magnitude of 16 bits. */
const MAX_POWERS = 16;

export class OneffsetGenerators {
  /** Power that each lane gives in this cycle; -1 for the null oneffset. */
  readonly power: Int8Array;
  readonly isNegative: Uint8Array;
  /** The second stage's shift in this cycle. */
  commonShift = 0;
  /** Lanes that give a power in this cycle. */
  served = 0;
  readonly #reach: number;
  readonly #lists: Uint8Array;
  readonly #next: Uint8Array;
  readonly #lengths: Uint8Array;

  constructor(lanes: number, reach: number) {
    this.#reach = reach;
    this.power = new Int8Array(lanes);
    this.isNegative = new Uint8Array(lanes);
    this.#lists = new Uint8Array(lanes * MAX_POWERS);
    this.#next = new Uint8Array(lanes);
    this.#lengths = new Uint8Array(lanes);
  }

  get lanes(): number {
    return this.power.length;
  }

  get isEmpty(): boolean {
    return this.#next.every((next, lane) => next === this.#lengths[lane]);
  }

  /** Latches the activation of a lane. */
  load(lane: number, activation: number): void {
    const magnitude = Math.abs(activation);
    this.isNegative[lane] = activation < 0 ? 1 : 0;
    this.#next[lane] = 0;
    let length = 0;
    for (let power = 0; power < MAX_POWERS; power++) {
      if (Math.floor(magnitude / 2 ** power) % 2 === 1) this.#lists[lane * MAX_POWERS + length++] = power;
    }
    this.#lengths[lane] = length;
  }

  /** One cycle. */
  step(): void {
    this.commonShift = MAX_POWERS;
    for (let lane = 0; lane < this.lanes; lane++) {
      if (this.#hasNext(lane)) this.commonShift = Math.min(this.commonShift, this.#nextPower(lane));
    }
    this.served = 0;
    for (let lane = 0; lane < this.lanes; lane++) {
      const isServed = this.#hasNext(lane) && this.#nextPower(lane) - this.commonShift < this.#reach;
      this.power[lane] = isServed ? this.#nextPower(lane) : -1;
      if (!isServed) continue;
      this.#next[lane]!++;
      this.served++;
    }
  }

  #hasNext(lane: number): boolean {
    return this.#next[lane]! < this.#lengths[lane]!;
  }

  #nextPower(lane: number): number {
    return this.#lists[lane * MAX_POWERS + this.#next[lane]!]!;
  }
}
