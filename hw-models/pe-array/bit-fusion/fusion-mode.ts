/**
 * How a fusion unit of 16 bricks is put together for the widths of a layer: 2, 4, 8 or 16 bits, the next width that holds the
 * operand. A unit holds (8 / activation) * (8 / weight) products side by side, from one of 8 x 8 bits to 16 of 2 x 2; operands of
 * 16 bits go through in halves, a cycle for each pair of them.
 * Source: Sharma et al., ISCA 2018, section on spatio-temporal fusion.
 */
import { UnsupportedError } from "../../../sim/core/errors.js";
import type { LayerValues } from "../layer-values.js";
import type { BitFusionParameters } from "./bit-fusion-parameters.js";

export const DIGIT_BITS = 2;
/** Bits of an operand that a unit takes at a time. */
const PART_BITS = 8;
export const DIGITS_OF_PART = PART_BITS / DIGIT_BITS;
const WIDTHS = [2, 4, 8, 16] as const;

export interface FusionMode {
  /** Digits of each operand. */
  readonly activationDigits: number;
  readonly weightDigits: number;
  /** Products that a unit does side by side and adds up. */
  readonly products: number;
  /** Parts of each operand that go through one after the other: 1, or 2 halves. */
  readonly activationParts: number;
  readonly weightParts: number;
}

export function fusionModeOf({ name, stored }: LayerValues, parameters: BitFusionParameters): FusionMode {
  const activation = widthFor(stored?.activationBits ?? parameters.activationBits, `layer ${name}, activations`);
  const weight = widthFor(stored?.weightBits ?? parameters.weightBits, `layer ${name}, weights`);
  return {
    activationDigits: activation / DIGIT_BITS,
    weightDigits: weight / DIGIT_BITS,
    products: Math.max(1, PART_BITS / activation) * Math.max(1, PART_BITS / weight),
    activationParts: Math.ceil(activation / PART_BITS),
    weightParts: Math.ceil(weight / PART_BITS),
  };
}

/** Cycles that a unit takes for its products. */
export function partsOf({ activationParts, weightParts }: FusionMode): number {
  return activationParts * weightParts;
}

function widthFor(bits: number, where: string): number {
  const width = WIDTHS.find((candidate) => candidate >= bits);
  if (width !== undefined) return width;
  throw new UnsupportedError({
    where,
    got: `operands of ${bits} bits`,
    want: "at most 16 bits",
    fix: "quantize the model, or leave this layer out with --layers",
  });
}

/**
 * Digits of an operand, the least first. All are 0 to 3 but the top one, which has the sign and a third bit: so codes may be signed,
 * or unsigned, or unsigned less a zero point.
 * @throws UnsupportedError for an operand that is wider
 */
export function digitsOf(operand: number, digits: number): number[] {
  const top = operand >> (DIGIT_BITS * (digits - 1));
  if (top < -4 || top > 3) {
    throw new UnsupportedError({
      where: "peArray",
      got: `an operand of ${operand}`,
      want: `at most ${digits * DIGIT_BITS} bits, as its layer says`,
      fix: "state the width of the layer's operands, for weights as valueBits of their encoding",
    });
  }
  return Array.from({ length: digits }, (_, digit) =>
    digit === digits - 1 ? top : (operand >> (DIGIT_BITS * digit)) & 3,
  );
}

/** Digits of operands of one width, worked out once for each operand. */
export class DigitTable {
  readonly #digits: number;
  readonly #known = new Map<number, readonly number[]>();

  constructor(digits: number) {
    this.#digits = digits;
  }

  /** @throws UnsupportedError as `digitsOf` */
  of(operand: number): readonly number[] {
    let digits = this.#known.get(operand);
    if (digits === undefined) {
      digits = digitsOf(operand, this.#digits);
      this.#known.set(operand, digits);
    }
    return digits;
  }
}
