/** Addition in a two's complement register of limited width, with what the design does past its range. */
import { UnsupportedError } from "../../sim/core/errors.js";
import type { AccumulatorParameters } from "./arithmetic-parameters.js";

export class AccumulatorArithmetic {
  /** Results that did not fit. */
  overflowEvents = 0;
  readonly #register: string;
  readonly #least: number;
  readonly #most: number;
  readonly #modulus: number;
  readonly #policy: AccumulatorParameters["overflow"];

  /** @param register what overflows, for the message */
  constructor(register: string, bits: number, policy: AccumulatorParameters["overflow"]) {
    this.#register = register;
    this.#modulus = 2 ** bits;
    this.#least = -(2 ** (bits - 1));
    this.#most = 2 ** (bits - 1) - 1;
    this.#policy = policy;
  }

  get most(): number {
    return this.#most;
  }

  /**
   * A value as the register holds it.
   * @param row row of the PE, or the number of rows for what stands below the array
   * @throws UnsupportedError on overflow, when the design says so
   */
  hold(value: number, row: number, column: number): number {
    if (value >= this.#least && value <= this.#most) return value;
    return this.#overflow(value, row, column);
  }

  #overflow(value: number, row: number, column: number): number {
    this.overflowEvents++;
    if (this.#policy === "saturate") return value < 0 ? this.#least : this.#most;
    if (this.#policy === "wrap") {
      const offset = (value - this.#least) % this.#modulus;
      return (offset < 0 ? offset + this.#modulus : offset) + this.#least;
    }
    throw new UnsupportedError({
      where: `peArray, ${this.#register} of row ${row}, column ${column}`,
      got: `a sum of ${value}`,
      want: `${this.#least} to ${this.#most}, since arithmetic.overflow is error`,
      fix: "widen arithmetic.accumulatorBits or psumSpillBits, or choose overflow: wrap or saturate",
    });
  }
}
