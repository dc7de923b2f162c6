/**
 * A serial inner-product unit (SIP): in each lane one operand stands whole while the bits of the other one's magnitude pass, the top
 * one first. A gate lets the whole operand into the adder tree where the bit is 1, with the sign of the serial one; the tree's sum is
 * added to twice what the brick has so far, and after its last bit the brick is added to the psum.
 * Source: Judd et al., MICRO 2016, the SIP; signs beside magnitudes as in Albericio et al., MICRO 2017.
 */
import type { AccumulatorArithmetic } from "../accumulator-arithmetic.js";

export class SerialUnit {
  psum = 0;
  bitProducts = 0;
  treeSums = 0;
  registerWrites = 0;
  #brick = 0;

  /**
   * One cycle. @param serial operands of the lanes whose bit `bit` passes
   * @param isLast true for the last bit of the brick
   */
  step(
    serial: ArrayLike<number>,
    whole: ArrayLike<number>,
    bit: number,
    isLast: boolean,
    arithmetic: AccumulatorArithmetic,
  ): void {
    let sum = 0;
    for (let lane = 0; lane < serial.length; lane++) {
      const operand = serial[lane]!;
      const magnitude = operand < 0 ? -operand : operand;
      const gated = ((magnitude >> bit) & 1) === 1 ? whole[lane]! : 0;
      sum += operand < 0 ? -gated : gated;
      this.bitProducts++;
    }
    this.#brick = 2 * this.#brick + sum;
    this.treeSums++;
    this.registerWrites++;
    if (!isLast) return;
    this.psum = arithmetic.hold(this.psum + this.#brick, 0, 0);
    this.treeSums++;
    this.#brick = 0;
  }
}
