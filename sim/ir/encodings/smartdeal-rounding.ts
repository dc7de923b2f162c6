/**
 * SmartDeal's weights as codes of the multipliers. A rebuilt weight is an exact integer; where the multipliers are narrower it is
 * shifted right by one amount for the whole layer, ties to even: the least amount with which the magnitude of every weight fits.
 *
 *     code = round(sum over i of basis[i, j] * coefficient[i] / 2^shift)
 *
 * Source: the width of the sums follows from Zhao et al., 'SmartExchange', ISCA 2020 (8-bit bases, 4-bit coefficients); the source
 * leaves the step to narrower multipliers open, and this rule is ours.
 */
import { ModelError } from "../../core/errors.js";
import { roundHalfEven } from "../../core/fixed-point.js";
import { effectiveWeights, type SmartDealWeights } from "./smartdeal.js";

export interface RoundedWeights {
  /** [filters, channels, kernelHeight, kernelWidth] */
  readonly codes: Int8Array | Int16Array;
  /** What a code of 1 stands for: basisScale * 2^(basePower + shift). */
  readonly scale: number;
  /** Bits that each rebuilt weight loses. */
  readonly shift: number;
}

/** Widths of rebuilt weights. */
export type RebuiltBits = 2 | 4 | 8 | 16;
const REBUILT_BITS: readonly RebuiltBits[] = [2, 4, 8, 16];

/** The codes of a layer, of -(2^(bits-1) - 1) to 2^(bits-1) - 1. @throws ModelError for any other width */
export function roundSmartDealWeights(weights: SmartDealWeights, bits: RebuiltBits): RoundedWeights {
  if (!REBUILT_BITS.includes(bits)) {
    throw new ModelError("smartdealRounding", `codes of ${bits} bits; wanted one of ${REBUILT_BITS.join(", ")}`);
  }
  const { shape, basePower, basisScale } = weights;
  const exact = effectiveWeights(weights);
  let largest = 0;
  for (const weight of exact) largest = Math.max(largest, Math.abs(weight));
  const shift = leastShift(largest, 2 ** (bits - 1) - 1);
  const codes = bits <= 8 ? new Int8Array(exact.length) : new Int16Array(exact.length);
  const length = exact.length / shape.filters;
  for (let filter = 0; filter < shape.filters; filter++) {
    for (let at = 0; at < length; at++) {
      codes[filter * length + at] = roundRebuilt(exact[at * shape.filters + filter]!, shift);
    }
  }
  return { codes, scale: basisScale * 2 ** (basePower + shift), shift };
}

/** A rebuilt weight less its last `shift` bits, ties to even. */
export function roundRebuilt(weight: number, shift: number): number {
  return roundHalfEven(weight / 2 ** shift) + 0;
}

/** Least shift with which a magnitude is at most `most` after it is rounded; rounding itself may carry past it. */
export function leastShift(magnitude: number, most: number): number {
  let shift = 0;
  while (roundRebuilt(magnitude, shift) > most) shift++;
  return shift;
}
