/**
 * A fusion unit: 16 bricks, each a multiplier of two digits of 2 bits with a sign, and the tree that shifts what they give to the
 * weight of their digits and adds it up.
 * Source: Sharma et al., ISCA 2018.
 */
import { DIGIT_BITS, DIGITS_OF_PART } from "./fusion-mode.js";

export class FusionUnit {
  static readonly BRICKS = DIGITS_OF_PART * DIGITS_OF_PART;
  brickOps = 0;

  /**
   * The sum of some products of one part of their operands each, in one cycle.
   * @param activations digits of each activation, whole operands
   * @param part which digits are multiplied: those of part 0 are the least
   */
  multiply(
    activations: readonly (readonly number[])[],
    weights: readonly (readonly number[])[],
    part: { readonly activation: number; readonly weight: number },
  ): number {
    let sum = 0;
    const [fromA, fromW] = [part.activation * DIGITS_OF_PART, part.weight * DIGITS_OF_PART];
    for (let lane = 0; lane < activations.length; lane++) {
      const [activation, weight] = [activations[lane]!, weights[lane]!];
      const [endA, endW] = [endOf(part.activation, activation.length), endOf(part.weight, weight.length)];
      for (let a = fromA; a < endA; a++) {
        for (let w = fromW; w < endW; w++) sum += brick(activation[a]!, weight[w]!) * PLACES[a + w]!;
      }
      this.brickOps += Math.max(0, endA - fromA) * Math.max(0, endW - fromW);
    }
    return sum;
  }
}

/** What a product of two digits counts for, by their places together. */
const PLACES = Array.from({ length: 4 * DIGITS_OF_PART }, (_, place) => 2 ** (DIGIT_BITS * place));

function endOf(part: number, digits: number): number {
  return Math.min((part + 1) * DIGITS_OF_PART, digits);
}

/** A multiplier of 3 bits with a sign: rows of one operand for the bits of the other, the top one taken off. */
function brick(one: number, other: number): number {
  const low = (other & 1) * one + ((other >> 1) & 1) * (one << 1);
  return low - ((other >> 2) & 1) * (one << 2);
}
