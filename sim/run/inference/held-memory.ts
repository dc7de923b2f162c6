/**
 * The bytes that a run holds at a time: each block of values once, however many names it has. What would exceed the limit is
 * refused before it is allocated.
 */
import { UnsupportedError } from "../../core/errors.js";
import type { TensorValues } from "../../ir/tensor.js";

export class HeldMemory {
  peakBytes = 0;
  readonly #limitBytes: number;
  readonly #holders = new Map<TensorValues, number>();
  #heldBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /**
   * Makes sure that `bytes` more may be allocated.
   * @throws UnsupportedError when they would exceed the limit
   */
  reserve(bytes: number, where: string): void {
    if (this.#heldBytes + bytes <= this.#limitBytes) return;
    throw new UnsupportedError({
      where,
      got: `${bytes} bytes more than the ${this.#heldBytes} held already`,
      want: `at most ${this.#limitBytes} bytes at a time`,
      fix: "run the model on smaller inputs, or in parts",
    });
  }

  /** Counts a further holder of values. */
  hold(values: TensorValues): void {
    const holders = this.#holders.get(values) ?? 0;
    this.#holders.set(values, holders + 1);
    if (holders > 0) return;
    this.#heldBytes += values.byteLength;
    this.peakBytes = Math.max(this.peakBytes, this.#heldBytes);
  }

  /** Takes a holder away; values without one are free. */
  drop(values: TensorValues): void {
    const holders = this.#holders.get(values) ?? 0;
    if (holders > 1) {
      this.#holders.set(values, holders - 1);
      return;
    }
    if (this.#holders.delete(values)) this.#heldBytes -= values.byteLength;
  }
}
