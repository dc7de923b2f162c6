/**
 * The accumulators of a PE: the crossbar scatters products to queues before the banks, each bank adds one product a cycle. What
 * finds its queue full stays in the registers of the multipliers, which stop for as long.
 */
import type { AccumulatorArithmetic } from "../accumulator-arithmetic.js";

export class ScatterAccumulators {
  /** Products added, sums sent by neighbours included. */
  additions = 0;
  crossbarTransfers = 0;
  sums: Int32Array = new Int32Array(0);
  readonly #arithmetic: AccumulatorArithmetic;
  readonly #pe: number;
  readonly #entries: number;
  /** Sums and products that wait before each bank, the oldest first: rings of `entries`. */
  readonly #sumOf: Int32Array;
  readonly #product: Float64Array;
  readonly #head: Int32Array;
  readonly #waiting: Int32Array;
  /** Products that multipliers hold. */
  readonly #heldBank: Int32Array;
  readonly #heldSum: Int32Array;
  readonly #heldProduct: Float64Array;
  #held = 0;
  #queued = 0;

  constructor(arithmetic: AccumulatorArithmetic, pe: number, banks: number, entries: number, multipliers: number) {
    this.#arithmetic = arithmetic;
    this.#pe = pe;
    this.#entries = entries;
    this.#sumOf = new Int32Array(banks * entries);
    this.#product = new Float64Array(banks * entries);
    this.#head = new Int32Array(banks);
    this.#waiting = new Int32Array(banks);
    this.#heldBank = new Int32Array(multipliers);
    this.#heldSum = new Int32Array(multipliers);
    this.#heldProduct = new Float64Array(multipliers);
  }

  /** Clears a buffer of sums. */
  begin(sums: number): void {
    this.sums = new Int32Array(sums);
  }

  get isHolding(): boolean {
    return this.#held > 0;
  }

  get isEmpty(): boolean {
    return this.#held === 0 && this.#queued === 0;
  }

  /** Every bank takes the oldest product of its queue. */
  accumulate(): void {
    for (let bank = 0; bank < this.#waiting.length; bank++) {
      if (this.#waiting[bank] === 0) continue;
      const at = bank * this.#entries + this.#head[bank]!;
      this.add(this.#sumOf[at]!, this.#product[at]!, bank);
      this.#head[bank] = (this.#head[bank]! + 1) % this.#entries;
      this.#waiting[bank]!--;
      this.#queued--;
    }
  }

  add(sum: number, value: number, bank: number): void {
    this.sums[sum] = this.#arithmetic.hold(this.sums[sum]! + value, this.#pe, bank);
    this.additions++;
  }

  /** Products that were held go to their queues, as far as there is room. */
  releaseHeld(): void {
    const held = this.#held;
    this.#held = 0;
    for (let index = 0; index < held; index++) {
      this.scatter(this.#heldBank[index]!, this.#heldSum[index]!, this.#heldProduct[index]!);
    }
  }

  scatter(bank: number, sum: number, product: number): void {
    if (this.#waiting[bank] === this.#entries) {
      this.#heldBank[this.#held] = bank;
      this.#heldSum[this.#held] = sum;
      this.#heldProduct[this.#held] = product;
      this.#held++;
      return;
    }
    const at = bank * this.#entries + ((this.#head[bank]! + this.#waiting[bank]!) % this.#entries);
    this.#sumOf[at] = sum;
    this.#product[at] = product;
    this.#waiting[bank]!++;
    this.#queued++;
    this.crossbarTransfers++;
  }
}
